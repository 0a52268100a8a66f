"""Rows of cells, from text with separators or from a spreadsheet, with their numbers for messages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import IO, NamedTuple

import attrs

from scrubber.reference.importers.documents import Document, FileRefused, UnsafeFile
from scrubber.reference.importers.spreadsheet import MOST_CELLS, sheet

UNREAD = "unread"
"""The key of `Document.kept` for why the first rows of a spreadsheet cannot be read."""
_HEADER_WITHIN = 60
"""Rows in which the headings stand."""
_LONGEST_LINE = 1 << 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF8, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_STRAY = str.maketrans({"\xff": " ", "\xa0": " ", "\ufeff": " ", "\0": " ", "\ufffd": " "})


class Line(NamedTuple):
    """A row of a file: its number, from 1, and its cells."""

    number: int
    cells: Sequence[str]


def clean(text: str) -> str:
    """A cell without stray bytes, line breaks and blanks around it."""
    return " ".join(text.translate(_STRAY).split())


def refused(document: Document, number: int, reason: str) -> FileRefused:
    """The error that refuses a file because of one of its rows."""
    return FileRefused(f"{document.label}: row {number:,}: {reason}")


def wrong_cell(document: Document, line: Line, index: int, expected: str) -> FileRefused:
    """The error for a cell that is not as expected: `a date`, `a procedure code`.

    It does not show the cell: it may be the wrong file, one with patients.
    """
    return refused(document, line.number, f"column {index + 1} must be {expected}")


def wrong_heading(
    document: Document, line: Line, index: int, found: str, name: str, known: Iterable[str]
) -> FileRefused:
    """The error for a heading, where the column `name` is expected. It shows a heading that fits a `known` pattern."""
    is_known = any(re.fullmatch(pattern, found, re.IGNORECASE) for pattern in known)
    shown = repr(found) if found and is_known else "unknown" if found else "empty"
    return refused(document, line.number, f"heading {index + 1} is {shown}, and the column {name} is expected there")


@contextmanager
def text_of(document: Document) -> Iterator[IO[str]]:
    """The text of a document. Line ends stay as they are.

    It is UTF-8 or UTF-16 if it begins with their mark, UTF-8 if its beginning is, else latin-1. Raises
    `FileRefused` for a file that is no text.
    """
    head = document.head
    if head.startswith(_OLD_EXCEL):
        raise FileRefused(f"{document.label}: this is an old Excel file (XLS); use the CSV or XLSX file beside it")
    with document.reading() as stream, io.TextIOWrapper(stream, _encoding(document), "replace", newline="") as text:
        yield text


def _encoding(document: Document) -> str:
    head = document.head
    if head.startswith(_UTF16):
        return "utf-16"
    if b"\0" in head:
        raise FileRefused(f"{document.label}: this is no text file: it has NUL bytes")
    if head.startswith(_UTF8):
        return "utf-8-sig"
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"  # a superset of what is kept: codes are ASCII, cp1252 differs in quotation marks only
    return "utf-8"


def _bounded(document: Document, text: IO[str]) -> Iterator[str]:
    """The lines of a text. Raises `UnsafeFile` for a line that may fill the memory."""
    for number, line in enumerate(iter(partial(text.readline, _LONGEST_LINE), ""), 1):
        if len(line) == _LONGEST_LINE:
            raise UnsafeFile(f"{document.label}: line {number:,} has more than {_LONGEST_LINE:,} characters")
        yield line


@contextmanager
def lines_of(document: Document, separator: str = ",", *, quoted: bool = True) -> Iterator[Iterator[Line]]:
    """The rows of a document: of its text, or of its first sheet. Raises `FileRefused`."""
    if document.is_spreadsheet:
        with sheet(document) as rows:
            yield (Line(number, cells) for number, cells in enumerate(rows, 1))
        return
    with text_of(document) as text:
        yield _separated(document, text, separator, quoted)


def _separated(document: Document, text: IO[str], separator: str, quoted: bool) -> Iterator[Line]:
    # with `strict` a text that ends within a quoted cell is an error
    lines = _bounded(document, text)
    reader = csv.reader(
        lines, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True
    )
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield Line(number, cells)
    except csv.Error as error:
        raise refused(document, number + 1, f"cannot be read ({error}); a quotation mark may be missing") from error


def first_lines(document: Document, separator: str = ",", *, quoted: bool = True) -> Sequence[Line]:
    """The rows in which the headings stand, up to one that cannot be read, with their first 400 cells.

    Raises `UnsafeFile`.
    """
    what = "sheet" if document.is_spreadsheet else (separator, quoted)
    if what not in document.kept:
        document.kept[what] = _first_lines(document, separator, quoted)
    found: Sequence[Line] = document.kept[what]
    return found


def _first_lines(document: Document, separator: str, quoted: bool) -> Sequence[Line]:
    found: list[Line] = []
    try:
        with lines_of(document, separator, quoted=quoted) as lines:
            for number, cells in islice(lines, _HEADER_WITHIN):  # up to a row that cannot be read
                found.append(Line(number, cells[:MOST_CELLS]))
    except UnsafeFile:
        raise
    except FileRefused as error:
        if document.is_spreadsheet:
            document.kept[UNREAD] = error
    return found


@attrs.frozen
class Headings:
    """The headings that a kind of file has.

    `columns` are the names of the columns in their order, each with the pattern of its heading. `anchor` is the column
    by which the row of headings is found. Columns of `optional` may be missing at the end.
    """

    anchor: str
    columns: Mapping[str, str]
    optional: frozenset[str] = frozenset()

    def row(self, lines: Iterable[Line]) -> Line | None:
        """The row of headings: that where one cell fits the anchor, and one more cell another column."""
        patterns = [re.compile(pattern, re.IGNORECASE) for pattern in self.columns.values()]
        anchor = re.compile(self.columns[self.anchor], re.IGNORECASE)
        for line in lines:
            cells = [clean(cell) for cell in line.cells]
            fitting = {cell for cell in cells if any(pattern.fullmatch(cell) for pattern in patterns)}
            if len(fitting) > 1 and any(anchor.fullmatch(cell) for cell in cells):
                return line
        return None

    def check(self, document: Document, line: Line) -> None:
        """Compare the row of headings with the columns, by position. Raises `FileRefused`."""
        cells = [clean(cell) for cell in line.cells]
        for index, (name, pattern) in enumerate(self.columns.items()):
            found = cells[index] if index < len(cells) else ""
            if not found and name in self.optional:
                continue
            if not re.fullmatch(pattern, found, re.IGNORECASE):
                raise wrong_heading(document, line, index, found, name, self.columns.values())


@contextmanager
def table_of(
    document: Document, headings: Headings, separator: str = ",", *, quoted: bool = True
) -> Iterator[tuple[Sequence[str], Iterator[Line]]]:
    """The texts above the headings, and the rows under them that are not empty. Raises `FileRefused`."""
    with lines_of(document, separator, quoted=quoted) as lines:
        above: list[str] = []
        for line in islice(lines, _HEADER_WITHIN):
            if headings.row([line]):
                headings.check(document, line)
                break
            above += [text for cell in line.cells if (text := clean(cell))]
        else:
            raise FileRefused(f"{document.label}: the row of headings is missing")
        yield above, (_padded(line, len(headings.columns)) for line in lines if any(map(clean, line.cells)))


def _padded(line: Line, width: int) -> Line:
    cells = [clean(cell) for cell in line.cells]
    return Line(line.number, cells + [""] * (width - len(cells)))
