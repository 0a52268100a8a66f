"""Signs of a claim: what it must show before some edits can find anything.

An edit may name one sign. The engine then runs it only on claims that show the sign. Most claims show few, which saves
the time of these edits. A sign may be shown where an edit finds nothing, but it must be shown wherever the edit finds
something. Tests hold `signs` to a plain definition of each sign, and each edit to its sign.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias, get_args

from scrubber.claims import values
from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED
from scrubber.claims.model import Claim

Sign: TypeAlias = Literal[
    "minus",
    "no charge",
    "odd units",
    "odd number",
    "unreadable",
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
]
"""Signs by name:

- `minus`: an element or component begins with a minus sign
- `no charge`: a line without a charge, or with a charge of zero
- `odd units`: units of a line that are zero or less, or an NDC quantity with a minus sign
- `odd number`: a charge, units or an NDC quantity that is no number
- `unreadable`: an `odd number`, or service dates of a line that are no dates; edits that need them cannot decide
- `small letter`: a small letter anywhere, or a code that is not spelled as code lists spell it
- `correction`: another frequency than 1, or the payer's number of an earlier claim (REF*F8)
- `listed codes`: a condition, occurrence, occurrence span or value code (837I)
- `modifier`, `waste modifier`: a line with any modifier, or with JW or JZ
- `several days`: a line whose dates cover several days
- `repeated procedure`, `repeated diagnosis`: a code on two lines, or twice among the listed diagnoses
- `several diagnoses`: more than one listed diagnosis
- `icd-9`: a diagnosis with a qualifier of ICD-9
"""

SIGNS: tuple[Sign, ...] = get_args(Sign)

_ORIGINAL = ("", "1")
LISTED_CODES = ("BG", "BH", "BI", "BE")
"""HI qualifiers of condition, occurrence, occurrence span and value codes."""


def signs(claim: Claim) -> set[Sign]:
    """The signs that a claim shows."""
    found = _in_text(claim)
    lines = claim.lines
    for line in lines:
        odd = _of_amounts(line.charge_text, line.units_text, line.ndc_quantity_text)
        if odd:
            found.update(odd)
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
        elif dates.malformed:
            found.update(_WITH_UNREADABLE)
    if len(lines) > 1:
        procedures = [line.procedure for line in lines if line.procedure]
        if len(set(procedures)) < len(procedures):
            found.add("repeated procedure")
    listed = claim.listed_diagnoses
    if len(listed) > 1:
        found.add("several diagnoses")
        if len({item.code for item in listed}) < len(listed):
            found.add("repeated diagnosis")
    for item in claim.diagnoses:
        if item.qualifier[0] != "A":
            found.add("icd-9")
    return found


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
    return found


_WITH_DISCARDED: tuple[Sign, ...] = ("waste modifier", "discarded units")
_WITH_UNREADABLE: tuple[Sign, ...] = ("unreadable", "discarded units")
_WITH_ODD_NUMBER: tuple[Sign, ...] = ("odd number", *_WITH_UNREADABLE)
"""The signs that come together."""


@lru_cache(maxsize=4096)
def _of_amounts(charge: str, units: str, ndc_quantity: str) -> tuple[Sign, ...]:
    """The signs of the amounts of a line. Few amounts make up most lines, so the answers are kept."""
    found: list[Sign] = []
    if not all(map(_is_number, (charge, units, ndc_quantity))):
        found += _WITH_ODD_NUMBER
    if not charge or (_is_number(charge) and values.number(charge) == 0):
        found.append("no charge")
    if "-" in ndc_quantity or (units and _is_number(units) and values.number(units) <= 0):
        found.append("odd units")
    return tuple(found)


@lru_cache(maxsize=4096)
def _is_number(text: str) -> bool:
    """Whether a text is empty or a number."""
    try:
        return not text or values.number(text) is not None
    except ValueError:
        return False
