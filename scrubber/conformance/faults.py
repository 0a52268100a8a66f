"""A fault against the guide, and how pyx12's words for it become ours."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import attrs

from scrubber.conformance import codes
from scrubber.conformance.corrections import shape_beyond
from scrubber.conformance.grammar import LoopRule
from scrubber.conformance.maps import Node


@attrs.frozen
class Fault:
    """A fault in a run of segments: its code, the index of the segment, loop and element, and what is wrong.

    The message never quotes a value. `element` is a segment's tag where the whole segment is at fault or missing.
    """

    code: str
    index: int
    loop: str
    element: str
    message: str


_ELEMENT_CODES = {
    "1": codes.MISSING_ELEMENT,
    "2": codes.DEPENDENT_ELEMENTS,
    "3": codes.TOO_MANY_ELEMENTS,
    "4": codes.TOO_SHORT,
    "5": codes.TOO_LONG,
    "6": codes.WRONG_CHARACTERS,
    "7": codes.WRONG_CODE,
    "8": codes.WRONG_DATE,
    "9": codes.WRONG_TIME,
    "10": codes.UNUSED_ELEMENT,
}
"""Ours by pyx12's, which are those of IK403 in a 999."""

_REFERENCE = re.compile(r"([A-Z][A-Z0-9]{1,2}?)(\d\d)(?:-(\d+))?")


def of_order(error: Any, previous: Node, tag: str, index: int) -> Fault:
    """The fault that pyx12's walker found before or at segment `index`; `previous` is where it stood."""
    node = error.map_node
    kind = error.err_cde
    if kind == "1":
        return misplaced(previous, tag, index)
    if kind == "2":
        return Fault(codes.UNUSED_PART, index, _loop_of(previous), tag, f"{tag} is not used here")
    if kind == "3":
        loop, lacking = _loop_of(node), _named(node)
        if error.err_str.startswith("Mandatory loop"):
            return Fault(codes.MISSING_LOOP, max(index - 1, 0), loop, node.id, f"loop {loop} ({lacking}) is missing")
        return Fault(codes.MISSING_SEGMENT, max(index - 1, 0), loop, node.id, f"{lacking} is missing in loop {loop}")
    if kind == "4":
        return _repeats(node.id, node.get_max_repeat(), index, tag)
    message = f"{_named(node)} may be there at most {node.get_max_repeat()} times in its loop"
    return Fault(codes.SEGMENT_REPEATS, index, _loop_of(node), tag, message)


def misplaced(previous: Node, tag: str, index: int) -> Fault:
    """A segment that the guide does not have behind another one. A tag that no guide has is not repeated."""
    loop = _loop_of(previous)
    what, tag = (tag, tag) if tag in _known_tags(previous.root) else ("a segment with an unknown tag", "")
    where = f" in loop {loop}" if loop else ""
    return Fault(codes.MISPLACED_SEGMENT, index, loop, tag, f"{what} has no place behind {previous.id}{where}")


@lru_cache(maxsize=4)
def _known_tags(root: Node) -> frozenset[str]:
    return frozenset(node.id for node in root.loop_segment_iterator() if node.is_segment())


def of_element(error: Any, segment: Node, index: int) -> Fault:
    """The fault that pyx12 found in an element of a segment."""
    loop = _loop_of(segment)
    if error.err_cde == "2" or (error.map_node is None and error.err_cde == "10"):
        numbers = [int(number) for number in re.findall(r"\d\d", _note(error.err_str))]
        names = ", ".join(f"{segment.id}{number:02d}" for number in numbers)
        what = "exclude each other" if error.err_cde == "10" else "depend on each other"
        name = f"{segment.id}{numbers[0]:02d}" if numbers else segment.id
        return Fault(codes.DEPENDENT_ELEMENTS, index, loop, name, f"{names} {what}")
    name = _name(error.refdes, segment)
    if error.map_node is None and error.err_cde == "5":
        return Fault(codes.UNUSED_ELEMENT, index, loop, name, f"{name} is not used here")
    code = _ELEMENT_CODES.get(error.err_cde, codes.UNPROVEN)
    if code == codes.WRONG_CODE:
        code = _of_code(error)
    return Fault(code, index, loop, name, _message(code, name, error.map_node))


def _of_code(error: Any) -> str:
    """Which code a value that is none of the listed ones gives: of a list that ages its form counts too."""
    shape = shape_beyond(error.map_node.external_codes) if error.map_node is not None else None
    if shape and re.fullmatch(shape, error.err_val or "", re.ASCII):
        return codes.UNLISTED_CODE
    return codes.WRONG_FORM if "regular expression" in error.err_str else codes.WRONG_CODE


def missing_in(loop: Node, segment: Node, index: int) -> Fault:
    """A required child that a loop lacks."""
    if segment.is_loop():
        first = segment.get_first_seg()
        message = f"loop {segment.id} ({_named(first)}) is missing"
        return Fault(codes.MISSING_LOOP, index, segment.id, first.id, message)
    return Fault(codes.MISSING_SEGMENT, index, loop.id, segment.id, f"{_named(segment)} is missing in loop {loop.id}")


def too_many_components(composite: Node, segment: Node, index: int) -> Fault:
    """A composite with more components than the guide gives it."""
    name = _name(composite.refdes, segment)
    most = len(composite.children)
    return Fault(codes.TOO_MANY_ELEMENTS, index, _loop_of(segment), name, f"{name} has more than {most} components")


def too_often(loop: LoopRule, index: int) -> Fault:
    """A loop that is there more often than the guide allows."""
    return _repeats(loop.name, loop.most, index, loop.begins)


def _repeats(loop: str, most: int, index: int, tag: str) -> Fault:
    return Fault(codes.LOOP_REPEATS, index, loop, tag, f"loop {loop} may be there at most {most} times")


def nothing_behind(segment: Node, index: int) -> Fault:
    """A segment with nothing behind its tag or its last separator."""
    message = f"{segment.id} has nothing behind its tag or its last element separator"
    return Fault(codes.MALFORMED_SEGMENT, index, _loop_of(segment), segment.id, message)


def unexplained(segment: Node, index: int) -> Fault:
    """A segment that pyx12 fails on."""
    message = f"{segment.id} is written in a way no guide allows"
    return Fault(codes.UNPROVEN, index, _loop_of(segment), segment.id, message)


def _message(code: str, name: str, node: Node | None) -> str:
    if code == codes.TOO_SHORT and node is not None:
        return f"{name} has fewer than {node.min_len} characters"
    if code == codes.TOO_LONG and node is not None:
        return f"{name} has more than {node.max_len} characters"
    return f"{name} {_SAID[code]}"


_SAID = {
    codes.MISSING_ELEMENT: "is required and empty",
    codes.TOO_MANY_ELEMENTS: "is one element too many",
    codes.TOO_SHORT: "is too short",
    codes.TOO_LONG: "is too long",
    codes.WRONG_CHARACTERS: "holds characters, or a separator, that its type does not allow",
    codes.WRONG_CODE: "is not a code that the guide lists",
    codes.UNLISTED_CODE: "is a code that our copy of the list does not have",
    codes.WRONG_DATE: "is not a date of the form it says",
    codes.WRONG_TIME: "is not a time",
    codes.UNUSED_ELEMENT: "is not used here",
    codes.WRONG_FORM: "is not of the form that the guide asks for",
    codes.UNPROVEN: "is not as the guide asks for",
}


def _name(reference: Any, segment: Node) -> str:
    """Our name of an element, `SV101-3`, from pyx12's: `SV101-03`, or its bare number."""
    text = str(reference)
    if text.isdigit():
        return f"{segment.id}{int(text):02d}"
    found = _REFERENCE.fullmatch(text)
    if not found:
        return str(segment.id)
    return f"{found[1]}{found[2]}" + (f"-{int(found[3])}" if found[3] else "")


def _note(message: str) -> str:
    """The syntax note, such as P0304, that a message of pyx12's names."""
    found = re.search(r"\(([A-Z](?:\d\d)+)\)", message)
    return found[1] if found else ""


def _loop_of(node: Node) -> str:
    """Name of the loop that a segment stands in; of a header's none."""
    while not node.is_loop():
        node = node.parent
    name = str(node.id)
    return "" if name.endswith("_LOOP") or name in ("HEADER", "DETAIL") else name


def _named(node: Node) -> str:
    """A segment by its tag and first qualifier: `REF*EI`."""
    key = node._resolve_unique_key_field(node.id, with_qual=False)
    if key is None or key[1] != 1:
        return str(node.id)
    return f"{node.id}*{key[0].valid_codes[0]}"
