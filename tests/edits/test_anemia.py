"""Drugs that raise red cells: the cause of the anemia, and the blood count."""

import attrs
import pytest

from scrubber.testing import ClaimType, LineSpec, infusion_claim
from tests.edits.judging import answers, scoped, severities
from tests.scrubbing import each, each_type


def at(claim_type: ClaimType, number: int) -> str:
    return f"{'SV101' if claim_type == '837P' else 'SV202'}-{number + 2}"


def anemia(code: str, modifiers: tuple[str, ...]) -> LineSpec:
    return LineSpec(code, modifiers, revenue_code="0636")


@each_type
@each(
    ("code", "modifiers", "number"),
    {
        "darbepoetin without": ("J0881", ("JZ",), 1),
        "epoetin without": ("J0885", (), 1),
        "its biosimilar without": ("Q5106", ("JZ",), 1),
        "with two": ("J0881", ("EA", "JZ", "EC"), 3),
        "chemotherapy": ("J0881", ("EA", "JZ"), None),
        "radiotherapy, in the second place": ("J0885", ("JZ", "EB"), None),
        "another cause": ("Q5106", ("EC",), None),
        "for dialysis": ("Q5105", (), None),
        "another drug": ("J0490", ("JZ",), None),
    },
)
def test_cause_of_the_anemia(claim_type: ClaimType, code: str, modifiers: tuple[str, ...], number: int | None) -> None:
    claim = infusion_claim(claim_type, lines=(anemia(code, modifiers), LineSpec("96372")))
    assert answers(claim, "MOD08") == ([("reject", 1, at(claim_type, number))] if number else [])
    if number:
        assert severities(claim, "MOD08") == scoped("reject", "warn", None, None)


@pytest.mark.parametrize("bill_type", ["11", "72", "71"])
def test_silent_where_drugs_are_paid_together(bill_type: str) -> None:
    claim = infusion_claim("837I", lines=(anemia("J0885", ()),))
    assert answers(attrs.evolve(claim, facility_code=bill_type), "MOD08") == []


DRUG = LineSpec("J0881", ("EA", "JZ"), revenue_code="0636")


@each(
    ("line", "fires"),
    {
        "hemoglobin": (attrs.evolve(DRUG, extra=("MEA*TR*R1*9.8",)), False),
        "hematocrit": (attrs.evolve(DRUG, extra=("MEA*TR*R2*29.5",)), False),
        "another result": (attrs.evolve(DRUG, extra=("MEA*TR*R3*1",)), True),
        "a height": (attrs.evolve(DRUG, extra=("MEA*OG*HT*170",)), True),
        "none": (DRUG, True),
        "none, what was discarded": (attrs.evolve(DRUG, modifiers=("EA", "JW")), False),
        "another drug": (LineSpec("J0897"), False),
    },
)
def test_blood_count_of_a_professional(line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(lines=(line, LineSpec("96372")))
    assert answers(claim, "LAB01") == ([("warn", 1, "SV101-2")] if fires else [])
    if fires:
        assert severities(claim, "LAB01") == scoped("warn", None, None, None)


@each(
    ("codes", "facility", "fires"),
    {
        "hemoglobin": (("HI*BE:48:::9.8",), "13", False),
        "hematocrit beside the weight": (("HI*BE:A8:::70*BE:49:::29.5",), "85", False),
        "none": ((), "13", True),
        "an occurrence of that number": (("HI*BH:48:D8:20261001",), "13", True),
        "dialysis": ((), "72", False),
        "inpatient": ((), "11", False),
    },
)
def test_blood_count_of_a_hospital(codes: tuple[str, ...], facility: str, fires: bool) -> None:
    claim = infusion_claim("837I", lines=(DRUG, DRUG, LineSpec("96372")), extra=codes, facility_code=facility)
    assert answers(claim, "LAB01") == ([("warn", 1, "SV202-2")] if fires else [])
