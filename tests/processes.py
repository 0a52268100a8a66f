"""The real commands, `scrubber` and `pytest`, in processes of their own, which start within milliseconds.

A new interpreter takes half a second to load the edits and the maps of the guides. Here a server (the forkserver of
`multiprocessing`) has loaded them once, and each command is a fork of it: with its own folder, environment and
standard streams, and with a real exit status. Tests of how an interpreter starts run `SCRUBBER` themselves.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Literal, TypeAlias

import attrs
import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRUBBER = Path(sys.executable).with_name("scrubber")
TIMEOUT = 60

Program: TypeAlias = Literal["scrubber", "pytest"]


@attrs.frozen
class Run:
    """A finished process."""

    status: int
    out: str
    err: str


def forked(
    arguments: Sequence[str],
    stdin: bytes = b"",
    cwd: Path = ROOT,
    *,
    program: Program = "scrubber",
    environment: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Run:
    """Run a command as a fork of the server; its environment is that of this process, unless another is given."""
    reading, writing = multiprocessing.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder, reading, writing:
        out, err = Path(folder, "out"), Path(folder, "err")
        variables = dict(os.environ if environment is None else environment)
        given = (program, list(arguments), cwd, variables, reading, out, err)
        process = _server().Process(target=_command, args=given)
        process.start()
        reading.close()
        with contextlib.suppress(BrokenPipeError), open(writing.fileno(), "wb", closefd=False) as pipe:
            pipe.write(stdin)
        writing.close()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([program, *arguments], timeout)
        return Run(process.exitcode, out.read_bytes().decode(), err.read_bytes().decode())


def seeing(site: Path) -> Mapping[str, str]:
    """The environment of a process that finds the packages of a folder."""
    return {**os.environ, "PYTHONPATH": str(site)}


def fresh(
    arguments: Sequence[str],
    stdin: bytes = b"",
    cwd: Path = ROOT,
    *,
    program: Program = "scrubber",
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command in a new interpreter."""
    command = [str(SCRUBBER.with_name(program)), *arguments]
    done = subprocess.run(
        command, input=stdin, capture_output=True, cwd=cwd, env=environment, timeout=TIMEOUT, check=False
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.preloaded"])
    with contextlib.chdir(ROOT):
        forkserver.ensure_running()
    return context


def _command(
    program: Program,
    arguments: list[str],
    cwd: Path,
    environment: dict[str, str],
    stdin: Connection,
    out: Path,
    err: Path,
) -> None:
    os.dup2(stdin.fileno(), 0)
    stdin.close()
    for number, path in ((1, out), (2, err)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    if program == "pytest":
        # what the server has loaded cannot be rewritten any more
        sys.exit(pytest.main(["-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]))
    from scrubber.cli import main

    main(arguments, prog_name=program)


def takes_stop_signals(pid: int, *, for_seconds: float = 0.5) -> bool:
    """Whether a process on Linux ever neither ignores nor holds back SIGINT and SIGTERM. It must be our child."""
    until = time.monotonic() + for_seconds
    while time.monotonic() < until:
        lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines())
        masks = {line[0]: int(line[1], 16) for line in lines if line[0] in ("SigBlk:", "SigIgn:")}
        kept_back = masks["SigBlk:"] | masks["SigIgn:"]
        if not all(kept_back >> (number - 1) & 1 for number in (signal.SIGINT, signal.SIGTERM)):
            return True
    return False
