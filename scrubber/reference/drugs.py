"""Drugs: their codes, products and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import attrs


def in_force(since: date, until: date | None, on: date) -> bool:
    """Whether something valid from `since` to `until`, both included, is in force on a day."""
    return since <= on and (until is None or on <= until)


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def decimal_or_none(number: float | Decimal | None) -> Decimal | None:
    """A number of a table as it is written there, `None` where the row has none."""
    return None if number is None else Decimal(str(number))


def _decimals(texts: Iterable[str]) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


MEASURES = ("mg", "mcg", "g", "unit", "units", "mL", "mCi")
"""What an amount of a drug may be measured in. `units` are those of its label, international units among them."""

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) (\S+)", re.ASCII)
_MILLIGRAMS = {"mg": Decimal(1), "mcg": Decimal("0.001"), "g": Decimal(1000)}


@attrs.frozen
class Amount:
    """An amount of a drug, such as 10 mg or 1000 units."""

    number: Decimal
    measure: str

    def __str__(self) -> str:
        return f"{self.number:,f} {'unit' if self.measure == 'units' and self.number == 1 else self.measure}"

    @property
    def milligrams(self) -> Decimal | None:
        """The amount in milligrams, `None` if it is no weight."""
        factor = _MILLIGRAMS.get(self.measure)
        return None if factor is None else self.number * factor


def amount(text: str) -> Amount:
    """The amount in a text such as "10 mg". Raises `ValueError`."""
    found = _AMOUNT.fullmatch(text)
    if found is None or found[2] not in MEASURES or not Decimal(found[1]):
        raise ValueError(f"{text!r} is not an amount such as '10 mg', in one of {', '.join(MEASURES)}")
    return Amount(Decimal(found[1]), "units" if found[2] == "unit" else found[2])


@attrs.frozen
class Drug:
    """A drug's HCPCS code. `unit` is the content of one billing unit. It is valid from `since` to `until`.

    `every_product` says whether all products of the code are in the table, so that another NDC is doubtful. It is false
    for generics that new makers begin to sell all the time.
    """

    hcpcs: str
    substance: str
    brand: str
    unit: Amount = attrs.field(converter=amount)
    since: date
    source: str
    confidence: float
    until: date | None = None
    every_product: bool = True

    def amount(self, units: Decimal) -> Amount:
        """What some billing units hold."""
        return Amount(units * self.unit.number, self.unit.measure)


@attrs.frozen
class Product:
    """A drug product by the first nine digits of its NDC.

    `hcpcs` is its billing code, or `None`. `units` and `ml` are the billing units and withdrawable millilitres of one
    container: a vial, a syringe or a kit. `packages` are the listed last two digits, `containers` how many containers
    each of them holds, in their order; empty where each holds one. `single_dose` is true if the
    container is for one dose, `None` if that is not known. `route` and `since` are `None` if they are not known.
    `counted_in` are the units of measure of its NDC quantity that payers take. `kind` is `biologic` for a biologic and
    decides the unclassified code. A product has a row for each of its codes, and for each size of container.
    """

    ndc9: str
    substance: str
    label: str
    form: str
    packages: tuple[str, ...] = attrs.field(converter=_texts)
    source: str
    confidence: float
    route: str | None = None
    single_dose: bool | None = None
    since: date | None = None
    hcpcs: str | None = None
    units: Decimal | None = attrs.field(default=None, converter=decimal_or_none)
    ml: Decimal | None = attrs.field(default=None, converter=decimal_or_none)
    counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    also_counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    kind: str | None = None
    syringe_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    autoinjector_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    until: date | None = None
    containers: tuple[Decimal, ...] = attrs.field(default=(), converter=_decimals)

    def containers_in(self, package: str) -> Decimal:
        """How many containers a package holds, by the last two digits of its NDC; 1 if that is not known."""
        return dict(zip(self.packages, self.containers, strict=False)).get(package, Decimal(1))

    def is_sold_on(self, day: date) -> bool:
        """Whether it was on the market on a day, as far as is known."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


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
