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
from scrubber.running import dividing, run
from scrubber.running.dividing import FROM_CLAIMS
from scrubber.running.executors import Processes
from scrubber.running.inputs import Moved
from scrubber.running.work import Job
from scrubber.testing import build, visit_claim
from tests.dropfolder.box import QUICK, Box

pytestmark = pytest.mark.slow


def test_the_outputs_are_those_of_one_process(box: Box, tmp_path: Path) -> None:
    content = build([visit_claim("837P", f"V{number}") for number in range(FROM_CLAIMS + 100)]).encode("latin-1")
    box.settings = attrs.evolve(QUICK, jobs=2, stuck_after=120)
    box.drop("large.837", content)
    assert box.process(once=True).wait() == 0
    path, whole = tmp_path / "large.837", tmp_path / "whole"
    path.write_bytes(content)
    whole.mkdir()
    run.scrub(Moved("large.837", path), RunOptions().engine(), whole)
    (clean,) = (box / "clean").iterdir()
    assert clean.read_bytes() == (whole / "large.clean.837").read_bytes()
    reports = {each.suffix: each.read_bytes() for each in (box / "reports").iterdir()}
    assert reports[".277ca"] == (whole / "large.277ca").read_bytes()
    assert reports[".json"] == (whole / "large.report.json").read_bytes()


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
