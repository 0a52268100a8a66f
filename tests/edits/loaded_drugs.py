"""Invented and real rows of public tables, for tests of edits that use the crosswalk and the directory.

J3380 (vedolizumab) and J9271 stand for drugs that only the loaded tables know; tests may not assume that the shipped
tables lack them, so the shipped rows of these codes are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from scrubber.reference import Facts, shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import ASP_CODES, ASP_CROSSWALK, NDC_DIRECTORY, SINGLE_DOSE
from scrubber.reference.products import Products
from scrubber.testing import LineSpec
from tests.edits.judging import LONG_AGO, row

QUARTER = date(2026, 10, 1), date(2026, 12, 31)

VIAL = "99991000101"
"""An invented NDC: a vial of 300 units, infused, listed with J9998."""
SMALL_VIAL = "99991000201"
PEN = "99991000901"
"""The same substance for injection under the skin; in no crosswalk."""
OTHER = "99992000101"
"""Another substance, listed with J9997."""
TWO_CODES = "99993000101"
"""Listed with J9998 and J9996."""
BOTTLE = "99994000101"
"""A liquid of 10 mL and 100 units, for many doses, listed with J9995; ten bottles in a package."""
IMPLANT = "99995000101"
"""A device, listed with J9994, that the directory does not have."""
SKIN = "99996000101"
"""A skin substitute with an NDC, listed with Q4160."""

_PACKAGES = (
    (VIAL, "J9998", "300", "300", "1", "20", "1 MG"),
    (SMALL_VIAL, "J9998", "12.5", "12.5", "1", "1", "1 MG"),
    (OTHER, "J9997", "10", "10", "1", "4", "10 MG"),
    (TWO_CODES, "J9998", "20", "200", "10", "1", "100 UNITS"),
    (TWO_CODES, "J9996", "2", "20", "10", "1", "1000 UNITS"),
    (BOTTLE, "J9995", "100", "1000", "10", "10", "1 MG"),
    (IMPLANT, "J9994", "20", "60", "3", "2", "1 MG"),
    (SKIN, "Q4160", "9", "9", "1", "9", "1 SQ CM"),
)

_DIRECTORY = (
    (VIAL, "INTRAVENOUS", "INJECTION, POWDER, LYOPHILIZED, FOR SOLUTION", "SAMPLIZUMAB", "1"),
    (SMALL_VIAL, "INTRAVENOUS", "INJECTION, SOLUTION", "SAMPLIZUMAB", "1"),
    (PEN, "SUBCUTANEOUS", "INJECTION, SOLUTION", "SAMPLIZUMAB", "1"),
    (OTHER, "INTRAVENOUS", "INJECTION, SOLUTION", "OTHERMAB", ""),
    (BOTTLE, "INTRAMUSCULAR; SUBCUTANEOUS", "INJECTION, SOLUTION", "BOTTLIN", "0"),
)


def crosswalk(*packages: tuple[str, ...]) -> dict[str, list[Row]]:
    by_ndc, by_code = [], []
    for ndc, code, units, whole, quantity, size, dosage in packages or _PACKAGES:
        values = {"units": units, "units_per_package": whole, "quantity": quantity, "size": size, "dosage": dosage}
        by_ndc.append(Row(ndc, *QUARTER, {**values, "code": code}))
        by_code.append(Row(code, *QUARTER, {**values, "ndc": ndc}))
    return {ASP_CROSSWALK: by_ndc, ASP_CODES: by_code}


def directory() -> dict[str, list[Row]]:
    return {
        NDC_DIRECTORY: [
            row(ndc, LONG_AGO, route=route, form=form, substance=substance, single_dose=single)
            for ndc, route, form, substance, single in _DIRECTORY
        ]
        + [row("99991000801", LONG_AGO, date(2025, 6, 30), route="INTRAVENOUS", substance="SAMPLIZUMAB")]
    }


def single_dose(*codes: str) -> dict[str, list[Row]]:
    return {SINGLE_DOSE: [row(code) for code in codes]}


def having(*tables: Mapping[str, Iterable[Row]], codes: tuple[str, ...] = ()) -> Facts:
    """The shipped facts with tables of the fourth quarter of 2026, without the shipped drugs of some codes."""
    facts = shipped()
    loaded = {name: external_table(name, "2026-10", rows, *QUARTER) for some in tables for name, rows in some.items()}
    if codes:
        facts = attrs.evolve(
            facts,
            drugs=tuple(drug for drug in facts.drugs if drug.hcpcs not in codes),
            products=Products(()),
        )
    return attrs.evolve(facts, tables=loaded)


def vials(count: int | str = 1, units: int | str = 300, **changes: object) -> LineSpec:
    """A line of the invented drug: whole vials."""
    line = LineSpec("J9998", ("JZ",), units, charge=1000, ndc=VIAL, ndc_quantity=count, ndc_unit="UN")
    return attrs.evolve(line, **changes)  # type: ignore[arg-type]
