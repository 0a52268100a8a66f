"""Lines of one drug taken together."""

from __future__ import annotations

from scrubber.claims.doses import doses, numbers
from tests.builder import OTHER_RENDERING_NPI, LineSpec, build, infusion_claim, waste_lines
from tests.test_builder import read

GIVEN, DISCARDED = waste_lines()


def test_given_and_discarded_lines_of_one_day_and_provider_are_one_dose() -> None:
    elsewhere = LineSpec("J0490", rendering_npi=OTHER_RENDERING_NPI)
    (claim,) = read(build([infusion_claim(lines=(GIVEN, LineSpec("96365"), DISCARDED, elsewhere, LineSpec("J0491")))]))
    first, second, third = doses(claim, frozenset({"J0490", "J0491"}))
    assert [line.number for line in first.administered] == [1]
    assert [line.number for line in first.discarded] == [3]
    assert [line.number for line in second.lines] == [4]
    assert (first.procedure, third.procedure) == ("J0490", "J0491")


def test_line_numbers_for_a_message() -> None:
    (claim,) = read(build([infusion_claim(lines=(GIVEN,) * 40)]))
    lines = claim.lines
    assert numbers(lines[:1]) == "line 1"
    assert numbers(lines[:2]) == "lines 1 and 2"
    assert numbers(lines[:6]) == "lines 1, 2, 3, 4, 5 and 6"
    assert numbers(lines[:7]) == "lines 1, 2, 3, 4, 5 and 2 more"
    assert numbers(lines) == "lines 1, 2, 3, 4, 5 and 35 more"
