"""HCPCS level II codes and modifiers of CMS, quarterly: the table with headings, or the records of 320 bytes.

Record ids 3 and 7 are procedures and modifiers; 4 and 8 continue a description. Descriptions are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from scrubber.reference.editions import Edition
from scrubber.reference.external import HCPCS, MODIFIERS
from scrubber.reference.importers.dating import Given, edition, quarter
from scrubber.reference.importers.documents import Document
from scrubber.reference.importers.grid import (
    Headings,
    Line,
    first_lines,
    lines_of,
    refused,
    table_of,
    wrong_cell,
)
from scrubber.reference.importers.kind import Bounds, Kind, mostly, ordinal
from scrubber.reference.storing import Contents, StoredRow, joined

_HEADINGS = Headings(
    "record",
    {
        "code": "hcpcs?",
        "sequence": "seqnum",
        "record": "recid",
        "long description": "long description",
        "short description": "short description",
        **{f"price {number}": rf"price ?{number}" for number in range(1, 5)},
        "multiple pricing": "mult_pi",
        **{f"CIM {number}": rf"cim ?{number}" for number in range(1, 4)},
        **{f"MCM {number}": rf"mcm ?{number}" for number in range(1, 4)},
        "statute": "statute",
        **{f"laboratory {number}": rf"labcert ?{number}" for number in range(1, 9)},
        **{f"cross-reference {number}": rf"xref ?{number}" for number in range(1, 6)},
        "coverage": "cov",
        "ASC group": "asc_grp",
        "ASC date": "asc_dt",
        "OPPS": "opps",
        "OPPS indicator": "opps_pi",
        "OPPS date": "opps_dt",
        "note": "procnote",
        "BETOS": "betos",
        **{f"type of service {number}": rf"tos ?{number}" for number in range(1, 6)},
        "anesthesia": "anest_bu",
        "added": "add dt",
        "effective": "act eff dt",
        "ended": "term dt",
        "action": "action cd",
    },
)
_INDEXES = {name: index for index, name in enumerate(_HEADINGS.columns)}
_FIXED = re.compile(r"(?:[A-Z]\d{4}|   [A-Z0-9]{2})\d{5}[3478].{9,}", re.ASCII)
_FIXED_CELLS = {
    "record": (10, 11),
    "coverage": (229, 230),
    "BETOS": (256, 259),
    "type of service 1": (260, 261),
    "added": (268, 276),
    "effective": (276, 284),
    "ended": (284, 292),
    "action": (292, 293),
}
"""Where the values stand in a record, by its published layout."""
_PROCEDURE, _MODIFIER = "3", "7"
_RECORD_IDS = ("3", "4", "7", "8")
_KEPT = ("coverage", "BETOS", "type of service 1", "action")
_COLUMNS = ("coverage", "betos", "type_of_service", "action")
_CODE, _TWO = re.compile(r"[A-Z]\d{4}", re.ASCII), re.compile(r"[A-Z0-9]{2}", re.ASCII)
_YEARS_OF_ENDED = 10
"""The file has codes that ended in the last years; those that ended before are in no file."""
_BOUNDS = {HCPCS: Bounds(4_000, 30_000, "J9035"), MODIFIERS: Bounds(150, 2_000, "JW")}


class _Record(NamedTuple):
    """A code, its record id, and the values by the names of the headings."""

    line: Line
    code: str
    values: dict[str, str]


def _takes(document: Document) -> bool:
    return _HEADINGS.row(first_lines(document)) is not None or _is_fixed(document)


def _is_fixed(document: Document) -> bool:
    """Whether a document has records of fixed width, as the file with the extension `.txt` has."""
    return mostly(document, _FIXED)


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        days = quarter(document, given)
        dated = edition(document, days, reaches=date(days.since.year - _YEARS_OF_ENDED, 1, 1))
        records = list((_records_of_fixed_width if _is_fixed(document) else _records_in_columns)(document))
        for name, record_id in ((HCPCS, _PROCEDURE), (MODIFIERS, _MODIFIER)):
            chosen = [record for record in records if record.values["record"] == record_id]
            yield _contents(document, name, dated, chosen, given)


def _contents(document: Document, name: str, dated: Edition, records: Sequence[_Record], given: Given) -> Contents:
    rows = (_row(document, record) for record in records)
    return Contents(name, dated, _COLUMNS, _BOUNDS[name].hold(document, rows, given))


def _records_of_fixed_width(document: Document) -> Iterator[_Record]:
    with lines_of(document, "\t", quoted=False) as lines:
        for line in lines:
            text = line.cells[0].ljust(293) if line.cells else ""
            if not text.strip(" \x1a"):
                continue
            if not _FIXED.fullmatch(text):
                raise refused(document, line.number, "this is no record of the HCPCS file: code, sequence and id")
            values = {name: text[start:stop].strip() for name, (start, stop) in _FIXED_CELLS.items()}
            yield _Record(line, text[:5].strip(), values)


def _records_in_columns(document: Document) -> Iterator[_Record]:
    with table_of(document, _HEADINGS) as (_, lines):
        for line in lines:
            record_id = line.cells[_INDEXES["record"]]
            if record_id not in _RECORD_IDS:
                raise wrong_cell(document, line, _INDEXES["record"], "a record id")
            yield _Record(line, line.cells[0], {name: line.cells[index] for name, index in _INDEXES.items()})


def _row(document: Document, record: _Record) -> StoredRow:
    line, code, values = record
    shape = _CODE if values["record"] == _PROCEDURE else _TWO
    if not shape.fullmatch(code):
        raise refused(document, line.number, "the code is no HCPCS code")
    since, until = _day(document, record, "added"), _day(document, record, "ended")
    return code, since, until, joined(*(values[name] for name in _KEPT))


def _day(document: Document, record: _Record, name: str) -> int | None:
    text = record.values[name]
    try:
        return ordinal(text) if text else None
    except ValueError:
        raise refused(document, record.line.number, f"the day {name} must be a date") from None


KINDS = (Kind("HCPCS level II codes and modifiers", _takes, _read),)
