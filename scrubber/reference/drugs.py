"""Drugs: their codes, products and labels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs


def in_force(since: date, until: date | None, on: date) -> bool:
    """Whether something valid from `since` to `until`, both included, is in force on a day."""
    return since <= on and (until is None or on <= until)


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


@attrs.frozen
class Drug:
    """A drug's HCPCS code. `milligrams` is the content of one billing unit. It is valid from `since` to `until`."""

    hcpcs: str
    substance: str
    brand: str
    milligrams: int
    since: date
    source: str
    confidence: float
    until: date | None = None


@attrs.frozen
class Product:
    """A drug product by the first nine digits of its NDC.

    `hcpcs` is its billing code, or `None`. `units` and `ml` are the billing units and withdrawable millilitres of one
    package. `packages` are the listed last two digits. `single_dose` is true if the container is for one dose. `kind`
    is `biologic` for a biologic and decides the unclassified code.
    """

    ndc9: str
    substance: str
    label: str
    route: str
    form: str
    single_dose: bool
    packages: tuple[str, ...] = attrs.field(converter=tuple)
    since: date
    source: str
    confidence: float
    hcpcs: str | None = None
    units: Decimal | None = attrs.field(default=None, converter=_decimal)
    ml: Decimal | None = attrs.field(default=None, converter=_decimal)
    counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    also_counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    kind: str | None = None
    syringe_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    autoinjector_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    until: date | None = None


@attrs.frozen
class Label:
    """Labelled use of substances for an indication, by age in completed years, in force from `since`."""

    substances: tuple[str, ...] = attrs.field(converter=tuple)
    route: str
    device: str
    indication: str
    age_min: int
    since: date
    source: str
    confidence: float
    age_max: int | None = None
    until: date | None = None

    def covers(self, age: int, on: date) -> bool:
        """Whether a patient of that age was within the label on that day."""
        of_age = self.age_min <= age and (self.age_max is None or age <= self.age_max)
        return of_age and in_force(self.since, self.until, on)
