"""Lines of one drug taken together: what was given, and thrown away, on one day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import islice

import attrs

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim

DISCARDED = "JW"
NOTHING_DISCARDED = "JZ"


@attrs.frozen
class Dose:
    """The lines of one procedure code and day of service, whoever rendered them; never across claims.

    The billing provider of a claim is one, and its members count as one (see `scrubber.claims.visits`). Two vial sizes
    have two NDCs and stand on two lines, and so does what was thrown away: only together do the lines say what was
    used. `day` is `None` where a line has no date; `administered` are the lines without JW, `discarded` those with it.
    """

    procedure: str
    day: date | None
    lines: Sequence[ServiceLine]
    administered: Sequence[ServiceLine]
    discarded: Sequence[ServiceLine]

    @property
    def units(self) -> Decimal | None:
        """Units of all lines together, `None` where one has none. Raises `MalformedValue`."""
        return _total(self.lines) if self.discarded else self.given

    @cached_property
    def given(self) -> Decimal | None:
        """Units of the lines without JW together, `None` where one has none. Raises `MalformedValue`."""
        return _total(self.administered)

    @property
    def wasted(self) -> Decimal | None:
        """Units of the lines with JW together, `None` where one has none. Raises `MalformedValue`."""
        return _total(self.discarded)


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


def _total(lines: Sequence[ServiceLine]) -> Decimal | None:
    total = Decimal(0)
    for units in [line.units for line in lines]:
        if units is None:
            return None
        total += units
    return total


_MOST_NUMBERS = 6


def numbers(lines: Collection[ServiceLine]) -> str:
    """The numbers of lines for a message: `line 1`, `lines 1, 2 and 4`; of many the first ones and how many more."""
    words = [line.number_text for line in islice(lines, _MOST_NUMBERS)]
    if len(lines) == 1:
        return f"line {words[0]}"
    if len(lines) > _MOST_NUMBERS:
        words[-1:] = [f"{len(lines) - _MOST_NUMBERS + 1} more"]
    return f"lines {', '.join(words[:-1])} and {words[-1]}"
