"""Facts about billing rather than about drugs: spacing of doses, time limits, number shapes, modifiers by date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import attrs

from scrubber.reference.tables import table


@attrs.frozen
class Spacing:
    """How many days lie between doses of a drug.

    A gap below `too_close` is hard to explain; up to `loading_gaps` gaps in a row may be as short as the loading
    doses' (up to `loading_until`); one below `usual_from` is short. No more than `most_doses` fall within any
    `window_days`.
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


@attrs.frozen
class Period:
    """A length of time."""

    days: int
    source: str
    confidence: float


@attrs.frozen
class NumberShape:
    """The shape of a number as a regular expression, and from when on claims must have it."""

    shape: str
    since: date
    source: str
    confidence: float


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
    """How bill types pay drugs: with_stay, with_visit or none; `digits` are their first two."""

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
    """Days on which a rule of writing claims changes, by name."""
    return {name: DatedCode(**row) for name, row in table("turning_points").items()}


def periods() -> Mapping[str, Period]:
    """Time limits by name."""
    return {name: Period(**row) for name, row in table("periods").items()}


def medicare_number() -> NumberShape:
    """The shape of a patient's Medicare number."""
    return NumberShape(**table("medicare_numbers"))


def discount_modifiers() -> Mapping[str, DatedCode]:
    """Modifiers of drugs bought at the 340B price, by code."""
    return {code: DatedCode(**row) for code, row in table("discount_modifiers").items()}


def unclassified_codes() -> Mapping[str, UnclassifiedCode]:
    """Unclassified codes by kind of drug."""
    return {kind: UnclassifiedCode(**row) for kind, row in table("unclassified").items()}
