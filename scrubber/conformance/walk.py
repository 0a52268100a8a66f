"""The order of segments: from one segment to the next as the guide allows it.

The walk is pyx12's: the first rule that matches counts, looked for from the current position on in the innermost open
loop, then in the loop around it. Unlike pyx12 it also misses what a loop lacks that begins again at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from scrubber.conformance.grammar import LoopRule, Rule, SegmentRule

Key: TypeAlias = tuple[str, str]
"""Tag of a segment, and its qualifier where the guide tells segments with that tag apart by one."""

COUNTED_ELSEWHERE = frozenset({"2300", "2400"})
"""Loops that repeat too often to be counted here: the claims of a level, the lines of a claim."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


class _NotAllowed(Exception):  # noqa: N818 - an answer, not an error
    """The guide does not allow the segment here."""


class Frame(NamedTuple):
    """An open loop: at which position of it the file stands, and how often each child there has been seen.

    Children before the position cannot come again and those behind it have not come, so no more needs to be known.
    """

    loop: LoopRule
    position: int
    seen: tuple[tuple[int, int], ...]

    def ahead(self) -> Iterator[tuple[int, Rule]]:
        """The children that may still come, with their numbers."""
        return ((n, child) for n, child in enumerate(self.loop.children) if child.position >= self.position)

    def count(self, number: int) -> int:
        """How often child `number` has been seen."""
        return dict(self.seen).get(number, 0)

    def at(self, number: int) -> Frame:
        """The frame with child `number` seen once more. Raises `_NotAllowed`."""
        child = self.loop.children[number]
        counted = isinstance(child, SegmentRule) or child.name not in COUNTED_ELSEWHERE
        count = self.count(number) + 1 if counted else 1
        if count > child.most or not child.used:
            raise _NotAllowed
        kept = {n: c for n, c in self.seen if self.loop.children[n].position == child.position}
        kept[number] = count if child.most < _MANY else 1
        return Frame(self.loop, child.position, tuple(sorted(kept.items())))

    def missing(self, before: int | None = None) -> list[Rule]:
        """Required children that have not been seen, of all that may still come or of those before a number."""
        return [
            child
            for number, child in self.ahead()
            if child.required and not self.count(number) and (before is None or number < before)
        ]


Frames: TypeAlias = tuple[Frame, ...]

_MANY = 1_000
"""What may repeat so often may repeat without end; it need not be counted."""


def begun(loop: LoopRule) -> Frames:
    """A loop that nothing of has been seen."""
    return (Frame(loop, -1, ()),)


def complete(frames: Frames) -> bool:
    """Whether a piece may end here: nothing is missing but what begins another piece."""
    return not any(child.begins not in _BEGIN_PIECES for frame in frames for child in frame.missing())


def advance(frames: Frames, key: Key) -> tuple[SegmentRule, Frames] | None:
    """The rule for the next segment and the loops then open; `None` where the guide allows no such segment here."""
    try:
        for depth in range(len(frames) - 1, -1, -1):
            for number, child in frames[depth].ahead():
                found = _entered(child, key)
                if found:
                    rule, inside = found
                    return rule, _counted(frames[: depth + 1], frames[depth + 1 :], number) + inside
    except _NotAllowed:
        pass
    return None


def _entered(child: Rule, key: Key) -> tuple[SegmentRule, Frames] | None:
    """The segment that a child is or begins with, and the loops that it opens; `None` where that is another one."""
    if isinstance(child, SegmentRule):
        return (child, ()) if child.matches(*key) else None
    for number, inner in enumerate(child.children):
        found = _entered(inner, key)
        if found:
            return found[0], (Frame(child, -1, ()).at(number), *found[1])
        if isinstance(inner, SegmentRule):
            return None
    return None


def _counted(frames: Frames, left: Frames, number: int) -> Frames:
    """The loops with child `number` of the innermost counted, those inside of it left. Raises `_NotAllowed`."""
    *around, frame = frames
    child = frame.loop.children[number]
    is_segment = isinstance(child, SegmentRule)
    begins_again = is_segment and number == 0 and bool(frame.seen)
    missing = frame.missing(None if begins_again else number)
    if is_segment and not begins_again:  # segments at one position may stand in any order
        missing = [rule for rule in missing if isinstance(rule, LoopRule) or rule.position != child.position]
    if missing or any(inner.missing() for inner in left) or (begins_again and not around):
        raise _NotAllowed
    if begins_again:
        around[-1] = around[-1].at(around[-1].loop.children.index(frame.loop))
        frame = Frame(frame.loop, -1, ())
    return (*around, frame.at(number))
