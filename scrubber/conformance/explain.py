"""Says what is wrong with a piece that could not be proven right: pyx12 walks it, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyx12.map_walker import walk_tree
from pyx12.segment import Segment

from scrubber.conformance import faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import TRANSACTION, Node, guide
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.guides import ClaimType

MOST_FAULTS = 20
"""How many faults of a piece are told."""

_BEGIN_PIECES = frozenset({"HL", "CLM", "SE"})


def explain(claim_type: ClaimType, path: str, segments: Sequence[Sequence[str]], delimiters: Delimiters) -> list[Fault]:
    """The faults of a piece that begins the loop at `path` of the map; none where pyx12 finds none."""
    found = []
    for fault in _faults(guide(claim_type), path, segments, delimiters):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return found


def _faults(root: Node, path: str, segments: Sequence[Sequence[str]], delimiters: Delimiters) -> Iterator[Fault]:
    walker = walk_tree()
    node = _start(root, path, walker)
    loop = root.getnodebypath(path)
    for index, elements in enumerate(segments):
        segment = _segment(elements, delimiters)
        following, _, _, errors = walker.walk_errors(node, segment, index, index, None)
        for error in errors:
            yield faults.of_order(error, node, elements[0], index)
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
            yield faults.of_order(error, node, "SE", len(segments))


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


def segment_faults(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int = 0) -> Iterator[Fault]:
    """The faults within a segment, which is that of a node."""
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
