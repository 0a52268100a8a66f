"""Drugs on claims of dialysis facilities."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, infusion_claim
from tests.edits.judging import answers, scoped, severities
from tests.scrubbing import each, each_type

TREATMENT = LineSpec("90999", revenue_code="0821")


def dialysis(*lines: LineSpec, day: date = date(2026, 10, 5)) -> ClaimSpec:
    spec = infusion_claim("837I", lines=(TREATMENT, *lines), diagnoses=("N186", "D631"), facility_code="72")
    dated = tuple(attrs.evolve(line, dates=day) for line in spec.lines)
    return attrs.evolve(spec, lines=dated, statement_dates=(day, day), filing="MA")


def iron(*modifiers: str, units: int = 100) -> LineSpec:
    return LineSpec("J1756", modifiers, units)


@each(
    ("claim", "lines"),
    {
        "neither": (dialysis(iron()), [2]),
        "JZ": (dialysis(iron("JZ")), []),
        "JW on a line of its own": (dialysis(iron(units=80), iron("JW", units=20)), []),
        "neither, for another disease": (dialysis(LineSpec("J0878", ("AY",), 500)), [2]),
        "excluded by law": (dialysis(iron("GY")), []),
        "vials of which some are for many doses": (dialysis(LineSpec("J0885", (), 4)), []),
        "before the rule": (dialysis(iron(), day=date(2024, 12, 31)), []),
        "of a hospital": (attrs.evolve(dialysis(iron()), facility_code="13"), []),
    },
)
def test_drugs_of_dialysis_facilities_need_jw_or_jz(claim: ClaimSpec, lines: list[int]) -> None:
    assert answers(claim, "JWJZ15") == [("warn", line, "SV202-3") for line in lines]
    assert claim.facility_code == "13" or answers(claim, "JWJZ01") == []


def test_only_medicare_asks_for_them() -> None:
    assert severities(dialysis(iron()), "JWJZ15") == scoped("warn", None, None, None)


def test_jz_is_needed_since_2025() -> None:
    assert answers(dialysis(iron("JZ")), "JWJZ11") == []
    assert answers(dialysis(iron("JZ"), day=date(2024, 12, 31)), "JWJZ11") == [("info", 2, "SV202-3")]


@each(
    ("code", "lines", "found"),
    {
        "JW and JZ on one line": ("JWJZ02", (iron("JW", "JZ"),), [("reject", 2, "SV202-4")]),
        "JZ beside JW": ("JWJZ03", (iron("JZ", units=75), iron("JW", units=25)), [("reject", 2, "SV202-3")]),
        "JW without the given units": ("JWJZ04", (iron("JW", units=25),), [("reject", 2, "SV202-3")]),
        "half a unit": ("JWJZ05", (iron(units=75), LineSpec("J1756", ("JW",), "0.5")), [("reject", 3, "SV205")]),
        "JW on whole vials": ("JWJZ14", (iron("JW"),), [("reject", 2, "SV202-3")]),
    },
)
def test_jw_and_jz_of_dialysis_must_fit(code: str, lines: tuple[LineSpec, ...], found: list[object]) -> None:
    assert answers(dialysis(*lines), code) == found
    assert answers(dialysis(*lines, day=date(2024, 12, 31)), code) == []


@each(
    ("line", "fires"),
    {
        "a drug for another disease": (LineSpec("J0878", ("AY", "JZ"), 500), False),
        "iron": (iron("AY", "JZ"), True),
        "erythropoietin for dialysis": (LineSpec("Q4081", ("AY",), 30), True),
        "iron for dialysis": (iron("JZ"), False),
    },
)
def test_ay_does_not_open_drugs_of_dialysis(line: LineSpec, fires: bool) -> None:
    assert answers(dialysis(line), "MOD09") == ([("warn", 2, "SV202-3")] if fires else [])


@pytest.mark.parametrize("code", sorted(shipped().family("always_for_dialysis")))
def test_each_drug_of_dialysis_is_read(code: str) -> None:
    assert len(answers(dialysis(LineSpec(code, ("AY",))), "MOD09")) == 1


@each_type
def test_ay_by_payer(claim_type: ClaimType) -> None:
    claim = attrs.evolve(dialysis(iron("AY")), type=claim_type, facility_code=None, statement_dates=None)
    assert severities(claim, "MOD09") == scoped("warn", None, None, None)
