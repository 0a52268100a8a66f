"""Checking, scrubbing, simulating and watching open no connection and look up no name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scrubbing import FIXTURES, ROOT

CLAIMS = FIXTURES / "clinic-day.837"
REFUSED = 99
PROGRAM = f"""
import os, sys
def refuse(event, _):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, event.encode())
        os._exit({REFUSED})
sys.addaudithook(refuse)
from scrubber.cli import main
main()
"""


def apart(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in a process that ends at the first use of a network."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, env=environment, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check"], ["scrub", "--out"], ["simulate", "--out"], ["watch", "run", "--once"]])
def test_no_network_is_used(command: list[str], tmp_path: Path) -> None:
    if "watch" in command:
        drop = tmp_path / "drop"
        (drop / "in").mkdir(parents=True)
        (drop / "in" / "a.837").write_bytes(CLAIMS.read_bytes())
        done = apart(*command, drop)
        assert list((drop / "clean").iterdir())
    else:
        done = apart(*command, *([tmp_path / "out"] if "--out" in command else []), CLAIMS)
    assert done.returncode in (0, 1), done.stderr


def test_a_use_of_the_network_would_be_seen() -> None:
    program = PROGRAM.partition("from scrubber")[0] + "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert done.returncode == REFUSED
