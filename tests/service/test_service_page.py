"""docs/service.md: its commands run against a real service, and its tables are those of the service."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scrubber.commands.serving import serve
from scrubber.service.outputs import OUTPUTS
from tests.pages import commands, section
from tests.processes import SCRUBBER
from tests.scrubbing import ROOT
from tests.service.conftest import Served

PAGE = (ROOT / "docs" / "service.md").read_text("utf-8")
COMMANDS = [line for line in "\n".join(commands(PAGE)).replace("\\\n", "").splitlines() if line]
NOT_TRIED = ("pip install ", "st run ")
"""Commands that fetch packages, or need one that the tests do not have."""
PORT = "8837"
OPTIONS = "--silent --show-error --fail --retry 60 --retry-delay 1 --retry-connrefused"
"""The service names its port before it answers there."""


@contextmanager
def started(command: str, folder: Path) -> Iterator[str]:
    """A service that a command of the page starts, at a free port, which it gives."""
    words: list[str | Path] = [
        SCRUBBER,
        *command.split()[1:],
        "--port",
        "0",
        "--workers",
        "1",
        "--state",
        folder / "state",
    ]
    with subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        port = str(json.loads(process.stderr.readline())["port"])
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield port
        finally:
            process.terminate()


def succeeds(command: str, folder: Path) -> str:
    """What a shell command prints that must succeed."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="the page needs curl and openssl")
def test_its_commands_run(tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    tried = [command for command in COMMANDS if not command.startswith(NOT_TRIED)]
    answers: list[str] = []
    while tried:
        command = tried.pop(0)
        if not command.startswith("scrubber serve"):
            succeeds(command, tmp_path)
            continue
        with started(command, tmp_path) as port:
            while tried and tried[0].startswith("curl "):
                asked = tried.pop(0).replace(PORT, port).replace("curl ", f"curl {OPTIONS} ", 1)
                answers.append(succeeds(asked, tmp_path))
    report, ack, again, edits = answers
    assert json.loads(report)["files"][0]["claims"] and json.loads(again) == json.loads(report)
    assert "\nAK1*" in ack or "~AK1*" in ack
    assert json.loads(edits)


def first_cells(title: str) -> list[str]:
    """The codes in the first column of the tables of a section."""
    return [code for row in re.findall(r"^\| (`[^|]*) \|", section(PAGE, title), re.MULTILINE) for code in codes(row)]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_its_outputs_and_their_types_are_those_of_the_service() -> None:
    rows = re.findall(r"^\| (`[^|]*) \|([^|]*)\| ([^|]+) \|$", section(PAGE, "Scrub a file"), re.MULTILINE)
    named = {name: codes(accepts) for first, accepts, _ in rows for name in codes(first)}
    named = {name: accepts for name, accepts in named.items() if name not in ("?output=", "profile", "conformance")}
    assert {*named} == {*OUTPUTS}
    for name, accepts in named.items():
        assert OUTPUTS[name].media_type == (accepts[0] if accepts else "application/edi-x12"), name


def test_its_paths_are_answered(running: Served) -> None:
    paths = [path.removeprefix("GET ") for path in first_cells("The catalogue, health and metrics")]
    assert len(paths) == 5
    assert {path: running.client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_its_options_and_defaults_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (`--[^|]*) \|([^|]*)\|", section(PAGE, "Options"), re.MULTILINE)
    options = {option: parameter for parameter in serve.params for option in parameter.opts}
    assert len(rows) > 5
    for first, defaults in rows:
        given = [option.split()[0] for option in codes(first)]
        assert {*given} <= {*options}
        numbers = [value for value in defaults.strip().split(", ") if re.fullmatch(r"[\d.]+", value)]
        for option, default in zip(given, numbers, strict=False):
            assert str(options[option].default) == default, option
