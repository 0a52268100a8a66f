"""Add-on codes of CMS (NCCI), yearly with changes by quarter: which codes are billed only beside a primary code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from scrubber.reference.external import ADD_ON
from scrubber.reference.importers.dating import Given, edition, quarter
from scrubber.reference.importers.documents import Document
from scrubber.reference.importers.grid import Headings, Line, first_lines, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, day, procedure
from scrubber.reference.storing import Contents, StoredRow, joined

_BEGAN = date(2013, 4, 1)
_DATE = r"([ _]?(dt|date))?([ _]julian)?"
_HEADINGS = Headings(
    "code",
    {
        "type": r"aoc[ _]edit[ _]type",
        "code": r"add[- _]on[ _]code",
        "deletion date of the code": rf"aoc[ _]del{_DATE}",
        "primary": r"primary[ _]code",
        "deletion date of the primary": rf"primary[ _]code[ _]del{_DATE}",
        "effective date": rf"aoc[ _]edit[ _]eff{_DATE}",
        "deletion date": rf"aoc[ _]edit[ _]del{_DATE}",
    },
)
_OF_CONTRACTOR = "CCCCC"
_BOUNDS = Bounds(1_000, 50_000, "96366")
_TYPE, _CODE, _CODE_ENDS, _PRIMARY, _PRIMARY_ENDS, _SINCE, _ENDS = range(7)


def _separator(document: Document) -> str:
    return "\t" if not document.is_spreadsheet and b"\t" in document.head else ","


def _takes(document: Document) -> bool:
    return _HEADINGS.row(first_lines(document, _separator(document))) is not None


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with table_of(document, _HEADINGS, _separator(document)) as (above, lines):
            dated = edition(document, quarter(document, given, above), reaches=_BEGAN)
            rows = (_row(document, line) for line in lines)
            yield Contents(ADD_ON, dated, ("type", "primary"), _BOUNDS.hold(document, rows, given))


def _row(document: Document, line: Line) -> StoredRow:
    kind = line.cells[_TYPE]
    if kind not in ("1", "2", "3"):
        raise wrong_cell(document, line, 0, "a type 1 to 3")
    primary = "" if line.cells[_PRIMARY].upper() in (_OF_CONTRACTOR, "") else procedure(document, line, _PRIMARY)
    ends = [day(document, line, index) for index in (_CODE_ENDS, _PRIMARY_ENDS, _ENDS)]
    since = day(document, line, _SINCE)
    until = min((end for end in ends if end is not None), default=None)
    return procedure(document, line, _CODE), since, until, joined(kind, primary)


KINDS = (Kind("NCCI add-on codes", _takes, _read),)
