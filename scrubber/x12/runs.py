"""Runs: levels and claims without faults that follow each other, as one piece.

The first pass over a file only counts most levels and claims. It takes a third less time if it counts them together.
The second pass looks at each of them, but looks once for a run at what concerns all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import sub

from scrubber.x12 import pieces
from scrubber.x12.pieces import SHORTEST_CLAIM, Cutter, Piece, cut, new_tuple
from scrubber.x12.run_together import FREQUENT
from scrubber.x12.streams import Readable


class Run(Piece):
    """Levels and claims that follow each other. None of them has a fault, and no claim stands within another one."""

    claims: int = 0
    """How many claims it has."""
    tags: Sequence[str] = ()
    """The tags of its levels and claims."""
    bounds: Sequence[int] = ()
    """Where each of them begins in `text`, and the end of the last."""

    @property
    def levels(self) -> Sequence[int]:
        """Where its levels begin in `text`."""
        return [start for tag, start in zip(self.tags, self.bounds, strict=False) if tag == "HL"]

    def pieces(self) -> Iterator[Piece]:
        """Its levels and claims one by one."""
        assert self.delimiters
        whole, offset, delimiters, breaks, start = self.text, self.offset, self.delimiters, self.breaks, 0
        terminator, in_lines = delimiters.terminator, "\n" in whole
        for tag, end in zip(self.tags, self.bounds[1:], strict=True):
            text = whole[start:end]
            segments = text.count(terminator)
            yield new_tuple(Piece, (tag, text, offset + start, delimiters, segments, None, "", breaks))
            start = end
            if in_lines:
                breaks += text.count("\n")


def cut_in_runs(stream: Readable, *, sound: bool = False) -> Iterator[Piece]:
    """The pieces of `stream`, a binary file open for reading, in file order; many of them in runs.

    `sound` is that of `cut`.
    """
    return cut(stream, sound=sound, cutter=_RunCutter)


class _RunCutter(Cutter):
    """Cuts an interchange into runs and pieces."""

    by_runs = True

    def complete(self) -> Iterator[Piece]:
        """The runs whose end is in memory, and the pieces before and after them."""
        self.paused = True
        while self.paused:
            if run := self._run():
                yield run
            self.paused = False
            yield from super().complete()

    def _run(self) -> Run | None:
        """The levels and claims up to the first of other pieces, `None` if one of them may have a fault."""
        if self.odd or self.tag not in FREQUENT:
            return None
        inner = -1 if self.sound else self.inner_interchange()
        buffer, delimiters = self.buffer, self.delimiters
        text, start = buffer.text, buffer.start
        tags, bounds = [self.tag], [start]
        for match in delimiters.boundary.finditer(text, self.search, len(text) if inner < 0 else inner):
            tag = match[1]
            if tag not in FREQUENT:
                break
            tags.append(tag)
            bounds.append(match.start(1))
        next_tag, end = tags.pop(), bounds[-1]
        if not tags or not _have_usual_lengths(bounds, tags):
            return None
        if not self.sound and not _are_whole(text, bounds, tags, delimiters.element):
            return None
        segments = text.count(delimiters.terminator, start, end)
        run = Run(tags[0], text[start:end], buffer.offset + start, delimiters, segments, breaks=buffer.breaks)
        run.claims, run.tags, run.bounds = tags.count("CLM"), tags, [bound - start for bound in bounds]
        self.tag, self.search, buffer.start = next_tag, end, end
        buffer.breaks += run.text.count("\n")
        return run


def _are_whole(text: str, bounds: Sequence[int], tags: Sequence[str], element: str) -> bool:
    """Whether no claim stands within one of the levels and claims between these bounds."""
    claim, claims = f"CLM{element}", tags.count("CLM")
    whole = sum([text.startswith(claim, start) for start in bounds[:-1]])
    return text.count(claim, bounds[0], bounds[-1]) == claims and whole == claims


def _have_usual_lengths(bounds: Sequence[int], tags: Sequence[str]) -> bool:
    """Whether the levels and claims between these bounds are neither too long nor claims that are too short."""
    lengths = list(map(sub, bounds[1:], bounds))
    shortest = min([length for length, tag in zip(lengths, tags, strict=True) if tag == "CLM"], default=SHORTEST_CLAIM)
    return shortest >= SHORTEST_CLAIM and max(lengths) <= min(pieces.MAX_SEGMENT, pieces.MAX_PIECE, pieces.MAX_SEGMENTS)
