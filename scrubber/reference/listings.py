"""The rows of loaded tables for drugs that have no shipped row: Medicare's crosswalk and the FDA's directory.

A table that is not loaded, or has no edition for the day, lists nothing. `lacking` names such a table, so that an edit
can report that it has not decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from scrubber.claims.model import ServiceLine
from scrubber.reference.editions import Row, Table
from scrubber.reference.external import ADDENDUM_B, ASP_CODES, ASP_CROSSWALK, NDC_DIRECTORY, SINGLE_DOSE
from scrubber.reference.facts import Facts, once_per_facts
from scrubber.x12.remembering import remembered

_KEPT = 4096
_NDC = re.compile(r"\d{11}", re.ASCII)
_DRUG = re.compile(r"(?!Q4)[JQC]\d{4}", re.ASCII)
"""Codes that drugs are billed with. The crosswalk also lists vaccines and skin substitutes (Q4100 and later). They have
rules of their own, and most skin substitutes have no NDC."""
_WEIGHT = re.compile(r"([\d.,]+) ?(MG|MCG|UG|GM?)", re.ASCII | re.IGNORECASE)
_MILLIGRAMS = {
    "MG": Decimal(1),
    "MCG": Decimal("0.001"),
    "UG": Decimal("0.001"),
    "G": Decimal(1000),
    "GM": Decimal(1000),
}
_PACKAGED = "N"
"""Status indicator of services that are paid with another service."""
_DRY = ("POWDER", "LYOPHILIZED", "KIT")

SUBCUTANEOUS, INTRAVENOUS = "SUBCUTANEOUS", "INTRAVENOUS"
"""Routes in the FDA's words."""

SingleDose = Literal["list", "package"]
"""The table by which a drug is in single-dose containers: Medicare's list of codes, or the text of the package."""


class Listings:
    """The answers of the loaded tables, kept for the run."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._crosswalk, self._codes = facts.tables.get(ASP_CROSSWALK), facts.tables.get(ASP_CODES)
        self._directory, self._single_dose = facts.tables.get(NDC_DIRECTORY), facts.tables.get(SINGLE_DOSE)
        self.of_ndc = remembered(_KEPT)(self._of_ndc)
        self.of_code = remembered(_KEPT)(self._of_code)
        self.package = remembered(_KEPT)(self._package)
        self.units = remembered(_KEPT)(self._units)
        self.substances = remembered(_KEPT)(self._substances)
        self.routes = remembered(_KEPT)(self._routes)

    def codes(self, line: ServiceLine) -> frozenset[str]:
        """The codes that the crosswalk lists the NDC of a line with, on its day. Raises `MalformedValue`."""
        return frozenset(row.text("code") for row in self.rows(line))

    def rows(self, line: ServiceLine) -> Sequence[Row]:
        """The rows of the crosswalk for the NDC of a line, on its day. Raises `MalformedValue`."""
        if self._crosswalk is None:
            return ()
        ndc = plain(line.ndc)
        return self.of_ndc(ndc, line.service_date) if ndc else ()

    def row(self, line: ServiceLine) -> Row | None:
        """The row of the crosswalk for the NDC and code of a line, on its day. Raises `MalformedValue`."""
        rows = self.rows(line)
        return next((row for row in rows if row.text("code") == line.procedure), None) if rows else None

    def lists(self, hcpcs: str, on: date | None) -> bool:
        """Whether the crosswalk has a product of a code on a day."""
        return bool(self.of_code(hcpcs, on))

    def single_dose(self, line: ServiceLine) -> SingleDose | bool | None:
        """Whether the drug of a line came in a single-dose container, and by which table.

        The shipped rows come first, with true or false. The package in the directory comes second; a package for many
        doses is false. Medicare's list of codes comes third. `None` if none of them has the drug. Raises
        `MalformedValue`.
        """
        known = self._facts.single_dose(line.procedure, line.ndc)
        if known is not None:
            return known
        day, ndc = line.service_date, plain(line.ndc)
        package = self.package(ndc, day) if ndc else None
        said = package.text("single_dose") if package else ""
        if said == "0":
            return False
        table = self._single_dose
        if table and day and table.covers(day) and table.row(line.procedure, day):
            return "list"
        return "package" if said == "1" else None

    def is_infused(self, hcpcs: str, ndc: str, on: date) -> bool:
        """Whether the package of an NDC, or else each package of a code, is intravenous only."""
        package = self.package(plain(ndc), on) if plain(ndc) else None
        routes = _routes_of(package) if package else self.routes(hcpcs, on)
        return routes == {INTRAVENOUS}

    def _of_ndc(self, ndc: str, on: date | None) -> Sequence[Row]:
        return _rows(self._crosswalk, ndc, on)

    def _of_code(self, hcpcs: str, on: date | None) -> Sequence[Row]:
        return _rows(self._codes, hcpcs, on)

    def _package(self, ndc: str, on: date | None) -> Row | None:
        """The package of an NDC in the directory on a day, whatever its dates of marketing."""
        table = self._directory
        if table is None or on is None or not table.covers(on):
            return None
        return table.row(ndc, on) or next(iter(table.all_rows(ndc, on)), None)

    def _units(self, hcpcs: str, on: date) -> frozenset[Decimal]:
        """The billing units of each container that the crosswalk lists with a code on a day."""
        return frozenset(units for row in self.of_code(hcpcs, on) if (units := row.number("units")))

    def _substances(self, hcpcs: str, on: date) -> frozenset[str]:
        """The substances of all packages of a code that are in both tables."""
        return frozenset(row.text("substance") for row in self._packages(hcpcs, on)) - {""}

    def _routes(self, hcpcs: str, on: date) -> frozenset[str]:
        """The routes of all packages of a code that are in both tables."""
        return frozenset().union(*(_routes_of(row) for row in self._packages(hcpcs, on)))

    def _packages(self, hcpcs: str, on: date) -> Iterator[Row]:
        for listed in self.of_code(hcpcs, on):
            package = self.package(listed.text("ndc"), on)
            if package:
                yield package


listings = once_per_facts(Listings)
"""The listings of some facts."""


def plain(ndc: str) -> str:
    """An NDC as eleven digits, empty if it is not one. Hyphens are taken out of 5-4-2 only."""
    digits = ndc.replace("-", "") if ndc[5:6] == ndc[10:11] == "-" else ndc
    return digits if _NDC.fullmatch(digits) else ""


@once_per_facts
def listed_codes(facts: Facts) -> frozenset[str]:
    """The codes of all drugs in the crosswalk, none if it is not loaded."""
    table = facts.tables.get(ASP_CODES)
    return frozenset(filter(_DRUG.fullmatch, table.keys())) if table else frozenset()


@once_per_facts
def drug_or_listed_codes(facts: Facts) -> frozenset[str]:
    """The codes of all infused drugs of the shipped tables, and of all drugs in the crosswalk."""
    listed = listed_codes(facts)
    return facts.drug_codes | listed if listed else facts.drug_codes  # the same set has the same doses


@once_per_facts
def waste_codes(facts: Facts) -> frozenset[str]:
    """The codes of drugs that may need JW or JZ: those of the shipped rows, and those of the loaded tables.

    The crosswalk counts only together with the directory, whose packages say whether they are for one dose.
    """
    table = facts.tables.get(SINGLE_DOSE)
    by_list = table.keys() if table else frozenset()
    by_package = listed_codes(facts) if NDC_DIRECTORY in facts.tables else frozenset()
    more = by_list | by_package
    return facts.drug_codes | more if more else facts.drug_codes  # the same set has the same doses


def is_packaged(hcpcs: str, on: date, facts: Facts) -> bool:
    """Whether Medicare packages a code on a day: it is paid with another service of the outpatient.

    By the loaded Addendum B, or else by the shipped list of drugs of low cost.
    """
    table = facts.tables.get(ADDENDUM_B)
    if table is None or not table.covers(on):
        return hcpcs in facts.family("packaged_in_hospitals")
    row = table.row(hcpcs, on)
    return row is not None and row.text("status") == _PACKAGED


def milligrams(dosage: str) -> Decimal | None:
    """The milligrams in a dosage such as `10 MG`, `None` if it is no weight."""
    found = _WEIGHT.fullmatch(dosage.strip())
    try:
        return Decimal(found[1].replace(",", "")) * _MILLIGRAMS[found[2].upper()] if found else None
    except ArithmeticError:
        return None


def is_liquid(package: Row) -> bool:
    """Whether the form of a package is a liquid as it is sold, so that its quantity may be counted in millilitres."""
    form = package.text("form").upper()
    return bool(form) and not any(word in form for word in _DRY)


def _routes_of(package: Row) -> frozenset[str]:
    return frozenset(route.strip().upper() for route in package.text("route").split(";") if route.strip())


def _rows(table: Table | None, key: str, on: date | None) -> Sequence[Row]:
    return table.rows(key, on) if table and on and table.covers(on) else ()
