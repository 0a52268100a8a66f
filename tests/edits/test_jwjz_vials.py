"""JW and JZ compared with the units, the opened vials, and the lines that belong together."""

from typing import Any

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_120,
    BENLYSTA_400,
    ClaimSpec,
    ClaimType,
    LineSpec,
    Number,
    drug_line,
    infusion_claim,
    waste_claim,
    waste_lines,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, assert_not_checked, each, each_type, scrub_one

INFUSION = LineSpec("96365")
GIVEN, DISCARDED = waste_lines()


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
def test_jz_on_other_units_states_how_many_would_be_left(claim_type: ClaimType, units: int, left: int) -> None:
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
    assert_finds(of("837P", small, attrs.evolve(small, units=24), wasted), "JWJZ12")


def of_two_vials(*units: int, ndcs: tuple[str, ...] = (BENLYSTA_120, BENLYSTA_400)) -> ClaimSpec:
    """Given units of two vials, then the discarded units of each."""
    given, discarded = waste_lines()
    lines = [attrs.evolve(line, ndc=ndc) for line in (given, discarded) for ndc in ndcs]
    return of("837P", *(attrs.evolve(line, units=some) for line, some in zip(lines, units, strict=True)))


@each(
    ("claim", "fires"),
    {
        "each with its own vial": (of_two_vials(8, 34, 4, 6), False),
        "exchanged": (of_two_vials(8, 34, 6, 4), True),
        "two vials of one size": (of_two_vials(8, 10, 2, 4, ndcs=(BENLYSTA_120, BENLYSTA_120)), False),
        "unknown NDCs": (of_two_vials(8, 34, 6, 4, ndcs=("99999000101", "99999000201")), False),
    },
)
def test_discarded_units_of_two_vials_may_have_been_exchanged(claim: ClaimSpec, fires: bool) -> None:
    scrubbed = assert_finds(claim, "JWJZ07", *([("warn", 3, "units")] if fires else []))
    assert all("lines 1 and 3" in finding.message for finding in scrubbed.findings)


@each_type
def test_fractional_waste_is_reported_once(claim_type: ClaimType) -> None:
    claim = with_line(waste_claim(claim_type), 2, units="2.5")
    assert [item.code for item in scrub_one(claim, "JWJZ05", "JWJZ07").findings] == ["JWJZ05"]


@each_type
@each(
    ("line", "place"),
    {
        "two 120 mg vials": (drug_line(units=24, modifiers=("JW",)), "modifier 1"),
        "two 400 mg vials": (drug_line(units=80, modifiers=("TB", "JW")), "modifier 2"),
        "one vial of anifrolumab": (drug_line("J0491", 300, ("JW",)), "modifier 1"),
        "a remainder": (DISCARDED, None),
        "what no vials make": (drug_line(units=44, modifiers=("JW",), ndc=BENLYSTA_120), None),
        "a fraction": (drug_line(units="24.5", modifiers=("JW",)), None),
        "no units": (drug_line(units=0, modifiers=("JW",)), None),
        "both modifiers": (drug_line(units=24, modifiers=("JW", "JZ")), None),
    },
)
def test_jw_on_a_whole_vial_dose_looks_misplaced(claim_type: ClaimType, line: LineSpec, place: str | None) -> None:
    assert_finds(of(claim_type, line), "JWJZ14", *([("reject", 1, place)] if place else []))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_misplaced_jw_by_payer(claim_type: ClaimType, scope: str) -> None:
    severity = "reject" if scope.startswith("ffs") else "warn"
    claim = of(claim_type, drug_line(units=72, modifiers=("JW",)), filing=SCOPES[scope])
    assert_finds(claim, "JWJZ14", (severity, 1, "modifier 1"))


@each_type
@each(
    ("units", "fires"),
    {
        "1": ("1", False),
        "3": ("3", False),
        "3.0": ("3.0", False),
        "0": ("0", True),
        "0.4": ("0.4", True),
        "2.5": ("2.5", True),
        "-3": ("-3", True),
        "absent": ("", True),
    },
)
@pytest.mark.parametrize("scope", SCOPES)
def test_waste_is_billed_in_whole_units(claim_type: ClaimType, units: str, fires: bool, scope: str) -> None:
    claim = of(claim_type, GIVEN, attrs.evolve(DISCARDED, units=units), filing=SCOPES[scope])
    assert_finds(claim, "JWJZ05", *([("reject", 2, "units")] if fires else []))


@each_type
def test_given_units_need_not_be_whole_for_jwjz05(claim_type: ClaimType) -> None:
    assert_finds(of(claim_type, attrs.evolve(GIVEN, units="68.3"), DISCARDED), "JWJZ05")


@each_type
def test_units_that_cannot_be_read_are_not_checked(claim_type: ClaimType) -> None:
    element = "SV104" if claim_type == "837P" else "SV205"
    claim = of(claim_type, GIVEN, attrs.evolve(DISCARDED, units="three"))
    assert_not_checked(claim, "JWJZ05", f"{element} is not a number")
    alone = of(claim_type, drug_line(units="many", modifiers=("JW",)))
    assert_not_checked(alone, "JWJZ14", f"{element} is not a number")


@each_type
@each(
    ("given", "wasted", "fires"),
    {
        "on both lines": (("TB",), ("JW", "TB"), False),
        "on none": ((), ("JW",), False),
        "not on the JW line": (("TB",), ("JW",), True),
        "on the JW line alone": ((), ("JW", "TB"), True),
        "of Medicaid": (("UD",), ("JW",), True),
        "other modifiers": (("KX",), ("JW",), False),
    },
)
def test_the_340b_modifier_stands_on_both_lines(
    claim_type: ClaimType, given: tuple[str, ...], wasted: tuple[str, ...], fires: bool
) -> None:
    claim = with_line(with_line(waste_claim(claim_type), 1, modifiers=given), 2, modifiers=wasted)
    assert_finds(claim, "JWJZ12", *([("warn", 2, "modifier 1")] if fires else []))


MULTIPLE_DOSE = "55513028310"
"""A vial of epoetin for several doses."""


@each_type
def test_jw_on_a_multiple_dose_vial_is_removed_not_replaced_by_jz(claim_type: ClaimType) -> None:
    claim = of(claim_type, LineSpec("J0885", ("EC", "JW"), 2, ndc=MULTIPLE_DOSE))
    assert [item.code for item in scrub_one(claim, "JWJZ04", "JWJZ09", "JWJZ14").findings] == ["JWJZ09"]
