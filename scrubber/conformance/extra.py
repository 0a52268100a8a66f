"""Checks that no map holds: the numbers of service lines, blank ids in an ISA, white space between segments."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.conformance import codes, faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import LoopSpec
from scrubber.x12.control import is_count
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.notes import without_notes
from scrubber.x12.segments import element

_COUNTED = [str(number) for number in range(1, 1_000)]
_COUNTING = [["LX", number] for number in _COUNTED]
"""The segments that begin the lines of most claims."""
_SPACES = WHITE_SPACE.replace("\r", "").replace("\n", "")


def line_numbers(
    segments: Sequence[Sequence[str]], indices: Sequence[int], lines: LoopSpec, known: Sequence[Fault]
) -> list[Fault]:
    """Faults where LX01 does not count the lines of a claim 1, 2, 3, or there are more than the guide allows.

    `indices` are those of the LX segments. A number that already has a fault is not reported again. pyx12 checks LX01
    only on an 837P.
    """
    if len(indices) <= lines.most and [segments[index] for index in indices] == _COUNTING[: len(indices)]:
        return []
    numbers = [element(segments[index], 1) for index in indices]
    numbers = [number.lstrip("0") if is_count(number) else number for number in numbers]
    if numbers == _COUNTED[: len(numbers)] and len(numbers) <= lines.most:
        return []
    found = []
    wrong = next((at for at, number in enumerate(numbers) if number != str(at + 1)), None)
    if wrong is not None and all(fault.index != indices[wrong] for fault in known):
        message = f"LX01 is not {wrong + 1}, the next number"
        found.append(Fault(codes.LINE_NUMBERS, indices[wrong], lines.name, "LX01", message))
    if len(numbers) > lines.most:
        found.append(faults.too_often(lines, indices[lines.most]))
    return found


def blank_ids(elements: Sequence[str], known: Sequence[Fault]) -> list[Fault]:
    """Faults where the id of sender or receiver in an ISA, ISA06 or ISA08, holds nothing but spaces.

    They have 15 characters, so pyx12 takes spaces alone for a value. An element that has a fault is not reported again.
    """
    found = []
    for name, number in (("ISA06", 6), ("ISA08", 8)):
        if not element(elements, number).strip() and all(fault.element != name for fault in known):
            found.append(Fault(codes.MISSING_ELEMENT, 0, "", name, f"{name} is required and holds only spaces"))
    return found


def blank_line(text: str, loop: str, delimiters: Delimiters) -> list[Fault]:
    """A fault for the first blank line where line breaks end segments; `text` has no notes of the scrubber.

    It is an empty segment there: two terminators side by side. A strict reader, such as pyx12, stops at it, and would
    lose all claims after it. If another character ends segments, line breaks between them mean nothing.
    """
    if delimiters.terminator not in "\r\n" or not delimiters.gap.search(text):
        return []
    return white_space(text, loop, delimiters)


def white_space(text: str, loop: str, delimiters: Delimiters) -> list[Fault]:
    """A fault for the first segment with white space before it that is no line break, or a blank line.

    The scrubber's notes are left out, as in the segments of a claim.
    """
    *parts, last = without_notes(text, delimiters).split(delimiters.terminator)
    for index, part in enumerate([*parts, last]):
        blank = index < len(parts) and not part.strip(WHITE_SPACE)
        if blank or part.lstrip("\r\n")[:1] in tuple(_SPACES):
            return [Fault(codes.MALFORMED_SEGMENT, index, loop, "", "white space, or a blank line, before a segment")]
    return []
