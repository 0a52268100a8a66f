"""Numbers, money and dates as the page shows them."""

from __future__ import annotations

from scrubber.outputs.page_values import date, grouped, money, percent, shown
from tests.scrubbing import each


@each(
    ("amount", "expected"),
    {
        "whole": ("120", "$120.00"),
        "thousands": ("1234567.8", "$1,234,567.80"),
        "negative": ("-1500.00", "\N{MINUS SIGN}$1,500.00"),
        "no number": ("12O<", "12O&lt;"),
        "other digits": ("\u0661\u0662", "\u0661\u0662"),
        "cents alone": (".50", ".50"),
        "none": (None, ""),
    },
)
def test_money_has_a_dollar_sign_commas_and_cents(amount: str | None, expected: str) -> None:
    assert money(amount) == expected


@each(
    ("day", "expected"),
    {
        "a day": ("2026-10-05", "Oct 5, 2026"),
        "a hidden one": ("2026", "2026"),
        "the last": ("2026-12-31", "Dec 31, 2026"),
    },
)
def test_a_date_is_written_out(day: str, expected: str) -> None:
    assert date(day) == expected


@each(
    ("part", "whole", "decimals", "expected"),
    {
        "half up": (7, 16, 1, "43.8%"),
        "no zeros at the end": (1, 2, 2, "50%"),
        "nothing": (0, 9, 1, "0%"),
        "thirds": (1, 3, 2, "33.33%"),
    },
)
def test_a_percentage_has_no_zeros_at_its_end(part: float, whole: float, decimals: int, expected: str) -> None:
    assert percent(part, whole, decimals) == expected


def test_digits_are_grouped_by_thousands() -> None:
    assert [grouped(number) for number in (7, 999, 1000, 12345, 1234567)] == [
        "7",
        "999",
        "1,000",
        "12,345",
        "1,234,567",
    ]


def test_text_is_escaped_and_on_a_line() -> None:
    assert shown('<b>&"\r\n\t\x1b') == '&lt;b&gt;&amp;"↵↵⇥\\x1b'
    assert shown(None) == ""
