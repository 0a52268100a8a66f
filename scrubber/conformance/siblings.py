"""Loops that stand side by side, in the order of the map: providers, payers and subscribers, which NM101 distinguishes.

In the standard they are one loop that repeats, so they may come in any order. The maps have a fixed order. A piece with
siblings in another order is checked as if they were in the order of the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from scrubber.conformance import codes
from scrubber.conformance.corrections import sibling_loops
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import LoopSpec, SegmentSpec
from scrubber.x12.guides import ClaimType
from scrubber.x12.segments import element

_BEGINS = "NM1"

_Rank: TypeAlias = tuple[int, str]


class _Siblings:
    """The sibling loops of one loop: rank and name by qualifier, and all tags that occur in them.

    Two loops with the same rank may come in any order by the map, too.
    """

    def __init__(self, loop: LoopSpec, names: tuple[str, ...]) -> None:
        self.ranks: dict[str, _Rank] = {}
        self.tags: set[str] = set()
        rank, before = 0, None
        for child in loop.children:
            if not isinstance(child, LoopSpec) or child.begins != _BEGINS or not child.name.startswith(names):
                continue
            if before and (before.position != child.position or before.required or child.required):
                rank += 1
            before = child
            for segment in child.children:
                if isinstance(segment, SegmentSpec):
                    self.tags.add(segment.tag)
            first = child.children[0]
            assert isinstance(first, SegmentSpec)
            self.ranks |= dict.fromkeys(first.codes, (rank, child.name))


@lru_cache(maxsize=16)
def _known(loop: LoopSpec, claim_type: ClaimType) -> dict[str, _Siblings]:
    """The siblings in a piece, by the tag that begins the loop around them; empty for the piece itself."""
    names = sibling_loops(claim_type)
    inner = {child.begins: child for child in loop.children if isinstance(child, LoopSpec)}
    loops = {"": loop} | {tag: inner[tag] for tag in ("BHT", "SBR", "LX") if tag in inner}
    return {tag: _Siblings(found, names) for tag, found in loops.items()}


def in_order(
    claim_type: ClaimType, loop: LoopSpec, segments: Sequence[Sequence[str]]
) -> tuple[list[int], Fault | None]:
    """The indices of a piece's segments in the order of the map, and a fault if the piece has another order."""
    known = _known(loop, claim_type)
    siblings = known[""]
    order: list[int] = []
    run: list[tuple[_Rank, list[int]]] = []
    highest: _Rank | None = None  # of the run
    fault: Fault | None = None
    for index, segment in enumerate(segments):
        tag = segment[0]
        ranked = siblings.ranks.get(element(segment, 1)) if tag == _BEGINS else None
        if ranked:
            if highest and not fault and ranked[0] < highest[0]:
                fault = _fault(ranked[1], highest[1], index)
            highest = max(highest or ranked, ranked)
            run.append((ranked, [index]))
        elif run and tag in siblings.tags and tag != _BEGINS:
            run[-1][1].append(index)
        else:
            if run:
                order += _sorted(run)
                run, highest = [], None
            order.append(index)
            siblings = known.get(tag, siblings)
    return order + _sorted(run), fault


def _sorted(run: list[tuple[_Rank, list[int]]]) -> list[int]:
    return [index for _, indices in sorted(run, key=lambda block: block[0][0]) for index in indices]


def _fault(loop: str, before: str, index: int) -> Fault:
    message = f"loop {loop} is after loop {before}; the guide has it before that one"
    return Fault(codes.SIBLING_ORDER, index, loop, _BEGINS, message)
