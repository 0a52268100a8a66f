"""The NDC quantity of a drug line, counted in the billing units of the drug code."""

from __future__ import annotations

from decimal import Decimal

from scrubber.claims.doses import Dose
from scrubber.claims.model import ServiceLine
from scrubber.reference import Facts, Product


def known_product(line: ServiceLine, facts: Facts) -> Product | None:
    """The product of a line's NDC, if it belongs to the drug code of the line."""
    product = facts.product(line.ndc, line.procedure)
    return product if product and product.hcpcs == line.procedure else None


_MILLIGRAMS = {"ME": 1, "GR": 1000}
"""Milligrams in each unit of weight."""


def _billing_units(line: ServiceLine, facts: Facts) -> Decimal | None:
    """The NDC quantity of a line in billing units, `None` if it is unknown. Raises `MalformedValue`."""
    product, quantity = known_product(line, facts), line.ndc_quantity
    if product is None or product.units is None or quantity is None:
        return None
    if line.ndc_unit == "UN":
        return quantity * product.units
    if line.ndc_unit == "ML" and product.ml:
        return quantity * product.units / product.ml
    drug = facts.drug(line.procedure, line.service_date) if line.service_date else None
    if line.ndc_unit in _MILLIGRAMS and drug and drug.unit.milligrams:
        return quantity * _MILLIGRAMS[line.ndc_unit] / drug.unit.milligrams
    return None


def dose_billing_units(dose: Dose, facts: Facts) -> Decimal | None:
    """The NDC quantities of all lines of a dose in billing units, `None` if one of them is unknown."""
    amounts = [_billing_units(line, facts) for line in dose.lines]
    return None if None in amounts else sum((item for item in amounts if item is not None), Decimal(0))
