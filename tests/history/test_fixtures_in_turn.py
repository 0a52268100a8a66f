"""The committed files that are for a history: they are what is described, and have the findings that are expected."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.conformance.oracle import faults
from tests.scrubbing import ROOT, each_type, run

FOLDER = ROOT / "fixtures" / "history"
FILES = sorted(FOLDER.glob("*.837"))


def test_the_committed_files_are_what_is_described() -> None:
    made = dict(runpy.run_path(str(ROOT / "fixtures" / "build.py"))["files_in_turn"]())
    assert {path.name: path.read_bytes().decode("ascii") for path in FOLDER.iterdir()} == made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pyx12_accepts_it(path: Path) -> None:
    assert faults(path.read_text("ascii")) == []


@each_type
@pytest.mark.parametrize(("first", "second"), [("first", "second"), ("units-first", "units")])
def test_the_second_file_has_the_findings_that_are_expected(
    tmp_path: Path, claim_type: str, first: str, second: str
) -> None:
    kind = claim_type.lower()
    options: list[str | Path] = ["--history", tmp_path / "history"]
    if second == "units":
        store = tmp_path / "store"
        limits = ("--since", "2026-10-01", "--excerpt", "--reference", store)
        assert run("reference", "import", FOLDER / f"mue-{kind}.csv", *limits).status == 0
        options += ["--reference", store]
    released = run("scrub", FOLDER / f"{first}-{kind}.837", "--out", tmp_path / "out", *options)
    assert (released.status, " 0 rejected" in released.out) == (0, True), released
    report = run("check", "--expect", FOLDER / f"{second}-{kind}.837", *options)
    assert (report.status, report.out) == (0, "1 file as expected\n")
    without = run("check", "--expect", FOLDER / f"{second}-{kind}.837", *options[2:])
    assert without.status == 1, "the findings need the history"
