"""Lists of codes: the deactivated NPIs of NPPES, and lists that a user writes as CSV from what a payer publishes.

A list of a user has the headings below; `since` and `until` are dates (2026-10-01) or empty. An empty `since` is the
first day of the edition.

    single-dose code,since,until           HCPCS codes of drugs in single-dose containers
    route-modifier code,since,until        codes on which a contractor wants JA or JB
    deactivated npi,since,until            NPIs that are not active from `since` to `until`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import attrs

from scrubber.reference.editions import Edition
from scrubber.reference.external import DEACTIVATED_NPIS, ROUTE_MODIFIERS, SINGLE_DOSE
from scrubber.reference.importers.dating import Given, snapshot_day
from scrubber.reference.importers.documents import Document
from scrubber.reference.importers.grid import Headings, Line, first_lines, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, day, procedure
from scrubber.reference.storing import Contents, StoredRow

_NPI = re.compile(r"\d{10}", re.ASCII)
_HOLDS = timedelta(92)
_NPIS_BEGAN = date(2005, 5, 1)


@attrs.frozen
class _List:
    """A list: its table, its headings, and how long it answers before and after its day."""

    name: str
    headings: Headings
    bounds: Bounds
    is_npi: bool = False
    reaches: date | None = None
    holds: timedelta | None = None


def _headings(heading: str) -> Headings:
    return Headings("code", {"code": heading, "since": "since", "until": "until"}, frozenset({"until"}))


_OWN = Bounds(1, 1_000_000)
_LISTS = {
    "single-dose drugs for JW and JZ": _List(SINGLE_DOSE, _headings("single-dose code"), _OWN),
    "drugs with JA and JB": _List(ROUTE_MODIFIERS, _headings("route-modifier code"), _OWN),
    "deactivated NPIs, a list of one's own": _List(
        DEACTIVATED_NPIS, _headings("deactivated npi"), _OWN, is_npi=True, reaches=_NPIS_BEGAN, holds=_HOLDS
    ),
    "NPPES deactivated NPIs": _List(
        DEACTIVATED_NPIS,
        Headings("since", {"NPI": "npi", "since": "nppes deactivation date"}),
        Bounds(100_000, 3_000_000),
        is_npi=True,
        reaches=_NPIS_BEGAN,
        holds=_HOLDS,
    ),
}


def _kind(title: str, chosen: _List) -> Kind:
    def takes(document: Document) -> bool:
        return chosen.headings.row(first_lines(document)) is not None

    def read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
        for document in documents:
            released = snapshot_day(document, given)
            until = given.until or (released + chosen.holds if chosen.holds else None)
            source = document.names[0]
            dated = Edition(f"{released}", released, until, chosen.reaches or released, document.sha256, source)
            with table_of(document, chosen.headings) as (_, lines):
                rows = (_row(document, line, chosen) for line in lines)
                yield Contents(chosen.name, dated, (), chosen.bounds.hold(document, rows, given))

    return Kind(title, takes, read)


def _row(document: Document, line: Line, chosen: _List) -> StoredRow:
    key: Callable[[Document, Line, int], str] = _npi if chosen.is_npi else procedure
    since = day(document, line, 1, needed=chosen.is_npi)
    until = day(document, line, 2) if len(line.cells) > 2 and "until" in chosen.headings.columns else None
    return key(document, line, 0), since, until, ""


def _npi(document: Document, line: Line, index: int) -> str:
    if not _NPI.fullmatch(line.cells[index]):
        raise wrong_cell(document, line, index, "an NPI")
    return line.cells[index]


KINDS = tuple(_kind(title, chosen) for title, chosen in _LISTS.items())
