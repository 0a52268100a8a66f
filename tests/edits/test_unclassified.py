"""Unclassified drug codes: description, dose, NDC, units, administration."""

from datetime import date

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_120,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
)
from tests.edits.judging import answers, everywhere, reasons, scoped, severities
from tests.edits.unclassified_claims import COMPOUNDED, INFUSION, J3490, claim_of, drug, place
from tests.scrubbing import each, each_type

CODES = ("NOC01", "NOC02", "NOC03", "NOC04", "NOC05", "NOC06", "NOC08", "NOC09", "NOC10")


@each_type
@pytest.mark.parametrize("code", CODES)
def test_silent_on_a_sound_line_and_on_other_claims(claim_type: ClaimType, code: str) -> None:
    assert answers(claim_of(claim_type), code) == []
    assert answers(infusion_claim(claim_type), code) == []
    assert answers(visit_claim(claim_type), code) == []


@pytest.mark.parametrize("code", CODES)
def test_silent_on_voids(code: str) -> None:
    line = attrs.evolve(J3490, description="", ndc=None, units=3)
    claim = claim_of("837P", line, frequency="8", payer_claim_control_number="ICN1")
    assert answers(claim, code) == []


@each_type
@pytest.mark.parametrize("procedure", ["J3490", "J3590", "J9999", "J7999", "C9399"])
def test_no_description(claim_type: ClaimType, procedure: str) -> None:
    claim = drug(claim_type, procedure=procedure, description="")
    medicare = "warn" if claim_type == "837I" and procedure != "C9399" else "reject"
    assert answers(claim, "NOC01") == [(medicare, 1, place(claim_type, 7))]
    assert severities(claim, "NOC01") == scoped(medicare, "warn", "reject", "warn")
    assert answers(drug(claim_type, procedure=procedure, description="   "), "NOC01") != []


def test_the_billing_note_of_an_837i_describes_the_drug() -> None:
    note = "INVENTAMAB 500 MG"
    assert answers(attrs.evolve(drug("837I", description=""), note=note), "NOC01") == []
    assert answers(attrs.evolve(drug("837P", description=""), note=note), "NOC01") != []
    assert answers(attrs.evolve(drug("837I", description=""), note="INVENTAMAB"), "NOC02") == [("warn", None, "NTE02")]


@each_type
@each(
    ("description", "fires"),
    {
        "milligrams": ("INVENTAMAB 500 MG", False),
        "no space": ("INVENTAMAB 500MG", False),
        "micrograms": ("DRUG 25 mcg IV", False),
        "grams": ("DRUG 2 G", False),
        "millilitres": ("DRUG 1.5 ML", False),
        "units": ("DRUG 5,000 UNITS", False),
        "international units": ("DRUG 400IU", False),
        "none (NOC01 says it)": ("", False),
        "name alone": ("INVENTAMAB", True),
        "a number alone": ("INVENTAMAB 500", True),
        "a word that begins like a unit": ("DRUG 5 MGMT", True),
        "a unit alone": ("INVENTAMAB MG", True),
        "a concentration": ("DRUG 10 MG/ML", True),
        "a concentration in words": ("DRUG 10 MG PER ML", True),
        "a dose and a concentration": ("DRUG 500 MG (10 MG/ML)", True),
        "a concentration in several millilitres": ("DRUG 100 MG/10 ML", True),
    },
)
def test_a_description_without_a_dose(claim_type: ClaimType, description: str, fires: bool) -> None:
    expected = [("warn", 1, place(claim_type, 7))] if fires else []
    assert answers(drug(claim_type, description=description), "NOC02") == expected


@each_type
def test_dose_by_scope_and_for_compounded_drugs(claim_type: ClaimType) -> None:
    assert severities(drug(claim_type, description="INVENTAMAB"), "NOC02") == everywhere("warn")
    compounded = drug(claim_type, procedure="J7999", description="DRUG 10 MG/ML")
    assert answers(attrs.evolve(compounded, filing="CI"), "NOC02") == []
    without = drug(claim_type, procedure="J7999", description="DRUG")
    assert answers(attrs.evolve(without, filing="CI"), "NOC02") != []


@each_type
def test_an_unclassified_drug_without_an_ndc(claim_type: ClaimType) -> None:
    claim = drug(claim_type, ndc=None, ndc_quantity=None, ndc_unit=None)
    assert answers(claim, "NOC03") == [("reject", 1, "LIN03")]
    madv = "info" if claim_type == "837I" else "warn"
    assert severities(claim, "NOC03") == scoped("reject", madv, "reject", "warn")


@pytest.mark.parametrize("procedure", ["J3490", "J3590", "J9999", "J7999"])
def test_what_medicare_packages_for_a_hospital_needs_no_ndc_dose_units_or_administration(procedure: str) -> None:
    bare = attrs.evolve(J3490, procedure=procedure, ndc=None, ndc_quantity=None, ndc_unit=None, units=2)
    claim = claim_of("837I", attrs.evolve(bare, description="INVENTAMAB"))
    for code in ("NOC02", "NOC03", "NOC04", "NOC08"):
        assert answers(claim, code) == []
        assert answers(attrs.evolve(claim, filing="MC"), code) != []


@pytest.mark.parametrize("facility", ["11", "18", "21", "71", "77"])
@pytest.mark.parametrize("filing", ["MA", "MC"])
def test_where_no_drug_is_paid_by_the_line_nothing_is_asked_of_it(facility: str, filing: str) -> None:
    bare = attrs.evolve(J3490, description="", ndc=None, ndc_quantity=None, ndc_unit=None, units=2)
    claim = claim_of("837I", bare, filing=filing, facility_code=facility)
    coded = claim_of("837I", attrs.evolve(J3490, ndc=BENLYSTA_120), filing=filing, facility_code=facility)
    for code in ("NOC01", "NOC02", "NOC03", "NOC04", "NOC05", "NOC08", "NOC09"):
        assert answers(claim, code) == []
        assert answers(coded, code) == []


@each_type
@each(
    ("units", "fires"), {"1": (1, False), "1.0": ("1.0", False), "2": (2, True), "0": (0, True), "0.5": ("0.5", True)}
)
def test_an_unclassified_drug_has_one_unit(claim_type: ClaimType, units: int | str, fires: bool) -> None:
    claim = drug(claim_type, units=units)
    assert answers(claim, "NOC04") == ([("warn", 1, "SV104" if claim_type == "837P" else "SV205")] if fires else [])
    if fires:
        assert severities(claim, "NOC04") == scoped("warn", "info", "info", "info")


def test_malformed_units_are_not_checked() -> None:
    assert reasons(drug("837P", units="1A"), "NOC04") == ["SV104 is not a number"]


@each_type
@each(
    ("lines", "fires"),
    {
        "infused": ((J3490, INFUSION), False),
        "injected": ((J3490, LineSpec("96372")), False),
        "pushed": ((J3490, LineSpec("96374")), False),
        "during surgery": ((J3490, LineSpec("67028", revenue_code="0510")), False),
        "alone": ((J3490,), True),
        "beside a visit": ((J3490, LineSpec("99213", revenue_code="0510")), True),
        "on another day": ((J3490, LineSpec("96372", dates=date(2026, 10, 8), revenue_code="0510")), True),
        "what was discarded": ((attrs.evolve(J3490, modifiers=("JW",)),), False),
    },
)
def test_without_administration(claim_type: ClaimType, lines: tuple[LineSpec, ...], fires: bool) -> None:
    code = "C9399" if claim_type == "837I" else "J3490"  # which Medicare does not package
    claim = claim_of(claim_type, *(attrs.evolve(lines[0], procedure=code), *lines[1:]))
    assert answers(claim, "NOC08") == ([("warn", 1, place(claim_type, 2))] if fires else [])
    if fires:
        assert severities(claim, "NOC08") == everywhere("warn")


def test_administration_elsewhere() -> None:
    assert answers(claim_of("837P", J3490, facility_code="12"), "NOC08") == []
    at_home = attrs.evolve(J3490, place_of_service="12")
    assert answers(claim_of("837P", at_home), "NOC08") == []
    infused = LineSpec("", revenue_code="0260", charge=100)
    assert answers(claim_of("837I", J3490, infused, filing="CI"), "NOC08") == []


@each(
    ("amount", "facility", "own", "fires"),
    {
        "zero": ("0", "11", "", True),
        "one cent": ("0.01", "11", "", True),
        "two cents": ("0.02", "11", "", False),
        "elsewhere": ("0", "22", "", False),
        "line in the office": ("0", "22", "11", True),
        "line elsewhere": ("0", "11", "22", False),
    },
)
def test_a_token_charge_for_an_unclassified_drug(amount: str, facility: str, own: str, fires: bool) -> None:
    line = attrs.evolve(J3490, charge=amount, place_of_service=own)
    claim = claim_of("837P", line, INFUSION, facility_code=facility)
    assert answers(claim, "NOC10") == ([("info", 1, "SV102")] if fires else [])
    assert answers(attrs.evolve(claim, type="837I", facility_code="13"), "NOC10") == []
    if fires:
        assert severities(claim, "NOC10") == everywhere("info")


def test_a_drug_next_to_it_is_left_alone() -> None:
    claim = claim_of("837P", J3490, drug_line(), INFUSION)
    assert all(answers(claim, code) == [] for code in CODES)


def test_a_compounded_drug_has_no_ndc_of_its_own() -> None:
    claim = claim_of("837P", COMPOUNDED, LineSpec("67028"))
    assert severities(claim, "NOC03") == scoped(None, "warn", "warn", "warn")


@pytest.mark.parametrize("procedure", ["J1599", "J7199", "J7799", "J8999"])
def test_an_unclassified_code_for_one_kind_of_drug_names_the_drug_too(procedure: str) -> None:
    claim = drug("837P", procedure=procedure, description="", ndc=None)
    assert severities(claim, "NOC01") == scoped("reject", "warn", "reject", "warn")
    assert severities(claim, "NOC03") == everywhere("warn")
    assert answers(drug("837P", procedure=procedure, description="INVENTAMAB"), "NOC02") == [("warn", 1, "SV101-7")]
    assert answers(drug("837P", procedure=procedure, ndc=BENLYSTA_120), "NOC05") == [("reject", 1, "SV101-2")]


def test_an_unclassified_code_for_one_kind_of_drug_may_have_units_and_no_administration() -> None:
    claim = claim_of("837P", attrs.evolve(J3490, procedure="J8999", units=30))
    assert all(answers(claim, code) == [] for code in CODES)


@each(
    ("description", "fires"),
    {
        "spelled out": ("INVENTAMAB 50 MILLIGRAMS", False),
        "international units": ("INVENTAMAB 500 INTERNATIONAL UNITS", False),
        "for each kilogram": ("INVENTAMAB 10 MG/KG", True),
        "for each kilogram, and in all": ("INVENTAMAB 10 MG/KG 700 MG", False),
        "for each square meter": ("INVENTAMAB 75 MG/M2", True),
    },
)
def test_the_dose_is_the_whole_amount(description: str, fires: bool) -> None:
    found = answers(drug("837P", description=description), "NOC02")
    assert found == ([("warn", 1, "SV101-7")] if fires else [])
