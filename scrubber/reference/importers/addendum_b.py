"""Addendum B of Medicare's outpatient payment system (OPPS), quarterly: status indicator and payment by code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrubber.reference.external import ADDENDUM_B
from scrubber.reference.importers.dating import Given, edition, quarter
from scrubber.reference.importers.documents import Document
from scrubber.reference.importers.grid import Headings, Line, first_lines, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, number, procedure
from scrubber.reference.storing import Contents, StoredRow, joined

_HEADINGS = Headings(
    "APC",
    {
        "code": "hcpcs code",
        "description": "short descriptor",
        "status": "si",
        "APC": "apc",
        "weight": "relative weight",
        "payment": "payment rate",
    },
)
_STATUS = re.compile(r"[A-Z]\d?", re.ASCII)
_BOUNDS = Bounds(8_000, 60_000, "96365")


def _takes(document: Document) -> bool:
    return _HEADINGS.row(first_lines(document)) is not None


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with table_of(document, _HEADINGS) as (above, lines):
            dated = edition(document, quarter(document, given, above))
            rows = (_row(document, line) for line in lines)
            yield Contents(ADDENDUM_B, dated, ("status", "apc", "payment"), _BOUNDS.hold(document, rows, given))


def _row(document: Document, line: Line) -> StoredRow:
    status = line.cells[2]
    if status and not _STATUS.fullmatch(status):
        raise wrong_cell(document, line, 2, "a status indicator")
    values = joined(status, line.cells[3], number(document, line, 5))
    return procedure(document, line, 0), None, None, values


KINDS = (Kind("OPPS Addendum B", _takes, _read),)
