"""How much of a dose had to be discarded, by the vial sizes of its drug."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from scrubber.claims.doses import Dose
from scrubber.reference.facts import Facts
from scrubber.reference.vials import least_total, reachable


def whole(units: Decimal) -> int:
    """Units as a whole number, rounded up as given units are."""
    return int(units.to_integral_value(ROUND_CEILING))


def vial_sizes(dose: Dose, facts: Facts) -> list[Decimal]:
    """Billing units in each vial size of a single-dose drug, smallest first. Empty if they are not known."""
    if dose.day is None or not all(facts.single_dose(line.procedure, line.ndc) for line in dose.lines):
        return []
    return sorted(facts.vials(dose.procedure, dose.day))


def avoidable_waste(dose: Dose, facts: Facts) -> Decimal | None:
    """The discarded units of a dose above the least possible waste of its given units.

    `None` if that is not known: without given or discarded units or vial sizes, or if both together do not fill whole
    vials. Raises `MalformedValue`.
    """
    given, wasted = dose.given, dose.wasted
    if not dose.discarded or given is None or wasted is None or given <= 0:
        return None
    sizes = vial_sizes(dose, facts)
    if not sizes or not reachable(whole(given + wasted), sizes):
        return None
    return wasted - (least_total(whole(given), sizes) - whole(given))
