"""The place of service codes of CMS: the page of its site, saved as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from scrubber.reference.editions import Edition
from scrubber.reference.external import PLACES_OF_SERVICE
from scrubber.reference.importers.dating import Given, day_in, snapshot_day
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import clean, text_of
from scrubber.reference.importers.kind import Bounds, Kind
from scrubber.reference.storing import Contents, StoredRow

_HEADINGS = ("place of service code", "place of service name")
_CODE = re.compile(r"\d\d", re.ASCII)
_RANGE = re.compile(r"\d\d ?[-\u2013] ?\d\d")
_UNASSIGNED = "unassigned"
_NEW = re.compile(r"\beffective[^;.)]*", re.IGNORECASE)
_REVISED = re.compile(r"\brevised\b", re.IGNORECASE)
_MOST_BYTES = 20 << 20
_REACHES = date(2003, 1, 1)
_BOUNDS = Bounds(40, 100, "11")


def _takes(document: Document) -> bool:
    head = document.head.lower()
    if document.is_spreadsheet or b"<" not in head[:1000]:
        return False
    with text_of(document) as text:
        found = text.read(_MOST_BYTES).lower()
    return "<table" in found and "place of service code" in found


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        since = snapshot_day(document, given)
        dated = Edition(f"{since}", since, given.until, _REACHES, document.sha256, document.names[0])
        yield Contents(PLACES_OF_SERVICE, dated, (), _BOUNDS.hold(document, _rows(document), given))


def _rows(document: Document) -> Iterator[StoredRow]:
    from lxml import html  # slow to import

    with text_of(document) as text:
        page = html.document_fromstring(text.read(_MOST_BYTES).encode(), parser=html.HTMLParser(encoding="utf-8"))
    for table in page.iter("table"):
        if table.find(".//table") is not None:  # only for the layout
            continue
        rows = [[_text(cell) for cell in row.iter("td", "th")] for row in table.iter("tr")]
        if not rows or not all(
            cell.lower().startswith(heading) for cell, heading in zip(rows[0], _HEADINGS, strict=False)
        ):
            continue
        for number, cells in enumerate(rows[1:], 2):
            yield from _row(document, number, cells)
        return
    raise FileRefused(f"{document.label}: no table has the headings Place of Service Code and Name")


def _row(document: Document, number: int, cells: Sequence[str]) -> Iterator[StoredRow]:
    code, name = (*cells, "", "")[:2]
    if not any(cells) or _RANGE.fullmatch(code) or name.lower().startswith(_UNASSIGNED):
        return
    if not _CODE.fullmatch(code):
        raise FileRefused(f"{document.label}: row {number}: the code is no place of service code")
    since = None if _REVISED.search(name) else next((day for note in _NEW.findall(name) if (day := day_in(note))), None)
    yield code, since.toordinal() if since else None, None, ""


def _text(cell: Any) -> str:
    return clean("".join(cell.itertext()))


KINDS = (Kind("place of service codes", _takes, _read),)
