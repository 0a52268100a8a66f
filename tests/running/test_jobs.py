"""`--jobs` from the command line: real processes that are stopped or killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scrubber.testing import build, drug_line, infusion_claim, visit_claim
from tests.processes import SCRUBBER
from tests.scrubbing import each, run

pytestmark = pytest.mark.slow

CLAIMS = 3_000
WRONG = (drug_line(modifiers=("JW", "JZ")),)
_LONG_ENOUGH = 60.0


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes some seconds."""
    path = tmp_path_factory.mktemp("many") / "many.837"
    claims = [
        visit_claim("837P", f"V{number}") if number % 5 else infusion_claim("837P", f"C{number}", lines=WRONG)
        for number in range(CLAIMS)
    ]
    path.write_text(build(claims), "latin-1")
    return path


@pytest.fixture
def started(path: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scrub with two jobs that has done some ranges. Its temporary files are in `tmp`."""
    (tmp_path / "tmp").mkdir()
    command = [str(SCRUBBER), "scrub", "--jobs", "2", "--out", str(tmp_path / "out"), str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path / "tmp")})
    wait_until(lambda: any((tmp_path / "tmp").glob(".scrubber-*/*[0-9]")))
    yield process
    process.kill()
    process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONG_ENOUGH
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == process.pid:
            found.append(int(entry.parent.name))
    return found


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_same_as_with_one(path: Path, tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        done = run("scrub", "--jobs", jobs, "--out", tmp_path / jobs, path, env=dict(os.environ))
        assert done.status == 1
    names = sorted(each.name for each in (tmp_path / "1").iterdir())
    assert names == sorted(each.name for each in (tmp_path / "2").iterdir())
    assert all((tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes() for name in names)


@each(("number", "status"), {"Ctrl-C": (signal.SIGINT, 130), "SIGTERM": (signal.SIGTERM, 143)})
def test_a_stop_leaves_nothing(
    started: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals, status: int
) -> None:
    workers = children(started)
    assert workers
    started.send_signal(number)
    _, errors = started.communicate(timeout=_LONG_ENOUGH)
    assert started.returncode == status
    assert errors.decode().splitlines() == ["Error: stopped; files that were not complete are not written"]
    wait_until(lambda: not any(map(is_there, workers)))
    assert not list((tmp_path / "out").iterdir())
    assert not list((tmp_path / "tmp").glob(".scrubber-*"))


def test_workers_end_with_a_process_that_is_killed_and_remove_the_fragments(
    started: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    workers = children(started)
    started.kill()
    wait_until(lambda: not any(map(is_there, workers)))
    assert not list((tmp_path / "tmp").glob(".scrubber-*"))


def test_workers_that_are_killed_cost_nothing(started: subprocess.Popen[bytes], path: Path, tmp_path: Path) -> None:
    """Each worker dies once; what it did is done again."""
    for pid in children(started):
        os.kill(pid, signal.SIGKILL)
    assert started.wait(_LONG_ENOUGH) == 1
    run("scrub", "--jobs", "1", "--out", tmp_path / "whole", path)
    for whole in (tmp_path / "whole").iterdir():
        assert whole.read_bytes() == (tmp_path / "out" / whole.name).read_bytes()


DEADLY = '''
import multiprocessing, os, signal
from scrubber.edit import edit

@edit("DEAD01", "Deadly", severity="info", concerns=None, source="a test")
def deadly(claim, facts):
    """What it checks: nothing. It kills each worker, and not the process that divides the file.

    Why it is denied: it is not.

    How to fix: nothing.
    """
    if multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    return ()
'''


def test_a_claim_that_kills_each_worker_is_one_clear_error(path: Path, tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY)
    chosen = ("--jobs", "2", "--edits", tmp_path / "deadly.py", "--out", tmp_path / "out")
    done = run("scrub", *chosen, path, env=dict(os.environ))
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"Error: a worker process died twice on claims [\d,]+ to [\d,]+\n", done.err)
    assert not list((tmp_path / "out").iterdir())
