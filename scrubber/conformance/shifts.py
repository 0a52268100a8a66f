"""Finds the one separator, missing or extra, that explains all faults of a segment.

A separator is tried where each element could be right with it. Then pyx12 decides on the segment as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import attrs

from scrubber.conformance import codes, faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import Node
from scrubber.conformance.values import element_faults, rejects, wrong, wrong_component
from scrubber.x12.delimiters import Delimiters


def shift_of(node: Node, elements: Sequence[str], delimiters: Delimiters, index: int) -> Fault | None:
    """The fault of one missing or extra separator of elements or components, `None` if that is not the cause."""
    tag, *values = elements
    most = len(node.children)
    if len(values) > most + 1:
        return None  # more than one separator too many

    def left(changed: Sequence[str]) -> list[Fault]:
        return [fault for fault in element_faults(node, [tag, *changed], delimiters) if rejects(fault)]

    def in_composite(number: int) -> _Repair | None:
        composite = node.children[number]

        def rest(parts: Sequence[str]) -> list[Fault]:
            return left([*values[:number], delimiters.component.join(parts), *values[number + 1 :]])

        parts = values[number].split(delimiters.component)
        if not 1 < len(parts) <= len(composite.children) + 1:
            return None
        row = _Row(parts, len(composite.children), lambda at, part: wrong_component(composite, at, part))
        return _off_by_one(row, f"{node.id}{number + 1:02d}-{{}}", rest)

    row = _Row(values, most, lambda at, value: wrong(node, at, value, delimiters))
    found = _off_by_one(row, f"{node.id}{{:02d}}", left)
    found = found or next(filter(None, map(in_composite, _composites(node, row))), None)
    return found[0](node, found[1], index) if found else None


_Repair: TypeAlias = tuple[Callable[[Node, str, int], Fault], str]
"""Makes the fault of a segment that one separator would correct, and the element that it names."""


@attrs.frozen
class _Row:
    """Elements of a segment, or components of an element: at most `most` by the guide.

    `is_wrong` takes a position from 0 and a value: whether the value is wrong there, whatever the others are.
    """

    values: Sequence[str]
    most: int
    is_wrong: Callable[[int, str], bool]

    def left_alone(self) -> int:
        """How many of the first values are right where they stand."""
        return next((at for at, value in enumerate(self.values) if self.is_wrong(at, value)), len(self.values))

    def moved(self, by: int) -> int:
        """From which value on all are right `by` positions later. If what then lacks at the end is wrong: none."""
        count = len(self.values)
        if any(self.is_wrong(at, "") for at in range(count + by, self.most)):
            return count
        first = max(0, -by)  # those before it are left out
        return next((at + 1 for at in range(count - 1, first - 1, -1) if self.is_wrong(at + by, self.values[at])), 0)


def _composites(node: Node, row: _Row) -> Iterator[int]:
    """The composites that may hold the only fault of a segment."""
    lacking = [""] * (row.most - len(row.values))
    at_fault = [at for at, value in enumerate([*row.values, *lacking]) if row.is_wrong(at, value)]
    if len(at_fault) < 2:
        for at, child in enumerate(node.children[: len(row.values)]):
            if child.is_composite() and at_fault in ([], [at]):
                yield at


def _off_by_one(row: _Row, names: str, left: Callable[[Sequence[str]], Sequence[Fault]]) -> _Repair | None:
    """The element at which one separator more or less makes the values right. `names` takes numbers from 1."""
    values, earlier, later = row.values, row.moved(-1), row.moved(1)
    if min(earlier, later) >= len(values):
        return None
    for number in range(min(row.left_alone() + 1, len(values))):
        if number + 1 >= earlier and not values[number]:
            without = [*values[:number], *values[number + 1 :]]
            if any(without[number:]) and not left(without):
                return faults.one_too_many, names.format(_next_value(without, number))
        if number < later:
            continue
        more = [*values[:number], "", *values[number:]]
        lacking = left(more)
        if not lacking:
            return faults.one_too_few, names.format(_next_value(more, number))
        if all(fault.code == codes.MISSING_ELEMENT and fault.element == names.format(number + 1) for fault in lacking):
            return faults.left_out, names.format(number + 1)
    return None


def _next_value(values: Sequence[str], number: int) -> int:
    """The number, from 1, of the first value after `number` that is not empty."""
    return next(at for at, value in enumerate(values, 1) if at > number and value)
