"""JW and JZ beside the vials that were opened, and the lines that belong together."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_400,
    ClaimSpec,
    ClaimType,
    LineSpec,
    Number,
    drug_line,
    infusion_claim,
    waste_claim,
    waste_lines,
    with_all_lines,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, each, each_type, scrub_one

INFUSION = LineSpec("96365")


def of(claim_type: ClaimType, *lines: LineSpec, **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, lines=(*lines, INFUSION)), **changes)


def given_and_wasted(claim_type: ClaimType, given: int, wasted: int, **changes: Any) -> ClaimSpec:
    return of(claim_type, *waste_lines(given, wasted), **changes)


@each_type
@pytest.mark.parametrize("units", [12, 24, 40, 52, 72, 76, 80, 92, 100, 120, 140])
def test_jz_on_whole_vials_is_right(claim_type: ClaimType, units: int) -> None:
    assert_finds(of(claim_type, drug_line(units=units)), "JWJZ06")


@each_type
@pytest.mark.parametrize(("units", "left"), [(15, 9), (20, 4), (35, 1), (44, 4), (65, 7), (69, 3), (75, 1), (4, 8)])
def test_jz_on_other_units_says_how_many_would_be_left(claim_type: ClaimType, units: int, left: int) -> None:
    scrubbed = assert_finds(of(claim_type, drug_line(units=units)), "JWJZ06", ("warn", 1, "units"))
    assert f"so {left} would be left" in scrubbed.findings[0].message


def test_jz_units_of_several_lines_are_taken_together() -> None:
    assert_finds(of("837P", drug_line(units=40), drug_line(units=12)), "JWJZ06")
    assert_finds(of("837P", drug_line(units=40), drug_line(units=4)), "JWJZ06", ("warn", 1, "units"))


def test_jz_units_rounded_up_are_whole_vials() -> None:
    assert_finds(of("837P", drug_line(units="35.6")), "JWJZ06")


@pytest.mark.parametrize(("units", "fires"), [(300, False), (600, False), (299, True), (150, True)])
def test_jz_on_anifrolumab_needs_whole_vials_too(units: int, fires: bool) -> None:
    expected = [("warn", 1, "units")] if fires else []
    assert_finds(of("837P", drug_line("J0491", units)), "JWJZ06", *expected)


@each_type
@pytest.mark.parametrize(
    ("given", "wasted"), [(15, 9), (35, 1), (45, 3), (50, 2), (55, 5), (65, 7), (69, 3), (70, 2), (75, 1), (90, 2)]
)
def test_given_and_wasted_units_that_make_whole_vials_are_right(claim_type: ClaimType, given: int, wasted: int) -> None:
    assert_finds(given_and_wasted(claim_type, given, wasted), "JWJZ07")


@each_type
@pytest.mark.parametrize(
    ("given", "wasted", "nearest"), [(69, 4, "72 or 76"), (40, 4, "40 or 48"), (5, 3, "12"), (60, 10, "64 or 72")]
)
def test_other_totals_name_the_nearest(claim_type: ClaimType, given: int, wasted: int, nearest: str) -> None:
    scrubbed = assert_finds(given_and_wasted(claim_type, given, wasted), "JWJZ07", ("warn", 2, "units"))
    assert f"the nearest are {nearest}" in scrubbed.findings[0].message


WASTE_SCOPES = {"ffs": "warn", "ffs-a": "warn", "madv": "warn"}


@each_type
@pytest.mark.parametrize("scope", SCOPES)
@each(
    ("given", "wasted", "grave"),
    {
        "the least": (70, 2, None),
        "three more than the least": (65, 7, None),
        "four more than the least": (70, 6, False),
        "eleven more than the least": (89, 11, False),
        "a small vial more than the least": (60, 12, True),
        "a small vial and more": (52, 20, True),
        "much, but unavoidable": (25, 11, None),
    },
)
def test_avoidable_waste_is_reported_by_payer(
    claim_type: ClaimType, scope: str, given: int, wasted: int, grave: bool | None
) -> None:
    claim = given_and_wasted(claim_type, given, wasted, filing=SCOPES[scope])
    severity = WASTE_SCOPES.get(scope, "info") if grave else "info"
    assert_finds(claim, "JWJZ08", *([] if grave is None else [(severity, 2, "units")]))


ORENCIA_VIAL, ORENCIA_SYRINGE = "00003218713", "00003281411"


@each_type
@each(
    ("ndc", "code", "expected"),
    {
        "a vial": (ORENCIA_VIAL, "JWJZ06", [("warn", 1, "units")]),
        "a syringe": (ORENCIA_SYRINGE, "JWJZ06", []),
        "either": ("", "JWJZ06", []),
    },
)
def test_vials_are_not_mixed_with_syringes(
    claim_type: ClaimType, ndc: str, code: str, expected: list[tuple[str, int, str]]
) -> None:
    """Abatacept: vials hold 25 units, syringes 5, 8.75 or 12.5, and all have one code."""
    assert_finds(of(claim_type, LineSpec("J0129", ("JZ",), 65, ndc=ndc)), code, *expected)


@each_type
def test_the_least_waste_is_that_of_the_same_containers(claim_type: ClaimType) -> None:
    given = LineSpec("J0129", (), 65, ndc=ORENCIA_VIAL)
    assert_finds(of(claim_type, given, LineSpec("J0129", ("JW",), 10, ndc=ORENCIA_VIAL)), "JWJZ08")
    more = LineSpec("J0129", ("JW",), 35, ndc=ORENCIA_VIAL)
    assert_finds(of(claim_type, given, more, filing="MB"), "JWJZ08", ("warn", 2, "units"))


@each_type
@each(
    ("line", "found"),
    {
        "JZ on the drug": (drug_line(), []),
        "JZ on an infusion": (LineSpec("96365", modifiers=("JZ",)), [("warn", 1, "modifier 1")]),
        "JW on a visit": (LineSpec("99213", modifiers=("25", "JW")), [("warn", 1, "modifier 2")]),
        "JZ on a drug that the tables do not know": (LineSpec("J1885", modifiers=("JZ",)), []),
    },
)
def test_waste_modifiers_belong_on_single_dose_drugs(
    claim_type: ClaimType, line: LineSpec, found: list[tuple[str, int, str]]
) -> None:
    assert_finds(infusion_claim(claim_type, lines=(line,)), "JWJZ09", *found)


@each_type
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("day", "fires"), [("2022-12-31", True), ("2023-01-01", False)])
def test_jz_is_in_force_since_2023(claim_type: ClaimType, scope: str, day: str, fires: bool) -> None:
    claim = with_all_lines(infusion_claim(claim_type, filing=SCOPES[scope]), dates=date.fromisoformat(day))
    severity = "reject" if scope in ("ffs", "ffs-a", "madv") else "warn"
    assert_finds(claim, "JWJZ10", *([(severity, 1, "modifier 1")] if fires else []))


@each_type
@pytest.mark.parametrize(("day", "fires"), [("2016-12-31", True), ("2017-01-01", False)])
def test_jw_before_2017_is_for_information(claim_type: ClaimType, day: str, fires: bool) -> None:
    claim = with_all_lines(waste_claim(claim_type), dates=date.fromisoformat(day))
    assert_finds(claim, "JWJZ10", *([("info", 2, "modifier 1")] if fires else []))


@pytest.mark.parametrize(
    ("facility", "filing", "fires"),
    [("11", "MA", True), ("71", "MA", True), ("77", "16", True), ("13", "MA", False), ("11", "CI", False)],
)
def test_bill_types_without_waste_modifiers_are_reported(facility: str, filing: str, fires: bool) -> None:
    claim = infusion_claim("837I", facility_code=facility, filing=filing)
    assert_finds(claim, "JWJZ11", *([("info", 1, "modifier 1")] if fires else []))


@each_type
@each(
    ("change", "place"),
    {
        "nothing": ({}, None),
        "another NDC": ({"ndc": BENLYSTA_400}, "ndc"),
        "half a percent dearer": ({"charge": "180.90"}, None),
        "two percent dearer": ({"charge": "183.60"}, "charge"),
        "no charge": ({"charge": 0}, "charge"),
    },
)
def test_a_jw_line_agrees_with_the_line_it_belongs_to(
    claim_type: ClaimType, change: dict[str, Number], place: str | None
) -> None:
    name = {"charge": "SV102" if claim_type == "837P" else "SV203"}.get(place or "", place)
    claim = with_line(waste_claim(claim_type), 2, **change)
    assert_finds(claim, "JWJZ12", *([("warn", 2, name)] if name else []))


def test_a_jw_line_has_the_pointers_and_the_revenue_code_of_the_line_it_belongs_to() -> None:
    assert_finds(with_line(waste_claim("837P"), 2, pointers=(2,)), "JWJZ12", ("warn", 2, "pointer 1"))
    assert_finds(with_line(waste_claim("837I"), 2, revenue_code="0250"), "JWJZ12", ("warn", 2, "SV201"))


def test_a_jw_line_with_two_possible_partners_goes_with_the_one_of_its_ndc() -> None:
    small, wasted = waste_lines(35, 1)
    large = drug_line(units=40, modifiers=())
    assert_finds(of("837P", large, small, wasted), "JWJZ12")
    stray = attrs.evolve(wasted, ndc="49401010199")
    scrubbed = assert_finds(of("837P", large, small, stray), "JWJZ12", ("warn", 3, "ndc"))
    assert "could belong to lines 1 and 2" in scrubbed.findings[0].message


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_waste_of_an_unclassified_drug_needs_jw(claim_type: ClaimType, scope: str) -> None:
    line = LineSpec("J3490", description="SOMETHING 90 MG, 10 MG WASTED", ndc="00000000001")
    severity = "warn" if scope in ("ffs", "ffs-a") else "info"
    claim = of(claim_type, line, filing=SCOPES[scope])
    packaged = claim_type == "837I" and scope in ("ffs", "ffs-a")
    assert_finds(claim, "JWJZ13", *([] if packaged else [(severity, 1, "modifier 1")]))
    assert_finds(of(claim_type, line, attrs.evolve(line, modifiers=("JW",)), filing=SCOPES[scope]), "JWJZ13")
    assert_finds(of(claim_type, attrs.evolve(line, description="SOMETHING 90 MG")), "JWJZ13")


@each_type
def test_fractional_waste_is_reported_once(claim_type: ClaimType) -> None:
    claim = with_line(waste_claim(claim_type), 2, units="2.5")
    assert [item.code for item in scrub_one(claim, "JWJZ05", "JWJZ07").findings] == ["JWJZ05"]
