"""Follows the hierarchy of a transaction and finds the claims that may stand under the wrong patient.

A claim can be trusted if the HL segments above it are right (number, parent, level code), each level names its
provider, subscriber or patient, and no segment is misplaced. The first fault puts all following claims in doubt, up to
the next correct HL segment of the same or a higher level. A jump in the numbers also puts the claims before it in
doubt, which only a first pass over the file can know.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import attrs

from scrubber.x12 import errors
from scrubber.x12.bounded import Errors, UntrustedBytes, fault_at
from scrubber.x12.content import (
    NAMELESS,
    Misfit,
    claim_keys,
    claim_misfit,
    depth_shown,
    header_misfit,
    keys,
    level_keys,
    level_misfit,
    may_be_of_claim,
)
from scrubber.x12.control import is_count
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.errors import LocatedError
from scrubber.x12.guides import IN_DOUBT, LEVELS, ClaimType
from scrubber.x12.pieces import Piece, is_run_into
from scrubber.x12.run_together import foreign_claim
from scrubber.x12.segments import LONGEST_TAG, Segment, element, split, start, starts
from scrubber.x12.shapes import sound_claim, sound_level

_LEVEL_DEPTHS = frozenset(LEVELS.values())
_SUBSCRIBER = LEVELS["22"]
_WHO = ("billing provider", "subscriber", "patient")

_FOREIGN = "a CLM with other delimiters stands inside a segment"

_STILL_IN_DOUBT = f"HL02 is {IN_DOUBT} and names no level; a rejected file has this above claims in doubt"

_OUTERMOST = 0
"""The depth of a doubt that lasts to the end of the transaction."""


@attrs.define
class _Doubt:
    """A doubt about claims: its error, the depth of the HL segment that ends it, and the claims so far."""

    error: LocatedError
    index: int | None
    depth: int
    claims: int = 0


@attrs.define
class _Open:
    """An open level: its HL01, its piece and the ordinal of its HL segment.

    `empty` is true while no claim or level stands beneath it. `of_dependents` is true for a subscriber who has
    dependents (HL04 is 1) and is not the patient (SBR02 is empty).
    """

    number: str
    piece: Piece
    ordinal: int
    empty: bool = True
    of_dependents: bool = False


class Entered(NamedTuple):
    """The result of entering a level: its depth, 0 if unknown, and whether outputs must keep it.

    `doubt` is the fault for which the name in the level is in doubt.
    """

    depth: int
    keep: bool = False
    doubt: LocatedError | None = None


_SOUND = {depth: Entered(depth) for depth in LEVELS.values()}
"""The results of entering a level without a fault."""


class Hierarchy:
    """The levels of one transaction. It adds its errors to `found` in file order.

    When a doubt ends, the message of its error gets the number of claims in doubt. `jumps` are those of `LevelNumbers`.
    """

    def __init__(
        self, claim_type: ClaimType, delimiters: Delimiters, found: Errors, jumps: Sequence[UntrustedBytes] = ()
    ) -> None:
        self._type = claim_type
        self._delimiters = delimiters
        self._sound_claim = sound_claim(claim_type, delimiters)
        self._sound_level = sound_level(delimiters)
        self._found = found
        self._levels: list[_Open] = []
        self._last = self._highest = 0
        self._doubt: _Doubt | None = None
        self._jumps = jumps
        self._before_jump = 0

    def header(self, piece: Piece) -> bool:
        """Enter the transaction. True if a misplaced segment stands in its header."""
        misfit = header_misfit(keys(split(piece.text, self._delimiters)))
        if misfit:
            self._doubt_from(errors.MISPLACED, misfit, piece, 1, _OUTERMOST)
        return self._holds_foreign_claim(piece, piece.text, 1) or misfit is not None

    def level(self, piece: Piece, text: str, ordinal: int) -> Entered:
        """Enter a level. `text` is without notes."""
        entered = self.level_alone(piece, text, ordinal)
        if is_run_into(piece):
            entered = Entered(entered.depth, entered.keep, self._doubt_of_run_into(piece, ordinal, entered.depth))
        if self._holds_foreign_claim(piece, text, ordinal) and self._doubt:
            return Entered(entered.depth, keep=True, doubt=self._doubt.error)
        return entered

    def level_alone(self, piece: Piece, text: str, ordinal: int) -> Entered:
        """The same for a level that is known to hold no `CLM`."""
        shape = self._sound_level.fullmatch(text)
        if not shape:
            return self._odd_level(piece, text, ordinal)
        depth = (shape.lastindex or 0) - 2
        of_dependents = depth not in _LEVEL_DEPTHS
        if of_dependents:
            depth = LEVELS["22"]
        levels, number = self._levels, int(shape[1])
        follows = number == self._last + 1 and number > self._highest
        if not follows or len(levels) < depth - 1 or shape[2] != self._above(depth):
            return self._odd_level(piece, text, ordinal)
        self._highest = number
        self._leave(depth - 1)
        if self._doubt and depth <= self._doubt.depth:
            self._end_doubt()
        self._enter(depth, shape[1], piece, ordinal, of_dependents)
        return _SOUND[depth]

    def _odd_level(self, piece: Piece, text: str, ordinal: int) -> Entered:
        """Enter a level that the pattern of sound levels does not match.

        A level with a misfit may hold the rest of a claim into which its HL was put, so it is kept.
        """
        segments = split(text, self._delimiters)
        head, found = segments[0], level_keys(segments)
        depth = LEVELS.get(element(head, 3), 0)
        wrong = self._wrong_with(head, depth)
        misfit = level_misfit(depth, found) if depth else None
        if wrong:
            shown = min(depth or LEVELS["23"], depth_shown(found))
            self._doubt_from(errors.BROKEN_HIERARCHY, Misfit(0, shown, wrong), piece, ordinal, shown)
            self._count_before_jump()
        if depth:
            self._leave(depth - 1)
        if misfit:
            nobody = misfit.at is None or found[misfit.at] == NAMELESS
            self._doubt_from(errors.UNNAMED if nobody else errors.MISPLACED, misfit, piece, ordinal, misfit.depth)
        if not (wrong or misfit) and self._doubt and depth <= self._doubt.depth:
            self._end_doubt()
        if not wrong:
            self._highest = int(element(head, 1))
        self._enter(depth, element(head, 1), piece, ordinal, depth == LEVELS["22"] and _is_of_dependents(segments))
        keep = not depth or (misfit is not None and (misfit.at is not None or may_be_of_claim(found)))
        return Entered(depth, keep, self._doubt.error if self._doubt and misfit else None)

    def claim(self, piece: Piece, text: str, ordinal: int) -> LocatedError | None:
        """Take a claim; `text` has no notes. Returns the error that puts it in doubt, or `None`."""
        self._look_at_claim(piece, text, ordinal)
        if is_run_into(piece):
            self._doubt_of_run_into(piece, ordinal, len(self._levels))
        self._holds_foreign_claim(piece, text, ordinal)
        return self._doubt_of_claim(piece)

    def claim_alone(self, piece: Piece, text: str, ordinal: int) -> LocatedError | None:
        """The same for a claim that is known to hold no `CLM` but its own."""
        self._look_at_claim(piece, text, ordinal)
        return self._doubt_of_claim(piece) if self._doubt or self._jumps else None

    def _look_at_claim(self, piece: Piece, text: str, ordinal: int) -> None:
        levels = self._levels
        if len(levels) < _SUBSCRIBER or levels[-1].of_dependents or not self._sound_claim.fullmatch(text):
            self._odd_claim(piece, text, ordinal)
        if levels:
            levels[-1].empty = False

    def _doubt_of_claim(self, piece: Piece) -> LocatedError | None:
        if self._doubt is None:
            return self._doubt_before_jump(piece) if self._jumps else None
        self._doubt.claims += 1
        return self._doubt.error

    def _doubt_before_jump(self, piece: Piece) -> LocatedError | None:
        """The fault of the next level if that does not have the next number: the claim may be of another level."""
        fault = fault_at(self._jumps, piece.offset)
        self._before_jump += fault is not None
        return fault

    def _count_before_jump(self) -> None:
        """Count the claims before a jump among those of the doubt that begins with it."""
        if self._doubt:
            self._doubt.claims += self._before_jump
        self._before_jump = 0

    def _odd_claim(self, piece: Piece, text: str, ordinal: int) -> None:
        """Look at a claim that the pattern of sound claims does not match."""
        depth = len(self._levels)
        if depth < LEVELS["22"]:
            alone = Misfit(0, 1, "CLM stands under no subscriber")
            self._doubt_from(errors.STRAY_CLAIM, alone, piece, ordinal, 1)
        elif self._levels[-1].of_dependents:
            reason = "CLM stands under a subscriber who has dependents (HL04) and is not the patient (SBR02)"
            self._doubt_from(errors.STRAY_CLAIM, Misfit(0, 3, reason), piece, ordinal, LEVELS["23"])
        misfit = claim_misfit(self._type, claim_keys(split(text, self._delimiters)))
        if misfit:
            self._doubt_from(errors.MISPLACED, misfit, piece, ordinal, min(misfit.depth, max(depth, 1)))

    def _holds_foreign_claim(self, piece: Piece, text: str, ordinal: int) -> bool:
        """Whether a segment holds a claim of other delimiters. Then nobody knows what was lost with it."""
        at = foreign_claim(text, self._delimiters)
        if at < 0:
            return False
        index = bisect_right(starts(text, self._delimiters), at) - 1
        self._doubt_from(errors.MISPLACED, Misfit(index, 1, _FOREIGN), piece, ordinal, _OUTERMOST)
        return True

    def _doubt_of_run_into(self, piece: Piece, ordinal: int, depth: int) -> LocatedError:
        """Put a piece in doubt that a CLM runs into, and the claims after it.

        The end of its last segment may be lost with the terminator. The envelope has reported the error.
        """
        if self._doubt is None:
            at, last = piece.offset + len(piece.text), ordinal + piece.segments - 1
            line = piece.file_line(len(piece.text))
            error = LocatedError(errors.RUN_TOGETHER, piece.reason, last, at, "CLM", file_line=line)
            self._doubt = _Doubt(error, None, depth)
        self._doubt.depth = min(self._doubt.depth, depth)
        return self._doubt.error

    def passed_over(self) -> None:
        """Take a claim that is passed over."""
        if self._levels:
            self._levels[-1].empty = False

    def finish(self) -> None:
        """The transaction ends."""
        self._leave(0)
        self._end_doubt()

    def _enter(self, depth: int, number: str, piece: Piece, ordinal: int, of_dependents: bool) -> None:
        self._last = int(number) if is_count(number) else self._last + 1
        levels = self._levels
        if not depth:
            return
        if levels:
            levels[-1].empty = False
        while len(levels) < depth - 1:
            levels.append(_Open("", piece, ordinal, empty=False))
        levels.append(_Open(number, piece, ordinal, True, of_dependents))

    def _wrong_with(self, head: Segment, depth: int) -> str:
        """The fault of an HL segment, empty if it is right."""
        number = element(head, 1)
        if not depth:
            return "HL03 is not a level of an 837"
        if not is_count(number) or not self._follows(int(number)):
            return f"HL01 is not {self._last + 1}, the next number"
        if len(self._levels) < depth - 1 or element(head, 2) != self._above(depth):
            return _STILL_IN_DOUBT if element(head, 2) == IN_DOUBT else "HL02 does not name the level above"
        return ""

    def _above(self, depth: int) -> str:
        """HL01 of the open level that one at `depth` stands under, empty where there is none."""
        return self._levels[depth - 2].number if 1 < depth <= len(self._levels) + 1 else ""

    def _follows(self, number: int) -> bool:
        """Whether HL01 is the next number. After a doubt, the numbers of damaged levels may be missing.

        A number up to that of the last sound level before is that of a level that was moved or doubled.
        """
        return number > max(self._last, self._highest) if self._doubt else number == self._last + 1

    def _doubt_from(self, code: str, misfit: Misfit, piece: Piece, ordinal: int, depth: int) -> None:
        """Put all following claims in doubt. A fault after another one is taken as its consequence."""
        if self._doubt:
            self._doubt.depth = min(self._doubt.depth, depth)
            return
        index = misfit.at or 0
        at = start(piece.text, self._delimiters, index)
        tag = misfit.lacks or piece.text[at : at + LONGEST_TAG].partition(self._delimiters.element)[0]
        line = piece.file_line(at)
        error = LocatedError(code, misfit.reason, ordinal + index, piece.offset + at, tag, file_line=line)
        self._doubt = _Doubt(error, self._found.add(error), depth)

    def _end_doubt(self) -> None:
        doubt, self._doubt = self._doubt, None
        if doubt and doubt.claims and doubt.index is not None:
            claims = "1 claim is" if doubt.claims == 1 else f"{doubt.claims} claims are"
            message = f"{doubt.error.message}; {claims} rejected for it"
            self._found.replace(doubt.index, attrs.evolve(doubt.error, message=message))

    def _leave(self, depth: int) -> None:
        """Leave the levels deeper than `depth`."""
        while len(self._levels) > depth:
            left = self._levels.pop()
            if left.empty and not self._doubt:
                message = f"a {_WHO[len(self._levels)]} has no claim"
                piece = left.piece
                line = piece.file_line(0)
                self._found.add(
                    LocatedError(errors.NO_CLAIM, message, left.ordinal, piece.offset, "HL", file_line=line)
                )


def _is_of_dependents(segments: Sequence[Segment]) -> bool:
    """Whether a subscriber's level has dependents (HL04 is 1) and is not the patient's own.

    The guides require 18 in SBR02 if the subscriber is the patient. A claim right beneath lacks its patient's level.
    """
    relationships = [element(segment, 2) for segment in segments if segment[0] == "SBR"]
    return element(segments[0], 4) == "1" and relationships[:1] == [""]
