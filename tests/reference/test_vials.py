"""Which amounts whole vials make: the worked examples, and brute force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.reference import shipped
from scrubber.reference.vials import greatest_total, least_total, reachable

BELIMUMAB = frozenset({12, 40})
TODAY = date(2026, 10, 5)

sizes = st.frozensets(st.integers(1, 40), min_size=1, max_size=3)
amounts = st.integers(1, 300)

EXAMPLES = [
    *((15, 24, 9), (20, 24, 4), (25, 36, 11), (30, 36, 6), (35, 36, 1), (40, 40, 0), (45, 48, 3), (50, 52, 2)),
    *((52, 52, 0), (55, 60, 5), (60, 60, 0), (65, 72, 7), (69, 72, 3), (70, 72, 2), (75, 76, 1), (80, 80, 0)),
    *((85, 88, 3), (90, 92, 2), (100, 100, 0), (110, 112, 2), (120, 120, 0), (140, 140, 0)),
]
"""Units of belimumab given, least content of vials that cover them, units left over: 10 mg a unit, so also kg."""


def totals(sizes: frozenset[int], most: int) -> set[int]:
    """All contents of one or more vials up to `most`, built up one by one."""
    made = {0}
    for total in range(1, most + 1):
        if any(total - size in made for size in sizes):
            made.add(total)
    return made - {0}


def test_vials_of_the_shipped_tables() -> None:
    assert shipped().vials("J0490", TODAY) == BELIMUMAB
    assert shipped().vials("J0491", TODAY) == {300}


@pytest.mark.parametrize(("given_units", "total", "discarded"), EXAMPLES)
def test_least_waste_of_belimumab(given_units: int, total: int, discarded: int) -> None:
    assert least_total(given_units, BELIMUMAB) == total
    assert total - given_units == discarded
    assert reachable(total, BELIMUMAB)
    assert reachable(given_units, BELIMUMAB) == (discarded == 0)


def test_amounts_that_no_vials_of_belimumab_make() -> None:
    unreachable = {4 * n for n in range(1, 40)} - {total for total in range(161) if reachable(total, BELIMUMAB)}
    assert unreachable == {4, 8, 16, 20, 28, 32, 44, 56, 68}
    assert not any(reachable(total, BELIMUMAB) for total in range(400) if total % 4)
    assert not reachable(0, BELIMUMAB)


def test_from_69_units_on_at_most_three_are_left_over() -> None:
    assert all(least_total(amount, BELIMUMAB) - amount <= 3 for amount in range(69, 2000))


@given(sizes, amounts)
def test_reachable_is_what_trying_finds(sizes: frozenset[int], amount: int) -> None:
    assert reachable(amount, sizes) == (amount in totals(sizes, amount))


@given(sizes, amounts)
def test_the_least_total_is_what_trying_finds(sizes: frozenset[int], amount: int) -> None:
    enough = totals(sizes, amount + max(sizes))
    assert least_total(amount, sizes) == min(total for total in enough if total >= amount)


@given(sizes, amounts)
def test_the_greatest_total_is_what_trying_finds(sizes: frozenset[int], amount: int) -> None:
    assert greatest_total(amount, sizes) == max(totals(sizes, amount) | {0})


def test_a_vial_may_hold_a_fraction_of_a_unit() -> None:
    """What was given is rounded up and what was discarded down: a content is billed as the number on either side."""
    sizes = {Decimal("12.5")}
    assert [total for total in range(60) if reachable(total, sizes)] == [12, 13, 25, 37, 38, 50]
    assert [least_total(amount, sizes) for amount in (1, 12, 13, 14, 25, 26)] == [12, 12, 13, 25, 25, 37]
    assert greatest_total(30, sizes) == 25


def test_a_huge_dose_takes_no_time() -> None:
    assert least_total(10**12 + 1, BELIMUMAB) == 10**12 + 4


def test_without_vials_nothing_is_reachable() -> None:
    assert not reachable(12, ())
