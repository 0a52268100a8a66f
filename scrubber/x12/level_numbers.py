"""Finds gaps in the numbers of levels (HL01). A level that is lost leaves one.

The claims of a lost level then stand beneath the level before it, under another patient. A second pass over the file
must not release them, so the first pass notes where they are.
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

    `gaps` are ranges in file order, each from the level before a gap to the level after it.
    """

    def __init__(self) -> None:
        self.gaps: list[UntrustedBytes] = []
        self._last = 0
        self._offset: int | None = None
        self._left_out: int | None = None

    def feed(self, piece: Piece, ordinal: int | None) -> None:
        """Take the next piece of the file; `ordinal` is that of its first segment in the transaction."""
        if piece.tag == "ST":
            self._last, self._offset, self._left_out = 0, None, None
        elif piece.tag == "HL":
            self._level(piece, ordinal)

    def follow(self, run: Run) -> bool:
        """Take a run if its levels have the numbers that are due. Returns whether they have."""
        assert run.delimiters
        text, separator, number = run.text, run.delimiters.element, self._last
        for number, at in enumerate(run.levels, self._last + 1):
            if not text.startswith(f"{number}{separator}", at + _NUMBER):
                return False
        if run.levels:
            self._last, self._offset, self._left_out = number, run.offset + run.levels[-1], None
        return True

    def _level(self, piece: Piece, ordinal: int | None) -> None:
        assert piece.delimiters
        due, separator = self._last + 1, piece.delimiters.element
        if piece.text.startswith(f"{due}{separator}", _NUMBER):
            self._last, self._left_out = due, None
        else:
            self._odd(due, piece.text[_NUMBER:].partition(separator)[0], piece, ordinal)
        self._offset = piece.offset

    def _odd(self, due: int, written: str, piece: Piece, ordinal: int | None) -> None:
        """Take a level without the number that is due. If it has none, it counts as if it had that one.

        A level with too high a number follows a gap. But if the next level has the number that would then be due, only
        one number is wrong, and no level is missing.
        """
        self._last = int(written) if is_count(written) else due
        if self._left_out is not None and self._last == self._left_out + 1:
            self.gaps.pop()
        self._left_out = None
        if self._last > due and self._offset is not None and len(self.gaps) < MOST_KEPT:
            error = LocatedError(BROKEN_HIERARCHY, f"HL01 is not {due}, the next number", ordinal, piece.offset, "HL")
            end = piece.offset
            if len(self.gaps) < MOST_KEPT - 1:
                self._left_out = due
            else:
                end = AFTER_ANY_FILE
            self.gaps.append((self._offset, end, error))
