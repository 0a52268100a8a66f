"""Facts about billing: spacing of doses, time limits, number shapes, modifiers by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property

import attrs

from scrubber.reference.tables import table


@attrs.frozen
class Spacing:
    """How many days lie between doses of a drug.

    Gaps are in days. A gap below `too_close` is hard to explain. A gap below `usual_from` is short. Up to
    `loading_gaps` gaps in a row may be as short as those of loading doses (up to `loading_until`). Any `window_days`
    hold at most `most_doses`.
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


def spacings() -> tuple[Spacing, ...]:
    """Spacing of doses."""
    return tuple(Spacing(**row) for row in table("spacing")["spacing"])


def bill_types() -> tuple[BillType, ...]:
    """The bill types that do not pay drugs by the line."""
    return tuple(BillType(**row) for row in table("bill_types")["bill_type"])


def turning_points() -> Mapping[str, DatedCode]:
    """The days on which a rule for claims changes, by name."""
    return {name: DatedCode(**row) for name, row in table("turning_points").items()}


def periods() -> Mapping[str, Period]:
    """Time limits by name."""
    return {name: Period(**row) for name, row in table("periods").items()}


def shapes() -> Mapping[str, Shape]:
    """Shapes of codes and numbers by name."""
    return {name: Shape(**row) for name, row in table("shapes").items()}


def medicare_number() -> NumberShape:
    """The shape of a patient's Medicare number."""
    return NumberShape(**table("medicare_numbers"))


def discount_modifiers() -> Mapping[str, DatedCode]:
    """Modifiers of drugs bought at the 340B price, by code."""
    return {code: DatedCode(**row) for code, row in table("discount_modifiers").items()}


def unclassified_codes() -> Mapping[str, UnclassifiedCode]:
    """Unclassified codes by kind of drug."""
    return {kind: UnclassifiedCode(**row) for kind, row in table("unclassified").items()}
