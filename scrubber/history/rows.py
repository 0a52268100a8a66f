"""A claim as a row of a history, and as a line of text on its way there.

A row has numbers, days and codes only: keyed hashes of patient, content, billing NPI, claim id and likeness, the
frequency, the days of service, and code, day and units of lines with infused drugs.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from scrubber.claims import likeness
from scrubber.claims.doses import DISCARDED
from scrubber.claims.earlier import UNKNOWN_DAY, EarlierLine
from scrubber.claims.history import digest
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.history.key import Key
from scrubber.reference import Facts

_BETWEEN, _BETWEEN_LINES, _BETWEEN_VALUES = "\t", "|", " "
_NOTHING = "-"


class Row(NamedTuple):
    """A claim in a history. `number` is its number in the file, `interchange` that of the ISA it stands in.

    `lines` are its lines with infused drugs, as `written_lines` writes them.
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

    def text(self) -> str:
        """The row as a line of text."""
        return _BETWEEN.join(map(str, self)) + "\n"

    @classmethod
    def of_text(cls, text: str) -> Row:
        """The row that `text` wrote."""
        values = text.rstrip("\n").split(_BETWEEN)
        given: list[Any] = [*map(int, values[:7]), values[7], *map(int, values[8:10]), values[10]]
        return cls(*given)


def row_of(claim: Claim, interchange: int, key: Key, facts: Facts) -> Row:
    """The row of a claim. A void bills nothing, so it has no lines."""
    lines = [line for line in claim.lines if line.procedure in facts.drug_codes and not claim.is_void]
    patient, of_group = likeness.person(claim), facts.is_of_group
    days = claim.service_dates
    return Row(
        key.of(patient),
        key.of(likeness.content(claim)),
        claim.number,
        interchange,
        key.of(likeness.provider(claim)),
        key.of(claim_id_of(claim)),
        key.of(likeness.claim_likeness(claim, patient, of_group)) if lines else 0,
        claim.frequency if len(claim.frequency) == 1 and claim.frequency.isalnum() else "",
        days[0].toordinal() if days else UNKNOWN_DAY,
        days[-1].toordinal() if days else UNKNOWN_DAY,
        _BETWEEN_LINES.join(_written(claim, line, key, facts) for line in lines),
    )


def claim_id_of(claim: Claim) -> int:
    """A number that stands for CLM01."""
    return digest(claim.claim_id.strip().upper())


def _written(claim: Claim, line: ServiceLine, key: Key, facts: Facts) -> str:
    day, units = None if line.covers_days else line.readable_day, _units(line)
    values = (
        line.procedure,
        str(day.toordinal() if day else UNKNOWN_DAY),
        _NOTHING if units is None else f"{units:f}",
        DISCARDED if DISCARDED in line.modifiers else _NOTHING,
        str(key.of(likeness.line_likeness(claim, line, facts.is_of_group))),
    )
    return _BETWEEN_VALUES.join(values)


def _units(line: ServiceLine) -> Decimal | None:
    try:
        return line.units
    except MalformedValue:
        return None


def lines_of(written: str) -> Sequence[EarlierLine]:
    """The lines of a row."""
    return [_line(*line.split(_BETWEEN_VALUES)) for line in written.split(_BETWEEN_LINES)] if written else ()


def _line(procedure: str, day: str, units: str, discarded: str, alike: str) -> EarlierLine:
    number = None if units == _NOTHING else Decimal(units)
    return EarlierLine(procedure, int(day), number, discarded == DISCARDED, int(alike))
