"""Lines of one drug taken together: what was given, and thrown away, on one day by one provider."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from itertools import islice

import attrs

from scrubber.claims.model import Claim, ServiceLine

DISCARDED = "JW"
NOTHING_DISCARDED = "JZ"


@attrs.frozen
class Dose:
    """The lines of one procedure code, day of service and provider; never across claims.

    Two vial sizes have two NDCs and stand on two lines, and so does what was thrown away: only together do the
    lines say what was used. `day` is `None` where a line has no date; `administered` are the lines without JW,
    `discarded` those with it.
    """

    procedure: str
    day: date | None
    provider: str
    lines: tuple[ServiceLine, ...]

    administered: tuple[ServiceLine, ...] = attrs.field(init=False)
    discarded: tuple[ServiceLine, ...] = attrs.field(init=False)

    @administered.default
    def _without_jw(self) -> tuple[ServiceLine, ...]:
        return tuple(line for line in self.lines if DISCARDED not in line.modifiers)

    @discarded.default
    def _with_jw(self) -> tuple[ServiceLine, ...]:
        return tuple(line for line in self.lines if DISCARDED in line.modifiers)


def doses(claim: Claim, procedures: Collection[str]) -> list[Dose]:
    """The doses of the given codes on a claim, in order of their first lines. Raises `MalformedValue`."""
    found: dict[tuple[str, date | None, str], list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure in procedures:
            key = (line.procedure, line.service_date, claim.provider_of(line))
            found.setdefault(key, []).append(line)
    return [Dose(*key, tuple(lines)) for key, lines in found.items()]


def total_units(lines: Collection[ServiceLine]) -> Decimal | None:
    """The units of some lines together, `None` where one has none. Raises `MalformedValue`."""
    units = [line.units for line in lines]
    return None if None in units else sum((item for item in units if item is not None), Decimal(0))


_MOST_NUMBERS = 6


def numbers(lines: Collection[ServiceLine]) -> str:
    """The numbers of lines for a message: `line 1`, `lines 1, 2 and 4`; of many the first ones and how many more."""
    words = [line.number_text for line in islice(lines, _MOST_NUMBERS)]
    if len(lines) == 1:
        return f"line {words[0]}"
    if len(lines) > _MOST_NUMBERS:
        words[-1:] = [f"{len(lines) - _MOST_NUMBERS + 1} more"]
    return f"lines {', '.join(words[:-1])} and {words[-1]}"
