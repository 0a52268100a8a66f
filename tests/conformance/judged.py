"""Our verdict on a file, for a comparison with the oracle's, and why ours may be stricter."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise, takewhile
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.conformance import codes
from scrubber.conformance.checks import Conformance
from scrubber.edit import Finding
from scrubber.x12 import errors
from scrubber.x12.events import Events
from scrubber.x12.guides import LEVELS
from scrubber.x12.pieces import Piece, cut
from scrubber.x12.prescan import prescan
from scrubber.x12.segments import first_segment
from tests.conformance.oracle import accepts

_ISA_LENGTH = 106


_WARNINGS = {errors.NO_CLAIM, errors.PADDING} | {
    code for code, known in codes.GUIDE_CODES.items() if known.severity != "reject"
}


@attrs.frozen
class Judged:
    """What the reader and the guide checks find in a file: codes of the file, and the findings of each claim.

    `doubtful` are the claims that may belong to another patient, by their order in the file.
    """

    file_codes: tuple[str, ...]
    claims: tuple[tuple[str, tuple[Finding, ...]], ...]
    doubtful: frozenset[int]
    proven: int
    handed_on: int

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes."""
        return (*self.file_codes, *(finding.code for _, findings in self.claims for finding in findings))

    @property
    def rejecting(self) -> tuple[str, ...]:
        """The codes of all that keeps a claim from being sent."""
        return tuple(code for code in self.codes if code not in _WARNINGS)

    @property
    def at_fault(self) -> set[int]:
        """The claims with findings, by their order in the file."""
        return {number for number, (_, findings) in enumerate(self.claims) if findings}


def judged(data: bytes) -> Judged:
    """Prescan, hierarchy and guide checks together."""
    scan = prescan(io.BytesIO(data))
    events, checks = Events(io.BytesIO(data)), Conformance()
    claims: list[tuple[str, tuple[Finding, ...]]] = []
    doubtful = set()
    for item in items(events):
        findings = checks.item(item)
        if isinstance(item, Claim):
            if item.event.doubt:
                doubtful.add(len(claims))
            claims.append((item.claim_id, findings))
        else:
            assert findings == ()
    checks.finish()
    found = (*(error.code for error in (*scan.errors, *events.misplaced, *checks.errors)),)
    return Judged(found, tuple(claims), frozenset(doubtful), checks.proven, checks.handed_on)


def tidied(data: bytes) -> bytes:
    """The file without white space before ISA and, where a line break ends a segment, without blank lines.

    pyx12 refuses the one and stops at the other; for us neither is a fault.
    """
    data = data.lstrip()
    end = data[_ISA_LENGTH - 1 : _ISA_LENGTH]
    return end.join(line for line in data.split(end) if line.strip()) + end if end in (b"\n", b"\r") else data


def may_be_blamed(base: bytes, data: bytes) -> set[int] | None:
    """The claims, by their order in the file, that a change can affect; `None` if that is not known.

    It is known if the change is within one claim, or within one level of the hierarchy after its HL.
    """
    before, after = list(cut(io.BytesIO(base))), list(cut(io.BytesIO(data)))
    if [piece.tag for piece in before] != [piece.tag for piece in after]:
        return None
    changed = [n for n, (one, other) in enumerate(zip(before, after, strict=True)) if _text(one) != _text(other)]
    if len(changed) != 1:
        return None
    first = sum(piece.tag == "CLM" for piece in after[: changed[0]])
    if after[changed[0]].tag == "CLM":
        return {first}
    head = _head(before[changed[0]])
    if head != _head(after[changed[0]]) or head[0] != "HL":
        return None
    depth = LEVELS[head[3]]
    beneath = takewhile(
        lambda piece: piece.tag == "CLM" or (piece.tag == "HL" and LEVELS[_head(piece)[3]] > depth),
        after[changed[0] + 1 :],
    )
    return set(range(first, first + sum(piece.tag == "CLM" for piece in beneath)))


def _text(piece: Piece) -> str:
    """The text of a piece, except the count in a trailer."""
    if piece.tag != "SE" or not piece.delimiters:
        return piece.text
    return re.sub(r"\A(SE.)[^\W_]*", r"\1", piece.text)


def _head(piece: Piece) -> list[str]:
    return first_segment(piece.text, piece.delimiters) if piece.delimiters else [""]


Walked = list[tuple[list[str], Any]]
"""The segments of a file, each split into its elements, with the node that pyx12 takes it for."""


def needless(data: bytes, complaints: Iterable[str]) -> list[str]:
    """Our findings on a file that pyx12 accepts, without those that it misses by a known fault of its own."""
    nodes: list[Any] = []
    assert accepts(data, lambda _, node: nodes.append(node))
    text = data.decode("latin-1")
    segments = [part.strip("\r\n").split(text[3]) for part in text.split(text[_ISA_LENGTH - 1]) if part.strip()]
    walked = list(zip(segments, nodes, strict=True))
    if names_other_guides(walked):
        return []
    return sorted({code for code in complaints if not (code in STRICTER and STRICTER[code](walked))})


def lacks_something_required(walked: Walked) -> bool:
    """pyx12 does not look for what a loop requires when the loop begins again straight after its first segment."""
    return any(True for _ in _lacking([node for _, node in walked]))


def _lacking(nodes: Iterable[Any]) -> Iterator[Any]:
    """The required children that an instance of their loop has not."""
    open_loops: list[tuple[Any, set[int]]] = []

    def close(depth: int) -> Iterator[Any]:
        while len(open_loops) > depth:
            loop, seen = open_loops.pop()
            yield from (child for child in loop.childIterator() if child.usage == "R" and id(child) not in seen)

    for node in nodes:
        around = _loops_around(node)
        depth = 0
        while depth < min(len(around), len(open_loops)) and around[depth] is open_loops[depth][0]:
            depth += 1
        if depth == len(around) and node.is_first_seg_in_loop():
            depth -= 1
        yield from close(max(depth, 0))
        for loop in around[max(depth, 0) :]:
            if open_loops:
                open_loops[-1][1].add(id(loop))
            open_loops.append((loop, set()))
        if open_loops:
            open_loops[-1][1].add(id(node))
    yield from close(0)


def _loops_around(node: Any) -> list[Any]:
    """The loops that a segment stands in, from the transaction set inwards; none for one that stands outside."""
    loops: list[Any] = []
    while not node.is_map_root():
        node = node.parent
        loops.insert(0, node)
    names = [loop.id for loop in loops]
    return loops[names.index("ST_LOOP") :] if "ST_LOOP" in names else []


def not_whole(walked: Walked) -> bool:
    """A level without its name, or a claim without lines, shows that a segment is lost; pyx12 may not look for it."""
    return lacks_something_required(walked) or lines_out_of_order(walked)


def lines_out_of_order(walked: Walked) -> bool:
    """pyx12 does not look at LX01 of an 837I."""
    expected = 0
    for (tag, *elements), _ in walked:
        if tag == "CLM":
            expected = 0
        elif tag == "LX":
            expected += 1
            if elements[0] != str(expected):
                return True
    return False


def levels_out_of_order(walked: Walked) -> bool:
    """pyx12 takes `01`, `+1` and the like for 1 in HL01, and any open level for a parent in HL02."""
    count = 0
    above: dict[int, str] = {}
    for (tag, *elements), _ in walked:
        if tag == "ST":
            count = 0
        elif tag == "HL":
            count += 1
            depth = LEVELS[elements[2]]
            above[depth] = elements[0]
            if elements[0] != str(count) or elements[1] != above.get(depth - 1, ""):
                return True
    return False


def outside_a_transaction(walked: Walked) -> bool:
    """pyx12 has no place to note down what is wrong before the first transaction set."""
    tags = [elements[0] for elements, _ in walked]
    return any(before in ("ISA", "GS", "TA1") and tag not in ("TA1", "GS", "ST") for before, tag in pairwise(tags))


def white_space_in_the_envelope(walked: Walked) -> bool:
    """pyx12 does not report how ST, IEA and the like are written: it takes no fault of a segment there."""
    return any(tag != tag.strip() and tag.strip() in ("GS", "ST", "SE", "GE", "IEA") for (tag, *_), _ in walked)


def names_other_guides(walked: Walked) -> bool:
    """pyx12 reads claims by GS08, and does not look at ST03, by which we read them."""
    group = ""
    for elements, _ in walked:
        if elements[0] == "GS":
            group = elements[8]
        elif elements[0] == "ST" and (elements[1] != "837" or elements[3:] not in ([group], [])):
            return True
    return False


STRICTER: dict[str, Callable[[Walked], bool]] = {
    codes.MISSING_SEGMENT: lacks_something_required,
    codes.MISSING_LOOP: lacks_something_required,
    codes.LINE_NUMBERS: lines_out_of_order,
    codes.LEVEL_NUMBERS: levels_out_of_order,
    codes.MALFORMED_SEGMENT: white_space_in_the_envelope,
    errors.BROKEN_HIERARCHY: levels_out_of_order,
    errors.MISPLACED: not_whole,
    errors.UNNAMED: lacks_something_required,
    errors.STRAY_SEGMENT: outside_a_transaction,
    codes.MISPLACED_SEGMENT: outside_a_transaction,
    codes.FAULTY_HEADER: outside_a_transaction,
}
"""Codes of complaints about files that pyx12 accepts, and when they are justified."""
