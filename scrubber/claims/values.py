"""Typed values of elements: dates, numbers and codes. Only this module parses them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import attrs

from scrubber.x12.remembering import remembered

_NUMBER = re.compile(
    r"(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\Z)-?(?:0{0,10}\d{1,8}(?:\.\d{0,9})?|\.\d{1,9})", re.ASCII
)
"""Amounts and quantities have at most eight digits before the point by the guides (their appendix B). A longer number
is an id in the wrong element, and eight digits that are a day are a date. No report shows them."""
_SHORT_REVENUE = 3
_CODE = re.compile(r"[A-Z\d]{1,2}|[A-Z]?\d{3,4}[A-Z\d]?|[A-Z]\d[A-Z\d]{1,5}", re.ASCII)
_LENGTH_OF_DATE = 8


@attrs.frozen(cache_hash=True)
class DateRange:
    """From `first` to `last`, both included; the same day twice where a single date is written."""

    first: date
    last: date


@remembered(1_024)
def number(text: str) -> Decimal:
    """A decimal number as X12 writes it: type R, optional minus and point, below 100 million. Raises `ValueError`.

    Eight digits that are a day, such as 19840309, are no number.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)


@remembered(1_024)
def number_or_none(text: str) -> Decimal | None:
    """A decimal number, `None` if it is absent or malformed."""
    try:
        return number(text)
    except ValueError:
        return None


def numbers(texts: Iterable[str]) -> list[Decimal] | None:
    """Decimal numbers, `None` if one of them is absent or malformed."""
    try:
        return [*map(number, texts)]
    except ValueError:
        return None


@remembered(1_024)
def day(text: str) -> date:
    """A date CCYYMMDD (format D8). Raises `ValueError`."""
    if len(text) != _LENGTH_OF_DATE or not (text.isascii() and text.isdigit()):  # ISO 8601 has other dates, too
        raise ValueError("not a date")
    return date.fromisoformat(text)


@remembered(4096)
def date_range(format_qualifier: str, text: str) -> DateRange:
    """A DTP03 in format D8 or RD8, or the date of one in format DT (date and time). Raises `ValueError`."""
    if format_qualifier == "RD8":
        first, _, last = text.partition("-")
        found = DateRange(day(first), day(last))
        if found.last < found.first:
            raise ValueError("the range ends before it begins")
        return found
    single = day(text[:8] if format_qualifier == "DT" else text)
    return DateRange(single, single)


def date_range_or_none(format_qualifier: str, text: str) -> DateRange | None:
    """A DTP03 as `date_range` reads it, `None` if it cannot be read."""
    try:
        return date_range(format_qualifier, text)
    except ValueError:
        return None


@remembered(4096)
def code(text: str) -> str:
    """A code as code lists spell it: in capitals, without points, and without blanks around it."""
    return text.strip().replace(".", "").upper()


def revenue_code(text: str) -> str:
    """A revenue code with its four digits: some systems omit the leading zero."""
    return f"0{text}" if len(text) == _SHORT_REVENUE and text.isascii() and text.isdigit() else text


def named(text: str, otherwise: str) -> str:
    """A code for a message, or the words of `otherwise` if the text does not look like a code.

    A shifted segment may hold a name there. Modifiers, units, procedures, revenue codes and diagnoses look like codes,
    even if they are spelled wrong.
    """
    return text if _CODE.fullmatch(code(text)) else otherwise


def whole_years(born: date, on: date) -> int:
    """Completed years of age on a day; negative before birth."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def money(amount: Decimal) -> str:
    """An amount in US dollars with two decimals, as reports write it."""
    return f"{amount:.2f}"
