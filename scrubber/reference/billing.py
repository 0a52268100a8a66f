"""Facts about billing: spacing of doses, time limits, number shapes, modifiers by date."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import attrs


@attrs.frozen(cache_hash=True)
class Spacing:
    """How many days lie between doses of a drug.

    Gaps are in days. A gap below `too_close` is hard to explain. A gap below `usual_from` is short. Up to
    `loading_gaps` gaps in a row may be as short as those of loading doses (up to `loading_until`). Any `window_days`
    hold at most `most_doses`. `short_is` is the severity of a short gap. `diagnoses` is the set of diagnoses for which
    the row holds, `None` for all.
    """

    substances: tuple[str, ...] = attrs.field(converter=tuple)
    too_close: int
    usual_from: int
    source: str
    confidence: float
    loading_until: int | None = None
    loading_gaps: int = 0
    most_doses: int | None = None
    window_days: int = 0
    short_is: Literal["info", "warn"] = "info"
    diagnoses: str | None = None


_SHORTEST_YEAR = 365


@attrs.frozen
class Period:
    """A length of time in calendar years and days."""

    source: str
    confidence: float
    days: int = 0
    years: int = 0

    def after(self, day: date) -> date:
        """The last day of the period that begins on a day. A year after 29 February is 28 February."""
        leap = self.years and (day.month, day.day) == (2, 29)
        try:
            return day.replace(year=day.year + self.years, day=28 if leap else day.day) + timedelta(self.days)
        except (OverflowError, ValueError):
            return date.max

    def is_over(self, begun: date, today: date) -> bool:
        """Whether the period that began on a day ended before `today`."""
        return (today - begun).days > self.days + _SHORTEST_YEAR * self.years and today > self.after(begun)


@attrs.frozen
class NumberShape:
    """The shape of a number as a regular expression, and the date from which claims must have it."""

    shape: str
    since: date
    source: str
    confidence: float


@attrs.frozen(slots=False, eq=False)
class Shape:
    """The form of a kind of code or number, as a regular expression."""

    shape: str
    source: str
    confidence: float

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.shape, re.ASCII)

    def fits(self, text: str) -> bool:
        """Whether a text has that form."""
        return self._pattern.fullmatch(text) is not None


@attrs.frozen
class DatedCode:
    """A code, or a rule, that is in force from `since` to `until`, both included."""

    since: date
    source: str
    confidence: float
    until: date | None = None


@attrs.frozen
class EndedCode:
    """A HCPCS code that ended with the day `until`, and the codes that are billed instead."""

    code: str
    until: date
    instead: tuple[str, ...] = attrs.field(converter=tuple)
    source: str
    confidence: float


@attrs.frozen
class Contradiction:
    """Modifiers that contradict each other: a line may have only one of them."""

    modifiers: tuple[str, ...] = attrs.field(converter=tuple)
    source: str
    confidence: float


@attrs.frozen
class CodeFamily:
    """A set of procedure codes or modifiers that edits use by its name."""

    codes: tuple[str, ...] = attrs.field(converter=tuple)
    source: str


@attrs.frozen
class UnclassifiedCode:
    """The unclassified code that a kind of drug is billed with."""

    hcpcs: str
    source: str
    confidence: float


@attrs.frozen
class BillType:
    """How drugs on some bill types are paid: with_stay, with_visit or none. `digits` are the first two of each type."""

    digits: tuple[str, ...] = attrs.field(converter=tuple)
    drugs: str
    source: str
    confidence: float
