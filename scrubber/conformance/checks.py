"""Checks a file against its implementation guide, event by event.

Each header, level and claim is judged for itself. What the automaton proves right is right; what it cannot prove, pyx12
explains. What stands above a claim and is at fault is a fault of the claim too: a level's are found on each claim
beneath it, in full on the first and in short on the others; a header's are told once, as errors of the file, and each
claim says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import attrs

from scrubber.claims.location import Location, Span, span
from scrubber.claims.model import Claim, Level
from scrubber.claims.reader import Item
from scrubber.conformance import codes, extra, faults, siblings
from scrubber.conformance.automaton import Automaton
from scrubber.conformance.explain import explain, segment_faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import CLAIM_LOOP, LEVEL_LOOPS, LoopRule, grammar
from scrubber.conformance.maps import GROUP, INTERCHANGE, TRANSACTION, VERSIONS, control, guide
from scrubber.edit import Finding
from scrubber.x12.control import is_count
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.envelope import TRAILERS
from scrubber.x12.errors import EMPTY_SEGMENT, ISA_LENGTH, WRONG_SEPARATOR, LocatedError
from scrubber.x12.events import Event
from scrubber.x12.guides import SUPPORTED, ClaimType
from scrubber.x12.segments import element

_ENVELOPE = {"ISA": INTERCHANGE, "GS": GROUP, "GE": GROUP, "IEA": INTERCHANGE}
"""The loop that each segment of the envelope stands in."""

_TOLD = (ISA_LENGTH, WRONG_SEPARATOR, EMPTY_SEGMENT)
"""Faults of the envelope that say themselves what the guide checks would say again."""

_COMPARED = frozenset(f"{trailer}{number}" for trailer in TRAILERS for number in ("01", "02"))
"""Elements of trailers that the envelope compares with what is there."""


@attrs.define
class _OpenLevel:
    """A level with its rules and faults, and how many claims stand beneath it so far.

    `told` is set once a claim beneath it has said what is wrong with it.
    """

    level: Level
    loop: LoopRule
    faults: list[Fault]
    claims: int = 0
    told: bool = False


@attrs.define
class _Transaction:
    """The transaction that is checked, and the levels of it that claims may still come under."""

    type: ClaimType
    automaton: Automaton
    delimiters: Delimiters
    levels: list[_OpenLevel] = attrs.field(factory=list)
    faulty_header: bool = False
    empty: bool = True


class Conformance:
    """The checks of one file. It takes every item in file order; `errors` holds what is wrong outside of claims so far.

    A header is faulty by the codes that count; by default all do. `proven` counts the pieces that were proven right,
    `handed_on` those that pyx12 had to look at.
    """

    def __init__(self, counts: Callable[[str], bool] = lambda _: True) -> None:
        self._counts = counts
        self.errors: list[LocatedError] = []
        self.proven = 0
        self.handed_on = 0
        self._faulty_envelope: set[str] = set()
        self._version = ""
        self._transaction: _Transaction | None = None

    def item(self, item: Item) -> tuple[Finding, ...]:
        """Take the next item; the faults of a claim, its levels' among them, and nothing for what is no claim."""
        transaction = self._transaction
        if isinstance(item, Claim):
            return self._claim(item, transaction) if transaction else ()
        if isinstance(item, Level):
            if transaction:
                self._level(transaction, item)
        elif item.kind == "header" or item.kind == "trailer":
            self._of_envelope(item)
        return ()

    def finish(self) -> None:
        """The file is at its end."""
        self._end_transaction()

    def _of_envelope(self, event: Event) -> None:
        delimiters, tag = event.delimiters, event.piece.tag
        if tag == "SE" and self._transaction:
            self._trailer(self._transaction, event, delimiters)
        self._end_transaction()
        if tag == "ST" and event.transaction and event.transaction.type and not event.piece.passed_over:
            self._begin_transaction(event, delimiters)
        elif tag in _ENVELOPE and event.piece.fault not in _TOLD:
            self._envelope(event, delimiters)

    def _envelope(self, event: Event, delimiters: Delimiters) -> None:
        """ISA, GS, GE or IEA."""
        piece = event.piece
        tag = piece.tag
        place = span("837P", event)
        elements = list(place.segments[0])
        root = control()
        if tag == "ISA":
            _usual_separators(elements, delimiters)
        if tag == "GS":
            self._version = element(elements, 8)
            if self._version not in SUPPORTED:
                return
            root = guide(SUPPORTED[self._version])
            elements[8] = VERSIONS[SUPPORTED[self._version]]
        node = root.getnodebypath(f"{_ENVELOPE[tag]}/{tag}")
        found = [*segment_faults(node, elements, delimiters), *extra.white_space(piece.text, "", delimiters)]
        found = [fault for fault in found if fault.element not in _COMPARED]
        for fault in found:
            self._tell(place, fault, inside=False)
        if tag not in TRAILERS:
            self._faulty_envelope.discard(tag)
            self._faulty_envelope.update(tag for fault in found if self._rejects(fault))

    def _begin_transaction(self, event: Event, delimiters: Delimiters) -> None:
        assert event.transaction and event.transaction.type
        claim_type = event.transaction.type
        transaction = _Transaction(claim_type, _automaton(claim_type, *delimiters.characters), delimiters)
        self._transaction = transaction
        place = span(claim_type, event)
        head = list(place.segments[0])
        if element(head, 3) in SUPPORTED:
            head[3] = VERSIONS[claim_type]
        nearest = place._replace(
            parts=[delimiters.element.join(head), *place.parts[1:]], segments=[head, *place.segments[1:]]
        )
        rules = transaction.automaton.grammar.transaction
        if not event.keep and not self._proves(transaction, rules, nearest.parts):
            for fault in _explained(transaction.automaton, nearest, TRANSACTION, rules):
                transaction.faulty_header |= self._rejects(fault)
                self._tell(place, fault)

    def _level(self, transaction: _Transaction, level: Level) -> None:
        transaction.empty = False
        depth = level.depth
        if not depth:
            return
        self._close_levels(transaction, depth - 1)
        loop = transaction.automaton.grammar.levels[depth]
        found: list[Fault] = []
        if not level.event.keep and not level.event.doubt and not self._proves(transaction, loop, level.event.parts):
            found += _explained(transaction.automaton, level.span, LEVEL_LOOPS[depth], loop)
        transaction.levels.append(_OpenLevel(level, loop, found))

    def _claim(self, claim: Claim, transaction: _Transaction) -> tuple[Finding, ...]:
        rules = transaction.automaton.grammar.claim
        found: list[Fault] = []
        if not self._proves(transaction, rules, claim.span.parts):
            found += _explained(transaction.automaton, claim.span, CLAIM_LOOP, rules)
        found += extra.line_numbers(claim.span.segments, rules.child("2400"), found)
        if transaction.levels:
            transaction.levels[-1].claims += 1
            if transaction.levels[-1].claims > rules.most:
                found.append(faults.too_often(rules, 0))
        findings = [_finding(fault, _in_claim(claim, fault)) for fault in found]
        for above in transaction.levels:
            if above.faults:
                again = faults.in_short(above.faults) if above.told else above.faults
                above.told = True
                findings += [_finding(fault, _at(above.level.span, fault)) for fault in again]
        if transaction.faulty_header or self._faulty_envelope:
            findings.append(_below_faulty_header(claim))
        return tuple(findings)

    def _trailer(self, transaction: _Transaction, event: Event, delimiters: Delimiters) -> None:
        piece = event.piece
        place = span(transaction.type, event)
        node = guide(transaction.type).getnodebypath(f"{TRANSACTION}/SE")
        elements = place.segments[0]
        found: list[Fault] = []
        if len(elements) != 3 or not is_count(elements[1]):
            found += (fault for fault in segment_faults(node, elements, delimiters) if fault.element not in _COMPARED)
        if transaction.empty:
            top = transaction.automaton.grammar.levels[1]
            found.append(Fault(codes.MISSING_LOOP, 0, top.name, top.begins, f"loop {top.name} is missing"))
        found += extra.white_space(piece.text, "", delimiters)
        for fault in found:
            self._tell(place, fault)

    def _end_transaction(self) -> None:
        if self._transaction:
            self._close_levels(self._transaction, 0)
            self._transaction = None

    def _close_levels(self, transaction: _Transaction, depth: int) -> None:
        """Close the levels deeper than `depth`; what is wrong with them and no claim has told is told now."""
        while len(transaction.levels) > depth:
            closed = transaction.levels.pop()
            for fault in () if closed.told else closed.faults:
                self._tell(closed.level.span, fault)

    def _proves(self, transaction: _Transaction, loop: LoopRule, parts: list[str]) -> bool:
        """Whether the automaton proves a header, level or claim right that begins a loop."""
        proven = transaction.automaton.proves(loop, parts)
        self.proven += proven
        self.handed_on += not proven
        return proven

    def _rejects(self, fault: Fault) -> bool:
        return codes.GUIDE_CODES[fault.code].severity == "reject" and self._counts(fault.code)

    def _tell(self, place: Span, fault: Fault, *, inside: bool = True) -> None:
        if codes.GUIDE_CODES[fault.code].severity != "reject":
            return  # an error of a file always breaks it
        where = _at(place, fault)
        self.errors.append(LocatedError(fault.code, fault.message, where.segment if inside else None, where.offset))


def _usual_separators(elements: list[str], delimiters: Delimiters) -> None:
    """Writes a usual separator for those in use in an ISA: any character may be one, though no value may hold it."""
    usual = next(character for character in "^:|>!" if character not in delimiters.characters)
    for number, in_use in ((11, delimiters.repetition), (16, delimiters.component)):
        if element(elements, number) == in_use:
            elements[number] = usual


@lru_cache(maxsize=8)
def _automaton(claim_type: ClaimType, *characters: str) -> Automaton:
    return Automaton(grammar(claim_type), Delimiters(*characters))


def _explained(automaton: Automaton, place: Span, path: str, loop: LoopRule) -> list[Fault]:
    """The faults of a piece that could not be proven right; none where that was needless."""
    segments, delimiters = place.segments, place.delimiters
    order, disordered = siblings.in_order(place.type, loop, segments)
    if disordered:
        segments = [segments[index] for index in order]
        if automaton.proves(loop, (delimiters.element.join(segment) for segment in segments)):
            return [disordered, *extra.white_space(place.piece.text, loop.name, delimiters)]
    found = [
        attrs.evolve(fault, index=order[min(fault.index, len(order) - 1)])
        for fault in explain(place.type, path, segments, delimiters)
    ]
    if disordered:
        found.append(disordered)
    return found or extra.white_space(place.piece.text, loop.name, delimiters)


def _at(place: Span, fault: Fault) -> Location:
    return Location(place, min(fault.index, len(place.segments) - 1), fault.loop, fault.element)


def _in_claim(claim: Claim, fault: Fault) -> Location:
    """Where in a claim a fault is, with the service line it is on."""
    where = _at(claim.span, fault)
    line = claim.line_at(where)
    if line is None:
        return where
    return attrs.evolve(where, service_line=line.number, line_control_number=line.control_number or None)


def _finding(fault: Fault, where: Location) -> Finding:
    known = codes.GUIDE_CODES[fault.code]
    return Finding(where, fault.message, known.fix, known.severity, fault.code, "16", None, known.claim_status)


def _below_faulty_header(claim: Claim) -> Finding:
    message = "a header above the claim (ISA, GS, or ST to the first level) is not as the guide asks for"
    return _finding(Fault(codes.FAULTY_HEADER, 0, "2300", "CLM01", message), claim.at("claim_id"))
