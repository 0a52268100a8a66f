"""How much of a dose had to be discarded, by the vial sizes of its drug."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal

from scrubber.claims.doses import Dose
from scrubber.reference.facts import Facts
from scrubber.reference.listings import listings
from scrubber.reference.vials import least_total, reachable


def whole(units: Decimal) -> int:
    """Units as a whole number, rounded up as given units are."""
    return int(units.to_integral_value(ROUND_CEILING))


def vial_sizes(dose: Dose, facts: Facts) -> list[Decimal]:
    """Billing units in each vial size of a single-dose drug, smallest first. Empty if they are not known.

    The sizes are those of the shipped rows, and those that the loaded crosswalk lists for the day.
    """
    if dose.day is None or not all(facts.single_dose(line.procedure, line.ndc) for line in dose.lines):
        return []
    return sorted(sizes(dose.procedure, dose.day, facts))


def sizes(hcpcs: str, on: date, facts: Facts) -> frozenset[Decimal]:
    """Billing units in each size of vial that a code is supplied in on a day. Empty if the shipped rows have none."""
    shipped = facts.vials(hcpcs, on)
    return shipped | listings(facts).units(hcpcs, on) if shipped else shipped


def avoidable_waste(dose: Dose, facts: Facts) -> Decimal | None:
    """The discarded units of a dose above the least possible waste of its given units, by the shipped vial sizes.

    A size that only the loaded crosswalk lists is not asked for: it may be too new to be in stock.

    `None` if that is not known: without given or discarded units or vial sizes, or if both together do not fill whole
    vials. Raises `MalformedValue`.
    """
    given, wasted = dose.given, dose.wasted
    if not dose.discarded or given is None or wasted is None or given <= 0:
        return None
    vials = vial_sizes(dose, facts)
    if not vials or dose.day is None or not reachable(whole(given + wasted), vials):
        return None
    return wasted - (least_total(whole(given), facts.vials(dose.procedure, dose.day)) - whole(given))
