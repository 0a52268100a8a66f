"""The bytes outside of every interchange: white space, padding after the last IEA, and what does not belong there."""

from __future__ import annotations

from scrubber.x12.buffer import Piece
from scrubber.x12.delimiters import WHITE_SPACE

_PADDING = WHITE_SPACE + "\x00\x1a"
"""What editors and mainframes write after the last IEA: blanks, NUL, the end-of-file mark 1A."""
_NO_JUNK = WHITE_SPACE + "\xef\xbb\xbf"  # a byte order mark


class Outside:
    """Where the first bytes stand, since the last interchange, that are `junk`, and those that are `padding`."""

    def __init__(self) -> None:
        self.junk: int | None = None
        self.padding: int | None = None

    def take(self, piece: Piece, *, begun: bool) -> bool:
        """Take bytes; `begun` says that an interchange stands before them. True if junk begins, and is after one."""
        if self.junk is not None:
            return False
        junk = piece.text.lstrip(_PADDING if begun else _NO_JUNK)
        if junk:
            self.junk = piece.offset + len(piece.text) - len(junk)
            self.padding = None
            return begun
        if begun and self.padding is None:
            padding = piece.text.lstrip(WHITE_SPACE)
            self.padding = piece.offset + len(piece.text) - len(padding) if padding else None
        return False
