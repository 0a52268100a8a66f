"""When worker processes are forked, and what becomes of the errors in them."""

from __future__ import annotations

import io
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.outputs import formats
from scrubber.outputs.formats import FormatError
from scrubber.outputs.jsonl_report import JsonlReport
from scrubber.running import run, workers
from scrubber.running.dividing import Division
from scrubber.running.executors import Processes, Serial
from scrubber.running.failures import WorkerError
from scrubber.running.inputs import Input
from scrubber.running.processes import signals_waiting
from scrubber.testing import build, visit_claim
from tests.processes import takes_stop_signals
from tests.running.test_reference_store import stored
from tests.scrubbing import each

ALONE = """
from scrubber import RunOptions
from scrubber.running.workers import may_fork
print(may_fork(RunOptions().engine()))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.837"
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(6)]), "latin-1")
    return path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This process has no other threads, and it runs on Linux."""
    (tmp_path / "threads" / "1").mkdir(parents=True)
    monkeypatch.setattr(workers, "_THREADS", tmp_path / "threads")
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.usefixtures("alone")
def test_when_a_process_may_not_be_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = RunOptions().engine()
    assert workers.may_fork(usual)
    assert not workers.may_fork(RunOptions(history=tmp_path / "history").engine(entering=True))
    assert not workers.may_fork(RunOptions(reference=stored(tmp_path / "store", "Z1")).engine())
    (tmp_path / "threads" / "2").mkdir()
    assert not workers.may_fork(usual)
    (tmp_path / "threads" / "2").rmdir()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not workers.may_fork(usual)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks here")
def test_a_command_without_threads_may_be_forked() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_format_that_fails_in_a_worker_fails_as_in_one_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a name of a patient")

    monkeypatch.setattr(JsonlReport, "take_batch", fail)
    chosen = RunOptions(select="JWJZ")
    engine, messages = chosen.engine(), set()
    for division in (None, Division(chosen, Serial(), from_claims=1, claims=2)):
        with pytest.raises(FormatError) as failed, formats.into("jsonl", io.StringIO(), engine) as report:
            run.check(Input(str(path)), engine, [report], division=division)
        messages.add(str(failed.value).partition(" at ")[0])
    assert messages == {"format jsonl failed with ValueError"}


SLOW = """
import time
from scrubber.edit import edit

@edit("SLOW01", "Slow", severity="info", concerns=None, source="a test")
def slow(claim, facts):
    \"\"\"What it checks: nothing. It takes its time.

    Why it is denied: it is not.

    How to fix: nothing.
    \"\"\"
    time.sleep(0.05)
    return ()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@each("fork", {"forked": True, "started anew": False})
def test_a_worker_leaves_signals_to_its_parent_from_its_first_moment(fork: bool) -> None:
    """A terminal sends Ctrl-C to both. A worker that still loads its modules would print a traceback."""
    options, before = RunOptions(), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with signals_waiting():
        worker = workers.start(options, options.engine(), fork=fork)
    try:
        assert not takes_stop_signals(worker.process.pid or 0)
    finally:
        worker.kill()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@pytest.mark.slow
@each("fork", {"forked": True, "started anew": False})
def test_slow_edits_report_progress_within_a_range(tmp_path: Path, fork: bool) -> None:
    """A watcher would take a worker for stuck: nothing else happens before its first range is done."""
    path = tmp_path / "many.837"
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(60)]), "latin-1")
    (tmp_path / "slow.py").write_text(SLOW)
    chosen = RunOptions(select="SLOW", edits=[tmp_path / "slow.py"], conformance=False)
    times: list[float] = []
    engine = chosen.engine().reporting(lambda: times.append(time.monotonic()))
    with Processes(2, fork=fork) as executor:
        run.check(Input(str(path)), engine, [], division=Division(chosen, executor, from_claims=1, claims=50))
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) > 5
    assert max(pauses) < 2  # the first range takes 2.5 seconds and more


def test_an_error_that_the_parent_may_not_know_is_named(tmp_path: Path) -> None:
    class LibraryError(Exception):
        pass

    LibraryError.__module__ = "library"
    known = OSError(28, "No space left on device", str(tmp_path))
    assert workers.sendable(known) is known
    named = workers.sendable(LibraryError("a name of a patient"))
    assert isinstance(named, WorkerError)
    assert str(named) == "a worker process failed: LibraryError"
