"""Says what is wrong with a piece that could not be proven right: pyx12 walks it, segment by segment."""

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
"""How many faults of a piece are told."""
_MOST_LOOKED_AT = 200
"""How many faults of a piece are looked at, those that follow from others among them."""
_FEWEST_OF_A_SHIFT = 2
"""How many faults a segment has at least where its values stand one place off."""
_LAST_QUALIFIER = 3
"""No element behind this one tells segments apart."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


def explain(claim_type: ClaimType, path: str, segments: Sequence[Sequence[str]], delimiters: Delimiters) -> list[Fault]:
    """The faults of a piece that begins the loop at `path` of the map; none where pyx12 finds none.

    What follows from a fault that comes before it is counted in that one's message.
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
    """The node of a segment that would be in its place without an empty element up to its qualifier, and which that is.

    `None` where no such element is.
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
    """The node behind which the loop at `path` may begin; all that is required around it counts as seen."""
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
    """The faults within a segment, which is that of a node; one alone where one separator explains them all."""
    found = list(_element_faults(node, elements, delimiters, index))
    rejects = [fault for fault in found if _rejects(fault)]
    if len(rejects) < _FEWEST_OF_A_SHIFT:
        return found
    warnings = [fault for fault in found if not _rejects(fault)]
    all_missing = all(fault.code == codes.MISSING_ELEMENT for fault in rejects)
    shift = None if all_missing else _shift(node, elements, delimiters, index)
    return [shift, *warnings] if shift else [*faults.by_element(rejects), *warnings]


def _shift(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int) -> Fault | None:
    """The fault where one separator, of elements or of components, is missing or too many; `None` where none is."""
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
"""What is said of a segment that one separator would set right, and the element it is said of."""


def _off_by_one(values: Sequence[str], names: str, left: Callable[[Sequence[str]], Sequence[Fault]]) -> _Repair | None:
    """Where values are right with one separator more or less; `names` is written with numbers from 1."""
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
    """The number, from 1, of the first value from the one at `number` on."""
    return next(place for place, value in enumerate(values, 1) if place > number and value)


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
    """What the loop that a segment begins requires behind it."""
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
