"""Small files with a broken envelope, delimiters or hierarchy: where their claims go, and which errors they give.

They are judged alike with guide checks and without, by `check` and by `scrub`.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import attrs
import pytest

from scrubber.running.inputs import Input
from scrubber.running.run import Outcome
from scrubber.running.run import check as checked
from scrubber.running.run import scrub as written
from scrubber.x12 import errors
from scrubber.x12.errors import LocatedError
from tests.scrubbing import ROOT, engine, run

FOLDER = ROOT / "fixtures" / "x12"


@attrs.frozen
class Row:
    """What is right for one file: the claims of the two files, the errors of the file, the status of the command.

    `says` stands in the message of its first error.
    """

    clean: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    status: int = 0
    says: str = ""


ROWS = {
    "eof_1a_watch": Row(("CL-001",), found=(errors.PADDING,)),
    "isa13_two_senders": Row(("A-1", "B-1")),
    "isa_space_before_tilde": Row(
        (), ("CL-001",), (errors.ISA_LENGTH,), 2, "a blank stands between ISA16 and the segment terminator"
    ),
    "lost_claim_no_clm": Row(("C-B",), (), (errors.MISPLACED,), 1, "a CLM segment before it may be missing"),
    "m3_isa16_not_the_separator": Row(
        (), ("CLAIM-1",), (errors.WRONG_SEPARATOR,), 2, "ISA16 is not the component separator"
    ),
    "n1_isa_two_too_long": Row((), ("CLAIM-1",), (errors.ISA_LENGTH,), 2, "ISA06 has 16 characters instead of 15"),
    "n2_no_isa_hi_broken": Row((), ("CLAIM-1",), (errors.NO_INTERCHANGE,), 2, "no ISA segment"),
    "subscriber_without_claim": Row(("CL-001",), found=(errors.NO_CLAIM,), says="a subscriber has no claim"),
    "ta1_before_claims": Row(("CL-001",)),
    "ta1_only_iea_zero": Row(()),
    "wrong_patient_broken_hl_tag": Row(("C3",), ("C1", "C2"), (errors.MISPLACED,), 1, "2 claims are rejected for it"),
    "wrong_patient_dropped_hl": Row(("C-G",), ("C-A", "C-B"), (errors.MISPLACED,), 1, "2 claims are rejected for it"),
}
"""Rows by file, in order of their names."""
ONE_CAUSE = [name for name in ROWS if name != "n2_no_isa_hi_broken"]
"""Files whose claims have no fault beside the one of the file."""
THEIR_LINES = ("CLM", "LX", "SV1", "SV2", "HI")

every_row = pytest.mark.parametrize("name", ROWS)
with_guide_checks_and_without = pytest.mark.parametrize("conformance", [True, False], ids=["guide", "no guide"])


def source(name: str) -> Input:
    return Input(str(FOLDER / f"{name}.837"))


def errors_of(outcome: Outcome) -> list[LocatedError]:
    return [*outcome.scan.errors, *outcome.notices]


def segments(text: str) -> list[list[str]]:
    """The segments of a file that `split` wrote or a case is, whatever its delimiters are."""
    if not text:
        return []
    element = text[3] if text.startswith("ISA") else "*"
    return [part.strip().split(element) for part in re.split(r"[~\n]", text) if part.strip()]


def of_claims(text: str) -> Counter[str]:
    return Counter("*".join(segment) for segment in segments(text) if segment[0] in THEIR_LINES)


@with_guide_checks_and_without
@every_row
def test_check_reports_a_fault_once(name: str, conformance: bool) -> None:
    row = ROWS[name]
    outcome = checked(source(name), engine(), [], conformance=conformance)
    found = errors_of(outcome)
    assert tuple(error.code for error in found) == row.found
    assert not row.says or row.says in found[0].message
    assert outcome.summary.dispositions["rejected"] == len(row.rejected)
    assert outcome.scan.readable is (row.status != 2)
    assert outcome.reaches("reject") is (bool(row.rejected) or row.status == 1)


@with_guide_checks_and_without
@pytest.mark.parametrize("name", ONE_CAUSE)
def test_a_claim_is_rejected_for_the_one_cause(name: str, conformance: bool) -> None:
    outcome = checked(source(name), engine(), [], conformance=conformance)
    found = {code for code, count in outcome.summary.findings.items() if count}
    assert found == ({"READ03"} if ROWS[name].rejected else set())


@with_guide_checks_and_without
@every_row
def test_scrub_puts_each_claim_and_line_into_one_file(name: str, conformance: bool, tmp_path: Path) -> None:
    row = ROWS[name]
    text = (FOLDER / f"{name}.837").read_text("latin-1")
    outcome = written(source(name), engine(), tmp_path, conformance=conformance)
    assert tuple(error.code for error in errors_of(outcome)) == row.found
    clean, rejected = (
        path.read_text("latin-1") if path.exists() else ""
        for path in (tmp_path / f"{name}.clean.837", tmp_path / f"{name}.rejected.837")
    )
    for half, expected in ((clean, row.clean), (rejected, row.rejected)):
        assert tuple(segment[1] for segment in segments(half) if segment[0] == "CLM") == expected
    assert of_claims(clean) + of_claims(rejected) == of_claims(text)


INNER = {"20": ("85", "IL", "QC"), "22": ("IL", "QC"), "23": ("QC",)}
"""The entities that an HL of a level code leaves behind."""


def people(text: str) -> dict[str, tuple[str, ...]]:
    """For each claim who is named above it: billing provider, subscriber and patient, as far as there are."""
    found: dict[str, tuple[str, ...]] = {}
    above: dict[str, str] = {}
    for segment in segments(text):
        if segment[0] == "HL":
            above = {entity: name for entity, name in above.items() if entity not in INNER[segment[3]]}
        elif segment[0] == "NM1" and segment[1] in INNER["20"]:
            above[segment[1]] = "*".join(segment)
        elif segment[0] == "CLM":
            found[segment[1]] = tuple(above.values())
    return found


@every_row
def test_what_is_clean_stands_under_its_own_people(name: str, tmp_path: Path) -> None:
    written(source(name), engine(), tmp_path, conformance=False)
    clean = tmp_path / f"{name}.clean.837"
    if clean.exists():
        before = people((FOLDER / f"{name}.837").read_text("latin-1"))
        after = people(clean.read_text("latin-1"))
        assert {claim: before[claim] for claim in after} == after
        assert all(len(names) >= 2 for names in after.values())
        assert not errors_of(checked(Input(str(clean)), engine(), [], conformance=True))


@pytest.mark.parametrize(
    "name", ["eof_1a_watch", "lost_claim_no_clm", "wrong_patient_dropped_hl", "n1_isa_two_too_long"]
)
def test_the_exit_status_of_check(name: str) -> None:
    for more in ((), ("--conformance",)):
        assert run("check", str(FOLDER / f"{name}.837"), *more).status == ROWS[name].status


def test_all_files_stand_in_the_table() -> None:
    named = re.compile(r"wrong_patient_|lost_claim_|subscriber_without_|n1_|n2_|isa_space_|m3_|isa13_|ta1_|eof_")
    assert {path.stem for path in FOLDER.glob("*.837") if named.match(path.stem)} == set(ROWS)
