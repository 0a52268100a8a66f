"""The memory of file edits: numbers, days and sums by key."""

import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.memory import REACH, DaysByKey, NumbersByKey, SumsByKey, digest
from scrubber.running.options import RunOptions
from tests.scrubbing import each

PATIENT, OTHER = 2**64 - 5, 7
HALF = Decimal("0.5")


def test_days_within_reach_are_found_whatever_lies_between() -> None:
    days = DaysByKey()
    for day in range(700_000, 720_000, 3):
        days.remember(PATIENT, day)
    for day in (700_000, 703_499, 710_211, 719_998):
        near = set(days.near(PATIENT, day))
        assert near >= {known for known in range(700_000, 720_000, 3) if abs(known - day) <= REACH}
        assert len(near) <= REACH
    assert days.near(OTHER, 710_000) == []


@pytest.mark.parametrize("reach", [0, 1, 28, 254, REACH])
def test_days_within_a_shorter_reach_are_found(reach: int) -> None:
    days, known = DaysByKey(), range(700_000, 701_000, 7)
    for day in known:
        days.remember(PATIENT, day)
    for day in range(700_300, 700_300 + REACH + 1):
        near = days.near(PATIENT, day, reach)
        assert {*known} >= {*near} >= {other for other in known if abs(other - day) <= reach}


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(0, 2**64 - 1))
def test_a_key_is_there_once_it_is_remembered(keys: list[int], other: int) -> None:
    numbers = NumbersByKey()
    assert [numbers.is_new(key) for key in keys] == [key not in keys[:at] for at, key in enumerate(keys)]
    assert all(key in numbers for key in keys)
    assert (other in numbers) == (other in keys)


def test_no_edit_compares_days_that_are_farther_apart() -> None:
    facts = RunOptions().engine().facts
    for spacing in facts.spacings:
        loading = (spacing.loading_until or 0) * (spacing.loading_gaps + 2)
        assert max(spacing.too_close, spacing.usual_from, spacing.window_days or 0, loading) <= REACH
    assert all((row.days or 0) <= REACH for row in facts.combinations)


KEYS = st.sampled_from([0, 1, 63, 64, 256, 65_536, 2**48, 2**53 - 1, 2**53, 2**63, PATIENT])
"""Beside each other, some of these hold the bytes of a third one."""


@given(st.lists(st.tuples(KEYS, st.integers(1, 255))))
def test_numbers_come_back_as_from_a_dictionary_of_lists(known: list[tuple[int, int]]) -> None:
    numbers, expected = NumbersByKey(), dict[int, list[int]]()
    for key, number in known:
        assert (key in numbers) == (key in expected)
        numbers.remember(key, number)
        expected.setdefault(key, []).append(number)
    assert {key: numbers.of(key) for key in expected} == expected
    assert numbers.of(OTHER) == []
    assert OTHER not in numbers


def test_a_key_is_not_found_across_a_key_and_its_number() -> None:
    numbers = NumbersByKey()
    numbers.remember(0, 1)
    assert (1).to_bytes(8) in (0).to_bytes(8) + bytes((1,))
    assert 1 not in numbers
    assert numbers.is_new(1)
    assert numbers.of(1) == [1]


@given(st.lists(st.tuples(KEYS, st.integers(1, date.max.toordinal()))), KEYS, st.integers(1, date.max.toordinal()))
def test_days_come_back_as_they_were_remembered(known: list[tuple[int, int]], key: int, day: int) -> None:
    days = DaysByKey()
    for owner, remembered in [*known, (key, day)]:
        days.remember(owner, remembered)
    for owner, remembered in [*known, (key, day)]:
        near = days.near(owner, remembered)
        assert remembered in near
        assert {*near} <= {other for one, other in [*known, (key, day)] if one == owner}


AMOUNTS = st.decimals(-5, 10**12, places=3)


@given(st.lists(st.tuples(KEYS, AMOUNTS), max_size=60))
def test_sums_are_those_of_the_amounts(amounts: list[tuple[int, Decimal]]) -> None:
    totals, expected = SumsByKey(), dict[int, Decimal]()
    for number in range(1000):  # other keys between them
        totals.add(digest(str(number)), Decimal(number))
    for key, amount in amounts:
        totals.add(key, amount)
        expected[key] = expected.get(key, Decimal(0)) + max(amount, Decimal(0))
    assert {key: totals.of(key) for key in expected} == expected
    assert [totals.of(digest(str(number))) for number in range(1001, 1010)] == [0] * 9
    assert [totals.of(digest(str(number))) for number in range(1000)] == [*range(1000)]


@pytest.mark.parametrize("numbers", [20_000, 100_000, 200_000])
def test_a_number_takes_some_ten_bytes_and_a_sum_eighteen(numbers: int) -> None:
    """Besides, a table has buckets that take some 300 KB."""
    keys = [digest(str(number)) for number in range(numbers)]
    for table, width in ((NumbersByKey(), 9), (SumsByKey(), 16)):
        tracemalloc.start()
        try:
            for key in keys:
                table.remember(key, 1) if isinstance(table, NumbersByKey) else table.add(key, HALF)
            _, highest = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert highest < 1.2 * width * numbers + 300_000, "nothing is copied while it grows"


def test_a_sum_never_overflows() -> None:
    totals = SumsByKey()
    for _ in range(3):
        totals.add(OTHER, Decimal(10**16))
    assert totals.of(OTHER) > 10**16
    totals.add(PATIENT, Decimal(10**30))
    assert totals.of(PATIENT) > 10**16


@each(
    ("factor", "keys"),
    {"spread keys": (0x9E3779B97F4A7C15, 3000), "keys with the same last bits": (2**40, 500)},
)
def test_all_numbers_are_kept_however_many_keys_there_are(factor: int, keys: int) -> None:
    def key(number: int) -> int:
        return number * factor % 2**64

    def kept(number: int) -> int:
        return number % 254 + 1

    numbers = NumbersByKey()
    for number in range(1, keys + 1):
        numbers.remember(key(number), kept(number))
        numbers.remember(key(number), kept(number) + 1)
    assert numbers.of(key(7)) == [8, 9]
    assert numbers.of(0) == []
    assert numbers.of(key(keys + 1)) == []
    for number in range(1, keys + 1):
        assert sorted(numbers.of(key(number))) == [kept(number), kept(number) + 1]
