"""Procedure-to-procedure edits of CMS (NCCI PTP), quarterly: pairs of codes, by setting; Medicare's and Medicaid's.

A file has millions of rows, and all pairs that ever were, with their days. Medicare's come in several parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

from scrubber.reference import external
from scrubber.reference.importers.dating import Days, Given, edition, quarter
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import (
    Line,
    clean,
    first_lines,
    lines_of,
    refused,
    wrong_cell,
    wrong_heading,
)
from scrubber.reference.importers.kind import Bounds, Kind, ordinal
from scrubber.reference.storing import Contents, StoredRow

_BEGAN = date(1996, 1, 1)
_CODE = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_PART = re.compile(r"[-_ ]f(\d)\b", re.IGNORECASE)
_HEADINGS = {
    "column one": r"column ?1.*",
    "column two": r"column ?2.*",
    "prior to 1996": r".*prior to 1996.*",
    "effective date": r"effective.*",
    "deletion date": r"deletion.*",
    "modifier": r"modifier.*",
}
_HEADER_LINES = 8
_BOUNDS = Bounds(100_000, 6_000_000)
_DME_BOUNDS = Bounds(100, 1_000_000)
_SETTINGS = {
    re.compile(r"ccipra|practitioner", re.IGNORECASE): "practitioner",
    re.compile(r"ccioph|hospital|facility", re.IGNORECASE): "hospital",
    re.compile(r"durable|dme", re.IGNORECASE): "dme",
}
_TABLES = {
    ("medicare", "practitioner"): external.NCCI_PRACTITIONER,
    ("medicare", "hospital"): external.NCCI_HOSPITAL,
    ("medicaid", "practitioner"): external.MEDICAID_NCCI_PRACTITIONER,
    ("medicaid", "hospital"): external.MEDICAID_NCCI_HOSPITAL,
    ("medicaid", "dme"): external.MEDICAID_NCCI_DME,
}
_NEVER_IN_USE = "9"


def _takes(document: Document) -> bool:
    return _header(first_lines(document, "\t", quoted=False)) is not None


def _header(lines: Sequence[Line]) -> Line | None:
    for line in lines:
        cells = [clean(cell).lower() for cell in line.cells]
        if all(any(cell.startswith(begin) for cell in cells) for begin in ("column 1", "column 2")):
            return line
    return None


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        with lines_of(document, "\t", quoted=False) as lines:
            columns, first = _columns(document, lines)
            days = quarter(document, given)
            program = "medicare" if "prior to 1996" in columns else "medicaid"
            rows = _rows(document, chain([first], lines), columns, days)
            found = [match for name in document.names if (match := _PART.search(name))]
            setting = _setting(document, program)
            yield Contents(
                _TABLES[program, setting],
                edition(document, days, reaches=_BEGAN),
                ("modifier",),
                (_DME_BOUNDS if setting == "dme" else _BOUNDS).hold(document, rows, given),
                int(found[0][1]) if found and program == "medicare" else None,
            )


def _setting(document: Document, program: str) -> str:
    for name in document.names:
        for pattern, setting in _SETTINGS.items():
            if pattern.search(name) and (program, setting) in _TABLES:
                return setting
    raise FileRefused(
        f"{document.label}: its name does not say whether it is for practitioners or hospitals (ccipra… or ccioph…)"
    )


def _columns(document: Document, lines: Iterator[Line]) -> tuple[Sequence[str], Line]:
    """The names of the columns, from headings that are wrapped over several rows, and the first row under them."""
    joined: list[str] = []
    header = None
    for line in lines:
        cells = [clean(cell) for cell in line.cells]
        if header is None:
            header = _header([line])
            joined = cells
        elif sum(1 for cell in cells if _CODE.fullmatch(cell)) > 1:
            return _checked(document, header, joined), line
        elif line.number > header.number + _HEADER_LINES:
            break
        else:
            joined = [f"{one} {other}".strip() for one, other in zip(joined, [*cells, *[""] * 9], strict=False)]
    raise FileRefused(f"{document.label}: under the headings are no rows with two procedure codes")


def _checked(document: Document, header: Line, cells: Sequence[str]) -> Sequence[str]:
    has_column = any("1996" in cell for cell in cells)
    names = [name for name in _HEADINGS if has_column or name != "prior to 1996"]
    for index, name in enumerate(names):
        found = cells[index] if index < len(cells) else ""
        if not re.fullmatch(_HEADINGS[name], found, re.IGNORECASE):
            raise wrong_heading(document, header, index, found, name, _HEADINGS.values())
    return names


def _rows(document: Document, lines: Iterator[Line], columns: Sequence[str], days: Days) -> Iterator[StoredRow]:
    """The pairs. This loop runs millions of times, so it remembers the codes and days that it has checked."""
    since_at = columns.index("effective date")
    until_at, modifier_at = since_at + 1, since_at + 2
    codes: set[str] = set()
    dates: dict[str, int | None] = {"*": None, "": None, "99999999": None}
    last_day = days.until.toordinal()
    for line in lines:
        cells = line.cells
        try:
            one, two, since_text, until_text = cells[0], cells[1], cells[since_at], cells[until_at]
            modifier = cells[modifier_at]
            if one not in codes or two not in codes or modifier not in ("0", "1", "9"):
                one, two, modifier = _checked_codes(document, line, modifier_at, codes)
            if since_text not in dates or until_text not in dates:
                since_text, until_text = _checked_days(document, line, since_at, dates)
        except IndexError:
            if not any(map(clean, cells)):
                continue
            raise refused(document, line.number, f"{len(cells)} columns, and {len(columns)} are expected") from None
        since, until = dates[since_text], dates[until_text]
        if since is None:
            raise refused(document, line.number, "the effective date is missing")
        if since > last_day:
            raise refused(document, line.number, f"it is in force after the edition, which ends on {days.until}")
        if modifier == _NEVER_IN_USE and since == until:
            continue  # deleted on its first day
        yield f"{one} {two}", since, until, modifier


def _checked_codes(document: Document, line: Line, index: int, codes: set[str]) -> tuple[str, str, str]:
    one, two, modifier = clean(line.cells[0]), clean(line.cells[1]), clean(line.cells[index])
    for column, code in enumerate((one, two)):
        if not _CODE.fullmatch(code):
            raise wrong_cell(document, line, column, "a procedure code")
    if modifier not in ("0", "1", "9"):
        raise wrong_cell(document, line, index, "0, 1 or 9")
    codes.update((one, two))
    return one, two, modifier


def _checked_days(document: Document, line: Line, index: int, dates: dict[str, int | None]) -> tuple[str, str]:
    texts = clean(line.cells[index]), clean(line.cells[index + 1])
    for column, text in enumerate(texts, index):
        if text not in dates:
            try:
                dates[text] = ordinal(text)
            except ValueError:
                raise wrong_cell(document, line, column, "a date") from None
    return texts


KINDS = (Kind("NCCI procedure-to-procedure edits (PTP)", _takes, _read),)
