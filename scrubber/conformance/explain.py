"""Finds the faults of a piece that the automaton could not prove right. pyx12 walks it, segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from pyx12.map_walker import walk_tree
from pyx12.segment import Segment

from scrubber.conformance import codes, faults
from scrubber.conformance.causes import causes
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import TRANSACTION, Node, guide
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.guides import ClaimType

MOST_FAULTS = 20
"""How many faults of a piece are reported."""
_MOST_LOOKED_AT = 200
"""How many faults of a piece are examined, consequences of other faults included."""
_FEWEST_OF_A_SHIFT = 2
"""The fewest faults of a segment whose values are shifted by one element."""
_LAST_QUALIFIER = 3
"""The last element that can be a qualifier."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


def explain(claim_type: ClaimType, path: str, segments: Sequence[Sequence[str]], delimiters: Delimiters) -> list[Fault]:
    """The faults that pyx12 finds in a piece that begins the loop at `path` of the map.

    Consequences of an earlier fault are counted in the message of that fault.
    """
    found = _faults(guide(claim_type), path, segments, delimiters)
    return causes(islice(found, _MOST_LOOKED_AT), segments)[:MOST_FAULTS]


def _faults(root: Node, path: str, segments: Sequence[Sequence[str]], delimiters: Delimiters) -> Iterator[Fault]:
    walker = walk_tree()
    node = _start(root, path, walker)
    loop = root.getnodebypath(path)
    for index, elements in enumerate(segments):
        following, _, _, errors = walker.walk_errors(node, _segment(elements, delimiters), index, index, None)
        if following is None:
            meant, number = _meant(walker, node, elements, delimiters, index)
            if meant is not None:
                yield faults.one_too_many(meant, f"{meant.id}{number:02d}", index)
                node = meant
                continue
        for error in errors:
            yield faults.of_order(error, node, elements, index)
        if following is None:
            continue
        if following is node and node.is_first_seg_in_loop():  # which pyx12 does not look at
            for child in _required_after(node):
                yield faults.missing_in(node.parent, child, index - 1)
        node = following
        yield from segment_faults(node, elements, delimiters, index)
    _, _, _, errors = walker.walk_errors(node, _segment(["SE", "1", "0001"], delimiters), 0, 0, None)
    for error in errors:
        if error.err_cde == "3" and error.map_node.id not in _BEGIN_PIECES and _within(error.map_node, loop):
            yield faults.of_order(error, node, ["SE"], len(segments))


def _meant(
    walker: walk_tree, node: Node, elements: Sequence[str], delimiters: Delimiters, index: int
) -> tuple[Node | None, int]:
    """The node that a segment would fit without one empty element up to its qualifier, and the number of that element.

    `None` if there is no such element.
    """
    for number in range(1, min(len(elements), _LAST_QUALIFIER + 1)):
        if not elements[number]:
            without = [*elements[:number], *elements[number + 1 :]]
            counts = dict(walker.getCountState())
            following, _, _, errors = walker.walk_errors(node, _segment(without, delimiters), index, index, None)
            if following is not None and not errors and not list(_element_faults(following, without, delimiters)):
                return following, number
            walker.setCountState(counts)
    return None, 0


def _start(root: Node, path: str, walker: walk_tree) -> Node:
    """The node behind which the loop at `path` may begin. Required parts around it count as seen."""
    loop = root.getnodebypath(path).parent
    start = loop.get_first_seg() or root.getnodebypath(f"{TRANSACTION}/ST")
    while not loop.is_map_root():
        for children in loop.pos_map.values():
            for child in children:
                if child.usage == "R":
                    walker.counter.setCount(child.x12path, 1)
        loop = loop.parent
    return start


def segment_faults(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int = 0) -> list[Fault]:
    """The faults within the segment of a node. If one separator explains all of them, there is only that fault."""
    found = list(_element_faults(node, elements, delimiters, index))
    rejects = [fault for fault in found if _rejects(fault)]
    if len(rejects) < _FEWEST_OF_A_SHIFT:
        return found
    warnings = [fault for fault in found if not _rejects(fault)]
    all_missing = all(fault.code == codes.MISSING_ELEMENT for fault in rejects)
    shift = None if all_missing else _shift(node, elements, delimiters, index)
    return [shift, *warnings] if shift else [*faults.by_element(rejects), *warnings]


def _shift(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int) -> Fault | None:
    """The fault of one missing or extra separator of elements or components, `None` if that is not the cause."""
    tag, *values = elements

    def left(changed: Sequence[str]) -> list[Fault]:
        return [fault for fault in _element_faults(node, [tag, *changed], delimiters) if _rejects(fault)]

    def in_composite(number: int) -> _Repair | None:
        def rest(parts: Sequence[str]) -> list[Fault]:
            return left([*values[:number], delimiters.component.join(parts), *values[number + 1 :]])

        parts = values[number].split(delimiters.component)
        return _off_by_one(parts, f"{node.id}{number + 1:02d}-{{}}", rest) if len(parts) > 1 else None

    found = _off_by_one(values, f"{node.id}{{:02d}}", left)
    composites = [number for number, child in enumerate(node.children[: len(values)]) if child.is_composite()]
    found = found or next(filter(None, map(in_composite, composites)), None)
    return found[0](node, found[1], index) if found else None


_Repair: TypeAlias = tuple[Callable[[Node, str, int], Fault], str]
"""Makes the fault of a segment that one separator would correct, and the element that it names."""


def _off_by_one(values: Sequence[str], names: str, left: Callable[[Sequence[str]], Sequence[Fault]]) -> _Repair | None:
    """The element at which one separator more or less makes the values right. `names` takes numbers from 1."""
    for number in range(len(values)):
        if not values[number]:
            without = [*values[:number], *values[number + 1 :]]
            if any(without[number:]) and not left(without):
                return faults.one_too_many, names.format(_next_value(without, number))
        more = [*values[:number], "", *values[number:]]
        lacking = left(more)
        if not lacking:
            return faults.one_too_few, names.format(_next_value(more, number))
        if all(fault.code == codes.MISSING_ELEMENT and fault.element == names.format(number + 1) for fault in lacking):
            return faults.left_out, names.format(number + 1)
    return None


def _next_value(values: Sequence[str], number: int) -> int:
    """The number, from 1, of the first value behind `number` that is not empty."""
    return next(at for at, value in enumerate(values, 1) if at > number and value)


def _rejects(fault: Fault) -> bool:
    return codes.GUIDE_CODES[fault.code].severity == "reject"


def _element_faults(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int = 0) -> Iterator[Fault]:
    if len(elements) == 1 or not elements[-1]:
        yield faults.nothing_behind(node, index)
    crowded = [
        child
        for child, element in zip(node.children, elements[1:], strict=False)
        if child.is_composite() and child.usage != "N" and element.count(delimiters.component) >= len(child.children)
    ]
    if crowded:  # pyx12 fails on it
        for composite in crowded:
            yield faults.too_many_components(composite, node, index)
        return
    try:
        _, errors = node.is_valid_errors(_segment(elements, delimiters))
    except (IndexError, ValueError):  # such as a date range with two dashes
        yield faults.unexplained(node, index)
        return
    for error in errors:
        yield faults.of_element(error, node, index)


def _required_after(segment: Node) -> list[Node]:
    """The required children, behind its first segment, of the loop that a segment begins."""
    loop = segment.parent
    children = [child for position in sorted(loop.pos_map) for child in loop.pos_map[position]]
    return [child for child in children if child.usage == "R" and child is not segment]


def _within(node: Node, loop: Node) -> bool:
    while node is not None and node is not loop:
        node = node.parent
    return node is loop


def _segment(elements: Sequence[str], delimiters: Delimiters) -> Segment:
    text = delimiters.element.join(elements)
    return Segment(text, delimiters.terminator, delimiters.element, delimiters.component)
