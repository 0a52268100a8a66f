"""Administration codes and the drug: missing drug, route, hours, pointers, home."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    adding,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_lines,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, each, each_type

NEXT_DAY = date(2026, 10, 6)


def of(claim_type: ClaimType, *lines: LineSpec, **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, lines=lines), **changes)


@each_type
@each(
    ("lines", "fires"),
    {
        "infusion alone": ((LineSpec("96365"),), True),
        "complex infusion alone": ((LineSpec("96413"),), True),
        "with a drug": ((drug_line(), LineSpec("96365")), False),
        "with a drug that the tables do not know": ((LineSpec("J1885"), LineSpec("96365")), False),
        "with a Q code": ((LineSpec("Q5103"), LineSpec("96365")), False),
        "with a temporary code": ((LineSpec("C9086", revenue_code="0510"), LineSpec("96365")), False),
        "an injection alone": ((LineSpec("96372"),), False),
    },
)
def test_an_infusion_needs_a_drug(claim_type: ClaimType, lines: tuple[LineSpec, ...], fires: bool) -> None:
    assert_finds(of(claim_type, *lines), "ADM03", *([("warn", 1, "procedure")] if fires else []))


@each(
    "change",
    {
        "white bagging": {"note": "WHITE BAGGED BY SPECIALTY PHARMACY"},
        "free drug": {"note": "FREE DRUG FROM MANUFACTURER"},
        "no charge": {"note": "NO CHARGE DRUG"},
        "sample": {"note": "SAMPLE DRUG USED"},
        "a pharmacy's drug": {"note": "MEDICATION FURNISHED BY PHARMACY"},
        "the patient's drug": {"note": "DRUG PURCHASED BY PATIENT"},
        "a trial": {"diagnoses": ("M3219", "Z006")},
        "a trial by modifier": {"lines": (LineSpec("96413", ("Q1",)),)},
    },
)
def test_a_drug_that_the_provider_did_not_buy_is_for_information(change: dict[str, Any]) -> None:
    assert_finds(attrs.evolve(of("837P", LineSpec("96413"), filing="CI"), **change), "ADM03", ("info", 1, "procedure"))


def test_a_note_about_something_else_is_not_about_the_drug() -> None:
    claim = attrs.evolve(of("837P", LineSpec("96413"), filing="CI"), note="INFUSION PROVIDED BY RN")
    assert_finds(claim, "ADM03", ("warn", 1, "procedure"))


def test_a_pharmacy_revenue_code_is_a_drug_too() -> None:
    assert_finds(of("837I", LineSpec("96365"), LineSpec("", revenue_code="0250", charge=50)), "ADM03")


@each_type
@pytest.mark.parametrize("code", ["96372", "96374"])
@each(
    ("others", "fires"),
    {
        "beside belimumab": ((), True),
        "beside its infusion": ((LineSpec("96365"),), True),
        "with another drug that was injected": ((LineSpec("J1885"),), False),
    },
)
def test_an_injection_does_not_fit_belimumab(
    claim_type: ClaimType, code: str, others: tuple[LineSpec, ...], fires: bool
) -> None:
    claim = of(claim_type, drug_line(), LineSpec(code), *others)
    assert_finds(claim, "ADM07", *([("warn", 2, "procedure")] if fires else []))


@each_type
def test_an_injection_on_another_day_or_with_another_drug_is_no_matter(claim_type: ClaimType) -> None:
    assert_finds(of(claim_type, drug_line(), LineSpec("96372", dates=NEXT_DAY)), "ADM07")
    other_drug = LineSpec("J1885", dates=NEXT_DAY)
    assert_finds(of(claim_type, other_drug, LineSpec("96372", dates=NEXT_DAY)), "ADM07")


@each_type
@pytest.mark.parametrize(
    "drug", [drug_line("J0491", 300), LineSpec("J1745", ("JZ",), 40), LineSpec("J9312", ("JZ",), 50)]
)
def test_an_injection_fits_no_drug_that_is_infused(claim_type: ClaimType, drug: LineSpec) -> None:
    assert_finds(of(claim_type, drug, LineSpec("96372")), "ADM07", ("warn", 2, "procedure"))


@each_type
@each(
    ("ndc", "administration", "fires"),
    {
        "a vial is infused": ("00003218713", "96365", False),
        "a vial is not injected": ("00003218713", "96372", True),
        "a vial may not be pushed, but who knows": ("00003218713", "96374", False),
        "a syringe is injected": ("00003218811", "96372", False),
        "a syringe is not infused": ("00003218811", "96365", True),
        "no NDC": ("", "96372", False),
    },
)
def test_the_product_decides_if_a_code_has_both(
    claim_type: ClaimType, ndc: str, administration: str, fires: bool
) -> None:
    abatacept = LineSpec("J0129", ("JZ",), 25, ndc=ndc)
    assert_finds(of(claim_type, abatacept, LineSpec(administration)), "ADM07", *([("warn", 2, "procedure")] * fires))


def test_an_infusion_does_not_fit_a_drug_that_is_injected() -> None:
    hycela = LineSpec("J9311", ("JZ",), 140)
    assert_finds(of("837P", hycela, LineSpec("96401")), "ADM07")
    assert_finds(of("837P", hycela, LineSpec("96413")), "ADM07", ("warn", 2, "procedure"))


@each_type
@each(
    ("given", "wasted", "code", "severity"),
    {
        "stopped at once": (16, 64, LineSpec("96374"), "info"),
        "nearly all of it pushed": (72, 8, LineSpec("96374"), "warn"),
        "a push under its modifier": (72, 8, LineSpec("96374", ("53",)), "info"),
    },
)
def test_a_stopped_infusion_is_coded_as_a_push(
    claim_type: ClaimType, given: int, wasted: int, code: LineSpec, severity: str
) -> None:
    claim = of(claim_type, *waste_lines(given, wasted), code)
    assert_finds(claim, "ADM07", (severity, 3, "procedure"))


@each_type
def test_an_additional_hour_with_belimumab_is_reported(claim_type: ClaimType) -> None:
    claim = adding(infusion_claim(claim_type), LineSpec("96366"))
    assert_finds(claim, "ADM08", ("info", 3, "procedure"))
    assert_finds(with_line(claim, 3, dates=NEXT_DAY), "ADM08")
    short = of(claim_type, drug_line("J0491", 300), LineSpec("96365"), LineSpec("96366"))
    assert_finds(short, "ADM08", ("info", 3, "procedure"))
    assert_finds(of(claim_type, LineSpec("J1745", ("JZ",), 40), LineSpec("96413"), LineSpec("96415")), "ADM08")


@each(
    ("drug", "infusion", "fires"),
    {
        "the same": ((1, 2), (1, 2), False),
        "the same in another order": ((1, 2), (2, 1), False),
        "fewer": ((1, 2), (1,), True),
        "others": ((1,), (2,), True),
    },
)
def test_drug_and_infusion_point_to_the_same_diagnoses(
    drug: tuple[int, ...], infusion: tuple[int, ...], fires: bool
) -> None:
    claim = of("837P", drug_line(pointers=drug), LineSpec("96365", pointers=infusion))
    assert_finds(claim, "ADM09", *([("info", 2, "pointer 1")] if fires else []))


def test_an_837i_has_no_pointers_to_compare() -> None:
    assert_finds(infusion_claim("837I"), "ADM09")


@pytest.mark.parametrize("scope", SCOPES)
def test_office_infusion_codes_at_home(scope: str) -> None:
    severity = "info" if scope in ("ffs", "ffs-a") else "warn"
    claim = infusion_claim("837P", filing=SCOPES[scope], facility_code="12")
    assert_finds(claim, "ADM10", (severity, 2, "procedure"))
    assert_finds(with_line(claim, 2, place_of_service="11"), "ADM10")
    assert_finds(infusion_claim("837P", filing=SCOPES[scope]), "ADM10")


def test_a_bill_type_that_begins_with_12_is_no_home() -> None:
    assert_finds(infusion_claim("837I", facility_code="12"), "ADM10")


@each_type
@pytest.mark.parametrize("code", ["ADM02", "ADM07", "ADM08", "ADM09", "ADM10"])
def test_administration_edits_are_silent_without_an_infused_drug(claim_type: ClaimType, code: str) -> None:
    lines = (LineSpec("99213"), LineSpec("96366", units=9), LineSpec("96365"), LineSpec("96413"), LineSpec("96372"))
    assert_finds(attrs.evolve(visit_claim(claim_type, lines=lines), facility_code="12"), code)


@each_type
@each(
    ("drug", "administration", "fires"),
    {
        "immune globulin under the skin, infused into a vein": (LineSpec("J1559", ("JZ",), 100), "96365", True),
        "immune globulin under the skin": (LineSpec("J1559", ("JZ",), 100), "96369", False),
        "drug for the eye, injected under the skin": (LineSpec("J0178", ("JZ",), 2), "96372", True),
        "drug for the eye, infused": (LineSpec("J0178", ("JZ",), 2), "96365", True),
        "drug for the eye": (LineSpec("J0178", ("JZ",), 2), "67028", False),
        "drug for the muscle, infused": (LineSpec("J2353", ("JZ",), 30), "96365", True),
        "drug for the muscle": (LineSpec("J2353", ("JZ",), 30), "96372", False),
    },
)
def test_a_drug_that_is_not_for_the_vein(
    claim_type: ClaimType, drug: LineSpec, administration: str, fires: bool
) -> None:
    claim = of(claim_type, drug, LineSpec(administration, revenue_code="0510"))
    assert_finds(claim, "ADM07", *([("warn", 2, "procedure")] if fires else []))
