"""How drugs are used: routes, doses, excluded diagnoses and drugs that are not combined."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

from scrubber.reference.drugs import Amount, amount, decimal_or_none


@attrs.frozen
class Therapy:
    """How a substance is given.

    `standard` is the usual code of its administration. `questioned` are codes that some payers do not take for it.
    `minutes` is the labelled length of an infusion where it is fixed. `not_by` are methods or accesses that do not fit
    it. `beyond_label` is the severity of a diagnosis that is not on the label. It is info for the `recognised` set of
    diagnoses.
    """

    substances: tuple[str, ...] = attrs.field(converter=tuple)
    standard: str
    beyond_label: Literal["warn", "info"]
    source: str
    confidence: float
    questioned: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    not_by: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    minutes: int | None = None
    recognised: str | None = None


@attrs.frozen
class LabelledDose:
    """The labelled dose of a substance on one day: the most, and the dose per kilogram of body weight.

    The doses per kilogram are in the measure of `most`, which is that of the drug's billing units.
    """

    substances: tuple[str, ...] = attrs.field(converter=tuple)
    most: Amount = attrs.field(converter=amount)
    source: str
    confidence: float
    least_per_kg: Decimal | None = attrs.field(default=None, converter=decimal_or_none)
    most_per_kg: Decimal | None = attrs.field(default=None, converter=decimal_or_none)


@attrs.frozen
class ProductDose:
    """The most of a product in a labelled dose of one day, by the first nine digits of its NDC."""

    ndc9: str
    most: Amount = attrs.field(converter=amount)
    source: str
    confidence: float


@attrs.frozen
class DailyMost:
    """The most of a common drug in one day, by its code. `unit` is the content of one billing unit."""

    code: str
    unit: Amount = attrs.field(converter=amount)
    most: Amount = attrs.field(converter=amount)
    source: str
    confidence: float

    @property
    def most_units(self) -> Decimal:
        """The most of a day in billing units."""
        return self.most.number / self.unit.number


@attrs.frozen
class Unlabelled:
    """Diagnoses that a substance is mistakenly billed for, unless the claim has one of the set `unless`.

    `kind` is other_disease, related_disease or not_evaluated. Some payers with the filing indicators
    `filing_in_doubt` take such a claim.
    """

    substances: tuple[str, ...] = attrs.field(converter=tuple)
    kind: str
    diagnoses: str
    source: str
    confidence: float
    unless: str | None = None
    filing_in_doubt: tuple[str, ...] = attrs.field(default=(), converter=tuple)


@attrs.frozen(cache_hash=True)
class Combination:
    """Substances that are not given on the same day (`days` 0), or within `days` of each other."""

    first: tuple[str, ...] = attrs.field(converter=tuple)
    second: tuple[str, ...] = attrs.field(converter=tuple)
    days: int
    source: str
    confidence: float


@attrs.frozen
class Confusion:
    """Procedure codes that are mistaken for each other."""

    codes: tuple[str, ...] = attrs.field(converter=tuple)
    source: str
    confidence: float
