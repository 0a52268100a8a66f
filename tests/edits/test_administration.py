"""Infusion codes for the drug: 96413, and a missing administration."""

from datetime import date

import attrs
import pytest

from scrubber.testing import (
    ClaimType,
    LineSpec,
    drug_line,
    visit_claim,
    waste_lines,
    with_line,
)
from tests.edits.infusions import COMPLEX, DRUG, ELSEWHERE, INFUSION, NEXT_DAY, NEXT_INFUSION, of
from tests.scrubbing import SCOPES, assert_finds, assert_not_checked, each, each_type, scrub_one

LATER = date(2026, 10, 7)


@each_type
@each(
    ("lines", "faults"),
    {
        "96365": ((DRUG, INFUSION), []),
        "96413": ((DRUG, COMPLEX), [2]),
        "96413 before the drug": ((COMPLEX, DRUG), [1]),
        "96413 with its additional hour": ((DRUG, COMPLEX, LineSpec("96415")), [2]),
        "both: ADM05 says more": ((DRUG, INFUSION, COMPLEX), []),
        "96413 of another day": ((DRUG, INFUSION, attrs.evolve(COMPLEX, dates=NEXT_DAY)), []),
        "96365 of another day": ((DRUG, COMPLEX, NEXT_INFUSION), [2]),
        "96413 with anifrolumab": ((drug_line("J0491", 300), COMPLEX), [2]),
        "96413 with infliximab, whose usual code it is": ((LineSpec("J1745", ("JZ",), 40), COMPLEX), []),
        "no administration": ((DRUG,), []),
    },
)
def test_belimumab_under_96413(claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]) -> None:
    assert_finds(of(claim_type, *lines), "ADM01", *[("warn", line, "procedure") for line in faults])


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_96413_is_only_information_under_medicare(claim_type: ClaimType, scope: str) -> None:
    severity = "info" if scope.startswith("ffs") else "warn"
    assert_finds(of(claim_type, DRUG, COMPLEX, filing=SCOPES[scope]), "ADM01", (severity, 2, "procedure"))


@each_type
def test_the_text_on_96413_does_not_condemn_it(claim_type: ClaimType) -> None:
    (finding,) = scrub_one(of(claim_type, DRUG, COMPLEX), "ADM01").findings
    assert "depends on the payer" in finding.message
    assert "not appropriate" not in finding.message + finding.fix


@each_type
@each(
    ("lines", "faults"),
    {
        "with 96365": ((DRUG, INFUSION), []),
        "with 96413": ((DRUG, COMPLEX), []),
        "with 96372": ((DRUG, LineSpec("96372")), []),
        "by another provider": ((DRUG, ELSEWHERE), []),
        "alone": ((DRUG,), [1]),
        "beside a visit": ((LineSpec("99213"), DRUG), [2]),
        "two drugs": ((DRUG, drug_line("J0491", 300)), [1, 2]),
        "two vial sizes are one drug": ((drug_line(units=40), drug_line(units=12)), [1]),
        "waste is no dose": (waste_lines(), [1]),
        "administered two days later": ((DRUG, attrs.evolve(INFUSION, dates=LATER)), [1]),
        "the second day lacks it": ((DRUG, INFUSION, attrs.evolve(DRUG, dates=LATER)), [3]),
        "home infusion by the day": ((DRUG, LineSpec("S9359", ("SS",))), []),
    },
)
def test_a_drug_has_an_administration(claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]) -> None:
    """On the 837I under a revenue code that is not the infusion's, which would stand for the administration."""
    elsewhere = tuple(attrs.evolve(line, revenue_code="0510" if line.ndc is None else None) for line in lines)
    assert_finds(of(claim_type, *elsewhere), "ADM02", *[("warn", line, "procedure") for line in faults])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_missing_administration_is_a_warning_for_every_payer(scope: str) -> None:
    for claim_type in ("837P", "837I"):
        assert_finds(of(claim_type, DRUG, filing=SCOPES[scope]), "ADM02", ("warn", 1, "procedure"))


def test_over_midnight_the_administration_of_a_hospital_may_have_the_next_date() -> None:
    elsewhere = attrs.evolve(NEXT_INFUSION, revenue_code="0510")
    assert_finds(of("837I", DRUG, elsewhere), "ADM02")
    assert_finds(of("837P", DRUG, NEXT_INFUSION), "ADM02", ("warn", 1, "procedure"))


def test_an_infusion_revenue_code_on_another_837i_line_stands_for_the_administration() -> None:
    revenue = LineSpec("", revenue_code="0260", charge=180)
    assert_finds(of("837I", DRUG, revenue), "ADM02")
    assert_finds(of("837I", DRUG, attrs.evolve(revenue, revenue_code="0270")), "ADM02", ("warn", 1, "procedure"))


def test_a_drug_given_at_home_needs_no_administration() -> None:
    assert_finds(of("837P", DRUG, facility_code="12"), "ADM02")
    assert_finds(of("837P", attrs.evolve(DRUG, place_of_service="12")), "ADM02")
    at_clinic = attrs.evolve(DRUG, place_of_service="11")
    assert_finds(of("837P", at_clinic, facility_code="12"), "ADM02", ("warn", 1, "procedure"))


@each(
    ("facility", "fires"),
    {"13": ("13", True), "85": ("85", True), "12": ("12", False), "32": ("32", False), "34": ("34", False)},
)
def test_bill_types_that_report_drugs_alone_need_no_administration(facility: str, fires: bool) -> None:
    claim = of("837I", DRUG, facility_code=facility)
    assert_finds(claim, "ADM02", *([("warn", 1, "procedure")] if fires else []))


@pytest.mark.parametrize("facility", ["11", "18", "21", "71"])
def test_a_stay_pays_no_administration_by_the_line(facility: str) -> None:
    lines = (DRUG, COMPLEX, INFUSION, LineSpec("96366"), LineSpec("96371"))
    for code in ("ADM02", "ADM04", "ADM05"):
        assert_finds(of("837I", *lines, facility_code=facility), code)


@each_type
@pytest.mark.parametrize("code", ["ADM01", "ADM02", "ADM04", "ADM05"])
def test_it_concerns_claims_that_are_no_voids(claim_type: ClaimType, code: str) -> None:
    faults = (COMPLEX, INFUSION, LineSpec("96368", dates=NEXT_DAY))
    if code in ("ADM01", "ADM02"):
        assert_finds(attrs.evolve(visit_claim(claim_type), lines=faults), code)
    void = of(claim_type, DRUG, *faults, attrs.evolve(DRUG, dates=date(2026, 10, 7)))
    assert_finds(attrs.evolve(void, frequency="8", payer_claim_control_number="ICN1"), code)


@each_type
@pytest.mark.parametrize("code", ["ADM01", "ADM02", "ADM04", "ADM05"])
def test_a_date_that_cannot_be_read_is_not_checked(claim_type: ClaimType, code: str) -> None:
    lines: tuple[LineSpec, ...] = (DRUG, COMPLEX, LineSpec("96366"))
    if (claim_type, code) == ("837I", "ADM04"):
        pytest.skip("an encounter is looked at whole, whatever its dates")
    if claim_type == "837I":
        lines = tuple(attrs.evolve(line, revenue_code="0510") for line in lines)
    claim = with_line(of(claim_type, *lines, statement_dates="20261005-20261005"), 2, dates="20260231")
    assert_not_checked(claim, code, "DTP03 is not a date")
