"""Numbers of claims in a few bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.history.numbers import ClaimNumbers


@given(st.sets(st.integers(1, 3000)))
def test_numbers_come_back_as_they_were_added(numbers: set[int]) -> None:
    known = ClaimNumbers.of(ClaimNumbers(numbers).packed())
    assert {number for number in range(3100) if number in known} == numbers


def test_they_take_few_bytes() -> None:
    assert len(ClaimNumbers(range(1, 1_000_001)).packed()) < 1000
    assert len(ClaimNumbers(range(1, 1_000_001, 2)).packed()) < 1000
    assert len(ClaimNumbers(number for number in range(8000) if hash(str(number)) % 2).packed()) < 1100


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        ClaimNumbers.of(b"x")
