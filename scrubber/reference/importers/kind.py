"""What a kind of public file is, and what the readers of several kinds share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

import attrs

from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import Line, wrong_cell
from scrubber.reference.storing import Contents, StoredRow

_PROCEDURE = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_NDC = re.compile(r"(\d{5})-(\d{4})-(\d{2})", re.ASCII)
_NUMBER = re.compile(r"\$?(\d{1,3}(?:,\d{3})+|\d*)(\.\d+)?", re.ASCII)
_FIRST = 20
_NO_NUMBER = ("", "N/A", "NA", ".")
_DASHED = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_JULIAN = re.compile(r"(\d{4})(\d{3})", re.ASCII)


@attrs.frozen
class Kind:
    """A kind of public file.

    `takes` recognises it by the beginning of a document. `read` reads the documents of the kind in one folder or
    archive, and yields what they hold for each table. It raises `FileRefused`.
    """

    title: str
    takes: Callable[[Document], bool]
    read: Callable[[Sequence[Document], Given], Iterator[Contents]]


@attrs.frozen
class Bounds:
    """How many rows the published file has at least and at most, and a key that it always has."""

    least: int
    most: int
    canary: str = ""

    def hold(self, document: Document, rows: Iterable[StoredRow], given: Given) -> Iterator[StoredRow]:
        """The rows. After the last one, the bounds are checked. Raises `FileRefused`."""
        number, seen = 0, not self.canary
        for number, row in enumerate(rows, 1):
            if number > self.most:
                raise FileRefused(f"{document.label}: more than {self.most:,} rows; this is not the published file")
            seen = seen or row[0] == self.canary
            yield row
        if given.excerpt and number:
            return
        if number < self.least:
            raise FileRefused(
                f"{document.label}: {number:,} rows, and the published file has at least {self.least:,}: "
                "it is cut off, or an excerpt (--excerpt loads it)"
            )
        if not seen:
            raise FileRefused(f"{document.label}: {self.canary} is missing, which the published file has")


def mostly(document: Document, pattern: re.Pattern[str]) -> bool:
    """Whether a document is a text whose first lines fit a pattern, more than half of them."""
    lines = [] if document.is_spreadsheet else document.head.decode("latin-1").splitlines()[:_FIRST]
    return sum(bool(pattern.fullmatch(line)) for line in lines) * 2 > len(lines)


def procedure(document: Document, line: Line, index: int) -> str:
    """A procedure code in a cell. Raises `FileRefused`."""
    code = line.cells[index].upper()
    if not _PROCEDURE.fullmatch(code):
        raise wrong_cell(document, line, index, "a procedure code")
    return code


def ndc(text: str) -> str | None:
    """The 11 digits of an NDC written 5-4-2, `None` for any other text. Digits without hyphens are not an NDC."""
    found = _NDC.fullmatch(text)
    return "".join(found.groups()) if found else None


def number(document: Document, line: Line, index: int) -> str:
    """A number in a cell, without sign and separators; empty where the cell says that there is none."""
    text = line.cells[index]
    if text.upper() in _NO_NUMBER:
        return ""
    found = _NUMBER.fullmatch(text)
    if not found:
        raise wrong_cell(document, line, index, "a number")
    return (found[1].replace(",", "") or "0") + (found[2] or "")


def day(document: Document, line: Line, index: int, *, needed: bool = False) -> int | None:
    """A day in a cell as ordinal: YYYYMMDD, YYYY-MM-DD, MM/DD/YYYY or YYYYDDD. Raises `FileRefused`."""
    text = line.cells[index]
    if not text and not needed:
        return None
    try:
        return ordinal(text)
    except ValueError:
        raise wrong_cell(document, line, index, "a date") from None


@lru_cache(maxsize=65_536)
def ordinal(text: str) -> int:
    """The ordinal of a day as public files write it. Raises `ValueError`."""
    if found := _DASHED.fullmatch(text):
        return date(*map(int, found.groups())).toordinal()
    if found := _SLASHED.fullmatch(text):
        return date(int(found[3]), int(found[1]), int(found[2])).toordinal()
    if found := _JULIAN.fullmatch(text):
        first, days = date(int(found[1]), 1, 1), int(found[2])
        if 0 < days < 367:
            return first.toordinal() + days - 1
    raise ValueError("not a date")
