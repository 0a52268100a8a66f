"""ICD-10-CM, yearly from 1 October and with changes in April: the order file with all codes, and the tabular list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from scrubber.reference.external import ICD10CM, ICD10CM_TABULAR
from scrubber.reference.importers.dating import Days, Given, by_user, edition, must_be_known
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import lines_of, refused
from scrubber.reference.importers.kind import Bounds, Kind, mostly
from scrubber.reference.storing import Contents, StoredRow, joined

_LINE = re.compile(r"(\d{5}) ([A-Z0-9]{3}[A-Z0-9 ]{4}) ([01]) \S.*", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_APRIL = re.compile(r"(?<![a-z])apr(il)?(?![a-z])", re.IGNORECASE)
_ORDER_BOUNDS = Bounds(80_000, 150_000, "M329")
_TABULAR_BOUNDS = Bounds(1_000, 100_000)
_ROOT = "ICD10CM.tabular"
_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Zx]{1,4})?"
_CODES = re.compile(rf"({_CODE})(?: ?- ?({_CODE})|\.?-)?")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_ELSEWHERE = "in diseases classified elsewhere"
_NOTES = {"excludes1": "excludes1", "codeFirst": "code_first"}


def _takes_order(document: Document) -> bool:
    return mostly(document, _LINE)


def _takes_tabular(document: Document) -> bool:
    return b"<" + _ROOT.encode() in document.head


def _days(document: Document, given: Given, year: str | None = None) -> Days:
    """The fiscal year in the name of the file, or from April to its end where a name says April."""
    found = by_user(given, 12)
    if found:
        return found
    years = [year] if year else [match[1] for name in document.names if (match := _YEAR.search(name))]
    if not years:
        return must_be_known(document, None)
    fiscal = int(years[0])
    in_april = any(_APRIL.search(name) for name in document.names)
    since = date(fiscal, 4, 1) if in_april else date(fiscal - 1, 10, 1)
    return Days(since, date(fiscal, 9, 30), f"FY {fiscal}{', April' if in_april else ''}")


def _read_order(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        rows = _ORDER_BOUNDS.hold(document, _order(document), given)
        yield Contents(ICD10CM, edition(document, _days(document, given)), ("billable",), rows)


def _order(document: Document) -> Iterator[StoredRow]:
    last = 0
    with lines_of(document, "\t", quoted=False) as lines:
        for line in lines:
            text = line.cells[0] if line.cells else ""
            if not text.strip(" \x1a"):
                continue
            found = _LINE.fullmatch(text)
            if not found:
                reason = "this is no line of the order file: number, code and 1 or 0"
                raise refused(document, line.number, reason)
            if int(found[1]) <= last:
                raise refused(document, line.number, f"number {found[1]} does not follow {last:05}")
            last = int(found[1])
            yield found[2].rstrip(), None, None, found[3]


def _read_tabular(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        year, rows = _tabular(document)
        held = _TABULAR_BOUNDS.hold(document, rows, given)
        yield Contents(ICD10CM_TABULAR, edition(document, _days(document, given, year)), ("note", "codes"), held)


def _tabular(document: Document) -> tuple[str | None, Sequence[StoredRow]]:
    """The fiscal year, and the notes at each code."""
    from lxml import etree  # slow to import

    rows: list[StoredRow] = []
    year = None
    try:
        with document.reading() as stream:
            parsing = etree.iterparse(
                stream,
                tag=("version", "diag"),
                resolve_entities=False,
                no_network=True,
                remove_comments=True,
                remove_pis=True,
            )
            for _, element in parsing:
                if element.tag == "version":
                    year = (element.text or "").strip() or None
                    continue
                rows += notes_of(element)
                parent = element.getparent()
                if parent is None or parent.tag != "diag":
                    element.clear()
    except etree.XMLSyntaxError as error:
        raise FileRefused(
            f"{document.label}: line {error.lineno}: the XML cannot be read from here on: it is damaged or cut off"
        ) from error
    return year if year and _YEAR.fullmatch(year) else None, rows


def notes_of(element: Any) -> Iterator[StoredRow]:
    """The rows of an element `diag`: a row for each kind of note that it has, and one if it is a manifestation."""
    code = (element.findtext("name") or "").strip().replace(".", "")
    if not code:
        return
    if _ELSEWHERE in (element.findtext("desc") or "").lower():
        yield code, None, None, joined("manifestation", "")
    for tag, note in _NOTES.items():
        named = [codes for child in element.findall(f"{tag}/note") for codes in codes_in("".join(child.itertext()))]
        if named or element.find(tag) is not None:
            yield code, None, None, joined(note, " ".join(dict.fromkeys(named)))


def codes_in(text: str) -> Iterator[str]:
    """The codes that a note names in brackets, without points; a range as `A00-A09`."""
    for bracket in _IN_BRACKETS.findall(text):
        for first, last in _CODES.findall(bracket):
            plain = first.replace(".", "").rstrip("x")
            yield f"{plain}-{last.replace('.', '').rstrip('x')}" if last else plain


KINDS = (
    Kind("ICD-10-CM order file", _takes_order, _read_order),
    Kind("ICD-10-CM tabular list", _takes_tabular, _read_tabular),
)
