"""Finds jumps in the numbers of levels (HL01). A level that is lost leaves one, and a block that is moved or doubled.

The claims before a jump may be of a lost level, or of the level that a moved block was cut from. They stand beneath the
level before it, under another patient. A second pass over the file must not release them, so the first pass notes where
they are.
"""

from __future__ import annotations

from scrubber.x12.bounded import AFTER_ANY_FILE, MOST_KEPT, UntrustedBytes
from scrubber.x12.control import is_count
from scrubber.x12.errors import BROKEN_HIERARCHY, LocatedError
from scrubber.x12.pieces import Piece
from scrubber.x12.runs import Run

_NUMBER = len("HL*")


class LevelNumbers:
    """Follows the numbers of the levels of a file.

    `jumps` are ranges in file order, each from the level before a jump to the level after it. If the last level of a
    transaction does not have the highest number, what belongs after it stands elsewhere: that is a jump, too. But a
    number above the number of levels is a wrong one.
    """

    def __init__(self) -> None:
        self.jumps: list[UntrustedBytes] = []
        self._last = self._highest = self._levels = 0
        self._offset: int | None = None

    def feed(self, piece: Piece, ordinal: int | None) -> None:
        """Take the next piece of the file; `ordinal` is that of its first segment in the transaction."""
        if piece.tag == "HL":
            self._level(piece, ordinal)
        elif piece.tag == "ST":
            self._last = self._highest = self._levels = 0
            self._offset = None
        elif piece.tag == "SE" and self._last < self._highest <= self._levels:
            self._jump(f"the last HL01 is not {self._highest}, the highest", piece, ordinal)

    def follow(self, run: Run) -> bool:
        """Take a run if its levels have the numbers that are due. Returns whether they have."""
        assert run.delimiters
        text, separator, number = run.text, run.delimiters.element, self._last
        for number, at in enumerate(run.levels, self._last + 1):
            if not text.startswith(f"{number}{separator}", at + _NUMBER):
                return False
        self._levels += len(run.levels)
        if run.levels:
            self._last, self._offset = number, run.offset + run.levels[-1]
        return True

    def _level(self, piece: Piece, ordinal: int | None) -> None:
        assert piece.delimiters
        due, separator = self._last + 1, piece.delimiters.element
        if piece.text.startswith(f"{due}{separator}", _NUMBER):
            self._last = due
        else:
            self._odd(due, piece.text[_NUMBER:].partition(separator)[0], piece, ordinal)
        self._offset = piece.offset
        self._levels += 1

    def _odd(self, due: int, written: str, piece: Piece, ordinal: int | None) -> None:
        """Take a level without the number that is due. If it has none, it counts as if it had that one."""
        self._highest = max(self._highest, self._last)
        self._last = int(written) if is_count(written) else due
        if self._last != due:
            self._jump(f"HL01 is not {due}, the next number", piece, ordinal)

    def _jump(self, message: str, after: Piece, ordinal: int | None) -> None:
        """Note a jump between the last level and the piece after it."""
        if self._offset is not None and len(self.jumps) < MOST_KEPT:
            error = LocatedError(BROKEN_HIERARCHY, message, ordinal, after.offset, after.tag)
            end = after.offset if len(self.jumps) < MOST_KEPT - 1 else AFTER_ANY_FILE
            self.jumps.append((self._offset, end, error))
