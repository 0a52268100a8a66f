"""Compares billed doses with labelled doses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal

from scrubber.claims.doses import Dose
from scrubber.claims.model import ServiceLine
from scrubber.reference.drugs import Amount, Drug
from scrubber.reference.facts import Facts, once_per_facts
from scrubber.reference.therapy import LabelledDose
from scrubber.reference.vials import reachable
from scrubber.x12.remembering import remembered

_CODES = 1024
"""How many codes are remembered."""


def most_units(hcpcs: str, facts: Facts) -> Decimal | None:
    """The most units of a code in a labelled dose of one day, `None` if unknown."""
    return _most_units(facts)(hcpcs)


@once_per_facts
def _most_units(facts: Facts) -> Callable[[str], Decimal | None]:
    """`most_units`, which keeps its answers: claims have few drugs."""

    @remembered(_CODES)
    def kept(hcpcs: str) -> Decimal | None:
        drug = facts.any_drug(hcpcs)
        rule = facts.labelled_dose(drug.substance) if drug else None
        return _whole(rule.most, drug) if drug and rule else None

    return kept


def most_of_products(dose: Dose, facts: Facts) -> Decimal | None:
    """The most units in a labelled dose of the products that were given; `None` if one has no dose of its own."""
    drug = facts.any_drug(dose.procedure)
    rules = [facts.product_doses.get(line.ndc[:_PRODUCT]) for line in dose.administered]
    if drug is None or not rules or None in rules:
        return None
    return max(_whole(rule.most, drug) for rule in rules if rule)


def _whole(most: Amount, drug: Drug) -> Decimal:
    """An amount of a drug in billing units, rounded up, as they are billed whole: 125 mg are 13 units of 10 mg."""
    return (most.number / drug.unit.number).to_integral_value(ROUND_CEILING)


_PRODUCT = 9
"""Digits of an NDC that name the product."""

_LEAST, _MOST = Decimal("0.8"), Decimal("1.2")
"""The least and most of the labelled dose per kilogram, as a share. Doses are rounded, and weights change."""


def fits_weight(amount: Decimal, kilograms: Decimal, rule: LabelledDose) -> bool:
    """Whether a dose is within a fifth of the labelled dose for a weight above zero. False for fixed doses."""
    if rule.least_per_kg is None or rule.most_per_kg is None:
        return False
    return _LEAST * rule.least_per_kg <= amount / kilograms <= _MOST * rule.most_per_kg


def counts_like_other(line: ServiceLine, other: str, facts: Facts) -> bool:
    """Whether a line has too many units for its own code, but whole vials of another. Raises `MalformedValue`."""
    units, day = line.units, line.service_date
    own, others = most_units(line.procedure, facts), most_units(other, facts)
    if units is None or day is None or own is None or others is None or units != int(units):
        return False
    return own < units <= others and reachable(int(units), facts.vials(other, day))
