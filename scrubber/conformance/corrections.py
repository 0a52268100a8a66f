"""The corrections of pyx12's maps, from `corrections.toml`, and how they change a map.

They change pyx12's own nodes before anything is derived from them, so the automaton and pyx12 use the same map.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeAlias

from pyx12.error_item import EleError

from scrubber.x12.guides import ClaimType

_DATA = Path(__file__).parent / "corrections.toml"

Correction: TypeAlias = dict[str, Any]
"""A row of the data file. A comment at the head of each table describes its rows."""

Node: TypeAlias = Any
"""A node of pyx12's maps, which are not typed."""

RequiredWhere: TypeAlias = tuple[int, tuple[str, ...], list[int]]
"""The number of an element, values of it, and the numbers of the elements that these values require.

A segment's node has a list of them as `required_where`.
"""


@lru_cache(maxsize=1)
def corrections() -> dict[str, list[Correction]]:
    """All corrections, by the table they stand in."""
    return tomllib.loads(_DATA.read_text("utf-8"))


def corrections_of(kind: str, claim_type: ClaimType) -> list[Correction]:
    """The corrections of a kind for a guide."""
    return [row for row in corrections()[kind] if claim_type in row["guides"]]


def correct(root: Node, claim_type: ClaimType) -> None:
    """Makes the corrections of a guide in its map."""
    for kind, correction in _CORRECTING.items():
        for row in corrections_of(kind, claim_type):
            correction(root, row)


def shape_beyond(name: str | None) -> str | None:
    """The shape of codes outside of a list that only get a warning, `None` if the list has no such codes."""
    return _shapes().get(name or "")


@lru_cache(maxsize=1)
def _shapes() -> dict[str, str]:
    return {row["name"]: row["shape"] for row in corrections()["lists"] if row["beyond"] == "warning"}


def sibling_loops(claim_type: ClaimType) -> tuple[str, ...]:
    """The beginnings of names of loops that may stand side by side in any order: `2310` for 2310A to 2310F."""
    return tuple(name for row in corrections_of("siblings", claim_type) for name in row["loops"])


def _more_codes(root: Node, row: Correction) -> None:
    for segment, element in _elements(root, row["at"]):
        if not row.get("siblings"):
            _admit(element, row["add"])
            continue
        beside = [other for other in segment.parent.pos_map[segment.pos] if other.id == segment.id]
        if segment is beside[0]:
            for other in beside[1:]:
                _admit(element, other.children[element.seq - 1].valid_codes)


def _admit(element: Node, codes: Sequence[str]) -> None:
    for part in element.children if element.is_composite() else [element]:
        part.valid_codes = [*part.valid_codes, *codes]
        part._valid_codes_set = frozenset(part.valid_codes)


def _list_that_ages(root: Node, row: Correction) -> None:
    known = root.ext_codes.codes[row["name"]]
    known["codes"] = known["codes"].union(row.get("add", ()))
    if row["beyond"] == "warning":
        return
    for segment in _segments(root):
        for element in _simple(segment):
            if element.external_codes == row["name"]:
                element.external_codes = None
                element.res = f"(?:{row['shape']})"
                element.rec = re.compile(rf"\A{element.res}\Z", re.ASCII)


def _optional(root: Node, row: Correction) -> None:
    number = int(row["unless"][-2:])
    segments: dict[int, tuple[Node, list[Node]]] = {}
    for at in row["at"]:
        for segment, element in _elements(root, at):
            element.usage = "S"
            segments.setdefault(id(segment), (segment, []))[1].append(element)
    for segment, elements in segments.values():
        segment.required_where = [(number, tuple(row["values"]), [element.seq for element in elements])]
        segment.is_valid_errors = partial(_with_required, segment, segment.is_valid_errors)


def _with_required(segment: Node, judge: Callable[[Any], Any], data: Any) -> tuple[bool, list[EleError]]:
    """pyx12's errors in a segment, and those of elements that the value of another element requires."""
    valid, errors = judge(data)
    for number, values, required in segment.required_where:
        if data.get_value(f"{number:02d}") in values:
            lacking = [segment.children[seq - 1] for seq in required if not data.get_value(f"{seq:02d}")]
            errors = [*errors, *(element._ele_error("1", "required", None) for element in lacking)]
    return valid and not errors, errors


def _required(root: Node, row: Correction) -> None:
    for _, element in _elements(root, row["at"]):
        element.usage = "R"


def _form(root: Node, row: Correction) -> None:
    for _, element in _elements(root, row["at"]):
        element.rec = None


def _moved_loop(root: Node, row: Correction) -> None:
    for around in root.loop_segment_iterator():
        if around.is_loop() and around.id == row["within"]:
            for loop in [child for child in around.childIterator() if child.id == row["loop"]]:
                around.pos_map[loop.pos].remove(loop)
                if not around.pos_map[loop.pos]:
                    del around.pos_map[loop.pos]
                loop.pos = row["position"]
                around.pos_map.setdefault(loop.pos, []).append(loop)


_CORRECTING: dict[str, Callable[[Node, Correction], None]] = {
    "codes": _more_codes,
    "lists": _list_that_ages,
    "optional": _optional,
    "required": _required,
    "forms": _form,
    "places": _moved_loop,
}


def _elements(root: Node, at: str) -> Iterator[tuple[Node, Node]]:
    """The elements of a correction, each with its segment: `2010BA/NM108`, or `/BHT06` of the header."""
    loop, _, name = at.partition("/")
    tag, number = name[:-2], int(name[-2:])
    found = False
    for segment in _segments(root):
        if segment.id == tag and segment.parent.id == (loop or "HEADER"):
            found = True
            yield segment, segment.children[number - 1]
    assert found, f"no {at} in the map"


def _segments(root: Node) -> Iterator[Node]:
    return (node for node in root.loop_segment_iterator() if node.is_segment())


def _simple(segment: Node) -> Iterator[Node]:
    """The simple elements of a segment, and the components of its composites."""
    for child in segment.children:
        yield from child.children if child.is_composite() else [child]
