"""Faults against the guide, made from the errors of pyx12."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import attrs

from scrubber.conformance import codes
from scrubber.conformance.corrections import shape_beyond
from scrubber.conformance.grammar import LoopSpec
from scrubber.conformance.maps import Node
from scrubber.x12.errors import counted


@attrs.frozen
class Fault:
    """A fault in a run of segments: its code, the index of the segment, loop and element, and what is wrong.

    The message never quotes a value. `element` is a segment's tag if the whole segment is wrong or missing.
    `segment` is then its tag with its qualifier.
    """

    code: str
    index: int
    loop: str
    element: str
    message: str
    segment: str = ""

    def at(self, index: int) -> Fault:
        """The same fault in another segment."""
        return Fault(self.code, index, self.loop, self.element, self.message, self.segment)


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
"""Our codes by those of pyx12, which are the codes of IK403 in a 999."""

_REFERENCE = re.compile(r"([A-Z][A-Z0-9]{1,2}?)(\d\d)(?:-(\d+))?")


def of_order(error: Any, previous: Node, segment: Sequence[str], index: int) -> Fault:
    """The fault that pyx12's walker found before or at a segment, the `index`th. `previous` is the node before it."""
    node, tag = error.map_node, segment[0]
    kind = error.err_cde
    if kind == "1":
        return misplaced(previous, segment, index)
    if kind == "2":
        return Fault(codes.UNUSED_PART, index, _loop_of(previous), tag, f"{tag} is not used here")
    if kind == "3":
        loop, lacking = _loop_of(node), _named(node)
        if not loop:  # pyx12 takes BHT and what follows it for a loop
            message = f"{lacking} is missing in the header of the transaction"
            return Fault(codes.MISSING_SEGMENT, max(index - 1, 0), loop, node.id, message, lacking)
        if error.err_str.startswith("Mandatory loop"):
            message = f"loop {loop} ({lacking}) is missing"
            return Fault(codes.MISSING_LOOP, max(index - 1, 0), loop, node.id, message, lacking)
        message = f"{lacking} is missing in loop {loop}"
        return Fault(codes.MISSING_SEGMENT, max(index - 1, 0), loop, node.id, message, lacking)
    if kind == "4":
        return _repeats(node.id, node.get_max_repeat(), index, tag)
    message = f"{_named(node)} may occur at most {node.get_max_repeat()} times in its loop"
    return Fault(codes.SEGMENT_REPEATS, index, _loop_of(node), tag, message)


def misplaced(previous: Node, segment: Sequence[str], index: int) -> Fault:
    """A segment that the guide does not allow after another one. The message quotes no unknown tag or qualifier."""
    loop = _loop_of(previous)
    where = f" in loop {loop}" if loop else ""
    known = _known_keys(previous.root)
    tag = segment[0] if segment[0] in known else ""
    what = _called(segment, *known[tag]) if tag else "a segment with an unknown tag"
    message = f"{what} is not allowed after {_named(previous, only=True)}{where}"
    return Fault(codes.MISPLACED_SEGMENT, index, loop, tag, message, what)


def _called(segment: Sequence[str], number: int, qualifiers: frozenset[str]) -> str:
    """A segment by its tag, and by its qualifier if the guide has that."""
    if not qualifiers:
        return segment[0]
    found = re.match(r"[A-Z0-9]*", segment[number] if number < len(segment) else "", re.ASCII)
    qualifier = found[0] if found else ""
    return f"{segment[0]}*{qualifier}" if qualifier in qualifiers else f"{segment[0]} with an unknown qualifier"


@lru_cache(maxsize=4)
def _known_keys(root: Node) -> dict[str, tuple[int, frozenset[str]]]:
    """The tags of a map, each with the number and codes of the element that distinguishes its segments, if any."""
    known: dict[str, tuple[int, frozenset[str]]] = {}
    for node in root.loop_segment_iterator():
        if node.is_segment():
            number, qualifiers = known.get(node.id, (0, frozenset()))
            key = node._resolve_unique_key_field(node.id, with_qual=False)
            known[node.id] = (key[1], qualifiers.union(key[0].valid_codes)) if key else (number, qualifiers)
    return known


def of_element(error: Any, segment: Node, index: int) -> Fault:
    """The fault that pyx12 found in an element of a segment."""
    loop = _loop_of(segment)
    if error.err_cde == "2" or (error.map_node is None and error.err_cde == "10"):
        note = _note(error.err_str)
        names = [f"{segment.id}{number}" for number in re.findall(r"\d\d", note)] or [segment.id]
        message = _NOTES[note[:1]].format(first=names[0], others=" or ".join(names[1:]), all=" and ".join(names))
        return Fault(codes.DEPENDENT_ELEMENTS, index, loop, names[0], message)
    name = _name(error.refdes, segment)
    if error.map_node is None and error.err_cde == "5":
        return Fault(codes.UNUSED_ELEMENT, index, loop, name, f"{name} is not used here")
    code = _ELEMENT_CODES.get(error.err_cde, codes.UNPROVEN)
    if code == codes.WRONG_CODE:
        code = _of_code(error)
    return Fault(code, index, loop, name, _message(code, name, error.map_node))


def _of_code(error: Any) -> str:
    """The fault code of a value off its list: a warning if the list goes out of date and the form is right."""
    shape = shape_beyond(error.map_node.external_codes) if error.map_node is not None else None
    if shape and re.fullmatch(shape, error.err_val or "", re.ASCII):
        return codes.UNLISTED_CODE
    return codes.WRONG_FORM if "regular expression" in error.err_str else codes.WRONG_CODE


def with_followers(fault: Fault, followers: int) -> Fault:
    """The fault, with the number of faults that follow from it in its message."""
    if not followers:
        return fault
    more = "1 more fault follows" if followers == 1 else f"{followers} more faults follow"
    return attrs.evolve(fault, message=f"{fault.message} ({more} from this)")


def in_short(found: Sequence[Fault]) -> list[Fault]:
    """The faults of a level for a claim that is not its first: one of each code. They refer to the first claim."""
    first = {fault.code: fault for fault in reversed(found)}
    return [
        attrs.evolve(
            fault, message=f"{fault.element or 'a segment'} has the same fault as on the first claim of this level"
        )
        for fault in reversed(first.values())
    ]


def one_too_many(segment: Node, name: str, index: int) -> Fault:
    """A segment that is right with one separator less before the value of `name`."""
    message = f"one separator too many before the value of {name}: the elements after it are one position too late"
    return Fault(codes.SHIFTED, index, _loop_of(segment), segment.id, message)


def one_too_few(segment: Node, name: str, index: int) -> Fault:
    """A segment that is right with one more separator before the value of `name`."""
    message = f"a separator is missing before the value of {name}: the elements after it are one position too early"
    return Fault(codes.SHIFTED, index, _loop_of(segment), segment.id, message)


def left_out(segment: Node, name: str, index: int) -> Fault:
    """A segment that lacks only the value of `name` and its separator."""
    message = f"{name} is missing with its separator: the elements after it are one position too early"
    return Fault(codes.SHIFTED, index, _loop_of(segment), segment.id, message)


def by_element(found: Sequence[Fault]) -> list[Fault]:
    """One fault for each element of a segment, the most precise one. If there are more than two, one fault for all."""
    precise: dict[str, Fault] = {}
    for fault in found:
        known = precise.get(fault.element)
        if known is None or (known.code in _LENGTHS and fault.code not in _LENGTHS):
            precise[fault.element] = fault
    first, *others = precise.values()
    if len(others) < _MOST_APART:
        return [first, *others]
    names = ", ".join(fault.element for fault in others[:_MOST_NAMED])
    if len(others) > _MOST_NAMED:
        names += f" and {len(others) - _MOST_NAMED} more"
    return [attrs.evolve(first, message=f"{first.message}; also at fault: {names}")]


_LENGTHS = (codes.TOO_SHORT, codes.TOO_LONG)
_MOST_NAMED = 5
_MOST_APART = 2
"""The number of faults beside the first from which all of them probably have one cause."""


def missing_in(loop: Node, segment: Node, index: int) -> Fault:
    """A required child that a loop lacks."""
    if segment.is_loop():
        first = segment.get_first_seg()
        message = f"loop {segment.id} ({_named(first)}) is missing"
        return Fault(codes.MISSING_LOOP, index, segment.id, first.id, message, _named(first))
    message = f"{_named(segment)} is missing in loop {loop.id}"
    return Fault(codes.MISSING_SEGMENT, index, loop.id, segment.id, message, _named(segment))


def too_many_components(composite: Node, segment: Node, index: int) -> Fault:
    """A composite with more components than the guide gives it."""
    name = _name(composite.refdes, segment)
    most = len(composite.children)
    return Fault(codes.TOO_MANY_ELEMENTS, index, _loop_of(segment), name, f"{name} has more than {most} components")


def too_often(loop: LoopSpec, index: int) -> Fault:
    """A loop that repeats more often than the guide allows."""
    return _repeats(loop.name, loop.most, index, loop.begins)


def _repeats(loop: str, most: int, index: int, tag: str) -> Fault:
    return Fault(codes.LOOP_REPEATS, index, loop, tag, f"loop {loop} may occur at most {most} times")


def nothing_after(segment: Node, index: int) -> Fault:
    """A segment with nothing after its tag or its last separator."""
    message = f"{segment.id} has nothing after its tag or its last element separator"
    return Fault(codes.MALFORMED_SEGMENT, index, _loop_of(segment), segment.id, message)


def unexplained(segment: Node, index: int) -> Fault:
    """A segment that pyx12 fails on."""
    message = f"{segment.id} is written in a way that no guide allows"
    return Fault(codes.UNPROVEN, index, _loop_of(segment), segment.id, message)


def _message(code: str, name: str, node: Node | None) -> str:
    if code == codes.TOO_SHORT and node is not None:
        return f"{name} has fewer than {counted(node.min_len, 'character')}"
    if code == codes.TOO_LONG and node is not None:
        return f"{name} has more than {counted(node.max_len, 'character')}"
    return f"{name} {_MESSAGES[code]}"


_MESSAGES = {
    codes.MISSING_ELEMENT: "is required and empty",
    codes.TOO_MANY_ELEMENTS: "is one element too many",
    codes.TOO_SHORT: "is too short",
    codes.TOO_LONG: "is too long",
    codes.WRONG_CHARACTERS: "holds characters, or a separator, that its type does not allow",
    codes.WRONG_CODE: "is not a code that the guide lists",
    codes.UNLISTED_CODE: "is a code that our copy of the list does not have",
    codes.WRONG_DATE: "is not a date in the required format",
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


_NOTES = {
    "P": "{all} must both have a value, or neither",
    "R": "{first} or {others} must have a value",
    "E": "only one of {all} may have a value",
    "C": "{first} has a value, so {others} must have one",
    "L": "{first} has a value, so {others} must have one",
    "": "elements of {all} do not fit each other",
}
"""What elements that depend on each other must be, by the letter of the syntax note."""


def _note(message: str) -> str:
    """The syntax note, such as P0304, in a message of pyx12."""
    found = re.search(r"\(([PRECL](?:\d\d)+)\)", message)
    return found[1] if found else ""


def _loop_of(node: Node) -> str:
    """The name of a segment's loop, empty in a header."""
    while not node.is_loop():
        node = node.parent
    name = str(node.id)
    return "" if name.endswith("_LOOP") or name in ("HEADER", "DETAIL") else name


def _named(node: Node, *, only: bool = False) -> str:
    """A segment by its tag and first qualifier: `REF*EI`; with `only` by its tag alone if it has several qualifiers."""
    key = node._resolve_unique_key_field(node.id, with_qual=False)
    if key is None or key[1] != 1 or (only and len(key[0].valid_codes) > 1):
        return str(node.id)
    return f"{node.id}*{key[0].valid_codes[0]}"
