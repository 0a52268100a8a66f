"""Diagnosis codes by the rules of ICD-10-CM, with the shipped lists."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.reference.external import ICD10CM
from scrubber.testing import ClaimSpec, ClaimType, infusion_claim
from tests.edits.judging import answers, judge, reasons
from tests.scrubbing import each, each_type, engine

DAY = date(2026, 3, 2)
LATER = date(2026, 10, 5)


def claim(claim_type: ClaimType, *diagnoses: str, day: date = DAY) -> ClaimSpec:
    spec = infusion_claim(claim_type, diagnoses=diagnoses)
    return attrs.evolve(spec, lines=tuple(attrs.evolve(line, dates=day) for line in spec.lines))


def graded(spec: ClaimSpec, code: str) -> list[str | None]:
    return [severity for severity, _, _ in answers(spec, code, file_date=date(2026, 11, 2))]


@each_type
@each(
    ("code", "fires"),
    {
        "complete": ("M3214", False),
        "heading": ("E11", True),
        "not in the list": ("M3216", True),
        "of the new year": ("G35A", False),
    },
)
def test_all_codes_are_known(claim_type: ClaimType, code: str, fires: bool) -> None:
    assert graded(claim(claim_type, code), "DX02") == (["reject"] if fires else [])


@each_type
@each(
    ("code", "found"),
    {
        "complete in the last list": ("M3214", []),
        "heading in the last list": ("E872", ["reject"]),
        "heading of three characters": ("R05", ["reject"]),
        "deleted": ("T781XXA", ["reject"]),
        "in no list": ("M3216", ["warn"]),
        "of the last year": ("G35A", []),
        "heading since the last year": ("G35", ["reject"]),
        "new after the last list": ("M043", []),
        "new in a family that was split": ("I4201", []),
        "the heading of such a family": ("I420", ["reject"]),
        "a heading that is new": ("K6A", ["warn"]),
        "deleted after the last list": ("T528X1A", ["reject"]),
    },
)
def test_after_the_last_list_its_headings_stay_headings(claim_type: ClaimType, code: str, found: list[str]) -> None:
    assert graded(claim(claim_type, code, day=LATER), "DX02") == found


def test_the_changes_of_a_year_begin_with_it() -> None:
    september = date(2026, 9, 30)
    assert graded(claim("837P", "I420", day=september), "DX02") == []
    assert graded(claim("837P", "T528X1A", day=september), "DX02") == []
    assert graded(claim("837P", "I4201", day=september), "DX02") == ["reject"]


def test_what_became_a_heading_was_complete_before_and_has_new_codes() -> None:
    facts = shipped()
    last, (change,) = facts.tables[ICD10CM], facts.code_set_changes
    split = [code for code, row in facts.incomplete.items() if row.since == change.since]
    assert len(split) == 15
    for code in split:
        row = last.row(code, change.since - timedelta(days=1))
        assert row and row.values["billable"] == "1"
        assert change.adds(f"{code}9")
    for code in (*change.new, *change.new_begins):
        assert (code in split) == last.has(code)


def test_a_code_of_the_year_before() -> None:
    assert graded(claim("837P", "G35", day=date(2025, 9, 30)), "DX02") == []
    assert graded(claim("837P", "G35A", day=date(2025, 9, 30)), "DX02") == ["reject"]


@each_type
@each(
    ("diagnoses", "fires"),
    {
        "at the code": (("M3214", "L930"), True),
        "the other way": (("L930", "M3214"), True),
        "in a range of the note": (("A050", "A040"), True),
        "both allowed": (("M3214", "N184"), False),
        "alone": (("M3214",), False),
    },
)
def test_pairs_that_exclude_each_other(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    assert graded(claim(claim_type, *diagnoses), "DX05") == (["warn"] if fires else [])


@each_type
@each(
    ("diagnoses", "fires"),
    {
        "a disease": (("E538", "G320"), False),
        "in diseases classified elsewhere": (("G320", "E538"), True),
        "external cause": (("W19XXXA",), True),
    },
)
def test_what_may_not_be_first(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    assert graded(claim(claim_type, *diagnoses), "DX11") == (["warn"] if fires else [])


@each_type
@each(
    ("diagnoses", "fires"),
    {
        "anemia before its kidney disease": (("D631", "N184"), True),
        "kidney disease first": (("N184", "D631"), False),
        "without the disease": (("D631", "I10"), False),
    },
)
def test_what_comes_first(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    assert graded(claim(claim_type, *diagnoses), "DX14") == (["info"] if fires else [])


@each_type
def test_the_last_notes_stay_in_force(claim_type: ClaimType) -> None:
    assert graded(claim(claim_type, "A050", "A040", day=LATER), "DX05") == ["warn"]
    assert graded(claim(claim_type, "G320", "E538", day=LATER), "DX11") == ["warn"]
    assert graded(claim(claim_type, "D631", "N184", day=LATER), "DX14") == ["info"]


@pytest.mark.parametrize("code", ["DX02", "DX05", "DX11", "DX14"])
def test_days_of_no_shipped_year_are_said_once_for_a_file(code: str) -> None:
    assert reasons(claim("837P", "M3214", "N184", day=LATER), code, file_date=date(2026, 11, 2)) == []
    said = {item.code: item.reason for item in engine(code).unavailable}
    assert "ends on 2026-09-30" in said[code]


def test_without_the_tables_they_are_not_loaded() -> None:
    bare = attrs.evolve(shipped(), tables={})
    (scrubbed,) = judge([claim("837P", "M3216")], "DX02", facts=bare, file_date=date(2026, 11, 2))
    assert scrubbed.findings == ()
