"""Dates and numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.values import (
    DateRange,
    code,
    date_range,
    day,
    money,
    named,
    number,
    number_or_none,
    revenue_code,
    whole_years,
)

DAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    "text", ["0", "80", "80.5", ".5", "80.", "-3", "000123", "99999999.99", "19411231.00", "20261314"]
)
def test_a_number_is_read_as_a_decimal(text: str) -> None:
    assert number(text) == Decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1,5", "+1", "1e5", "Inf", "--1", ".", "-", "\u0661", "9" * 9, "9" * 19, "19411231", "20261014"],
)
def test_a_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        number(text)


@given(st.decimals(min_value=-(10**8) + 1, max_value=10**8 - 1, places=4))
def test_any_number_comes_back(amount: Decimal) -> None:
    assert number(f"{amount:f}") == amount


@given(st.dates(min_value=date(1000, 1, 1)))
def test_any_day_comes_back(any_day: date) -> None:
    assert day(f"{any_day:%Y%m%d}") == any_day


@pytest.mark.parametrize("text", ["", "2026105", "20260230", "2026-10-05", " 0261005", "\u0662" * 8, "00000101"])
def test_a_text_that_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        day(text)


@pytest.mark.parametrize(
    ("qualifier", "text", "expected"),
    [
        ("D8", "20261005", DateRange(DAY, DAY)),
        ("", "20261005", DateRange(DAY, DAY)),
        ("DT", "202610051430", DateRange(DAY, DAY)),
        ("RD8", "20261005-20261006", DateRange(DAY, date(2026, 10, 6))),
        ("RD8", "20261005-20261005", DateRange(DAY, DAY)),
    ],
)
def test_dates_are_read_by_their_format(qualifier: str, text: str, expected: DateRange) -> None:
    assert date_range(qualifier, text) == expected


@pytest.mark.parametrize(
    ("qualifier", "text"),
    [("RD8", "20261005"), ("RD8", "20261006-20261005"), ("D8", "20261005-20261006"), ("RD8", "20261005-"), ("D8", "")],
)
def test_dates_that_do_not_fit_their_format_are_refused(qualifier: str, text: str) -> None:
    with pytest.raises(ValueError):
        date_range(qualifier, text)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 5, 5), date(2005, 5, 5), 5),
        (date(2000, 5, 5), date(1999, 5, 5), -1),
    ],
)
def test_an_age_counts_whole_years(born: date, on: date, years: int) -> None:
    assert whole_years(born, on) == years


def test_money_has_two_decimals() -> None:
    assert money(Decimal("6250")) == "6250.00"


@pytest.mark.parametrize("text", ["M3219", "M32.19", "m32.19", " M32.19 ", "m3219"])
def test_one_code_in_many_spellings(text: str) -> None:
    assert code(text) == "M3219"


@pytest.mark.parametrize(("text", "whole"), [("636", "0636"), ("0636", "0636"), ("12", "12"), ("63A", "63A"), ("", "")])
def test_revenue_codes_have_four_digits(text: str, whole: str) -> None:
    assert revenue_code(text) == whole


@pytest.mark.parametrize("text", ["JW", "un", "J0490", "j0490", "99213", "1036F", "M32.19", "S93.401A", "7100", "0636"])
def test_what_has_the_form_of_a_code_is_named(text: str) -> None:
    assert named(text, "the code") == text


@pytest.mark.parametrize("text", ["", "ROE", "ROE SAM", "19700704", "1EG4TE5MK73", "W123456789", "12 MAIN ST"])
def test_what_has_another_form_is_not_named(text: str) -> None:
    assert named(text, "the code") == "the code"


def test_a_number_or_none() -> None:
    assert number_or_none("12.50") == Decimal("12.50")
    assert [number_or_none(text) for text in ("", "12,50", "20261005")] == [None] * 3
