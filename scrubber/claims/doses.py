"""Doses: all lines of one drug and day, with given and discarded amounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import islice

import attrs

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim

DISCARDED = "JW"
NOTHING_DISCARDED = "JZ"


@attrs.define(slots=False, on_setattr=attrs.setters.frozen, eq=False)  # faster to make than with `attrs.frozen`
class Dose:
    """The lines of one procedure code and day of service on a claim, of all rendering providers.

    Members of a billing provider count as one (see `scrubber.claims.visits`). Two vial sizes have two NDCs and need two
    lines. The discarded amount has its own line. `day` is `None` if the lines have no date. `administered` are the
    lines without JW, `discarded` the lines with JW.
    """

    procedure: str
    day: date | None
    lines: Sequence[ServiceLine]
    administered: Sequence[ServiceLine]
    discarded: Sequence[ServiceLine]

    @property
    def units(self) -> Decimal | None:
        """The units of all lines, `None` if a line has no units. Raises `MalformedValue`."""
        return _total(self.lines) if self.discarded else self.given

    @cached_property
    def given(self) -> Decimal | None:
        """The units of the lines without JW, `None` if a line has no units. Raises `MalformedValue`."""
        return _total(self.administered)

    @property
    def wasted(self) -> Decimal | None:
        """The units of the lines with JW, `None` if a line has no units. Raises `MalformedValue`."""
        return _total(self.discarded) if self.discarded else _NONE


@once_per_claim
def doses(claim: Claim, procedures: frozenset[str]) -> Sequence[Dose]:
    """The doses of the given codes on a claim, in order of their first lines. Raises `MalformedValue`."""
    found: dict[tuple[str, date | None], list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure in procedures:
            found.setdefault((line.procedure, line.service_date), []).append(line)
    return [_dose(*key, lines) for key, lines in found.items()]


def _dose(procedure: str, day: date | None, lines: Sequence[ServiceLine]) -> Dose:
    discarded = [line for line in lines if DISCARDED in line.modifiers]
    administered = [line for line in lines if DISCARDED not in line.modifiers] if discarded else lines
    return Dose(procedure, day, lines, administered, discarded)


_NONE = Decimal(0)


def _total(lines: Sequence[ServiceLine]) -> Decimal | None:
    total = Decimal(0)
    for units in [line.units for line in lines]:
        if units is None:
            return None
        total += units
    return total


def given_lines(claim: Claim) -> list[ServiceLine]:
    """The lines without JW. A discarded amount is no dose."""
    return [line for line in claim.lines if DISCARDED not in line.modifiers]


def dose_days(lines: Iterable[ServiceLine]) -> list[tuple[date, ServiceLine]]:
    """The days with a dose in order, each with its first line. Lines without a known day are left out.

    All lines of a day are one dose, as vials of two sizes need two lines. Raises `MalformedValue`.
    """
    first: dict[date, ServiceLine] = {}
    for line in lines:
        day = line.only_day
        if day:
            first.setdefault(day, line)
    return sorted(first.items(), key=lambda dose: dose[0])


_MOST_NUMBERS = 6


def in_units(amount: Decimal | int) -> str:
    """Units for a message: `1 unit`, `80 units`, `2.5 units`."""
    return f"{Decimal(amount):f} {'unit' if amount == 1 else 'units'}"


def numbers(lines: Collection[ServiceLine]) -> str:
    """Line numbers for a message: `line 1`, `lines 1, 2 and 4`. Long lists end in `and 3 more`."""
    words = [line.shown_number for line in islice(lines, _MOST_NUMBERS)]
    if len(lines) == 1:
        return f"line {words[0]}"
    if len(lines) > _MOST_NUMBERS:
        words[-1:] = [f"{len(lines) - _MOST_NUMBERS + 1} more"]
    return f"lines {', '.join(words[:-1])} and {words[-1]}"
