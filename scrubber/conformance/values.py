"""Finds the faults within a segment with pyx12: those of its elements, alone and together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyx12.segment import Composite, Element

from scrubber.conformance import codes, faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import Node
from scrubber.conformance.steps import segment_of
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.remembering import remembered

_LONGEST_REMEMBERED = 80
"""Longer values are not remembered: hardly any of them repeats."""

_nodes: dict[int, Node] = {}
"""Elements of the maps by their identity: to pyx12 those of the same name in different loops are equal."""


def element_faults(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int = 0) -> Iterator[Fault]:
    """The faults within a segment. `index` is its index in the piece."""
    if len(elements) == 1 or not elements[-1]:
        yield faults.nothing_after(node, index)
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
        _, errors = node.is_valid_errors(segment_of(elements, delimiters))
    except (IndexError, ValueError):  # such as a date range with two dashes
        yield faults.unexplained(node, index)
        return
    for error in errors:
        yield faults.of_element(error, node, index)


def rejects(fault: Fault) -> bool:
    """Whether the claim is rejected for a fault."""
    return codes.GUIDE_CODES[fault.code].severity == "reject"


def wrong(node: Node, number: int, value: str, delimiters: Delimiters) -> bool:
    """Whether the element `number` (from 0) of a segment has a fault with this value, whatever the other elements are.

    If not, it may still have one together with others. There is none beyond the last one of the guide.
    """
    if number >= len(node.children):
        return True
    child = node.children[number]
    if len(value) > _LONGEST_REMEMBERED:
        return _judged(child, value, delimiters)
    _nodes[id(child)] = child
    return _wrong(id(child), value, delimiters)


def wrong_component(node: Node, number: int, value: str) -> bool:
    """Whether the component `number` (from 0) of a composite has a fault with this value, whatever the others are."""
    if number >= len(node.children):
        return True
    return bool(value) and _rejected(node.children[number], Element(value))


def _judged(node: Node, value: str, delimiters: Delimiters) -> bool:
    if node.is_composite() and node.usage != "N" and value.count(delimiters.component) >= len(node.children):
        return True  # pyx12 fails on it
    return _rejected(node, segment_of([node.parent.id, value], delimiters).get("01"))


@remembered(4_096)
def _wrong(node: int, value: str, delimiters: Delimiters) -> bool:
    return _judged(_nodes[node], value, delimiters)


def _rejected(node: Node, data: Composite | Element) -> bool:
    try:
        _, errors = node.is_valid_errors(data)
    except (IndexError, ValueError):
        return True
    segment = node.parent
    while not segment.is_segment():
        segment = segment.parent
    return any(rejects(faults.of_element(error, segment, 0)) for error in errors)
