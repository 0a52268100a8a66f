"""Drugs that Medicare counts as self-administered."""

from datetime import date

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.testing import ClaimType, LineSpec, infusion_claim
from tests.edits.judging import answers, scoped, severities
from tests.scrubbing import each, each_type

SYRINGE, VIAL = "50242013801", "50242013701"
"""Tocilizumab for the skin, and for a vein."""


@each_type
@each(
    ("drug", "fires"),
    {
        "always": (LineSpec("J3357", ("JZ",), 90), True),
        "with the modifier for the skin": (LineSpec("J0129", ("JB", "JZ"), 13), True),
        "of a syringe": (LineSpec("J3262", ("JZ",), 162, ndc=SYRINGE, ndc_quantity="0.9", ndc_unit="ML"), True),
        "of a vial": (LineSpec("J3262", ("JZ",), 400, ndc=VIAL, ndc_quantity=20, ndc_unit="ML"), False),
        "with the modifier for a vein": (LineSpec("J0129", ("JA", "JZ"), 75), False),
        "of an unknown product": (LineSpec("J0129", ("JZ",), 75), False),
        "excluded by law": (LineSpec("J3357", ("GY",), 90), False),
        "another drug": (LineSpec("J0897", ("JZ",), 60), False),
    },
)
def test_by_drug_and_route(claim_type: ClaimType, drug: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, lines=(drug, LineSpec("96372")), diagnoses=("M0579",))
    place = "SV101-2" if claim_type == "837P" else "SV202-2"
    assert answers(claim, "SAD01") == ([("warn", 1, place)] if fires else [])
    if fires:
        assert severities(claim, "SAD01") == scoped("warn", "info", None, None)


@pytest.mark.parametrize("code", sorted(shipped().family("self_administered")))
def test_each_is_read(code: str) -> None:
    claim = infusion_claim(lines=(LineSpec(code),))
    assert len(answers(claim, "SAD01")) == 1
    then = attrs.evolve(claim, lines=(LineSpec(code, dates=date(2021, 4, 4)),))
    assert answers(then, "SAD01") == []


@pytest.mark.parametrize("code", sorted(shipped().family("self_administered_under_the_skin")))
def test_each_for_the_skin_is_read(code: str) -> None:
    assert len(answers(infusion_claim(lines=(LineSpec(code, ("JB",)),)), "SAD01")) == 1


def test_silent_in_a_stay() -> None:
    claim = infusion_claim("837I", lines=(LineSpec("J3357", (), 90),), facility_code="11")
    assert answers(claim, "SAD01") == []
