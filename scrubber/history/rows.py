"""A claim as a row of a history.

A row has numbers, days and codes only: keyed hashes of patient, content, billing NPI, claim id and likeness, the
frequency, the days of service, and code, day and units of lines with infused drugs.
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from zlib import crc32

from scrubber.claims import likeness
from scrubber.claims.doses import DISCARDED
from scrubber.claims.earlier import BETWEEN_LINES, NO_UNITS, UNKNOWN_DAY, VOID, EarlierClaim
from scrubber.claims.location import MalformedValue
from scrubber.claims.memory import digest
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.history.key import Key
from scrubber.reference import Facts


class ClaimRow(NamedTuple):
    """A claim in a history. `number` is its number in the file, `interchange` that of the ISA it stands in.

    `lines` are its lines with infused drugs, as `row_of` writes them. Edits read a row as an
    `EarlierClaim`: without the patient, with the file, and with the state from which the claim no longer counts.
    """

    patient: int
    content: int
    number: int
    interchange: int
    provider: int
    claim_id: int
    likeness: int
    frequency: str
    first_day: int
    last_day: int
    lines: str


def row_of(claim: Claim, interchange: int, key: Key, facts: Facts) -> ClaimRow:
    """The row of a claim. A void bills nothing, so it has no lines."""
    patient, content = keyed(claim, key)
    frequency, of_group, days = claim.frequency, facts.is_of_group, claim.service_dates
    lines = () if frequency == VOID else likeness.line_likenesses(claim, facts.drug_codes, of_group)
    return ClaimRow(
        patient,
        content,
        claim.number,
        interchange,
        key.of(likeness.provider(claim)),
        key.of(claim_id_of(claim)),
        key.of(likeness.claim_likeness(claim, likeness.person(claim), of_group)) if lines else 0,
        frequency if len(frequency) == 1 and frequency.isalnum() else "",
        days[0].toordinal() if days else UNKNOWN_DAY,
        days[-1].toordinal() if days else UNKNOWN_DAY,
        BETWEEN_LINES.join([_written(line, key.of(alike)) for line, alike in lines]) if lines else "",
    )


_HASHED = struct.Struct("qq")
_NUMBERS = (int,) * 7
_LATEST = date.max.toordinal()
_LINE = rf"[^ |]+ [0-9]{{1,7}} (?:-?[0-9]+(?:\.[0-9]+)?|{NO_UNITS}) (?:{DISCARDED}|{NO_UNITS}) -?[0-9]{{1,19}}"
_LINES = re.compile(rf"{_LINE}(?:{re.escape(BETWEEN_LINES)}{_LINE})*+|", re.ASCII)


def earlier_claim(row: Sequence[Any]) -> EarlierClaim:
    """The claim of a row of a store. Raises `sqlite3.DatabaseError` for values that `row_of` does not write."""
    claim = EarlierClaim._make(row)
    sound = (
        (*map(type, row[:7]),) == _NUMBERS
        and type(claim.frequency) is str
        and type(claim.first_day) is type(claim.last_day) is int
        and UNKNOWN_DAY <= claim.first_day <= claim.last_day <= _LATEST
        and (claim.ended is None or type(claim.ended) is int)
        and type(claim.written) is str
        and _LINES.fullmatch(claim.written)
        and all(line.day <= _LATEST for line in claim.lines)
    )
    if not sound:
        raise sqlite3.DatabaseError("it has a claim with impossible values")
    return claim


def sum_of(*values: Any) -> int:
    """The checksum that a row of claims or files has beside its other values, in the order of the table.

    Damage that leaves a number a number, or a code a code, is noticed by it. It is no protection against a person.
    """
    return crc32(repr(values).encode("utf-8", "backslashreplace"))


def sum_of_row(row: Sequence[Any], file: int) -> int:
    """The checksum of a claim that counts, from its `ClaimRow` and the number of its file."""
    patient, content, number, interchange, *others, lines = row
    return sum_of(patient, content, file, number, interchange, *others, None, lines)


def proven(claim: EarlierClaim, patient: int, kept: Any) -> None:
    """Compare a claim with the checksum of its row. Raises `sqlite3.DatabaseError`."""
    if sum_of(patient, *claim) != kept:
        raise sqlite3.DatabaseError("it has a claim with damaged values")


def hashed(patient: int, content: int) -> bytes:
    """What of a row goes into the hash of the rows of its file."""
    return _HASHED.pack(patient, content)


@once_per_claim
def keyed(claim: Claim, key: Key) -> tuple[int, int]:
    """The keyed hashes of patient and content."""
    return key.of(likeness.person(claim)), key.of(likeness.content(claim))


def claim_id_of(claim: Claim) -> int:
    """A number that stands for CLM01."""
    return digest(claim.claim_id.strip().upper())


def _written(line: ServiceLine, alike: int) -> str:
    day, units = None if line.covers_days else line.readable_day, _units(line)
    values = (
        line.procedure,
        str(day.toordinal() if day else UNKNOWN_DAY),
        NO_UNITS if units is None else f"{units:f}",
        DISCARDED if DISCARDED in line.modifiers else NO_UNITS,
        str(alike),
    )
    return " ".join(values)


def _units(line: ServiceLine) -> Decimal | None:
    try:
        return line.units
    except MalformedValue:
        return None
