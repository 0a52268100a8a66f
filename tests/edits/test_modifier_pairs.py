"""Modifiers that contradict each other."""

import pytest

from scrubber.reference import shipped
from scrubber.reference.billing import Contradiction
from scrubber.testing import ClaimType, LineSpec, drug_line, infusion_claim, with_line
from tests.edits.judging import answers, everywhere, severities
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
def test_modifiers_that_contradict_each_other(
    claim_type: ClaimType, modifiers: tuple[str, ...], number: int | None
) -> None:
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
