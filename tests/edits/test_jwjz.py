"""JW and JZ: which lines have them, for both claim types, by payer and by date of service."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_400,
    OTHER_RENDERING_NPI,
    SERVICE_DATE,
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    drug_line,
    infusion_claim,
    waste_claim,
    waste_lines,
    with_all_lines,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, assert_not_checked, each, each_type, scrub_one

NEXT_DAY = date(2026, 10, 6)
BARE = drug_line(modifiers=())
GIVEN, DISCARDED = waste_lines()
DEPENDS = "the answer depends on which of them counts"
MANY_DAYS = "The service dates cover several days"


def of(claim_type: ClaimType, lines: tuple[LineSpec, ...], **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, lines=(*lines, LineSpec("96365"))), **changes)


def modified(line: LineSpec, *modifiers: str) -> LineSpec:
    return attrs.evolve(line, modifiers=modifiers)


def undated(claim: ClaimSpec, first: date, last: date) -> ClaimSpec:
    """An 837I whose lines have no dates of their own."""
    return attrs.evolve(with_all_lines(claim, dates=None), statement_dates=(first, last))


@each_type
@each(
    ("lines", "bare"),
    {
        "JZ": ((drug_line(),), []),
        "JZ behind another modifier": ((modified(BARE, "TB", "JZ"),), []),
        "JZ in the fourth place": ((modified(BARE, "TB", "KX", "XE", "JZ"),), []),
        "JW on a line beside it": ((GIVEN, DISCARDED), []),
        "JW line before the given one": ((DISCARDED, GIVEN), []),
        "JW for two vial sizes": ((modified(drug_line(units=40), "TB"), GIVEN, DISCARDED), []),
        "no drug that the tables know": ((LineSpec("J1885"),), []),
        "neither": ((BARE,), [1]),
        "another modifier only": ((modified(BARE, "TB"),), [1]),
        "neither on anifrolumab": ((drug_line("J0491", 300, ()),), [1]),
        "two bare lines": ((drug_line(units=40, modifiers=()), drug_line(units=12, modifiers=())), [1, 2]),
        "one of two lines is bare": ((drug_line(units=40), drug_line(units=12, modifiers=())), [2]),
        "JW of the next day (JWJZ04)": ((GIVEN, attrs.evolve(DISCARDED, dates=NEXT_DAY)), []),
        "JW of weeks later": ((GIVEN, attrs.evolve(DISCARDED, dates=date(2026, 11, 2))), [1]),
        "JW of another drug": ((GIVEN, modified(drug_line("J0491", 300), "JW")), [1]),
        "JW of another provider of the group": (
            (GIVEN, attrs.evolve(DISCARDED, rendering_npi=OTHER_RENDERING_NPI)),
            [],
        ),
        "both of another rendering provider": (
            tuple(attrs.evolve(line, rendering_npi=OTHER_RENDERING_NPI) for line in (GIVEN, DISCARDED)),
            [],
        ),
    },
)
def test_a_single_dose_drug_has_jw_or_jz(claim_type: ClaimType, lines: tuple[LineSpec, ...], bare: list[int]) -> None:
    assert_finds(of(claim_type, lines), "JWJZ01", *[("reject", line, "modifier 1") for line in bare])


OTHER_PAYER = (
    "SBR*S*18*47******MB",
    "OI***Y***Y",
    "NM1*IL*1*BIRCHMERE*BRUNO****MI*9XX0XX0XX77",
    "NM1*PR*2*M*****PI*00002",
)


@each_type
@pytest.mark.parametrize("filing", ["CI", "MC", "16"])
def test_medicare_as_secondary_payer_brings_its_rules_on_waste(claim_type: ClaimType, filing: str) -> None:
    claim = of(claim_type, (BARE,), filing=filing, loops=OTHER_PAYER)
    assert_finds(claim, "JWJZ01", ("reject", 1, "modifier 1"))
    alone = of(claim_type, (DISCARDED,), filing=filing, loops=OTHER_PAYER)
    assert_finds(alone, "JWJZ04", ("reject", 1, "modifier 1"))
    other = (OTHER_PAYER[0].replace("MB", "BL"), *OTHER_PAYER[1:])
    assert_finds(of(claim_type, (BARE,), filing=filing, loops=other), "JWJZ01", ("warn", 1, "modifier 1"))


@each_type
@pytest.mark.parametrize("day", [NEXT_DAY, date(2026, 9, 5)], ids=["a day", "a month"])
@pytest.mark.parametrize("modifiers", [(), ("JZ",)], ids=["unmarked", "JZ"])
def test_a_jw_line_under_another_date_is_to_get_the_date_of_the_dose(
    claim_type: ClaimType, modifiers: tuple[str, ...], day: date
) -> None:
    claim = of(claim_type, (modified(GIVEN, *modifiers), attrs.evolve(DISCARDED, dates=day)))
    scrubbed = assert_finds(claim, "JWJZ04", ("reject", 2, "modifier 1"))
    assert "correct the date of the JW line" in scrubbed.findings[0].fix
    assert ("remove JZ from line 1" in scrubbed.findings[0].fix) is bool(modifiers)
    assert (scrubbed.findings[0].carc, scrubbed.findings[0].rarc) == ("107", None)


PHASES = {
    "2022-12-31": ("", "", ""),
    "2023-01-01": ("info", "info", "info"),
    "2023-06-30": ("info", "info", "info"),
    "2023-07-01": ("warn", "warn", "info"),
    "2023-09-30": ("warn", "warn", "info"),
    "2023-10-01": ("reject", "warn", "info"),
    "2023-12-31": ("reject", "warn", "info"),
    "2024-01-01": ("reject", "warn", "warn"),
    "2026-10-05": ("reject", "warn", "warn"),
}
"""Severity of a missing modifier under Medicare, Medicare Advantage and other payers on the edges of the phases."""


@each_type
@pytest.mark.parametrize(("day", "severities"), PHASES.items(), ids=str)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_missing_modifier_counts_by_payer_and_date_of_service(
    claim_type: ClaimType, day: str, severities: tuple[str, str, str], scope: str
) -> None:
    severity = {"ffs": severities[0], "ffs-a": severities[0], "madv": severities[1]}.get(scope, severities[2])
    claim = with_all_lines(of(claim_type, (BARE,), filing=SCOPES[scope]), dates=date.fromisoformat(day))
    assert_finds(claim, "JWJZ01", *([(severity, 1, "modifier 1")] if severity else []))


@pytest.mark.parametrize("facility", ["11", "12", "13", "18", "21", "71", "77", "83", "85"])
def test_bill_types_that_take_no_waste_modifier_are_left_out(facility: str) -> None:
    wanted = facility in ("12", "13", "83", "85")
    claim = of("837I", (BARE,), facility_code=facility)
    assert_finds(claim, "JWJZ01", *([("reject", 1, "modifier 1")] if wanted else []))


@each_type
def test_a_line_that_medicare_excludes_by_law_needs_no_waste_modifier(claim_type: ClaimType) -> None:
    assert_finds(of(claim_type, (attrs.evolve(BARE, modifiers=("GY",)),)), "JWJZ01")
    assert_finds(of(claim_type, (attrs.evolve(BARE, modifiers=("GZ",)),)), "JWJZ01", ("reject", 1, "modifier 1"))


def test_on_an_837p_the_same_two_digits_are_a_place_of_service() -> None:
    assert_finds(of("837P", (BARE,), facility_code="11"), "JWJZ01", ("reject", 1, "modifier 1"))


@each_type
@pytest.mark.parametrize("code", ["JWJZ01", "JWJZ02", "JWJZ03", "JWJZ04", "JWJZ05", "JWJZ14"])
def test_a_void_is_left_alone(claim_type: ClaimType, code: str) -> None:
    faulty = (BARE, modified(drug_line("J0491", 300), "JW"), modified(DISCARDED, "JW", "JZ"))
    assert_finds(of(claim_type, faulty, frequency="8", payer_claim_control_number="ICN1"), code)


@pytest.mark.parametrize("last", [SERVICE_DATE, NEXT_DAY], ids=["one day", "two days"])
def test_statement_dates_that_agree_give_one_finding(last: date) -> None:
    scrubbed = assert_finds(undated(of("837I", (BARE,)), SERVICE_DATE, last), "JWJZ01", ("reject", 1, "modifier 1"))
    assert (MANY_DAYS in scrubbed.findings[0].message) == (last == NEXT_DAY)


@each(
    ("first", "last"),
    {
        "silent, then info": (date(2022, 12, 31), date(2023, 1, 1)),
        "info, then warn": (date(2023, 6, 30), date(2023, 7, 1)),
        "warn, then reject": (date(2023, 9, 30), date(2023, 10, 1)),
    },
)
def test_statement_dates_that_disagree_are_not_checked(first: date, last: date) -> None:
    assert_not_checked(undated(of("837I", (BARE,)), first, last), "JWJZ01", DEPENDS)


@each_type
def test_a_range_of_service_dates_is_judged_at_both_ends(claim_type: ClaimType) -> None:
    across = (date(2023, 9, 30), date(2023, 10, 1))
    assert_not_checked(with_all_lines(of(claim_type, (BARE,)), dates=across), "JWJZ01", DEPENDS)
    within = (date(2023, 10, 1), date(2023, 10, 2))
    claim = with_all_lines(of(claim_type, (BARE,)), dates=within)
    assert MANY_DAYS in assert_finds(claim, "JWJZ01", ("reject", 1, "modifier 1")).findings[0].message


@each_type
@each(
    ("changes", "reason"),
    {
        "no date at all": ({"dates": None}, "the date of service is missing"),
        "a day that is none": ({"dates": "20261345"}, "DTP03 is not a date"),
    },
)
def test_without_a_date_of_service_jwjz01_is_not_checked(
    claim_type: ClaimType, changes: dict[str, Any], reason: str
) -> None:
    claim = with_line(of(claim_type, (BARE,), statement_dates="unknown"), 1, **changes)
    assert_not_checked(claim, "JWJZ01", reason)


@each_type
@each(
    ("modifiers", "place"),
    {
        "JW": (("JW",), None),
        "JZ": (("JZ",), None),
        "both": (("JW", "JZ"), "modifier 2"),
        "both, JZ first": (("JZ", "JW"), "modifier 2"),
        "both with another between": (("JZ", "TB", "JW"), "modifier 3"),
    },
)
@pytest.mark.parametrize("scope", SCOPES)
def test_jw_and_jz_do_not_stand_on_one_line(
    claim_type: ClaimType, modifiers: tuple[str, ...], place: str | None, scope: str
) -> None:
    claim = of(claim_type, (GIVEN, modified(DISCARDED, *modifiers)), filing=SCOPES[scope])
    assert_finds(claim, "JWJZ02", *([("reject", 2, place)] if place else []))


@each_type
@each(
    ("lines", "places"),
    {
        "JW alone": ((GIVEN, DISCARDED), []),
        "JZ alone": ((drug_line(),), []),
        "JZ beside JW": ((modified(GIVEN, "JZ"), DISCARDED), [(1, "modifier 1")]),
        "JZ as second modifier": ((DISCARDED, modified(GIVEN, "TB", "JZ")), [(2, "modifier 2")]),
        "JZ of another day": ((attrs.evolve(GIVEN, modifiers=("JZ",), dates=NEXT_DAY), DISCARDED), []),
        "JZ of another drug": ((GIVEN, DISCARDED, drug_line("J0491", 300)), []),
        "JZ of another provider of the group": (
            (GIVEN, DISCARDED, attrs.evolve(drug_line(), rendering_npi=OTHER_RENDERING_NPI)),
            [(3, "modifier 1")],
        ),
        "both on one line is JWJZ02": ((modified(GIVEN, "JW", "JZ"),), []),
        "two lines with JZ": (
            (drug_line(units=40), modified(GIVEN, "JZ"), DISCARDED),
            [(1, "modifier 1"), (2, "modifier 1")],
        ),
    },
)
def test_jz_and_jw_contradict_each_other_within_a_dose(
    claim_type: ClaimType, lines: tuple[LineSpec, ...], places: list[tuple[int, str]]
) -> None:
    several = claim_type == "837P" and any(line.rendering_npi for line in lines)
    severity = "warn" if several else "reject"
    assert_finds(of(claim_type, lines), "JWJZ03", *[(severity, line, place) for line, place in places])


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_the_contradiction_counts_most_under_medicare(claim_type: ClaimType, scope: str) -> None:
    severity = "reject" if scope.startswith("ffs") else "warn"
    claim = of(claim_type, (modified(GIVEN, "JZ"), DISCARDED), filing=SCOPES[scope])
    assert_finds(claim, "JWJZ03", (severity, 1, "modifier 1"))


@each_type
def test_lines_that_a_jw_line_may_belong_to_are_taken_together(claim_type: ClaimType) -> None:
    lines = (attrs.evolve(drug_line(units=40), ndc=BENLYSTA_400), modified(GIVEN, "JZ"), DISCARDED)
    scrubbed = scrub_one(of(claim_type, lines), "JWJZ03")
    assert all("lines 1 and 2 are taken together" in finding.message for finding in scrubbed.findings)
    one_partner = scrub_one(of(claim_type, lines[1:]), "JWJZ03")
    assert "taken together" not in one_partner.findings[0].message


@each_type
@each(
    ("lines", "places"),
    {
        "with the given units": ((GIVEN, DISCARDED), []),
        "of another rendering provider": ((GIVEN, attrs.evolve(DISCARDED, rendering_npi=OTHER_RENDERING_NPI)), []),
        "with a given line that has JZ": ((modified(GIVEN, "JZ"), DISCARDED), []),
        "alone": ((DISCARDED,), [(1, "modifier 1")]),
        "alone, JW second": ((modified(DISCARDED, "TB", "JW"),), [(1, "modifier 2")]),
        "given on another day": ((GIVEN, attrs.evolve(DISCARDED, dates=NEXT_DAY)), [(2, "modifier 1")]),
        "given of another drug": ((drug_line("J0491", 300), DISCARDED), [(2, "modifier 1")]),
        "two JW lines of whole vials": (
            (drug_line(units=40, modifiers=("JW",)), drug_line(units=12, modifiers=("JW",))),
            [(1, "modifier 1"), (2, "modifier 1")],
        ),
        "whole vials on the only line is JWJZ14": ((drug_line(units=72, modifiers=("JW",)),), []),
        "both modifiers is JWJZ02": ((modified(DISCARDED, "JW", "JZ"),), []),
    },
)
def test_waste_needs_a_line_for_the_given_units(
    claim_type: ClaimType, lines: tuple[LineSpec, ...], places: list[tuple[int, str]]
) -> None:
    assert_finds(of(claim_type, lines), "JWJZ04", *[("reject", line, place) for line, place in places])


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_waste_alone_by_payer(claim_type: ClaimType, scope: str) -> None:
    severity = "reject" if scope in ("ffs", "ffs-a", "madv") else "warn"
    assert_finds(of(claim_type, (DISCARDED,), filing=SCOPES[scope]), "JWJZ04", (severity, 1, "modifier 1"))


@each_type
def test_a_claim_with_waste_as_it_should_be_has_none_of_these(claim_type: ClaimType) -> None:
    codes = ("JWJZ01", "JWJZ02", "JWJZ03", "JWJZ04", "JWJZ05", "JWJZ14")
    for claim in (waste_claim(claim_type), anifrolumab_claim(claim_type), infusion_claim(claim_type)):
        scrubbed = scrub_one(claim, *codes)
        assert (scrubbed.findings, scrubbed.not_checked, scrubbed.disposition) == ((), (), "clean")


@each_type
@each(
    ("line", "found"),
    {
        "JZ on the drug": (drug_line(), []),
        "JZ on an infusion": (LineSpec("96365", modifiers=("JZ",)), [("warn", 1, "modifier 1")]),
        "JW on a visit": (LineSpec("99213", modifiers=("25", "JW")), [("warn", 1, "modifier 2")]),
        "JZ on a vaccine": (LineSpec("90662", modifiers=("JZ",)), [("warn", 1, "modifier 1")]),
        "JZ on immune globulin for one dose": (LineSpec("90375", modifiers=("JZ",)), []),
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
@pytest.mark.parametrize("scope", SCOPES)
def test_waste_of_an_unclassified_drug_needs_jw(claim_type: ClaimType, scope: str) -> None:
    line = LineSpec("J3490", description="SOMETHING 90 MG, 10 MG WASTED", ndc="00000000001")
    severity = "warn" if scope in ("ffs", "ffs-a") else "info"
    claim = of(claim_type, (line,), filing=SCOPES[scope])
    packaged = claim_type == "837I" and scope in ("ffs", "ffs-a")
    assert_finds(claim, "JWJZ13", *([] if packaged else [(severity, 1, "modifier 1")]))
    assert_finds(of(claim_type, (line, attrs.evolve(line, modifiers=("JW",))), filing=SCOPES[scope]), "JWJZ13")
    assert_finds(of(claim_type, (attrs.evolve(line, description="SOMETHING 90 MG"),)), "JWJZ13")
