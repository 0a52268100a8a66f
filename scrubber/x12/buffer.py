"""A piece of a file, and the part of a file in memory that pieces are cut from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from scrubber.x12 import errors
from scrubber.x12.beginnings import REACH, next_interchange
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.streams import Readable

BLOCK = 1 << 16
"""The number of bytes that are read at a time."""


class Piece(NamedTuple):
    """A run of segments, and where it stands in the file.

    `tag` is the tag of its first segment, empty for bytes that are passed over. `text` is decoded as latin-1, and
    `offset` counts bytes. `segments` counts the segments that are not empty. `fault` is the code of its fault, and
    `reason` describes the fault where the code is not enough. `delimiters` are those of its interchange, `None` outside
    of one. `breaks` counts the line breaks of the file before the piece.
    """

    tag: str
    text: str
    offset: int
    delimiters: Delimiters | None = None
    segments: int = 0
    fault: str | None = None
    reason: str = ""
    breaks: int = 0

    @property
    def claims(self) -> int:
        """How many claims it has: one, or none."""
        return int(self.tag == "CLM")

    @property
    def passed_over(self) -> bool:
        """Whether the piece is not read: too long, one short claim too many, or cut off."""
        if self.fault in (errors.TRUNCATED, errors.TOO_MUCH):
            return self.tag == "CLM"
        return self.fault is not None and self.fault in (errors.SEGMENT_SIZE, errors.PIECE_SIZE)

    @property
    def ends_inside_segment(self) -> bool:
        """Whether its last segment lacks a terminator."""
        return self.delimiters is not None and cut_off(self.text, self.delimiters)

    @property
    def raw(self) -> bytes:
        """The bytes as they stand in the file."""
        return self.text.encode("latin-1")

    def file_line(self, at: int) -> int | None:
        """The line of the file, from 1, in which `text[at]` stands. `None` if the piece has no line breaks."""
        return self.breaks + self.text.count("\n", 0, at) + 1 if "\n" in self.text else None

    def __repr__(self) -> str:
        """Without its text, which holds patient data."""
        return f"Piece(tag={self.tag!r}, offset={self.offset}, segments={self.segments}, fault={self.fault!r})"


class _Search(NamedTuple):
    """The result of a search from byte `since` up to `until`: the byte `offset` of the first hit, -1 for none."""

    since: int
    offset: int
    until: int

    def holds(self, at: int, end: int, reach: int) -> bool:
        """Whether a search from byte `at` up to `end` has the same result.

        A hit within `reach` of `until` may have been cut in two there.
        """
        is_certain = self.until == end or 0 <= self.offset < self.until - reach
        is_before = 0 <= self.offset < at
        return self.since <= at and is_certain and not is_before


class Buffer:
    """The part of the stream that is in memory. `text[start:]` is not yet cut into pieces.

    `breaks` counts the line breaks of the file before it, `short` its short claims.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.text = ""
        self.start = 0
        self.offset = 0
        self.breaks = 0
        self.short = 0
        self._searches: dict[str | Delimiters, _Search] = {}

    def fill(self) -> bool:
        """Read the next block. False at the end of the stream."""
        block = self._stream.read(BLOCK)
        if isinstance(block, str):  # such as of `codecs.open`, which is no `TextIOBase`
            raise TypeError("the stream gives text, not bytes: open the file in binary mode, 'rb'")
        self.text = self.text[self.start :] + block.decode("latin-1")
        self.offset += self.start
        self.start = 0
        return bool(block)

    def ensure(self, length: int) -> None:
        """Read on until `length` characters are in memory, or the stream ends."""
        while len(self.text) - self.start < length and self.fill():
            pass

    def find(self, word: str, begin: int) -> int:
        """The position of a word in memory from `begin` on, else -1."""
        return self._find_once(word, begin, 0, lambda: self.text.find(word, begin))

    def find_interchange(self, begin: int, own: Delimiters) -> int:
        """As `next_interchange` for all in memory from `begin` on."""
        search = partial(next_interchange, self.text, begin, len(self.text), own)
        return self._find_once(own, begin, REACH, search)

    def _find_once(self, what: str | Delimiters, begin: int, reach: int, search: Callable[[], int]) -> int:
        """The position that `search` finds in memory from `begin` on, else -1.

        The result is kept as long as it holds, so that many short interchanges do not each look through all that is in
        memory.
        """
        at, end = self.offset + begin, self.offset + len(self.text)
        kept = self._searches.get(what)
        if kept is None or not kept.holds(at, end, reach):
            found = search()
            kept = _Search(at, self.offset + found if found >= 0 else -1, end)
            self._searches[what] = kept
        return kept.offset - self.offset if kept.offset >= 0 else -1

    def take(
        self,
        end: int,
        tag: str = "",
        delimiters: Delimiters | None = None,
        segments: int = 0,
        fault: str | None = None,
        reason: str = "",
    ) -> Piece:
        """Cut off `text[start:end]` as a piece."""
        text = self.text[self.start : end]
        piece = Piece(tag, text, self.offset + self.start, delimiters, segments, fault, reason, self.breaks)
        self.start = end
        self.breaks += text.count("\n")
        return piece


def cut_off(text: str, delimiters: Delimiters) -> bool:
    """Whether the last segment of a text lacks its terminator."""
    end = delimiters.terminator
    return not text.endswith(end) and bool(text[text.rfind(end) + 1 :].strip(WHITE_SPACE))
