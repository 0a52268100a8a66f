"""Medicare's drug files, quarterly: crosswalks of NDC and HCPCS code, and payment limits.

Drugs without a code of their own (NOC) have files of the same kinds. Descriptions are not kept: they may be
those of CPT.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from scrubber.reference.external import ASP_CODES, ASP_CROSSWALK, NOC_CROSSWALK, NOC_PRICING, PAYMENT_LIMITS
from scrubber.reference.importers.dating import Given, edition, quarter
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import Headings, Line, first_lines, refused, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, ndc, number, procedure
from scrubber.reference.storing import Contents, StoredRow, joined

_PACKAGE = {
    "drug name": "drug name",
    "dosage": "(hcpcs )?dosage",
    "package size": "pkg size",
    "package quantity": "pkg qty",
    "billing units": "billunits",
    "billing units of the package": "billunitspkg",
}
_CROSSWALK = Headings(
    "code",
    {
        "code": r"_\d{4}_code",
        "description": "short description",
        "labeler": "labeler name",
        "NDC": "ndc2?",
        **_PACKAGE,
    },
)
_NOC_CROSSWALK = Headings(
    "NDC", {"drug": "drug generic name", "labeler": "labeler name", "NDC": "ndc or alternate id", **_PACKAGE}
)
_LIMITS = Headings(
    "limit",
    {
        "code": "hcpcs code",
        "description": "short description",
        "dosage": "hcpcs code dosage",
        "limit": "payment limit",
        "coinsurance": "co-?insurance percentage",
    },
)
_OLD_LIMITS = Headings("limit", {name: _LIMITS.columns[name] for name in ("code", "description", "dosage", "limit")})
_NOC_PRICING = Headings("limit", {"drug": r"drug generic name.*", "dosage": "dosage", "limit": "payment limit"})

_OTHER_LISTS = re.compile(r"\b(AWP|OPPS|PrEP)\b", re.IGNORECASE)
_MOST_NOT_NDC = 0.5
_MOST_ODD = 0.1
_PACKAGE_VALUES = ("units", "units_per_package", "quantity", "size", "dosage", "drug")

_CROSSWALK_BOUNDS = Bounds(4_000, 60_000)
_LIMITS_BOUNDS = Bounds(500, 5_000, "J9035")
_NOC_BOUNDS = Bounds(1, 5_000)


def _with(headings: Headings) -> Callable[[Document], bool]:
    return lambda document: headings.row(first_lines(document)) is not None


def _is_asp_crosswalk(document: Document) -> bool:
    """The zip also holds crosswalks of other price lists (AWP, OPPS, PrEP), with the same headings."""
    lines = first_lines(document)
    header = _CROSSWALK.row(lines)
    titles = [" ".join(line.cells) for line in lines if header and line.number < header.number]
    return header is not None and not any(_OTHER_LISTS.search(title) for title in titles[:2])


def _package(document: Document, line: Line, first: int) -> tuple[str, ...]:
    """The values of a package whose columns begin with the drug's name, at index `first`."""
    size, quantity, units, all_units = (number(document, line, first + index) for index in range(2, 6))
    return units, all_units, quantity, size, line.cells[first + 1], line.cells[first]


def _crosswalk_rows(
    document: Document, lines: Iterator[Line], index: int, first: int, key: Callable[[Document, Line], str]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """NDC, code or drug, and package of each row with an NDC. Devices have other numbers; they are left out."""
    rows = others = odd = 0
    for line in lines:
        rows += 1
        found = ndc(line.cells[index])
        package, named = _package(document, line, first), key(document, line)
        odd += not _adds_up(package)
        if found:
            yield found, named, package
        else:
            others += 1
    if others > _MOST_NOT_NDC * rows:
        raise FileRefused(f"{document.label}: {others:,} of {rows:,} rows have no NDC in column {index + 1}")
    if odd > _MOST_ODD * rows:
        reason = f"{odd:,} of {rows:,} rows have other billing units for the package than for its containers"
        raise FileRefused(f"{document.label}: {reason}; a column may have moved")


def _adds_up(package: tuple[str, ...]) -> bool:
    """Whether the billing units of a package are those of its containers, rounded to a whole unit; a few never are."""
    units, all_units, quantity = package[:3]
    if not (units and all_units and quantity):
        return True
    return abs(Decimal(units) * Decimal(quantity) - Decimal(all_units)) <= 1


def _read_crosswalk(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with table_of(document, _CROSSWALK) as (above, lines):
            dated = edition(document, quarter(document, given, above))
            rows = list(_crosswalk_rows(document, lines, 3, 4, _code))
        by_ndc = ((drug, None, None, joined(code, *package)) for drug, code, package in rows)
        yield Contents(
            ASP_CROSSWALK, dated, ("code", *_PACKAGE_VALUES), _CROSSWALK_BOUNDS.hold(document, by_ndc, given)
        )
        by_code = ((code, None, None, joined(drug, *package)) for drug, code, package in rows)
        yield Contents(ASP_CODES, dated, ("ndc", *_PACKAGE_VALUES), by_code)


def _code(document: Document, line: Line) -> str:
    return procedure(document, line, 0)


def _drug(document: Document, line: Line) -> str:
    if not line.cells[0]:
        raise refused(document, line.number, "the drug's name is missing")
    return line.cells[0].upper()


def _read_noc_crosswalk(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with table_of(document, _NOC_CROSSWALK) as (above, lines):
            dated = edition(document, quarter(document, given, above))
            rows = _crosswalk_rows(document, lines, 2, 3, _drug)
            stored = ((drug, None, None, joined(name, *package)) for drug, name, package in rows)
            held = _NOC_BOUNDS.hold(document, stored, given)
            yield Contents(NOC_CROSSWALK, dated, ("name", *_PACKAGE_VALUES), held)


def _read_limits(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        header = _LIMITS.row(first_lines(document))
        with_coinsurance = header is not None and any("insurance" in cell.lower() for cell in header.cells)
        headings = _LIMITS if with_coinsurance else _OLD_LIMITS
        with table_of(document, headings) as (above, lines):
            dated = edition(document, quarter(document, given, above))
            rows = (_limit(document, line, with_coinsurance) for line in lines)
            held = _LIMITS_BOUNDS.hold(document, rows, given)
            yield Contents(PAYMENT_LIMITS, dated, ("limit", "coinsurance", "dosage"), held)


def _limit(document: Document, line: Line, with_coinsurance: bool) -> StoredRow:
    coinsurance = number(document, line, 4) if with_coinsurance else ""
    if coinsurance and float(coinsurance) > 100:
        raise wrong_cell(document, line, 4, "a percentage")
    values = joined(number(document, line, 3), coinsurance, line.cells[2])
    return procedure(document, line, 0), None, None, values


def _read_noc_pricing(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with table_of(document, _NOC_PRICING) as (above, lines):
            dated = edition(document, quarter(document, given, above))
            rows = (
                (_drug(document, line), None, None, joined(number(document, line, 2), line.cells[1])) for line in lines
            )
            yield Contents(NOC_PRICING, dated, ("limit", "dosage"), _NOC_BOUNDS.hold(document, rows, given))


KINDS = (
    Kind("Medicare ASP crosswalk of NDC and HCPCS code", _is_asp_crosswalk, _read_crosswalk),
    Kind("Medicare NOC crosswalk of NDC and drug", _with(_NOC_CROSSWALK), _read_noc_crosswalk),
    Kind("Medicare payment limits", _with(_LIMITS), _read_limits),
    Kind("Medicare NOC payment limits", _with(_NOC_PRICING), _read_noc_pricing),
)
