"""Lines of one drug taken together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from scrubber.claims.doses import doses, in_units, numbers
from scrubber.testing import OTHER_RENDERING_NPI, LineSpec, build, infusion_claim, waste_lines
from tests.scrubbing import each
from tests.test_testing_builder import read

GIVEN, DISCARDED = waste_lines()


def test_given_and_discarded_lines_of_one_day_are_one_dose_for_all_rendering_providers_of_a_group() -> None:
    partner = LineSpec("J0490", rendering_npi=OTHER_RENDERING_NPI)
    later = LineSpec("J0490", dates=date(2026, 10, 6))
    lines = (GIVEN, LineSpec("96365"), DISCARDED, partner, LineSpec("J0491"), later)
    (claim,) = read(build([infusion_claim(lines=lines)]))
    first, second, third = doses(claim, frozenset({"J0490", "J0491"}))
    assert [line.number for line in first.administered] == [1, 4]
    assert [line.number for line in first.discarded] == [3]
    assert [line.number for line in third.lines] == [6]
    assert (first.procedure, second.procedure) == ("J0490", "J0491")


@each(
    ("amount", "expected"),
    {
        "one": (1, "1 unit"),
        "one, written long": (Decimal("1.0"), "1.0 unit"),
        "none": (0, "0 units"),
        "many": (Decimal("80"), "80 units"),
        "a part": (Decimal("0.5"), "0.5 units"),
    },
)
def test_units_for_a_message(amount: Decimal | int, expected: str) -> None:
    assert in_units(amount) == expected


def test_line_numbers_for_a_message() -> None:
    (claim,) = read(build([infusion_claim(lines=(GIVEN,) * 40)]))
    lines = claim.lines
    assert numbers(lines[:1]) == "line 1"
    assert numbers(lines[:2]) == "lines 1 and 2"
    assert numbers(lines[:6]) == "lines 1, 2, 3, 4, 5 and 6"
    assert numbers(lines[:7]) == "lines 1, 2, 3, 4, 5 and 2 more"
    assert numbers(lines) == "lines 1, 2, 3, 4, 5 and 35 more"
