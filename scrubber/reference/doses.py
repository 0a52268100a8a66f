"""Doses beside what the label gives."""

from __future__ import annotations

from decimal import Decimal

from scrubber.claims.model import ServiceLine
from scrubber.reference.facts import Facts
from scrubber.reference.therapy import LabelledDose
from scrubber.reference.vials import reachable


def most_units(hcpcs: str, facts: Facts) -> Decimal | None:
    """Units of a code that no labelled dose of one day goes beyond, `None` where that is not known."""
    drug = next((row for row in facts.drugs if row.hcpcs == hcpcs), None)
    rule = facts.labelled_dose(drug.substance) if drug else None
    return rule.most_milligrams / drug.milligrams if drug and rule else None


_LEAST, _MOST = Decimal("0.8"), Decimal("1.2")
"""How far a dose may lie below and above what the label gives for a kilogram, as doses are rounded and weights age."""


def fits_weight(milligrams: Decimal, kilograms: Decimal, rule: LabelledDose) -> bool:
    """Whether a dose is what the label gives for a weight above zero, within a fifth. Never where it goes by none."""
    if rule.least_per_kg is None or rule.most_per_kg is None:
        return False
    return _LEAST * rule.least_per_kg <= milligrams / kilograms <= _MOST * rule.most_per_kg


def counts_like_other(line: ServiceLine, other: str, facts: Facts) -> bool:
    """Whether a line's units are no dose of its own code, but whole vials of another. Raises `MalformedValue`."""
    units, day = line.units, line.service_date
    own, others = most_units(line.procedure, facts), most_units(other, facts)
    if units is None or day is None or own is None or others is None or units != int(units):
        return False
    return own < units <= others and reachable(int(units), facts.vials(other, day))
