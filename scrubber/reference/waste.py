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

    The sizes are those of the shipped rows, and those that the loaded crosswalk lists for the day. If the NDCs of the
    dose say that all of it was infused, or all was injected, containers of the other route are left out.
    """
    if dose.day is None or not all(facts.single_dose(line.procedure, line.ndc) for line in dose.lines):
        return []
    return sorted(sizes(dose.procedure, dose.day, facts) - _of_other_routes(dose, dose.day, facts))


def _of_other_routes(dose: Dose, on: date, facts: Facts) -> frozenset[Decimal]:
    """The sizes of a code that only containers of another route than the dose's have."""
    products = facts.products.of_code(dose.procedure)
    if len({product.route for product in products}) <= 1:
        return frozenset()
    given = [facts.product(line.ndc, line.procedure) for line in dose.lines]
    routes = {product.route if product and product.hcpcs == dose.procedure else None for product in given}
    if len(routes) != 1 or None in routes:
        return frozenset()
    same = {product.units for product in products if product.route in routes and product.is_sold_on(on)}
    return frozenset(product.units for product in products if product.units and product.units not in same)


def sizes(hcpcs: str, on: date, facts: Facts) -> frozenset[Decimal]:
    """Billing units in each size of vial that a code is supplied in on a day. Empty if the shipped rows have none."""
    shipped = facts.vials(hcpcs, on)
    return shipped | listings(facts).units(hcpcs, on) if shipped else shipped


def avoidable_waste(dose: Dose, facts: Facts) -> Decimal | None:
    """The discarded units of a dose above the least possible waste of its given units, by the shipped vial sizes.

    A size that only the loaded crosswalk lists does not count: it may be too new to be in stock.

    `None` if that is not known: without given or discarded units or vial sizes, or if both together do not fill whole
    vials. Raises `MalformedValue`.
    """
    given, wasted = dose.given, dose.wasted
    if not dose.discarded or given is None or wasted is None or given <= 0:
        return None
    vials = vial_sizes(dose, facts)
    if not vials or dose.day is None or not reachable(whole(given + wasted), vials):
        return None
    sold = facts.vials(dose.procedure, dose.day) - _of_other_routes(dose, dose.day, facts)
    return wasted - (least_total(whole(given), sold) - whole(given))
