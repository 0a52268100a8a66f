"""The NDC quantity of a drug line, counted in the billing units of the drug code."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from scrubber.claims.doses import Dose
from scrubber.claims.model import ServiceLine
from scrubber.reference import Facts, Product
from scrubber.reference.editions import Row
from scrubber.reference.listings import is_liquid, listings, milligrams, plain


def known_product(line: ServiceLine, facts: Facts) -> Product | None:
    """The product of a line's NDC, if it belongs to the drug code of the line."""
    product = facts.product(line.ndc, line.procedure)
    return product if product and product.hcpcs == line.procedure else None


_MILLIGRAMS = {"ME": 1, "GR": 1000}
"""Milligrams in each unit of weight."""


def _billing_units(line: ServiceLine, facts: Facts) -> Decimal | None:
    """The NDC quantity of a line in billing units, `None` if it is unknown. Raises `MalformedValue`.

    For the units of a container the loaded crosswalk wins over the shipped row: it is the edition of the day.
    """
    product, quantity = known_product(line, facts), line.ndc_quantity
    listed = listings(facts).row(line)
    if quantity is None or (product is None and listed is None):
        return None
    if product is None:
        return _by_listing(line, listed, quantity, facts) if listed else None
    units = (listed.number("units") if listed else None) or product.units
    if units is None:
        return None
    if line.ndc_unit == "UN":
        return quantity * units
    if line.ndc_unit == "ML" and product.ml:
        return quantity * units / product.ml
    drug = facts.drug(line.procedure, line.service_date) if line.service_date else None
    if line.ndc_unit in _MILLIGRAMS and drug and drug.unit.milligrams:
        return quantity * _MILLIGRAMS[line.ndc_unit] / drug.unit.milligrams
    return None


def _by_listing(line: ServiceLine, listed: Row, quantity: Decimal, facts: Facts) -> Decimal | None:
    """The NDC quantity of a line in billing units, by the crosswalk alone.

    Drugs that are counted in international units are left out: what a container holds differs from lot to lot.
    """
    units, dosage = listed.number("units"), listed.text("dosage").upper()
    if not units or "IU" in dosage:
        return None
    if line.ndc_unit == "UN":
        return quantity * units
    if line.ndc_unit == "ML":
        package = listings(facts).package(plain(line.ndc), line.service_date)
        size = listed.number("size")
        return quantity * units / size if package and is_liquid(package) and size else None
    weight = milligrams(dosage)
    return quantity * _MILLIGRAMS[line.ndc_unit] / weight if line.ndc_unit in _MILLIGRAMS and weight else None


def dose_billing_units(dose: Dose, facts: Facts) -> Decimal | None:
    """The NDC quantities of all lines of a dose in billing units, `None` if one of them is unknown."""
    return _sum([_billing_units(line, facts) for line in dose.lines])


def counts_packages(dose: Dose, facts: Facts) -> bool:
    """Whether the quantities of a dose are its units if they count packages of several containers (UN)."""
    billed, total = dose.units, _sum([_units_by_package(line, facts) for line in dose.lines])
    return billed is not None and total is not None and abs(billed - total) <= 1


def _units_by_package(line: ServiceLine, facts: Facts) -> Decimal | None:
    """The quantity of a line in billing units if it counts packages, `None` if it does not or their content is unknown.

    As for containers, the loaded crosswalk wins over the shipped row.
    """
    if line.ndc_unit != "UN" or not line.ndc_quantity:
        return None
    product, listed = known_product(line, facts), listings(facts).row(line)
    units = listed.number("units_per_package") if listed else None
    if units is None and product and product.units:
        units = product.units * product.containers_in(plain(line.ndc)[-2:])
    return units and line.ndc_quantity * units


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in amounts else sum((item for item in amounts if item is not None), Decimal(0))
