"""Who scrubs which ranges."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.engine.ranges import Range
from scrubber.running import run
from scrubber.running.dividing import Division
from scrubber.running.executors import Processes
from scrubber.running.flow import Done
from scrubber.running.inputs import Input
from scrubber.running.pool import Pool
from scrubber.running.work import FragmentMaker
from scrubber.running.workers import Task
from scrubber.testing import build, visit_claim
from tests.running.starting import with_workers
from tests.scrubbing import each

NOTED = """
import os
import time
from pathlib import Path
from scrubber.edit import edit

@edit("NOTE01", "Noted", severity="info", concerns=None, source="a test")
def noted(claim, facts):
    \"\"\"What it checks: nothing. It notes in which process it runs.

    Why it is denied: it is not.

    How to fix: nothing.
    \"\"\"
    Path({folder!r}, f"{{os.getpid()}}-{{claim.claim_id}}").touch()
    return ()
"""


@pytest.mark.slow
@each(("jobs", "processes"), {"one": (1, 1), "two": (2, 2), "three": (3, 3)})
def test_one_of_the_jobs_is_the_process_that_divides_the_file(tmp_path: Path, jobs: int, processes: int) -> None:
    path, notes = tmp_path / "many.837", tmp_path / "notes"
    notes.mkdir()
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(600)]), "latin-1")
    (tmp_path / "noted.py").write_text(NOTED.format(folder=str(notes)), "utf-8")
    chosen = RunOptions(select="NOTE", edits=[tmp_path / "noted.py"], conformance=False)
    with Processes(jobs) as executor:
        engine = chosen.engine()
        division = Division(chosen, with_workers(executor, chosen, engine), 1, claims=20)
        found = run.check(Input(str(path)), engine, [], division=division)
    assert found.summary.claims == 600
    who, claims = zip(*(each.name.split("-") for each in notes.iterdir()), strict=True)
    assert len(claims) == len(set(claims)) == 600
    assert len(set(who)) == processes
    assert str(os.getpid()) in who


def never_start(*_: object) -> None:
    """In place of a worker that takes long to load its engine."""
    time.sleep(600)


def test_no_range_waits_for_a_worker_that_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.running.workers.serve", never_start)
    path = tmp_path / "many.837"
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(30)]), "latin-1")
    options = RunOptions(select="JWJZ", conformance=False)
    with Processes(2) as executor:
        found = run.check(Input(str(path)), options.engine(), [], division=Division(options, executor, 1, claims=2))
    assert found.summary.claims == 30


def test_the_dividing_process_looks_after_its_workers_while_it_scrubs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that waits until the dividing process has scrubbed a whole range is idle for as long."""
    looks, scrubbing = 0, False

    def take(pool: Pool, *, wait: bool) -> None:
        nonlocal looks
        looks += scrubbing
        usual_take(pool, wait=wait)

    def do(task: Task, maker: FragmentMaker, given: Range, done: Done) -> None:
        nonlocal scrubbing
        scrubbing = True
        usual(task, maker, given, done)
        scrubbing = False

    usual, usual_take = Task.do, Pool.take
    monkeypatch.setattr(Task, "do", do)
    monkeypatch.setattr(Pool, "take", take)
    path = tmp_path / "many.837"
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(600)]), "latin-1")
    options = RunOptions(select="JWJZ", conformance=False)
    with Processes(1) as executor:
        run.check(Input(str(path)), options.engine(), [], division=Division(options, executor, 1, claims=300))
    assert looks > 4
