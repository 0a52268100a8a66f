"""What answers repeat of a claim and its lines: dates, charges, services and numbers, as an answer may hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import DateRange, money
from scrubber.engine.record import charge_of
from scrubber.outputs.acknowledgements.parties import UNKNOWN
from scrubber.outputs.acknowledgements.writing import day, is_code, quantity
from scrubber.x12.segments import element

T = TypeVar("T")

_FIRST_YEAR = 1800
"""The first year of a date that validators take."""
_QUALIFIERS = frozenset({"AD", "ER", "HC", "HP", "IV", "WK"})
_USUAL_QUALIFIER, _REVENUE_QUALIFIER = "HC", "NU"
_MODIFIERS = 4
_CODE_WIDTH = 48
_MOST_UNITS = 15
_NOTHING = Decimal("0.00")


def readable(read: Callable[[], T]) -> T | None:
    """A value, `None` where it is absent or cannot be read."""
    try:
        return read()
    except MalformedValue:
        return None


def charge(claim: Claim) -> Decimal:
    """The charge of a claim in cents, as the reports write it: 0 where it cannot be read."""
    return _in_cents(charge_of(claim))


def line_charge(line: ServiceLine) -> Decimal:
    """The charge of a line in cents, 0 where it cannot be read."""
    return _in_cents(readable(lambda: line.charge))


def _in_cents(found: Decimal | None) -> Decimal:
    return _rounded(found) if found else _NOTHING


@lru_cache(maxsize=4096)
def _rounded(found: Decimal) -> Decimal:
    return Decimal(money(found))


def claim_dates(claim: Claim) -> DateRange | None:
    """The dates of service of a claim: the statement dates of an 837I, else from the first to the last of its lines."""
    if claim.type == "837I" and (statement := _usable(readable(lambda: claim.statement_dates))):
        return statement
    return _around([found for line in claim.lines if (found := line_dates(line))])


def line_dates(line: ServiceLine) -> DateRange | None:
    """The dates of service of a line, `None` where they cannot be read."""
    try:
        return _usable(line.dates)
    except MalformedValue:
        return None


def _around(found: Sequence[DateRange]) -> DateRange | None:
    if len(found) < 2:
        return found[0] if found else None
    return DateRange(min(dates.first for dates in found), max(dates.last for dates in found))


def _usable(dates: DateRange | None) -> DateRange | None:
    return dates if dates and dates.first.year >= _FIRST_YEAR else None


def date_elements(first: date, last: date) -> tuple[str, str]:
    """DTP02 and DTP03: a single day, or a range."""
    return ("D8", day(first)) if first == last else ("RD8", f"{day(first)}-{day(last)}")


def service(line: ServiceLine) -> tuple[tuple[str, ...], str]:
    """SVC01 and SVC04: the procedure with its modifiers, and the revenue code of an 837I.

    A line that has only a revenue code gives it in SVC01.
    """
    qualifier = element(line.service, 0)
    procedure = line.procedure.strip()[:_CODE_WIDTH]
    revenue = line.revenue_code.strip()
    if not procedure:
        return ((_REVENUE_QUALIFIER, revenue), "") if revenue else ((_USUAL_QUALIFIER, UNKNOWN), "")
    modifiers = [modifier for modifier in line.modifiers if is_code(modifier, 2, 2)][:_MODIFIERS]
    return ((qualifier if qualifier in _QUALIFIERS else _USUAL_QUALIFIER, procedure, *modifiers), revenue)


@lru_cache(maxsize=4096)
def units(value: Decimal) -> str:
    """Units of service, empty where there are more than an answer can hold."""
    text = quantity(value)
    return text if len(text.strip("-").replace(".", "")) <= _MOST_UNITS else ""


def item_number(line: ServiceLine) -> str:
    """The number by which the sender knows a line: REF*6R, else LX01."""
    return line.control_number.strip() or line.number_text.strip()


def prescription(line: ServiceLine) -> str:
    """The prescription number of a line (REF*XZ in loop 2410), empty if there is none."""
    for segment in line.segments:
        if segment[0] == "REF" and element(segment, 1) == "XZ":
            return element(segment, 2)
    return ""
