"""The worklist of the page: sorted, whatever its length, and in flat memory."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.outputs import worklist
from scrubber.outputs.worklist import Worklist

CLAIMS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-5.0, 0.0, 0.01, 12.5, 1e18, float("inf")])))


def ordered(claims: list[tuple[int, float]]) -> list[int]:
    """The numbers of the claims in the order of the list."""
    items = Worklist()
    for number, (rank, charge) in enumerate(claims):
        items.add(b"%d " % number, rank, charge)
    found = b"".join(items.in_order())
    items.close()
    return [*map(int, found.split())]


def expected(claims: list[tuple[int, float]]) -> list[int]:
    return sorted(range(len(claims)), key=lambda number: (-claims[number][0], -claims[number][1]))


@given(CLAIMS)
def test_the_most_severe_and_highest_charge_first_and_equals_in_order(
    claims: list[tuple[int, float]],
) -> None:
    assert ordered(claims) == expected(claims)


@pytest.mark.parametrize("count", [0, 6, 7, 8, 21, 100])
def test_long_lists_are_merged_from_sorted_runs(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "_AT_ONCE", 7)
    monkeypatch.setattr(worklist, "_TEXTS_IN_MEMORY", 40)
    monkeypatch.setattr(worklist, "_ORDER_IN_MEMORY", 300)
    claims = [(number * 7 % 3, float(number * 31 % 17)) for number in range(count)]
    assert ordered(claims) == expected(claims)


def peak(count: int) -> int:
    """The most bytes that a list of so many claims needed at once."""
    tracemalloc.start()
    try:
        items = Worklist()
        for number in range(count):
            items.add(b"claim", number % 3, float(number * 31 % 17))
        assert sum(1 for _ in items.in_order()) == count
        items.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_claims() -> None:
    assert peak(60_000) < 3_500_000
