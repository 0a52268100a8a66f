"""A signal stops a command with its own status, whatever is made of it on its way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
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


DELETING = """
import os, signal

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000): pass

Closing()
"""


@pytest.mark.slow
@each("command", {"watch": ("watch", "drop"), "serve": ("serve", "--port", "0", "--state", "state")})
def test_python_writes_nothing_into_a_log_of_a_signal_that_it_swallows(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """It does so where it removes an object, as after the import of a module. The signal is raised again soon."""
    (tmp_path / "edits.py").write_text(DELETING + ONE)
    (tmp_path / "drop").mkdir()
    called = [str(SCRUBBER), *command, "--edits", "edits.py"]
    run = subprocess.run(called, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    events = [json.loads(line)["event"] for line in run.stderr.splitlines()]
    assert (run.returncode, events) in ((143, ["stopped"]), (0, ["started", "stopped"]))


IMPORTING = """
import os, signal, sys

class Interrupting:
    left = [sys.argv.pop(1)]
    def find_spec(self, name, *_):
        if name in self.left:
            self.left.clear()
            os.kill(os.getpid(), signal.{name})

sys.meta_path.insert(0, Interrupting())
from scrubber.start import main
main()
"""


def stopped_at(module: str, *command: str | Path, name: str = "SIGTERM") -> tuple[int, str]:
    """The exit status and standard error of a command that gets a signal while it loads a module."""
    program = [sys.executable, "-c", IMPORTING.format(name=name), module, *map(str, command)]
    run = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout == ""
    return run.returncode, run.stderr


@pytest.mark.slow
@each("name, status", {"SIGTERM": ("SIGTERM", 143), "Ctrl-C": ("SIGINT", 130), "the terminal": ("SIGHUP", 129)})
@each(
    "module",
    {
        "options": "scrubber.running.options",
        "watcher": "scrubber.dropfolder.start",
        "metrics": "scrubber.dropfolder.metrics",
        "edits": "scrubber_edits.units",
    },
)
def test_the_log_of_a_watcher_says_that_a_signal_stopped_its_start(
    module: str, name: str, status: int, tmp_path: Path
) -> None:
    ended, err = stopped_at(module, "watch", tmp_path, name=name)
    lines = [json.loads(line) for line in err.splitlines()]
    assert [(line["level"], line["event"], line["status"]) for line in lines] == [("info", "stopped", status)]
    assert ended == status


@pytest.mark.slow
@each("module", {"options": "scrubber.running.options", "server": "uvicorn", "edits": "scrubber_edits.units"})
def test_the_log_of_the_service_says_that_a_signal_stopped_its_start(module: str, tmp_path: Path) -> None:
    ended, err = stopped_at(module, "serve", "--port", "0", "--state", tmp_path)
    lines = [json.loads(line) for line in err.splitlines()]
    assert [(line["event"], line["status"]) for line in lines] == [("stopped", 143)]
    assert ended == 143


@each("module", {"log": "structlog", "within the log": "asyncio.protocols"})
def test_a_signal_while_the_log_is_loaded_ends_a_watcher_at_once(module: str, tmp_path: Path) -> None:
    """What is loaded in part cannot be loaded again to write a line."""
    assert stopped_at(module, "watch", tmp_path) == (143, "")


def test_a_signal_stops_a_question_about_a_drop_folder_with_one_line_for_people(tmp_path: Path) -> None:
    stopped = stopped_at("scrubber.dropfolder.status", "watch", "status", tmp_path)
    assert stopped == (143, "Error: stopped; files that were not complete are not written\n")


def test_handlers_are_set_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    for undo in stopping.listen():
        undo()
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
    assert stopping.came() is None


AGAIN = """
import os, signal
from pathlib import Path

unlink = Path.unlink
def interrupted(path, **more):
    if path.name.endswith(".partial"):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000): pass
    unlink(path, **more)
Path.unlink = interrupted
"""


def test_a_second_signal_does_not_end_the_removal_of_unfinished_files(tmp_path: Path) -> None:
    edits, out = tmp_path / "edits.py", tmp_path / "out"
    stopping_edit = ONE.replace("    return ()", "    os.kill(os.getpid(), signal.SIGTERM)\n    return ()")
    edits.write_text(AGAIN + stopping_edit)
    called = ("scrub", "--edits", edits, FIXTURES / "clinic-day.837", "--out", out, "--jobs", "1")
    run = subprocess.run([SCRUBBER, *called], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (143, "Error: stopped; files that were not complete are not written\n")
    assert list(out.iterdir()) == []


IN_A_FINALIZER = """
import os, signal

class Signals:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000): pass
"""


def test_a_signal_that_a_finalizer_swallows_stops_the_command_too(tmp_path: Path) -> None:
    edits, out = tmp_path / "edits.py", tmp_path / "out"
    edits.write_text("import time\n" + IN_A_FINALIZER + ONE.replace("return ()", "Signals(); time.sleep(9); return ()"))
    called = ("scrub", "--edits", edits, FIXTURES / "clinic-day.837", "--out", out, "--jobs", "1")
    run = subprocess.run([SCRUBBER, *called], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (143, "Error: stopped; files that were not complete are not written\n")
    assert list(out.iterdir()) == []


def test_a_signal_some_seconds_after_the_first_one_stops_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one may have been swallowed."""
    undo = stopping.listen()
    clock = iter((0.0, 0.5, 10.0))
    monkeypatch.setattr(stopping, "monotonic", lambda: next(clock))
    try:
        with pytest.raises(KeyboardInterrupt):
            stopping.stop(signal.SIGTERM, None)
        stopping.stop(signal.SIGINT, None)
        with pytest.raises(KeyboardInterrupt):
            stopping.stop(signal.SIGINT, None)
        assert stopping.came() == signal.SIGTERM
    finally:
        stopping.listen()
        for back in undo:
            back()
