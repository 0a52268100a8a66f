"""What answers repeat of a claim and its lines: dates, charges, services and numbers, as an answer may hold them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from scrubber.claims.lines import ServiceDates
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import DateRange, money, number_or_none
from scrubber.outputs.acknowledgements.parties import UNKNOWN
from scrubber.outputs.acknowledgements.writing import amount, day, is_code, quantity
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import element

_FIRST_YEAR = 1800
"""The first year of a date that validators take."""
_QUALIFIERS = frozenset({"AD", "ER", "HC", "HP", "IV", "WK"})
_USUAL_QUALIFIER, _REVENUE_QUALIFIER = "HC", "NU"
_MODIFIERS = 4
_CODE_WIDTH = 48
_MOST_UNITS = 15
_NOTHING = Decimal("0.00")


class Charge(NamedTuple):
    """A charge in cents, as the reports write it, and as X12 writes it. It is 0 where it cannot be read."""

    amount: Decimal
    text: str


def charge(claim: Claim) -> Charge:
    """The charge of a claim."""
    return _charge(claim.total_charge_text)


def line_charge(line: ServiceLine) -> Charge:
    """The charge of a line."""
    return _charge(line.charge_text)


@remembered(1_024)
def _charge(text: str) -> Charge:
    """An amount of the file. Its text is looked up: the hash of a number takes longer than that of a text."""
    found = number_or_none(text)
    in_cents = Decimal(money(found)) if found else _NOTHING
    return Charge(in_cents, amount(in_cents))


def claim_dates(claim: Claim) -> DateRange | None:
    """The dates of service of a claim: the statement dates of an 837I, else from the first to the last of its lines.

    Lines of a claim have few dates, and lines with the same dates share them, so most are looked at once.
    """
    if claim.type == "837I" and (statement := _usable(_statement(claim))):
        return statement
    found: list[DateRange] = []
    before: ServiceDates | None = None
    for line in claim.lines:
        dates = line.service_dates
        if dates is not before and (usable := _usable(dates.range)):
            found.append(usable)
        before = dates
    if len(found) < 2:
        return found[0] if found else None
    return DateRange(min(dates.first for dates in found), max(dates.last for dates in found))


def _statement(claim: Claim) -> DateRange | None:
    try:
        return claim.statement_dates
    except MalformedValue:
        return None


def line_dates(line: ServiceLine) -> DateRange | None:
    """The dates of service of a line, `None` where they cannot be read."""
    return _usable(line.service_dates.range)


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


def units(line: ServiceLine) -> str:
    """Units of service of a line, empty where they cannot be read or are more than an answer can hold."""
    return _units(line.units_text)


@remembered(4096)
def _units(written: str) -> str:
    value = number_or_none(written)
    text = "" if value is None else quantity(value)
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
