"""Finds the faults of a piece of a transaction with pyx12, segment by segment.

`explain` has pyx12 check everything; `scrubber.conformance.explainer` leaves out what is proven right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from scrubber.conformance import codes, faults
from scrubber.conformance.causes import causes
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import Node
from scrubber.conformance.shifts import shift_of
from scrubber.conformance.steps import Standing, Steps
from scrubber.conformance.values import element_faults, rejects
from scrubber.x12.delimiters import Delimiters

MOST_FAULTS = 20
"""How many faults of a piece are reported."""
_MOST_LOOKED_AT = 200
"""How many faults of a piece are examined, consequences of other faults included."""
_FEWEST_OF_A_SHIFT = 2
"""The fewest faults of a segment whose values are shifted by one element."""
_LAST_QUALIFIER = 3
"""The last element that can be a qualifier."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


Within: TypeAlias = Callable[[Node, Sequence[str], int], Sequence[Fault]]
"""Finds the faults within a segment: takes its node, its elements and its index in the piece."""


def explain(
    path: str, segments: Sequence[Sequence[str]], steps: Steps, delimiters: Delimiters, within: Within | None = None
) -> list[Fault]:
    """The faults that pyx12 finds in a piece that begins the loop at `path` of the map.

    Consequences of an earlier fault are counted in the message of that fault. `within` finds the faults within the
    segments; by default pyx12 checks all of their elements.
    """

    def by_pyx12(node: Node, elements: Sequence[str], index: int) -> list[Fault]:
        return segment_faults(node, elements, delimiters, index)

    return reported(_faults(path, segments, steps, delimiters, within or by_pyx12), segments)


def reported(found: Iterable[Fault], segments: Sequence[Sequence[str]]) -> list[Fault]:
    """The first faults of a piece, without those that follow from an earlier one."""
    return causes(islice(found, _MOST_LOOKED_AT), segments)[:MOST_FAULTS]


def _faults(
    path: str, segments: Sequence[Sequence[str]], steps: Steps, delimiters: Delimiters, within: Within
) -> Iterator[Fault]:
    standing = steps.start(path)
    loop = steps.loop(path)
    for index, elements in enumerate(segments):
        step = steps.take(standing, elements)
        if not step.found:
            meant, number = _meant(steps, standing, elements, delimiters)
            if meant is not None:
                yield faults.one_too_many(meant.node, f"{meant.node.id}{number:02d}", index)
                standing = meant
                continue
        for error in step.errors:
            yield faults.of_order(error, standing.node, elements, index)
        if not step.found:
            continue
        node = step.standing.node
        if node is standing.node and node.is_first_seg_in_loop():  # which pyx12 does not look at
            for child in _required_after(node):
                yield faults.missing_in(node.parent, child, index - 1)
        standing = step.standing
        yield from within(node, elements, index)
    for error in steps.take(standing, ["SE", "1", "0001"]).errors:
        if error.err_cde == "3" and error.map_node.id not in _BEGIN_PIECES and _within(error.map_node, loop):
            yield faults.of_order(error, standing.node, ["SE"], len(segments))


def _meant(
    steps: Steps, standing: Standing, elements: Sequence[str], delimiters: Delimiters
) -> tuple[Standing | None, int]:
    """Where a segment would lead without one empty element up to its qualifier, and the number of that element.

    `None` if there is no such element.
    """
    for number in range(1, min(len(elements), _LAST_QUALIFIER + 1)):
        if not elements[number]:
            without = [*elements[:number], *elements[number + 1 :]]
            step = steps.take(standing, without)
            if step.found and not step.errors and not [*element_faults(step.standing.node, without, delimiters)]:
                return step.standing, number
    return None, 0


def segment_faults(
    node: Node, elements: Sequence[str], delimiters: Delimiters, index: int = 0, *, shifts: bool = True
) -> list[Fault]:
    """The faults within the segment of a node. If one separator explains all of them, there is only that fault.

    Without `shifts` no such separator is looked for, which takes several times the time.
    """
    found = list(element_faults(node, elements, delimiters, index))
    serious = [fault for fault in found if rejects(fault)]
    if len(serious) < _FEWEST_OF_A_SHIFT:
        return found
    warnings = [fault for fault in found if not rejects(fault)]
    all_missing = all(fault.code == codes.MISSING_ELEMENT for fault in serious)
    shift = None if all_missing or not shifts else shift_of(node, elements, delimiters, index)
    return [shift, *warnings] if shift else [*faults.by_element(serious), *warnings]


def _required_after(segment: Node) -> list[Node]:
    """The required children, after its first segment, of the loop that a segment begins."""
    loop = segment.parent
    children = [child for position in sorted(loop.pos_map) for child in loop.pos_map[position]]
    return [child for child in children if child.usage == "R" and child is not segment]


def _within(node: Node, loop: Node) -> bool:
    while node is not None and node is not loop:
        node = node.parent
    return node is loop
