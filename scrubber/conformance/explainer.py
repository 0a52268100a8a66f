"""Explains why a piece could not be proven right, with as little of pyx12 as that takes.

Where the automaton can walk all segments of a piece, their order is right, and pyx12 would find no fault in it. Then
only the segments whose pattern fails go to pyx12's element checks. Where the order is wrong, pyx12 walks the piece, but
not the steps that it took before, and checks only the elements of segments that are not proven. Both find what
`explain` finds when pyx12 takes all steps and checks everything; `tests/conformance/test_explainer.py` holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from scrubber.claims.location import Span
from scrubber.conformance import extra, siblings
from scrubber.conformance.automaton import Automaton, Unproven
from scrubber.conformance.explain import explain, reported, segment_faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import LoopSpec, SegmentSpec
from scrubber.conformance.maps import Node, guide
from scrubber.conformance.steps import Steps
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.guides import ClaimType

_MOST_REMEMBERED = 2_048
"""How many faulty segments are remembered with their faults: files repeat the same fault."""
_LONGEST_REMEMBERED = 256
"""Longer segments are not remembered, so that memory is bounded."""


class Explainer:
    """Explains pieces of transactions of a type with the given delimiters."""

    def __init__(self, claim_type: ClaimType, automaton: Automaton, delimiters: Delimiters) -> None:
        self.automaton = automaton
        self._steps = Steps(guide(claim_type), automaton.grammar, delimiters)
        self._delimiters = delimiters
        self._nodes: dict[int, Node] = {}
        self._lacking: dict[str, list[Fault]] = {}
        self._alone: Callable[[str, str], list[Fault]] = lru_cache(_MOST_REMEMBERED)(self._found_alone)
        self._remembered: Callable[[int, str], list[Fault]] = lru_cache(_MOST_REMEMBERED)(self._found)

    def faults(self, piece: Span, path: str, loop: LoopSpec, unproven: Unproven) -> list[Fault]:
        """The faults of a piece that begins `loop`, which is at `path` of the map. There may be none.

        `unproven` are its segments that the automaton cannot prove right. Sibling loops in another order than that of
        the map get one fault, and are checked as if they were in order.
        """
        parts, segments = piece.parts, piece.segments
        if unproven is not None:  # so its sibling loops are in order, too
            return self._of_unproven(unproven, segments)
        order, disordered = siblings.in_order(piece.type, loop, segments)
        if disordered:
            parts, segments = [parts[index] for index in order], [segments[index] for index in order]
            unproven = self.automaton.unproven(loop, parts)
        if unproven is not None:
            found = self._of_unproven(unproven, segments)
        elif len(parts) == 1:
            found = self._of_one_segment(path, loop, parts[0], segments)
        else:
            found = explain(path, segments, self._steps, self._delimiters, self._within)
        if disordered:
            found = [fault.at(order[min(fault.index, len(order) - 1)]) for fault in found]
            if not found:
                return [disordered, *self._white_space(piece, loop)]
            found.append(disordered)
        return found or self._white_space(piece, loop)

    def _white_space(self, piece: Span, loop: LoopSpec) -> list[Fault]:
        return extra.white_space(piece.piece.text, loop.name, self._delimiters)

    def _of_unproven(
        self, unproven: Sequence[tuple[int, SegmentSpec]], segments: Sequence[Sequence[str]]
    ) -> list[Fault]:
        """The faults within segments of a piece that are in order."""

        def found() -> Iterator[Fault]:
            for index, spec in unproven:
                yield from self._explained(spec.node, self._delimiters.element.join(segments[index]), index)

        return reported(found(), segments)

    def _of_one_segment(self, path: str, loop: LoopSpec, part: str, segments: Sequence[Sequence[str]]) -> list[Fault]:
        """The faults of a piece of one segment. If that is right, they do not depend on what is in it."""
        if not self.automaton.begins(loop, part):
            text = self._delimiters.element.join(segments[0])
            if len(text) <= _LONGEST_REMEMBERED:
                return [*self._alone(path, text)]
            return explain(path, segments, self._steps, self._delimiters, self._within)
        if path not in self._lacking:
            self._lacking[path] = explain(path, segments, self._steps, self._delimiters, self._within)
        return [*self._lacking[path]]

    def _found_alone(self, path: str, text: str) -> list[Fault]:
        segments = [text.split(self._delimiters.element)]
        return explain(path, segments, self._steps, self._delimiters, self._within)

    def _within(self, node: Node, elements: Sequence[str], index: int) -> Sequence[Fault]:
        """The faults within a segment; none if it is proven right."""
        text = self._delimiters.element.join(elements)
        return () if self.automaton.proves_segment(node, text) else self._explained(node, text, index)

    def _explained(self, node: Node, text: str, index: int) -> Sequence[Fault]:
        """The faults within a segment that is not proven right."""
        if len(text) > _LONGEST_REMEMBERED:
            return segment_faults(node, text.split(self._delimiters.element), self._delimiters, index)
        self._nodes[id(node)] = node
        return [fault.at(index) for fault in self._remembered(id(node), text)]

    def _found(self, node: int, text: str) -> list[Fault]:
        return segment_faults(self._nodes[node], text.split(self._delimiters.element), self._delimiters)
