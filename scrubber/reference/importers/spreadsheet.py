"""The rows of a spreadsheet (XLSX). openpyxl reads it, within bounds that any published table keeps to."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from typing import IO, Any

import attrs

from scrubber.reference.importers.documents import Document, FileRefused, UnsafeFile, must_be_bounded
from scrubber.side_files.plain_text import visible

MOST_CELLS = 400
"""The cells of a row that are looked at."""
_MOST_ROWS = 1 << 20  # as in Excel
_MOST_CELLS_TOGETHER = 100_000_000
_SMALL = 1 << 20
_MOST_RATIO = 30
"""By how much a large part may shrink when it is packed. Those of tables shrink to a tenth."""
_LARGEST_OTHER = 4 << 20
"""The most bytes of a part that is neither a sheet nor the texts of the cells, such as the styles."""
_READ_ANEW, _READ_BESIDES = 4, 1 << 14
"""How often a file may be read, and some bytes: openpyxl opens a part as often as the workbook names it."""


@contextmanager
def sheet(document: Document) -> Iterator[Iterator[Sequence[str]]]:
    """The rows of the first sheet of a spreadsheet, as texts. Raises `FileRefused`."""
    from openpyxl import load_workbook  # slow to import

    with document.reading() as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote cells
        _must_be_plain(document, stream)
        metered = _Metered(document, stream)
        try:
            book = load_workbook(metered, read_only=True, data_only=True, keep_links=False)
        except (OSError, MemoryError, FileRefused):
            raise
        except Exception as error:  # it raises errors of all kinds on damaged files
            raise FileRefused(f"{document.label}: this Excel file cannot be read ({type(error).__name__})") from error
        with closing(book):
            if not book.worksheets:
                raise FileRefused(f"{document.label}: this Excel file has no sheet")
            first: Any = book.worksheets[0]
            first.reset_dimensions()  # some files give them wrongly
            yield _rows(document, first.iter_rows(values_only=True))


def _rows(document: Document, rows: Iterator[Sequence[object]]) -> Iterator[Sequence[str]]:
    number, cells = 0, 0
    while True:
        try:
            row = next(rows, None)
            if row is None:
                return
            number, cells = number + 1, cells + len(row)
            texts = [_text(value) for value in row[:MOST_CELLS]]
        except (OSError, MemoryError, FileRefused, zipfile.BadZipFile):
            raise
        except Exception as error:  # as above
            what = f"row {number + 1:,}: this Excel file cannot be read ({type(error).__name__})"
            raise FileRefused(f"{document.label}: {what}") from error
        if number > _MOST_ROWS or cells > _MOST_CELLS_TOGETHER:
            raise UnsafeFile(f"{document.label}: row {number:,}: the sheet has more rows or cells than any table")
        yield texts


def _must_be_plain(document: Document, stream: IO[bytes]) -> None:
    """Raises `UnsafeFile` for a spreadsheet that may fill the memory, also by XML that defines entities."""
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        must_be_bounded(document.label, members)
        for info in members:
            name = visible(info.filename)
            if not info.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(info) as part:
                if b"<!DOCTYPE" in part.read(1024):
                    raise UnsafeFile(f"{document.label}: {name} defines entities")
            if info.file_size > _SMALL and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
                raise UnsafeFile(f"{document.label}: {name} unpacks to {info.file_size:,} bytes, as a zip bomb does")
            if info.file_size > _LARGEST_OTHER and not info.filename.lower().startswith(
                ("xl/worksheets/", "xl/shareds")
            ):
                raise UnsafeFile(f"{document.label}: {name} has {info.file_size:,} bytes, more than that of any table")
    stream.seek(0)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y%m%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@attrs.define
class _Metered:
    """The bytes of a spreadsheet. To read them again and again raises `UnsafeFile`."""

    document: Document
    stream: IO[bytes]
    left: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = _READ_BESIDES + _READ_ANEW * self.stream.seek(0, os.SEEK_END)
        self.stream.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        block = self.stream.read(size)
        self.left -= len(block)
        if self.left < 0:
            raise UnsafeFile(f"{self.document.label}: the workbook names its parts again and again")
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """The offset."""
        return self.stream.tell()

    def seekable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """The document closes its bytes itself."""
