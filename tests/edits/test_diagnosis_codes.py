"""Diagnoses: valid, complete, pointed to, of one code set, listed once."""

from datetime import date

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import ICD10CM
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    Number,
    build,
    visit_claim,
    with_all_lines,
    with_line,
)
from tests.edits.infusions import belimumab
from tests.scrubbing import assert_finds, each, each_type, expected, found, installed, scrub_one, scrub_text


def on(claim: ClaimSpec, day: str) -> ClaimSpec:
    return with_all_lines(claim, dates=date.fromisoformat(day))


@each_type
@each(
    ("diagnoses", "day", "place"),
    {
        "billable": (("M3219", "N1830"), "2026-10-05", None),
        "heading of lupus": (("M321",), "2026-10-05", "diagnosis 1"),
        "heading of headings": (("M3219", "M32"), "2026-10-05", "diagnosis 2"),
        "kidney stage before its split": (("M3219", "N183"), "2020-09-30", None),
        "kidney stage after its split": (("M3219", "N183"), "2020-10-01", "diagnosis 2"),
        "kidney code before its split": (("M3219", "N042"), "2023-09-30", None),
        "kidney code after its split": (("M3219", "N042"), "2023-10-01", "diagnosis 2"),
        "another kidney code after its split": (("M3219", "N062"), "2023-10-01", "diagnosis 2"),
        "a part of a code before its split": (("M3219", "N0420"), "2023-09-30", "diagnosis 2"),
        "a kidney stage before its split": (("M3219", "N1831"), "2020-09-30", "diagnosis 2"),
        "no code of ICD-10": (("M3219", "999"), "2026-10-05", "diagnosis 2"),
        "too long for a code": (("M3219", "Z798990X"), "2026-10-05", "diagnosis 2"),
        "a letter in the third place": (("M3219", "M1A00X0"), "2026-10-05", None),
        "before ICD-10": (("M3219", "N1831"), "2015-09-30", None),
        "a part on the day of the split": (("M3219", "N0420"), "2023-10-01", None),
        "a part of a code that was split": (("M3219", "N0420"), "2026-10-05", None),
        "a part of a code that was not split": (("M3219", "N0522"), "2026-10-05", "diagnosis 2"),
        "a code that was not split": (("M3219", "N052"), "2026-10-05", None),
        "ICD-9 is for another edit": (("BK:M321",), "2026-10-05", None),
        "unknown without the table": (("M3219", "Q9999"), "2024-09-30", None),
    },
)
def test_headings_are_no_diagnoses(
    claim_type: ClaimType, diagnoses: tuple[str, ...], day: str, place: str | None
) -> None:
    claim = on(belimumab(claim_type, *diagnoses), day)
    assert_finds(claim, "DX02", *([("reject", None, place)] if place else []))


@each_type
def test_with_the_table_every_code_is_checked(claim_type: ClaimType) -> None:
    rows = [
        Row("M3219", date(2015, 10, 1), values={"billable": "1"}),
        Row("Z79", date(2015, 10, 1), values={"billable": "0"}),
        Row("Z7989", date(2015, 10, 1), date(2026, 9, 30), {"billable": "1"}),
    ]
    facts = attrs.evolve(shipped(), tables={ICD10CM: external_table(ICD10CM, "test", rows)})
    with_table = Engine(installed(), Profile(select=frozenset({"DX02"})), facts)
    claim = belimumab(claim_type, "M3219", "Z79", "Z7989", "Q9999")
    (scrubbed,), _ = scrub_text(build([claim]), with_table)
    assert len(found(scrubbed)) == 3
    assert with_table.unavailable == []


@each_type
@pytest.mark.parametrize(
    ("diagnoses", "fires"),
    [
        (("M3214", "N08"), True),
        (("N08", "M3214"), True),
        (("M3215", "N16"), True),
        (("M3219", "L930"), True),
        (("M3214", "N184"), False),
        (("M3214", "N16"), False),
    ],
)
def test_pairs_that_exclude_each_other(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    claim = visit_claim(claim_type, diagnoses=diagnoses)
    assert_finds(claim, "DX05", *([("warn", None, "diagnosis 2")] if fires else []))


@each(
    ("pointers", "findings"),
    {
        "one": ((1,), []),
        "all": ((1, 2), []),
        "none": ((), [("reject", "pointer 1")]),
        "beyond the list": ((1, 3), [("reject", "pointer 2")]),
        "zero": ((0,), [("reject", "pointer 1")]),
        "a letter": (("A",), [("reject", "pointer 1")]),
        "repeated": ((1, 1), [("warn", "pointer 2")]),
        "five": ((1, 2, 1, 2, 1), [("warn", "pointer 3"), ("warn", "pointer 4"), ("reject", "pointer 5")]),
    },
)
def test_pointers_point_to_listed_diagnoses(pointers: tuple[Number, ...], findings: list[tuple[str, str]]) -> None:
    claim = with_line(visit_claim("837P"), 1, pointers=pointers)
    got = sorted(found(scrub_one(claim, "DX09")))
    assert got == sorted(expected("837P", [("DX09", severity, 1, place) for severity, place in findings]))


@each_type
@each(
    ("diagnoses", "day", "fires"),
    {
        "ICD-10": (("M3219", "N184"), "2026-10-05", False),
        "ICD-9 in its time": (("BK:7100", "BF:5859"), "2015-09-30", False),
        "ICD-9 after its time": (("BK:7100", "BF:5859"), "2015-10-01", True),
        "both at once": (("BK:7100", "ABF:N184"), "2015-09-30", True),
    },
)
def test_the_code_set_goes_by_the_date(
    claim_type: ClaimType, diagnoses: tuple[str, ...], day: str, fires: bool
) -> None:
    claim = on(visit_claim(claim_type, diagnoses=diagnoses), day)
    assert_finds(claim, "DX10", *([("reject", None, "diagnosis 1")] if fires else []))


@each_type
@pytest.mark.parametrize(
    ("diagnoses", "fires"),
    [(("N08", "M3219"), True), (("Y838", "M3219"), True), (("M3219", "N08"), False), (("Z5111",), False)],
)
def test_some_codes_cannot_stand_first(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    claim = visit_claim(claim_type, diagnoses=diagnoses)
    assert_finds(claim, "DX11", *([("warn", None, "diagnosis 1")] if fires else []))


@pytest.mark.parametrize(
    ("pointers", "words"),
    [
        ((2,), "pointer 1 is 2, but the claim lists only diagnosis 1"),
        ((1, 12), "pointer 2 is 12"),
        ((100,), "too long"),
    ],
)
def test_a_wrong_pointer_is_named_by_its_value(pointers: tuple[Number, ...], words: str) -> None:
    claim = with_line(visit_claim(diagnoses=("I10",)), 1, pointers=pointers)
    (one,) = scrub_one(claim, "DX09").findings
    assert words in one.message


@each_type
@each(
    ("diagnoses", "places"),
    {
        "different": (("M3219", "Z79899"), []),
        "principal again": (("M3219", "Z79899", "M3219"), ["diagnosis 3"]),
        "other twice": (("M3219", "Z79899", "Z79899"), ["diagnosis 3"]),
        "thrice": (("M3219", "M3219", "M3219"), ["diagnosis 2", "diagnosis 3"]),
        "twice in two spellings": (("M3219", "m32.19"), ["diagnosis 2"]),
    },
)
def test_the_same_diagnosis_twice(claim_type: ClaimType, diagnoses: tuple[str, ...], places: list[str]) -> None:
    claim = visit_claim(claim_type, diagnoses=diagnoses)
    found_here = assert_finds(claim, "DX13", *(("warn", None, place) for place in places)).findings
    assert all("is the same as diagnosis" in one.message for one in found_here)


@pytest.mark.parametrize("qualifier", ["ABJ", "APR", "ABN"])
def test_admitting_diagnosis_and_reasons_for_the_visit_may_repeat_another(qualifier: str) -> None:
    assert_finds(visit_claim("837I", diagnoses=("M3219", f"{qualifier}:M3219")), "DX13")
