"""Checks that no map holds: numbering, white space between segments, segments beside the envelope's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from scrubber.conformance import codes, faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import LoopRule
from scrubber.conformance.maps import Node
from scrubber.x12.control import is_count
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters

_COUNTED = [str(number) for number in range(1, 1_000)]
_SPACES = WHITE_SPACE.replace("\r", "").replace("\n", "")


def line_numbers(text: str, lines: LoopRule, delimiters: Delimiters, known: Sequence[Fault]) -> list[Fault]:
    """Faults where LX01 does not count the lines of a claim 1, 2, 3, or there are more than the guide allows.

    A number that is at fault already is not told again. pyx12 looks at LX01 on an 837P alone.
    """
    numbers = _line_number(delimiters.element, delimiters.terminator).findall(text)
    if numbers != _COUNTED[: len(numbers)]:
        numbers = [number.lstrip("0") if is_count(number) else number for number in numbers]
    if numbers == _COUNTED[: len(numbers)] and len(numbers) <= lines.most:
        return []
    found = []
    segments = [part.lstrip(WHITE_SPACE) for part in text.split(delimiters.terminator)]
    places = [index for index, segment in enumerate(filter(None, segments)) if _tag(segment, delimiters) == "LX"]
    wrong = next((place for place, number in enumerate(numbers) if number != str(place + 1)), None)
    if wrong is not None and all(fault.index != places[wrong] for fault in known):
        message = f"LX01 is not {wrong + 1}, the number that is next"
        found.append(Fault(codes.LINE_NUMBERS, places[wrong], lines.name, "LX01", message))
    if len(numbers) > lines.most:
        found.append(faults.too_often(lines, places[lines.most]))
    return found


def level_number(number: str, last: int, loop: str) -> list[Fault]:
    """A fault where HL01 does not count on from the last one."""
    if is_count(number) and number and int(number) == last + 1:
        return []
    return [Fault(codes.LEVEL_NUMBERS, 0, loop, "HL01", f"HL01 is not {last + 1}, the number that is next")]


def nothing_below(loop: LoopRule) -> list[Fault]:
    """Faults of a level that must have a level or a claim beneath it and has none."""
    return [
        Fault(codes.MISSING_LOOP, 0, child.name, child.begins, f"loop {child.name} is missing in loop {loop.name}")
        for child in loop.children
        if child.required and isinstance(child, LoopRule) and child.begins in ("HL", "CLM")
    ]


def white_space(text: str, loop: str, delimiters: Delimiters) -> list[Fault]:
    """A fault for the first segment with white space before it that is no line break, or a blank line."""
    *parts, last = text.split(delimiters.terminator)
    for index, part in enumerate([*parts, last]):
        blank = index < len(parts) and not part.strip(WHITE_SPACE)
        if blank or part.lstrip("\r\n")[:1] in tuple(_SPACES):
            return [Fault(codes.MALFORMED_SEGMENT, index, loop, "", "white space, or a blank line, before a segment")]
    return []


def stray(node: Node, segments: Sequence[Sequence[str]]) -> list[Fault]:
    """A fault where segments stand behind one of the envelope that must stand alone; behind ISA there may be TA1."""
    found = [index for index, segment in enumerate(segments) if index and (node.id, segment[0]) != ("ISA", "TA1")]
    if not found:
        return []
    fault = faults.misplaced(node, segments[found[0]], found[0])
    return [faults.with_followers(fault, len(found) - 1)]


@lru_cache(maxsize=8)
def _line_number(element: str, terminator: str) -> re.Pattern[str]:
    end, separator = re.escape(terminator), re.escape(element)
    return re.compile(rf"{end}\s*LX{separator}([^{separator}{end}]*)")


def _tag(segment: str, delimiters: Delimiters) -> str:
    return segment.partition(delimiters.element)[0]
