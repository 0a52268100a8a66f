"""Line and column of a byte of a file, for viewers that do not use byte offsets.

The file is read a second time, only as far as needed. For each block of 64 KB two numbers are kept, so that any
position is found by reading one block.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import NamedTuple

BLOCK = 1 << 16

STANDARD_INPUT = "-"
"""How standard input is named as a path."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTINUATION = bytes(range(0x80, 0xC0))
"""Bytes within a character of UTF-8; in latin-1 they are hardly ever letters, so both encodings count right."""


class Position(NamedTuple):
    """A position in a text: line and column, both from 1. The column counts characters."""

    line: int
    column: int


class Lines:
    """The lines of a file. Those of standard input, a pipe or a deleted file are not known."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._known = path != STANDARD_INPUT and _is_file(self._path)
        self._breaks = array("q", [0])
        """Line breaks before each block."""
        self._columns = array("q", [0])
        """Characters between the last of them and the block."""
        self._block = (-1, b"")

    def at(self, offset: int) -> Position | None:
        """The position of the byte at `offset`, or `None` if it is not known. A byte order mark is no character."""
        number, within = divmod(offset, BLOCK)
        try:
            while self._known and len(self._breaks) <= number:
                self._pass_over(len(self._breaks) - 1)
            block = self._read(number) if self._known else None
        except OSError:
            self._known = False
            block = None
        if block is None:
            return None
        breaks, column = _counted(block[:within], self._columns[number])
        return Position(self._breaks[number] + breaks + 1, max(column, 0) + 1)

    def _pass_over(self, number: int) -> None:
        breaks, column = _counted(self._read(number), self._columns[number])
        self._breaks.append(self._breaks[number] + breaks)
        self._columns.append(column)

    def _read(self, number: int) -> bytes:
        if self._block[0] != number:
            with self._path.open("rb") as stream:
                stream.seek(number * BLOCK)
                block = stream.read(BLOCK)
            self._block = (number, block)
            if not number and block.startswith(_BYTE_ORDER_MARK):
                self._columns[0] = -1
        return self._block[1]


def _is_file(path: Path) -> bool:
    """Whether the path is a file. A pipe cannot be read again."""
    try:
        return path.is_file()
    except OSError:
        return False


def _counted(text: bytes, column: int) -> tuple[int, int]:
    """Line breaks in `text`, and characters after the last of them. Without a break, `column` is added."""
    breaks = text.count(b"\n")
    rest = text[text.rfind(b"\n") + 1 :]
    characters = len(rest.translate(None, _CONTINUATION))
    return breaks, characters if breaks else column + characters
