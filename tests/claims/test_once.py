"""Answers about a claim are worked out once, and never for another claim."""

from __future__ import annotations

import pytest

from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim
from tests.claims.hierarchy import ADULT, CLAIM, LINE, PROVIDER, good, one

asked: list[str] = []


@once_per_claim
def units_of(claim: Claim, procedures: frozenset[str]) -> int:
    asked.append(claim.claim_id)
    return sum(int(line.units or 0) for line in claim.lines if line.procedure in procedures)


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    asked.clear()


def test_an_answer_is_kept_for_its_claim_and_what_was_given() -> None:
    first, second = good(
        PROVIDER + ADULT + CLAIM.format("A") + LINE + CLAIM.format("B") + LINE.replace("96365", "96413")
    )
    codes = frozenset({"96365"})
    assert [units_of(first, codes), units_of(first, codes), units_of(second, codes)] == [1, 1, 0]
    assert asked == ["A", "B"]
    assert units_of(first, frozenset()) == 0
    assert asked == ["A", "B", "A"]


def test_an_answer_of_none_is_kept_too() -> None:
    @once_per_claim
    def nothing(claim: Claim) -> None:
        asked.append(claim.claim_id)

    claim = one(CLAIM.format("A") + LINE)
    nothing(claim)
    nothing(claim)
    assert asked == ["A"]


def test_what_cannot_be_worked_out_fails_each_time_it_is_asked_for() -> None:
    claim = one(CLAIM.format("A") + LINE.replace("UN*1*", "UN*X*"))
    for _ in range(2):
        with pytest.raises(MalformedValue, match="SV104 is not a number"):
            units_of(claim, frozenset({"96365"}))
    assert asked == ["A", "A"]
