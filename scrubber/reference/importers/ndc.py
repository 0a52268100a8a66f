"""The NDC directory of the FDA, daily: `product.txt` and `package.txt` of `ndctext.zip`. One needs both.

Both are text with tabs, without quotation. An NDC has ten digits in segments 4-4-2, 5-3-2 or 5-4-1; claims have it in
5-4-2, with a zero before the short segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from scrubber.reference.editions import Edition
from scrubber.reference.external import NDC_DIRECTORY
from scrubber.reference.importers.dating import Given, snapshot_day
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import Headings, Line, first_lines, refused, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, day
from scrubber.reference.storing import Contents, StoredRow, joined

_PRODUCT = Headings(
    "form",
    {
        "id": "productid",
        "NDC": "productndc",
        "type": "producttypename",
        "name": "proprietaryname",
        "name's end": "proprietarynamesuffix",
        "general name": "nonproprietaryname",
        "form": "dosageformname",
        "route": "routename",
        "start": "startmarketingdate",
        "end": "endmarketingdate",
        "category": "marketingcategoryname",
        "application": "applicationnumber",
        "labeler": "labelername",
        "substance": "substancename",
        "strength": "active_numerator_strength",
        "unit": "active_ingred_unit",
    },
)
_PACKAGE = Headings(
    "package",
    {
        "id": "productid",
        "NDC": "productndc",
        "package": "ndcpackagecode",
        "description": "packagedescription",
        "start": "startmarketingdate",
        "end": "endmarketingdate",
        "excluded": "ndc_exclude_flag",
    },
    optional=frozenset({"start", "end", "excluded"}),
)
_COLUMNS = ("type", "form", "route", "substance", "strength", "strength_unit", "package", "single_dose")
_KEPT = (2, 6, 7, 13, 14, 15)
"""The indexes of the kept values in a product's row, in the order of `_COLUMNS`."""
_BOUNDS = Bounds(50_000, 1_000_000)
_PRODUCTS_AT_LEAST = 20_000
_REACHES = timedelta(365)
_HOLDS = timedelta(182)
_NATIVE = re.compile(r"(\d{4})-(\d{4})-(\d{2})|(\d{5})-(\d{3})-(\d{2})|(\d{5})-(\d{4})-(\d{1})", re.ASCII)
_LONGER = re.compile(r"\d{6}-\d{3,4}-\d{1,2}", re.ASCII)
_SINGLE, _MULTIPLE = re.compile(r"SINGLE[- ](DOSE|USE)"), re.compile(r"MULTI(PLE)?[- ](DOSE|USE)")


def _takes(document: Document) -> bool:
    lines = first_lines(document, "\t", quoted=False)
    return any(headings.row(lines) for headings in (_PRODUCT, _PACKAGE))


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    by_headings = {
        name: [item for item in documents if headings.row(first_lines(item, "\t", quoted=False))]
        for name, headings in (("product.txt", _PRODUCT), ("package.txt", _PACKAGE))
    }
    for name, found in by_headings.items():
        if len(found) != 1:
            named = documents[0].label
            raise FileRefused(f"{named}: {len(found)} files like {name}; give both of one day, or their folder or zip")
    (products,), (packages,) = by_headings.values()
    released = snapshot_day(packages, given)
    until = given.until or released + _HOLDS
    dated = Edition(f"{released}", released, until, released - _REACHES, packages.sha256, packages.names[0])
    known = _products(products, given)
    with table_of(packages, _PACKAGE, "\t", quoted=False) as (_, lines):
        rows = _rows(packages, lines, known)
        yield Contents(NDC_DIRECTORY, dated, _COLUMNS, _BOUNDS.hold(packages, rows, given))


def _products(document: Document, given: Given) -> Mapping[str, str]:
    """The kept values of each product, by its id."""
    known = {}
    alike: dict[str, str] = {}  # many products have the same values
    with table_of(document, _PRODUCT, "\t", quoted=False) as (_, lines):
        for line in lines:
            cells = line.cells
            if not cells[0] or not cells[1]:
                raise refused(document, line.number, "the product's id or NDC is missing")
            for index in (8, 9):
                day(document, line, index)  # a moved column has no dates there
            values = joined(*(cells[index] for index in _KEPT))
            known[cells[0]] = alike.setdefault(values, values)
    if len(known) < _PRODUCTS_AT_LEAST and not given.excerpt:
        raise FileRefused(
            f"{document.label}: {len(known):,} products, and the published file has at least {_PRODUCTS_AT_LEAST:,}: "
            "it is cut off, or an excerpt (--excerpt loads it)"
        )
    return known


def _rows(document: Document, lines: Iterator[Line], known: Mapping[str, str]) -> Iterator[StoredRow]:
    nothing = joined(*("" for _ in _KEPT))
    for line in lines:
        identity, _, package, description, _, _, excluded = line.cells[:7]
        if excluded not in ("", "N"):
            continue
        found = _NATIVE.fullmatch(package)
        if not found:
            if _LONGER.fullmatch(package):
                continue  # of the format that follows; claims have no field for it yet
            raise wrong_cell(document, line, 2, "an NDC with hyphens")
        labeler, product, size = (segment for segment in found.groups() if segment)
        values = known.get(identity, nothing)
        key = f"{labeler:0>5}{product:0>4}{size:0>2}"
        yield key, day(document, line, 4), day(document, line, 5), joined(values, description, _single(description))


def _single(description: str) -> str:
    """1 for a single-dose container, 0 for one with several doses, empty if the text has neither or both."""
    text = description.upper()
    single, multiple = _SINGLE.search(text), _MULTIPLE.search(text)
    if bool(single) == bool(multiple):
        return ""
    return "1" if single else "0"


KINDS = (Kind("FDA NDC directory", _takes, _read),)
