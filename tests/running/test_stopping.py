"""A signal stops a command with its own status, whatever is made of it on its way."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from scrubber.running import stopping
from tests.scrubbing import FIXTURES, SCRUBBER, each

EDITS = """
import os, signal
try:
    os.kill(os.getpid(), signal.{name})
    for _ in range(1000): pass
except BaseException as error:
    {then}
"""
ONE = '''
from scrubber.edit import edit

@edit("OWN01", "No rule", severity="info", concerns=None, source="a test", confidence=0.1)
def own(claim, facts):
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: there is nothing to fix.
    """
    return ()
'''


@each("name, status", {"SIGTERM": ("SIGTERM", 143), "Ctrl-C": ("SIGINT", 130), "the terminal": ("SIGHUP", 129)})
def test_a_signal_of_which_an_exception_is_made_stops_the_command(name: str, status: int, tmp_path: Path) -> None:
    """As Python 3.11 does where it makes an enumeration: in one of some hundred starts of a watcher."""
    edits = tmp_path / "edits.py"
    edits.write_text(EDITS.format(name=name, then="raise RuntimeError('while a class was made') from error"))
    command = [str(SCRUBBER), "check", "--edits", str(edits), str(FIXTURES / "clinic-day.837")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (status, "")
    assert run.stderr == "Error: stopped; files that were not complete are not written\n"


@pytest.mark.slow
def test_a_watcher_stops_for_a_signal_that_was_swallowed_at_its_start(tmp_path: Path) -> None:
    edits, folder = tmp_path / "edits.py", tmp_path / "drop"
    edits.write_text(EDITS.format(name="SIGTERM", then="pass") + ONE)
    folder.mkdir()
    run = subprocess.run([SCRUBBER, "watch", folder, "--edits", edits], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0
    assert "stopped" in run.stderr


def test_handlers_are_set_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    for undo in stopping.listen():
        undo()
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
    assert stopping.came() is None
