"""Modifiers that contradict each other, and the cause of the anemia on drugs that raise red cells."""

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.reference.billing import Contradiction
from scrubber.testing import ClaimType, LineSpec, drug_line, infusion_claim, with_line
from tests.edits.judging import answers, everywhere, scoped, severities
from tests.scrubbing import each, each_type


def at(claim_type: ClaimType, number: int) -> str:
    return f"{'SV101' if claim_type == '837P' else 'SV202'}-{number + 2}"


@each_type
@each(
    ("modifiers", "number"),
    {
        "excepted and not": (("JZ", "PO", "PN"), 3),
        "with a notice and without": (("GA", "JZ", "GZ"), 3),
        "a notice that is required and voluntary": (("GX", "GA", "JZ"), 2),
        "both routes": (("JB", "JA", "JZ"), 2),
        "one of each pair": (("PO", "GA", "JA", "JZ"), None),
        "excluded, with a voluntary notice": (("GX", "GY", "JZ"), None),
        "twice the same": (("PO", "PO", "JZ"), None),
        "none": ((), None),
    },
)
def test_contradiction(claim_type: ClaimType, modifiers: tuple[str, ...], number: int | None) -> None:
    claim = with_line(infusion_claim(claim_type), 1, modifiers=modifiers)
    assert answers(claim, "MOD07") == ([("warn", 1, at(claim_type, number))] if number else [])
    if number:
        assert severities(claim, "MOD07") == everywhere("warn")


def test_modifiers_of_two_lines_do_not_contradict_each_other() -> None:
    claim = infusion_claim(lines=(drug_line(modifiers=("PO", "JZ")), LineSpec("96365", ("PN",))))
    assert answers(claim, "MOD07") == []


@pytest.mark.parametrize("row", shipped().contradictions, ids=lambda row: " ".join(row.modifiers))
def test_each_row_is_read(row: Contradiction) -> None:
    claim = infusion_claim(lines=(drug_line(), LineSpec("96365", row.modifiers[:2])))
    assert answers(claim, "MOD07") == [("warn", 2, "SV101-4")]


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
