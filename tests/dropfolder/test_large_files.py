"""A large file in the drop folder: several processes scrub it, and the outputs are those of one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber import RunOptions
from scrubber.dropfolder.worker import Contents, Read, Scrub, Scrubbed, perform
from scrubber.engine.ranges import Range
from scrubber.running import dividing
from scrubber.running.dividing import FROM_CLAIMS
from scrubber.running.executors import Processes
from scrubber.running.job import Job
from scrubber.testing import build, visit_claim
from tests.dropfolder.box import QUICK, Box
from tests.scrubbing import each

pytestmark = pytest.mark.slow


def test_the_outputs_are_those_of_one_process(memory: Path) -> None:
    content = build([visit_claim("837P", f"V{number}") for number in range(FROM_CLAIMS + 100)]).encode("latin-1")
    found = []
    for jobs in (1, 2):
        box = Box(memory / str(jobs), attrs.evolve(QUICK, jobs=jobs, stuck_after=120))
        box.drop("large.837", content)
        assert box.process(once=True).wait(300) == 0
        found.append(box.snapshot())
    one, two = found
    assert one["clean"].keys() == {"large.clean.837"}
    assert len(one["reports"]) >= 6
    assert two == one


def test_a_worker_divides_a_file_that_is_large_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    divided: list[int] = []

    def counted(self: Processes, job: Job, given: Iterable[Range], do: Any = Processes.run) -> Any:
        divided.append(self.jobs)
        return do(self, job, given)

    monkeypatch.setattr(Processes, "run", counted)
    monkeypatch.setattr(dividing, "FROM_CLAIMS", 300)
    options = RunOptions(conformance=False)
    engine = options.engine()
    for claims in (290, 310):
        path = tmp_path / f"{claims}.837"
        path.write_text(build([visit_claim("837P", f"V{number}") for number in range(claims)]), "latin-1")
        contents = perform(Read(path, ()), engine, lambda: None, options, 2)
        assert isinstance(contents, Contents)
        task = Scrub(path, path.name, path.stem, contents, tmp_path / "staging")
        assert isinstance(perform(task, engine, lambda: None, options, 2), Scrubbed)
        assert divided == ([2] if claims == 310 else [])


@each(
    ("slow", "seconds", "reason"),
    {
        "slow edits": (range(90), 0.1, None),  # its first part takes longer than the limit
        "an edit that hangs": (range(1), 600, "no progress for 4 seconds (exit -9)"),
    },
)
def test_a_divided_file_is_stuck_only_if_no_process_goes_on(
    box: Box, tmp_path: Path, slow: range, seconds: float, reason: str | None
) -> None:
    box.settings = attrs.evolve(QUICK, jobs=2, stuck_after=4, tries=1)
    edits = tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(slow=slow, seconds=seconds))
    claims = [visit_claim("837P", f"V{number}") for number in range(FROM_CLAIMS + 100)]
    box.drop("large.837", build(claims).encode("latin-1"))
    assert box.once(options=RunOptions(select="OWN", edits=(edits,), conformance=False)) == 0
    assert box.names("clean") == ([] if reason else ["large.clean.837"])
    if reason:
        assert box.reason("large.837") == reason
    box.assert_tidy()


EDITS = '''
import time
from scrubber.edit import edit

@edit("OWN01", "Own", severity="warn", concerns=None, source="a test")
def own(claim, facts):
    """What it checks: nothing. It takes its time on some claims.

    Why it is denied: it is not.

    How to fix: no need.
    """
    if int(claim.claim_id[1:]) in {slow}:
        time.sleep({seconds})
    return ()
'''
