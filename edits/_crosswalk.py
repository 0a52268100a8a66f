"""Findings that follow from the loaded crosswalk and directory, for drugs and NDCs without a row of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Finding, NotChecked, finding, no_edition
from scrubber.reference import Facts
from scrubber.reference.external import NDC_DIRECTORY
from scrubber.reference.listings import SUBCUTANEOUS, listings, plain

from ._unclassified import ALL_UNCLASSIFIED

CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, Oct 2025"
"""The source of the shipped rows of NDCs."""
NDC_LENGTH = 11
"""Digits of an NDC on a claim."""
_MOST_CODES = 3


def without_edition(claim: Claim, codes: frozenset[str], facts: Facts, *tables: str) -> Iterable[NotChecked]:
    """A `NotChecked` for each loaded table without an edition for a line with an NDC and one of these codes.

    A line whose NDC and code are in the shipped rows needs no table.
    """
    loaded = [name for name in tables if name in facts.tables]
    if not loaded:
        return ()
    lines = [line for line in claim.lines if line.procedure in codes and line.ndc]
    lines = [line for line in lines if not _is_shipped(line, facts)]
    return (lacking for name in loaded for lacking in without_edition_of(name, lines, facts))


def _is_shipped(line: ServiceLine, facts: Facts) -> bool:
    return line.procedure in facts.drug_codes and facts.product(line.ndc, line.procedure) is not None


def without_edition_of(name: str, lines: Iterable[ServiceLine], facts: Facts) -> Iterator[NotChecked]:
    """A `NotChecked` for each day of these lines for which a loaded table has no edition."""
    table = facts.tables.get(name)
    if table is None:
        return
    for day in dict.fromkeys(line.service_date for line in lines):
        if day and (lacking := no_edition(table, day)):
            yield lacking


def is_listed(line: ServiceLine, facts: Facts) -> bool:
    """Whether the crosswalk lists the NDC of a line with its code, on its day."""
    return listings(facts).row(line) is not None


def other_route(line: ServiceLine, facts: Facts) -> Iterator[Finding]:
    """A warning if a subcutaneous product is billed with a code whose packages all have other routes."""
    listed, day, ndc = listings(facts), line.service_date, plain(line.ndc)
    package = listed.package(ndc, day) if ndc and day else None
    if day is None or package is None or listed.rows(line):
        return  # an NDC of the crosswalk is another code's: NDC06
    routes = listed.routes(line.procedure, day)
    if not routes or SUBCUTANEOUS in routes or package.text("route").upper() != SUBCUTANEOUS:
        return
    if package.text("substance") in listed.substances(line.procedure, day):
        yield finding(
            line.at("ndc"),
            f"the FDA directory lists this NDC for injection under the skin, and the crosswalk lists {line.procedure} "
            "with products for other routes only",
            "if the product of the code was given, report its NDC; otherwise ask the payer how to bill the product",
            "warn",
        )


def of_other_code(line: ServiceLine, facts: Facts) -> Iterator[Finding]:
    """A finding if the crosswalk lists the NDC of a line with other codes only, and the code with other NDCs.

    It is a warning, unless the directory says that the substance is another.
    """
    listed, day = listings(facts), line.service_date
    codes = listed.codes(line)
    if day is None or not codes or line.procedure in codes or not listed.lists(line.procedure, day):
        return
    package, substances = listed.package(plain(line.ndc), day), listed.substances(line.procedure, day)
    differs = package and package.text("substance") and substances and package.text("substance") not in substances
    named = " or ".join(sorted(codes)[:_MOST_CODES])
    yield finding(
        line.at("ndc"),
        f"the crosswalk of the date of service lists this NDC with {named}, not with {line.procedure}",
        f"check the record: bill {named}, in its units, if that product was given; otherwise report the NDC of the "
        "drug that was given",
        None if differs else "warn",
    )


def not_sold(line: ServiceLine, facts: Facts) -> Iterator[Finding]:
    """A finding if neither the crosswalk nor the directory lists the NDC of a line on its day."""
    listed, day, ndc = listings(facts), line.service_date, plain(line.ndc)
    directory = facts.tables.get(NDC_DIRECTORY)
    if not ndc or not ndc.strip("0") or day is None or directory is None or not directory.covers(day):
        return
    if listed.rows(line) or directory.row(ndc, day):
        return
    known = listed.package(ndc, day) is not None
    yield finding(
        line.at("ndc"),
        "the NDC was not on the market on the date of service, by the FDA directory"
        if known
        else "the NDC is neither in the crosswalk nor in the FDA directory of the date of service",
        "read the NDC from the package; if it is right, load a newer NDC directory",
    )


def own_codes(line: ServiceLine, facts: Facts) -> str:
    """The codes that the crosswalk lists the NDC of a line with, for a message; empty if there is none."""
    codes = listings(facts).codes(line) - facts.families_together(*ALL_UNCLASSIFIED)
    return " or ".join(sorted(codes)[:_MOST_CODES])
