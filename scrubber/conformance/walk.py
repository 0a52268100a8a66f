"""The order of segments: which segments the guide allows after each segment.

The walk is that of pyx12. It searches the innermost open loop from the current position on, then the loop around it,
and takes the first segment that matches. Unlike pyx12, it also checks a loop that begins again at once for missing
segments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from scrubber.conformance.grammar import Key, LoopSpec, SegmentSpec, Spec

COUNTED_ELSEWHERE = frozenset({"2300", "2400"})
"""Loops that are not counted here because they repeat too often: the claims of a level, the lines of a claim."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


class _NotAllowed(Exception):  # noqa: N818 - an answer, not an error
    """The guide does not allow the segment here."""


class Frame(NamedTuple):
    """An open loop: the current position in it, and how often each child at that position has been seen.

    Children before the position cannot come again, and children after it have not come yet.
    """

    loop: LoopSpec
    position: int
    seen: tuple[tuple[int, int], ...]

    def ahead(self) -> Iterator[tuple[int, Spec]]:
        """The children that may still come, with their numbers."""
        return ((n, child) for n, child in enumerate(self.loop.children) if child.position >= self.position)

    def count(self, number: int) -> int:
        """How often child `number` has been seen."""
        return dict(self.seen).get(number, 0)

    def at(self, number: int) -> Frame:
        """The frame with child `number` seen once more. Raises `_NotAllowed`."""
        child = self.loop.children[number]
        counted = isinstance(child, SegmentSpec) or child.name not in COUNTED_ELSEWHERE
        count = self.count(number) + 1 if counted else 1
        if count > child.most or not child.used:
            raise _NotAllowed
        kept = {n: c for n, c in self.seen if self.loop.children[n].position == child.position}
        kept[number] = count if child.most < _MANY else 1
        return Frame(self.loop, child.position, tuple(sorted(kept.items())))

    def missing(self, before: int | None = None) -> list[Spec]:
        """Required children that have not been seen: all, or only those before child `before`."""
        return [
            child
            for number, child in self.ahead()
            if child.required and not self.count(number) and (before is None or number < before)
        ]


Frames: TypeAlias = tuple[Frame, ...]

_MANY = 1_000
"""A child that may repeat so often is not counted."""


def begun(loop: LoopSpec) -> Frames:
    """A loop before its first segment."""
    return (Frame(loop, -1, ()),)


def complete(frames: Frames) -> bool:
    """Whether a piece may end here: only loops that begin another piece are missing."""
    return not any(child.begins not in _BEGIN_PIECES for frame in frames for child in frame.missing())


def advance(frames: Frames, key: Key) -> tuple[SegmentSpec, Frames] | None:
    """The next segment in the guide and the loops that are then open. `None` if the guide does not allow it here."""
    try:
        for depth in range(len(frames) - 1, -1, -1):
            for number, child in frames[depth].ahead():
                found = _entered(child, key)
                if found:
                    spec, inside = found
                    return spec, _counted(frames[: depth + 1], frames[depth + 1 :], number) + inside
    except _NotAllowed:
        pass
    return None


def _entered(child: Spec, key: Key) -> tuple[SegmentSpec, Frames] | None:
    """The segment that a child is or begins with, and the loops that it opens. `None` if it is another segment."""
    if isinstance(child, SegmentSpec):
        return (child, ()) if child.matches(*key) else None
    for number, inner in enumerate(child.children):
        found = _entered(inner, key)
        if found:
            return found[0], (Frame(child, -1, ()).at(number), *found[1])
        if isinstance(inner, SegmentSpec):
            return None
    return None


def _counted(frames: Frames, left: Frames, number: int) -> Frames:
    """The open loops with child `number` of the innermost loop counted. Raises `_NotAllowed`.

    `left` are the loops inside of it, which end here.
    """
    if any(inner.missing() for inner in left):
        raise _NotAllowed
    frame = frames[-1]
    child = frame.loop.children[number]
    if isinstance(child, LoopSpec):
        return _with_loop(frames, number)
    if number == 0 and frame.seen:
        return _begun_again(frames)
    return _with_segment(frames, number, child)


def _with_loop(frames: Frames, number: int) -> Frames:
    """A child loop begins: nothing that is required before it may be missing."""
    *around, frame = frames
    if frame.missing(number):
        raise _NotAllowed
    return (*around, frame.at(number))


def _with_segment(frames: Frames, number: int, child: SegmentSpec) -> Frames:
    """A segment follows. Segments at its position may stand in any order, so they may still be missing."""
    *around, frame = frames
    if any(isinstance(spec, LoopSpec) or spec.position != child.position for spec in frame.missing(number)):
        raise _NotAllowed
    return (*around, frame.at(number))


def _begun_again(frames: Frames) -> Frames:
    """The first segment of the innermost loop stands again, so the loop is complete and begins once more."""
    *around, frame = frames
    if frame.missing() or not around:
        raise _NotAllowed
    outer = around[-1]
    around[-1] = outer.at(outer.loop.children.index(frame.loop))
    return (*around, Frame(frame.loop, -1, ()).at(0))
