"""The faults of syntax that a 999 reports: which segment and element, and the codes for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.conformance import codes as guide_codes
from scrubber.conformance.maps import guide
from scrubber.edit import Finding
from scrubber.engine.excerpt import may_be_shown, named
from scrubber.outputs.acknowledgements.codes import tables
from scrubber.x12.errors import OF_SEGMENTS, LocatedError
from scrubber.x12.guides import ClaimType
from scrubber.x12.segments import Segment, element

MOST_FAULTS = 1000
"""How many faults of a transaction a 999 reports, so that memory does not grow with the file."""

_ELEMENT_ERRORS = "8"
_UNRECOGNIZED, _UNEXPECTED = "1", "2"
_TOO_MANY_COMPONENTS = "12"
_EXCLUSION = "10"
_NAME = re.compile(r"\b[A-Z][A-Z0-9]{1,2}\d\d(?:-\d+)?\b", re.ASCII)


@attrs.frozen
class ElementFault:
    """A fault in an element, as IK4 reports it.

    `element` and `component` are its numbers (0: none), `reference` is the number of the data element, empty if it is
    not known. `value` is a copy of the value where it may be shown. `trigger` is the number of the element that makes
    this one necessary, 0 if none does.
    """

    element: int
    component: int
    reference: str
    code: str
    value: str = attrs.field(default="", repr=False)
    trigger: int = 0


@attrs.frozen
class SyntaxFault:
    """A fault of a segment, as IK3 reports it: its position in the transaction (ST is 1), its tag, its loop, the code.

    A missing segment has the position of the one at which it was missed. `claim_id` is CLM01 where the segment belongs
    to a claim.
    """

    position: int
    segment_id: str
    loop: str
    code: str
    elements: tuple[ElementFault, ...] = ()
    claim_id: str = attrs.field(default="", repr=False)


class Syntax:
    """The faults of a transaction, at most 1,000, each once."""

    def __init__(self) -> None:
        self._found: dict[SyntaxFault, None] = {}

    def add(self, fault: SyntaxFault) -> None:
        """Add a fault."""
        if len(self._found) < MOST_FAULTS:
            self._found.setdefault(fault)

    @property
    def faults(self) -> Sequence[SyntaxFault]:
        """The faults in the order of the file; those of elements of one segment together."""
        key = attrgetter("position", "segment_id", "code")
        by_guide = {(fault.position, fault.segment_id) for fault in self._found if fault.loop}
        found = [
            fault for fault in self._found if fault.loop or (fault.position, fault.segment_id) not in by_guide
        ]  # the hierarchy reports a misplaced segment as well as the guide checks do
        return [_merged(list(same)) for _, same in groupby(sorted(found, key=key), key)]


def _merged(faults: Sequence[SyntaxFault]) -> SyntaxFault:
    if len(faults) == 1 and len(faults[0].elements) < 2:
        return faults[0]
    elements = dict.fromkeys(found for fault in faults for found in fault.elements)
    in_order = sorted(elements, key=lambda found: (found.element, found.component, found.code))
    claim_id = next((fault.claim_id for fault in faults if fault.claim_id), "")
    return attrs.evolve(faults[0], elements=tuple(in_order), claim_id=claim_id)


def of_finding(claim: Claim, finding: Finding) -> SyntaxFault:
    """The fault of a finding of the guide checks on a claim."""
    where = finding.location
    code, segment_id = _coded_segment(finding.code, where.element, where.segment_id)
    elements = _elements_of(finding, where, claim.type) if code == _ELEMENT_ERRORS else ()
    claim_id = claim.claim_id if where.span is claim.span else ""
    return SyntaxFault(where.segment, segment_id, where.loop, code, elements, claim_id)


def of_doubt(claim: Claim) -> SyntaxFault | None:
    """The fault for which a claim is in doubt, if it stands in this claim."""
    doubt, piece = claim.event.doubt, claim.piece
    if doubt is None or doubt.code not in OF_SEGMENTS or doubt.segment is None:
        return None
    if not piece.offset <= doubt.offset < piece.offset + len(piece.text):
        return None
    return attrs.evolve(of_error(doubt, claim.type), claim_id=claim.claim_id)


def of_error(error: LocatedError, claim_type: ClaimType | None) -> SyntaxFault:
    """The fault of an error outside of claims: of the guide checks, or of the hierarchy."""
    assert error.segment is not None
    code, segment_id = _coded_segment(error.code, error.element, error.segment_id)
    fault = SyntaxFault(error.segment, segment_id, error.loop, code)
    if fault.code == _UNEXPECTED and claim_type and fault.segment_id not in _tags(claim_type):
        return attrs.evolve(fault, code=_UNRECOGNIZED)
    if fault.code != _ELEMENT_ERRORS:
        return fault
    name = _element_name(error.element, error.message)
    return attrs.evolve(fault, elements=tuple(_elements(error.code, error.message, name, (), "", claim_type)))


def _coded_segment(code: str, name: str, segment_id: str) -> tuple[str, str]:
    """The code of a fault in IK304, and the tag of its segment."""
    tag, number, _ = named(name)
    syntax = tables()["segment"].get(code, _ELEMENT_ERRORS)
    if code == guide_codes.MISPLACED_SEGMENT and not name:
        syntax = _UNRECOGNIZED
    if name and not number:  # a segment that is missing has no position of its own
        segment_id = tag
    return syntax, segment_id


def _elements_of(finding: Finding, where: Location, claim_type: ClaimType) -> tuple[ElementFault, ...]:
    name = _element_name(where.element, finding.message)
    component = where.span.delimiters.component
    return tuple(_elements(finding.code, finding.message, name, where.elements, component, claim_type))


def _element_name(name: str, message: str) -> str:
    """The element at fault; that of a shifted segment, or of an HL, stands in the message alone."""
    if named(name)[1]:
        return name
    found = _NAME.search(message)
    return found[0] if found else ""


def _elements(
    code: str, message: str, name: str, segment: Segment, component: str, claim_type: ClaimType | None
) -> Iterator[ElementFault]:
    tag, number, part = named(name)
    error = tables()["element"].get(code)
    if not number or error is None:
        return
    trigger = 0
    if code == guide_codes.DEPENDENT_ELEMENTS:
        numbers = [named(found)[1] for found in _NAME.findall(message)]
        if "exclude" in message:
            error = _EXCLUSION
        missing = [other for other in numbers if segment and not element(segment, other)]
        present = [other for other in numbers if segment and element(segment, other)]
        number = next(iter(missing), number)
        trigger = next((other for other in present if other != number), 0)
    written = element(segment, number) if segment else ""
    if code == guide_codes.TOO_MANY_ELEMENTS and component and component in written:
        error = _TOO_MANY_COMPONENTS
    value = "" if code == guide_codes.SHIFTED else _copied(tag, number, part, written, component)
    yield ElementFault(number, part, _reference(claim_type, tag, number, part), error, value, trigger)


def _copied(tag: str, number: int, part: int, written: str, component: str) -> str:
    """A copy of the value at fault; empty where the value may be of a person, or is a whole composite."""
    if part:
        written = element(written.split(component), part - 1) if component else ""
    elif component and component in written:
        return ""
    return written if may_be_shown(tag, number, part, written) else ""


def _reference(claim_type: ClaimType | None, tag: str, number: int, part: int) -> str:
    return _references(claim_type).get((tag, number, part), "") if claim_type else ""


@lru_cache(maxsize=2)
def _references(claim_type: ClaimType) -> Mapping[tuple[str, int, int], str]:
    """The numbers of the data elements of a guide by tag, element and component (0: none)."""
    found: dict[tuple[str, int, int], str] = {}
    for node in guide(claim_type).loop_segment_iterator():
        if node.is_segment():
            for child in node.children:
                parts: Sequence[Any] = child.children if child.is_composite() else ()
                for part in parts:
                    found.setdefault((node.id, child.seq, part.seq), _number(part.data_ele))
                if not parts:
                    found.setdefault((node.id, child.seq, 0), _number(child.data_ele))
    return found


@lru_cache(maxsize=2)
def _tags(claim_type: ClaimType) -> frozenset[str]:
    """The tags of all segments of a guide."""
    return frozenset(tag for tag, _, _ in _references(claim_type))


def _number(data_element: Any) -> str:
    text = str(data_element)
    return text if text.isascii() and text.isdigit() else ""
