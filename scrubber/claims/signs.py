"""Signs of a claim: what it must show before some edits can find anything.

An edit may name one sign. The engine then runs it only on claims that show the sign. Most claims show few, which saves
the time of these edits. A sign may be shown where an edit finds nothing, but it must be shown wherever the edit finds
something. Tests hold `signs` to a plain definition of each sign, and each edit to its sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

from scrubber.claims import values
from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.x12.remembering import remembered

Sign: TypeAlias = Literal[
    "minus",
    "no charge",
    "odd units",
    "odd number",
    "odd total",
    "unreadable",
    "unreadable date",
    "odd birth date",
    "minor",
    "small letter",
    "correction",
    "listed codes",
    "modifier",
    "waste modifier",
    "discarded units",
    "several days",
    "repeated procedure",
    "several diagnoses",
    "repeated diagnosis",
    "icd-9",
    "odd pointer",
    "repetition separator",
    "other payer",
]
"""Signs by name:

- `minus`: an element or component begins with a minus sign
- `no charge`: a line without a charge, or with a charge that is zero or no number
- `odd units`: units of a line that are zero or less, or an NDC quantity with a minus sign
- `odd number`: a charge, units or an NDC quantity that is no number
- `odd total`: a total that is not the sum of the line charges, those of revenue code 0001 left out, or one of them
  missing
- `unreadable`: an `odd number`, or service dates of a line that are no dates; edits that need them cannot decide
- `unreadable date`: service dates, statement dates or a patient's birth date that are no dates
- `odd birth date`: a patient's birth date that is missing, or not in the hundred years before the service
- `minor`: a patient who is under 18 on the first day of service, or whose age on the day of a line is not known
- `small letter`: a lowercase letter anywhere, or a code that is not spelled as in its code list
- `correction`: another frequency than 1, or the payer's number of an earlier claim (REF*F8)
- `listed codes`: a condition, occurrence, occurrence span or value code (837I)
- `modifier`, `waste modifier`: a line with any modifier, or with JW or JZ
- `discarded units`: a line with JW, or `unreadable`
- `several days`: a line whose dates cover several days
- `repeated procedure`, `repeated diagnosis`: a code on two lines, or twice among the listed diagnoses
- `several diagnoses`: more than one listed diagnosis
- `icd-9`: a diagnosis with a qualifier of ICD-9
- `odd pointer`: a line of an 837P without pointers, or with others than up to four numbers of listed diagnoses
- `repetition separator`: that character (ISA11) anywhere in the claim or the levels above it
- `other payer`: another payer (loop 2320) before the first line, or a payer that is not primary (SBR01)
"""

SIGNS: tuple[Sign, ...] = get_args(Sign)

_ORIGINAL = ("", "1")
REPEATS_TOTAL = "0001"
"""The revenue code of a line that repeats the claim's total."""
LISTED_CODES = ("BG", "BH", "BI", "BE")
"""HI qualifiers of condition, occurrence, occurrence span and value codes."""


def signs(claim: Claim) -> set[Sign]:
    """The signs that a claim shows."""
    found = _in_text(claim)
    lines, listed = claim.lines, claim.listed_diagnoses
    count = len(listed)
    for line in lines:
        dates = line.service_dates
        if line.plain_from > count or line.ndc_quantity_text or dates.covers_days or dates.day is None:
            _add_of_line(line, count, found)
    if len(claim.procedures) < len(lines):
        procedures = [line.procedure for line in lines if line.procedure]
        if len(set(procedures)) < len(procedures):
            found.add("repeated procedure")
    if _is_odd_total(claim):
        found.add("odd total")
    if count > 1:
        found.add("several diagnoses")
        if len(claim.listed_codes) < count:
            found.add("repeated diagnosis")
    for item in claim.diagnoses:
        if item.qualifier[0] != "A":
            found.add("icd-9")
    subscriber = claim.context.subscriber
    if claim.other_payers or (subscriber and subscriber.text("payer_sequence") != "P"):
        found.add("other payer")
    _add_of_dates(claim, found)
    return found


def _add_of_line(line: ServiceLine, listed: int, found: set[Sign]) -> None:
    """Add the signs of a line; `listed` is how many diagnoses the claim lists. Most lines have none (`plain_from`)."""
    found.update(_of_amounts(line.charge_text, line.units_text, line.ndc_quantity_text))
    modifiers = line.modifiers
    if modifiers:
        found.add("modifier")
        if DISCARDED in modifiers:
            found.update(_WITH_DISCARDED)
        elif NOTHING_DISCARDED in modifiers:
            found.add("waste modifier")
    if line.misspelled:
        found.add("small letter")
    dates = line.service_dates
    if dates.covers_days:
        found.add("several days")
    elif dates.day is None:
        found.update(_WITH_UNREADABLE_DATE if dates.malformed else _OF_MINOR)
    if line.span.type == "837P" and not _are_plain(line.diagnosis_pointers, _numbers_to(listed)):
        found.add("odd pointer")


def is_unreadable(claim: Claim) -> bool:
    """Whether a claim shows the sign `unreadable`, in a fifth of the time that all signs take."""
    if not _is_number(claim.total_charge_text):
        return True
    return any(
        line.service_dates.malformed
        or "unreadable" in _of_amounts(line.charge_text, line.units_text, line.ndc_quantity_text)
        for line in claim.lines
    )


def _in_text(claim: Claim) -> set[Sign]:
    """The signs that the text of a claim shows, and those of fields above its lines."""
    found: set[Sign] = set()
    text, delimiters = claim.event.text, claim.span.delimiters
    element, component = delimiters.element, delimiters.component
    if "-" in text and (f"{element}-" in text or f"{component}-" in text):
        found.add("minus")
    if claim.misspelled or text != text.upper():
        found.add("small letter")
    if claim.frequency not in _ORIGINAL or f"{element}F8{element}" in text:
        found.add("correction")
    if claim.type == "837I" and any(f"{element}{qualifier}{component}" in text for qualifier in LISTED_CODES):
        found.add("listed codes")
    if not _is_number(claim.total_charge_text):
        found.update(_WITH_ODD_NUMBER)
    above, separator = claim.context, delimiters.repetition
    for part in (claim, above.billing, above.subscriber, above.patient):
        if part and separator in part.event.text:
            found.add("repetition separator")
    return found


def _add_of_dates(claim: Claim, found: set[Sign]) -> None:
    """Add the signs of the statement dates, and of the birth date compared with the first day of service."""
    if claim.statement_dates_text:
        try:
            _ = claim.statement_dates
        except MalformedValue:
            found.add("unreadable date")
    patient, days = claim.patient, claim.service_dates
    if patient is None:
        found.add("minor")
        return
    text = patient.text("birth_date")
    born = _day(text)
    if born is None:
        found.update(_WITHOUT_BIRTH_DATE)
        if text:
            found.add("unreadable date")
    elif not days:
        found.add("minor")
    elif not _ADULT < (years := days[0].year - born.year) <= _MOST_YEARS:
        found.update(_WITHOUT_BIRTH_DATE if years > _MOST_YEARS or born > days[0] else _OF_MINOR)


def _is_odd_total(claim: Claim) -> bool:
    """Whether the total is not the sum of the line charges, or one of the amounts is missing or no number."""
    charges = [line.charge_text for line in claim.lines if line.revenue_code != REPEATS_TOTAL]
    amounts = values.numbers([claim.total_charge_text, *charges])
    return amounts is None or len(amounts) == 1 or sum(amounts[1:], _ZERO) != amounts[0]


def _are_plain(pointers: Sequence[str], numbers: frozenset[str]) -> bool:
    """Whether the pointers of a line are one to four of these numbers, all different."""
    if len(pointers) == 1:
        return pointers[0] in numbers
    return len(set(pointers)) == len(pointers) <= _MOST_POINTERS and bool(pointers) and numbers.issuperset(pointers)


@lru_cache(maxsize=128)
def _numbers_to(count: int) -> frozenset[str]:
    """The numbers from 1 to a count of diagnoses, as pointers write them."""
    return frozenset(map(str, range(1, count + 1)))


def _day(text: str) -> date | None:
    """The day that a text holds, `None` if it holds none."""
    try:
        return values.day(text)
    except ValueError:
        return None


_ZERO = Decimal(0)
_MOST_POINTERS = 4
_MOST_YEARS = 100
"""The oldest age, in years, at which a birth date is not odd."""
_ADULT = 18
"""A patient who reaches a higher age in the year of service is not a minor."""
_WITHOUT_BIRTH_DATE: tuple[Sign, ...] = ("odd birth date", "minor")
_OF_MINOR: tuple[Sign, ...] = ("minor",)
_WITH_DISCARDED: tuple[Sign, ...] = ("waste modifier", "discarded units")
_WITH_UNREADABLE: tuple[Sign, ...] = ("unreadable", "discarded units")
_WITH_UNREADABLE_DATE: tuple[Sign, ...] = ("unreadable date", "minor", *_WITH_UNREADABLE)
_WITH_ODD_NUMBER: tuple[Sign, ...] = ("odd number", *_WITH_UNREADABLE)
"""Signs that are always shown together."""


@remembered(4096)
def _of_amounts(charge: str, units: str, ndc_quantity: str) -> tuple[Sign, ...]:
    """The signs of the amounts of a line. Few amounts make up most lines, so the answers are kept."""
    found: list[Sign] = []
    if not all(map(_is_number, (charge, units, ndc_quantity))):
        found += _WITH_ODD_NUMBER
    if not charge or not _is_number(charge) or values.number(charge) == 0:
        found.append("no charge")
    if "-" in ndc_quantity or (units and _is_number(units) and values.number(units) <= 0):
        found.append("odd units")
    return tuple(found)


@remembered(1_024)
def _is_number(text: str) -> bool:
    """Whether a text is empty or a number."""
    try:
        return not text or values.number(text) is not None
    except ValueError:
        return False
