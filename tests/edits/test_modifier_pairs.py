"""Modifiers that contradict each other, or stand on a code that they do not fit."""

from datetime import date

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


@each_type
@each(
    ("lines", "found"),
    {
        "on an infusion": ((drug_line(), LineSpec("96365", ("25",))), [2]),
        "on a drug": ((drug_line(modifiers=("JZ", "25")), LineSpec("96365")), [1]),
        "on an injection": ((LineSpec("96372", ("25",)),), [1]),
        "on a visit": ((drug_line(), LineSpec("96365"), LineSpec("99214", ("25",))), []),
        "on a visit by a nurse at home": ((drug_line(), LineSpec("99601", ("59",))), []),
        "another modifier": ((drug_line(), LineSpec("96365", ("59",))), []),
    },
)
def test_the_modifier_of_a_visit_on_another_service(
    claim_type: ClaimType, lines: tuple[LineSpec, ...], found: list[int]
) -> None:
    claim = infusion_claim(claim_type, lines=lines)
    assert [line for _, line, _ in answers(claim, "MOD10")] == found
    if found:
        assert severities(claim, "MOD10") == everywhere("warn")


COMPLEXITY, SEPARATE_VISIT = LineSpec("G2211"), LineSpec("99214", ("25",))


@each(
    ("lines", "fires"),
    {
        "beside a separate visit": ((drug_line(), LineSpec("96365"), SEPARATE_VISIT, COMPLEXITY), True),
        "beside an injection": ((LineSpec("96372"), SEPARATE_VISIT, COMPLEXITY), True),
        "beside a visit alone": ((LineSpec("99214"), COMPLEXITY), False),
        "beside a visit without 25": ((drug_line(), LineSpec("96365"), LineSpec("99214"), COMPLEXITY), False),
        "with a vaccination": ((LineSpec("96372"), SEPARATE_VISIT, COMPLEXITY, LineSpec("G0008")), False),
        "with a vaccine": ((LineSpec("96372"), SEPARATE_VISIT, COMPLEXITY, LineSpec("90662")), False),
        "infused on another day": (
            (LineSpec("96365", dates=date(2026, 10, 6)), SEPARATE_VISIT, COMPLEXITY),
            False,
        ),
    },
)
def test_complexity_beside_a_separate_visit(lines: tuple[LineSpec, ...], fires: bool) -> None:
    claim = infusion_claim(lines=lines)
    number = lines.index(COMPLEXITY) + 1 if COMPLEXITY in lines else None
    assert answers(claim, "MOD11") == ([("warn", number, "SV101-2")] if fires else [])
    if fires:
        assert severities(claim, "MOD11") == scoped("warn", "info", None, None)


def test_a_vaccination_counts_since_2025() -> None:
    lines = [LineSpec("96372"), SEPARATE_VISIT, COMPLEXITY, LineSpec("G0008")]
    then = tuple(attrs.evolve(line, dates=date(2024, 10, 7)) for line in lines)
    assert len(answers(infusion_claim(lines=then), "MOD11")) == 1


@pytest.mark.parametrize("code", sorted(shipped().family("preventive_services")))
def test_each_preventive_service_is_read(code: str) -> None:
    assert answers(infusion_claim(lines=(LineSpec("96372"), SEPARATE_VISIT, COMPLEXITY, LineSpec(code))), "MOD11") == []
