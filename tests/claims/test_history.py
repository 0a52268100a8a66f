"""The memory of file edits for the days of a patient."""

import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.history import REACH, Days, History, Totals, digest
from scrubber.running.options import RunOptions

PATIENT, OTHER = 2**64 - 5, 7


def test_days_within_reach_are_found_whatever_lies_between() -> None:
    days = Days()
    for day in range(700_000, 720_000, 3):
        days.remember(PATIENT, day)
    for day in (700_000, 703_499, 710_211, 719_998):
        near = set(days.near(PATIENT, day))
        assert near >= {known for known in range(700_000, 720_000, 3) if abs(known - day) <= REACH}
        assert len(near) <= REACH
    assert days.near(OTHER, 710_000) == []


@pytest.mark.parametrize("reach", [0, 1, 28, 254, REACH])
def test_days_within_a_shorter_reach_are_found(reach: int) -> None:
    days, known = Days(), range(700_000, 701_000, 7)
    for day in known:
        days.remember(PATIENT, day)
    for day in range(700_300, 700_300 + REACH + 1):
        near = days.near(PATIENT, day, reach)
        assert {*known} >= {*near} >= {other for other in known if abs(other - day) <= reach}


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(0, 2**64 - 1))
def test_a_key_is_there_once_it_is_remembered(keys: list[int], other: int) -> None:
    history = History()
    assert [history.is_new(key) for key in keys] == [key not in keys[:at] for at, key in enumerate(keys)]
    assert all(key in history for key in keys)
    assert (other in history) == (other in keys)


def test_no_edit_compares_days_that_are_farther_apart() -> None:
    facts = RunOptions().engine().facts
    for spacing in facts.spacings:
        loading = (spacing.loading_until or 0) * (spacing.loading_gaps + 2)
        assert max(spacing.too_close, spacing.usual_from, spacing.window_days or 0, loading) <= REACH
    assert all((row.days or 0) <= REACH for row in facts.combinations)


KEYS = st.sampled_from([0, 1, 63, 64, 2**63, PATIENT])


@given(st.lists(st.tuples(KEYS, st.integers(1, date.max.toordinal()))), KEYS, st.integers(1, date.max.toordinal()))
def test_days_come_back_as_they_were_remembered(known: list[tuple[int, int]], key: int, day: int) -> None:
    days = Days()
    for owner, remembered in [*known, (key, day)]:
        days.remember(owner, remembered)
    for owner, remembered in [*known, (key, day)]:
        near = days.near(owner, remembered)
        assert remembered in near
        assert {*near} <= {other for one, other in [*known, (key, day)] if one == owner}


AMOUNTS = st.decimals(-5, 10**12, places=3)


@given(st.lists(st.tuples(KEYS, AMOUNTS), max_size=60))
def test_sums_are_those_of_the_amounts(amounts: list[tuple[int, Decimal]]) -> None:
    totals, expected = Totals(), dict.fromkeys((1, 63, 64, 2**63, PATIENT), Decimal(0))
    for number in range(1000):  # other keys between them
        totals.add(digest(str(number)), Decimal(number))
    for key, amount in amounts:
        totals.add(key, amount)
        expected[key or 1] += max(amount, Decimal(0))
    assert {key: totals.of(key) for key in expected} == expected
    assert [totals.of(digest(str(number))) for number in range(1001, 1010)] == [0] * 9
    assert [totals.of(digest(str(number))) for number in range(1000)] == [*range(1000)]


def test_a_sum_takes_less_than_fifty_bytes_and_never_overflows() -> None:
    tracemalloc.start()
    try:
        totals = Totals()
        for number in range(43_692):
            totals.add(digest(str(number)), Decimal("0.5"))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 50 * 43_692
    for _ in range(3):
        totals.add(OTHER, Decimal(10**16))
    assert totals.of(OTHER) > 10**16


@pytest.mark.parametrize("numbers", [22_000, 43_690, 43_692])
def test_a_number_takes_less_than_thirty_bytes(numbers: int) -> None:
    tracemalloc.start()
    try:
        history = History()
        for number in range(numbers):
            history.remember(digest(str(number)), number % 255 + 1)
        kept, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert history.of(digest("256")) == [2]
    assert (history.is_new(digest("256")), history.is_new(digest("none")), history.is_new(digest("none"))) == (
        False,
        True,
        False,
    )
    assert kept < 30 * numbers
    assert highest < 45 * numbers, "while it grows there are two tables, and nothing else"
