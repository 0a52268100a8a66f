"""Checks a file against its implementation guide, event by event.

Each header, level and claim is checked by itself. A piece that the automaton proves right is right. For any other piece
pyx12 finds the faults. A fault above a claim is a fault of the claim, too. The faults of a level are findings on each
claim beneath it, in full on the first claim and in short on the others. The faults of a header are reported once, as
errors of the file, and each claim gets a finding that points to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import attrs

from scrubber.claims.location import Location, Span, span
from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.claims.reader import Item
from scrubber.conformance import codes, extra, faults
from scrubber.conformance.automaton import Automaton, Unproven
from scrubber.conformance.explain import segment_faults
from scrubber.conformance.explainer import Explainer
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import CLAIM_LOOP, LEVEL_LOOPS, LoopSpec, grammar
from scrubber.conformance.maps import GROUP, INTERCHANGE, TRANSACTION, VERSIONS, Node, control, guide
from scrubber.conformance.patterns import pattern
from scrubber.edit import Finding
from scrubber.x12.bounded import Errors
from scrubber.x12.control import is_control_number, is_count
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.errors import EMPTY_SEGMENT, ISA_LENGTH, MOST_LISTED, WRONG_SEPARATOR, LocatedError
from scrubber.x12.events import Event
from scrubber.x12.guides import SUPPORTED, ClaimType
from scrubber.x12.loops import TRAILERS
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import element

_ENVELOPE = {"ISA": INTERCHANGE, "GS": GROUP, "GE": GROUP, "IEA": INTERCHANGE}
"""The loop that each segment of the envelope stands in."""

_REPORTED_BY_READER = (ISA_LENGTH, WRONG_SEPARATOR, EMPTY_SEGMENT)
"""Faults of the envelope that the reader reports, so the guide checks do not report them again."""

_MOST_EXPLAINED = 4 * MOST_LISTED
"""The number of segments of the envelope in which shifted elements are looked for, as that takes long."""

_UNMADE = 1
"""How many segments of a kind go to pyx12 before a pattern is made for them."""

_FEWEST_OF_CONTROL, _ANY_CONTROL = 4, "0001"
"""The fewest digits of a sound ST02, and one that stands for all of them."""

_COMPARED = frozenset(f"{trailer}{number}" for trailer in TRAILERS for number in ("01", "02"))
"""Elements of trailers that the envelope checks: counts and control numbers."""


@attrs.define
class _OpenLevel:
    """A level with its loop and faults, and the number of claims beneath it so far.

    `reported` is true when a claim beneath it has reported its faults.
    """

    level: Level
    loop: LoopSpec
    faults: list[Fault]
    claims: int = 0
    reported: bool = False


@attrs.define
class _Transaction:
    """The current transaction and its open levels."""

    type: ClaimType
    explainer: Explainer
    delimiters: Delimiters
    levels: list[_OpenLevel] = attrs.field(factory=list)
    faulty_header: bool = False
    empty: bool = True
    automaton: Automaton = attrs.field(init=False)
    """What proves its pieces right."""

    @automaton.default
    def _automaton_of_explainer(self) -> Automaton:
        return self.explainer.automaton


class Conformance:
    """The checks of one file. It takes every item in file order. `errors` holds the errors outside of claims so far.

    `counts` is true for codes that make a header faulty; by default all do. `proven` counts the pieces that the
    automaton proved right, `handed_on` those that pyx12 had to check.
    """

    def __init__(self, counts: Callable[[str], bool] = lambda _: True) -> None:
        self._counts = counts
        self.errors = Errors()
        self.proven = 0
        self.handed_on = 0
        self._envelopes = 0
        self._faulty_envelope: set[str] = set()
        self._version = ""
        self._transaction: _Transaction | None = None

    def item(self, item: Item) -> tuple[Finding, ...]:
        """Take the next item. Returns the findings on a claim, those of its levels included; none for other items."""
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
        """The file ends."""
        self._end_transaction()

    def resume(self, claims: Sequence[tuple[int, int]], envelopes: int) -> None:
        """Continue in the middle of a file, after the items of the open headers and levels.

        `claims` are the numbers of claims right beneath each open level, and of all claims beneath it. `envelopes`
        counts the segments ISA, GS, GE and IEA before. The faults of what stands above have been reported before.
        """
        self._envelopes = envelopes
        self.errors.clear()
        if self._transaction:
            for above, (own, all_beneath) in zip(self._transaction.levels, claims, strict=True):
                above.claims = own
                above.reported = bool(above.faults) and all_beneath > 0

    def _of_envelope(self, event: Event) -> None:
        delimiters, tag = event.delimiters, event.piece.tag
        if tag == "SE" and self._transaction:
            self._trailer(self._transaction, event, delimiters)
        self._end_transaction()
        self._envelopes += tag in _ENVELOPE
        if event.kind == "header":
            self._faulty_envelope.discard(tag)
        if tag == "ST" and event.transaction and event.transaction.type and not event.piece.passed_over:
            self._begin_transaction(event, delimiters)
        elif tag in _ENVELOPE and event.piece.fault not in _REPORTED_BY_READER:
            self._envelope(event, delimiters)

    def _envelope(self, event: Event, delimiters: Delimiters) -> None:
        """ISA, GS, GE or IEA."""
        piece = event.piece
        tag = piece.tag
        piece_span = span("837P", event)
        elements = list(piece_span.segments[0])
        if tag == "ISA":
            _usual_separators(elements, delimiters)
        if tag == "GS":
            self._version = element(elements, 8)
            if self._version not in SUPPORTED:
                return
            elements[8] = VERSIONS[SUPPORTED[self._version]]
        claim_type = SUPPORTED[self._version] if tag == "GS" else None
        proven = _pattern(tag, claim_type, *delimiters.characters).fullmatch(delimiters.element.join(elements))
        found: list[Fault] = []
        if not proven:
            found += _envelope_faults(
                tag, claim_type, tuple(elements), delimiters.characters, shifts=self._envelopes <= _MOST_EXPLAINED
            )
        if tag == "ISA":
            found += extra.blank_ids(elements, found)
        found += extra.white_space(piece.text, "", delimiters)
        found = [fault for fault in found if fault.element not in _COMPARED]
        for fault in found:
            self._report(piece_span, fault, inside=False)
        if tag not in TRAILERS:
            self._faulty_envelope.update(tag for fault in found if self._rejects(fault))

    def _begin_transaction(self, event: Event, delimiters: Delimiters) -> None:
        assert event.transaction and event.transaction.type
        claim_type = event.transaction.type
        transaction = _Transaction(claim_type, _explainer(claim_type, *delimiters.characters), delimiters)
        self._transaction = transaction
        piece_span = span(claim_type, event)
        head = list(piece_span.segments[0])
        if element(head, 3) in SUPPORTED:
            head[3] = VERSIONS[claim_type]
        if is_control_number(element(head, 2)) and len(head[2]) >= _FEWEST_OF_CONTROL:
            head[2] = _ANY_CONTROL  # a sound number is as good as any other, and what is found of one text is kept
        nearest = piece_span._replace(
            parts=[delimiters.element.join(head), *piece_span.parts[1:]], segments=[head, *piece_span.segments[1:]]
        )
        spec = transaction.automaton.grammar.transaction
        if event.keep:
            return
        unproven = self._unproven(transaction, spec, nearest.parts)
        found = transaction.explainer.faults(nearest, TRANSACTION, spec, unproven) if unproven != [] else []
        for fault in found or extra.blank_line(event.text, spec.name, delimiters):
            transaction.faulty_header |= self._rejects(fault)
            self._report(piece_span, fault)

    def _level(self, transaction: _Transaction, level: Level) -> None:
        transaction.empty = False
        depth = level.depth
        if not depth:
            return
        self._close_levels(transaction, depth - 1)
        loop = transaction.automaton.grammar.levels[depth]
        found: list[Fault] = []
        if not level.event.keep and not level.event.doubt:
            unproven = self._unproven(transaction, loop, level.event.parts)
            if unproven != []:
                found += transaction.explainer.faults(level.span, LEVEL_LOOPS[depth], loop, unproven)
            found = found or extra.blank_line(level.event.text, loop.name, level.event.delimiters)
        transaction.levels.append(_OpenLevel(level, loop, found))

    def _claim(self, claim: Claim, transaction: _Transaction) -> tuple[Finding, ...]:
        spec = transaction.automaton.grammar.claim
        found: list[Fault] = []
        own = claim.span
        unproven = self._unproven(transaction, spec, own.parts)
        if unproven != []:
            found += transaction.explainer.faults(own, CLAIM_LOOP, spec, unproven)
        found = found or extra.blank_line(claim.event.text, spec.name, claim.event.delimiters)
        found += extra.line_numbers(own.segments, [line.start for line in claim.lines], spec.child("2400"), found)
        if transaction.levels:
            transaction.levels[-1].claims += 1
            if transaction.levels[-1].claims > spec.most:
                found.append(faults.too_often(spec, 0))
        findings = [_finding(fault, _at(own, fault, claim.line_of(fault.index))) for fault in found]
        for above in transaction.levels:
            if above.faults:
                again = faults.in_short(above.faults) if above.reported else above.faults
                above.reported = True
                findings += [_finding(fault, _at(above.level.span, fault)) for fault in again]
        if transaction.faulty_header or self._faulty_envelope:
            findings.append(_below_faulty_header(claim))
        return tuple(findings)

    def _trailer(self, transaction: _Transaction, event: Event, delimiters: Delimiters) -> None:
        piece = event.piece
        piece_span = span(transaction.type, event)
        elements = piece_span.segments[0]
        found: list[Fault] = []
        if len(elements) != 3 or not is_count(elements[1]):
            node = guide(transaction.type).getnodebypath(f"{TRANSACTION}/SE")
            found += (fault for fault in segment_faults(node, elements, delimiters) if fault.element not in _COMPARED)
        if transaction.empty:
            top = transaction.automaton.grammar.levels[1]
            found.append(Fault(codes.MISSING_LOOP, 0, top.name, top.begins, f"loop {top.name} is missing"))
        found += extra.white_space(piece.text, "", delimiters)
        for fault in found:
            self._report(piece_span, fault)

    def _end_transaction(self) -> None:
        if self._transaction:
            self._close_levels(self._transaction, 0)
            self._transaction = None

    def _close_levels(self, transaction: _Transaction, depth: int) -> None:
        """Close the levels deeper than `depth`. Faults that no claim has reported are reported now."""
        while len(transaction.levels) > depth:
            closed = transaction.levels.pop()
            for fault in () if closed.reported else closed.faults:
                self._report(closed.level.span, fault)

    def _unproven(self, transaction: _Transaction, loop: LoopSpec, parts: list[str]) -> Unproven:
        """What the automaton cannot prove right of a header, level or claim. `loop` is the loop that it begins."""
        unproven = transaction.automaton.unproven(loop, parts)
        if unproven or unproven is None:
            self.handed_on += 1
        else:
            self.proven += 1
        return unproven

    def _rejects(self, fault: Fault) -> bool:
        return codes.GUIDE_CODES[fault.code].severity == "reject" and self._counts(fault.code)

    def _report(self, piece_span: Span, fault: Fault, *, inside: bool = True) -> None:
        if codes.GUIDE_CODES[fault.code].severity != "reject":
            return  # warnings are no errors of a file
        where = _at(piece_span, fault)
        self.errors.add(
            LocatedError(
                fault.code,
                fault.message,
                where.segment if inside else None,
                where.offset,
                where.segment_id,
                where.loop,
                where.element,
                where.file_line,
            )
        )


def _usual_separators(elements: list[str], delimiters: Delimiters) -> None:
    """Replaces the separators in an ISA by usual ones, because pyx12 takes ISA11 and ISA16 for plain values."""
    usual = next(character for character in "^:|>!" if character not in delimiters.characters)
    for number, in_use in ((11, delimiters.repetition), (16, delimiters.component)):
        if element(elements, number) == in_use:
            elements[number] = usual


def envelope_node(tag: str, claim_type: ClaimType | None) -> Node:
    """The node of ISA, GS, GE or IEA. A GS is checked by the map of its claim type, the others by the control map."""
    root = guide(claim_type) if claim_type else control()
    return root.getnodebypath(f"{_ENVELOPE[tag]}/{tag}")


@remembered(256)
def _envelope_faults(
    tag: str, claim_type: ClaimType | None, elements: tuple[str, ...], characters: tuple[str, ...], *, shifts: bool
) -> Sequence[Fault]:
    """The faults within ISA, GS, GE or IEA, by pyx12. Files repeat the same broken segment by the thousand."""
    return segment_faults(envelope_node(tag, claim_type), elements, Delimiters(*characters), shifts=shifts)


@lru_cache(maxsize=32)
def _pattern(tag: str, claim_type: ClaimType | None, *characters: str) -> re.Pattern[str]:
    return pattern(envelope_node(tag, claim_type), Delimiters(*characters))


@lru_cache(maxsize=8)
def _explainer(claim_type: ClaimType, *characters: str) -> Explainer:
    delimiters = Delimiters(*characters)
    return Explainer(claim_type, Automaton(grammar(claim_type), delimiters, _UNMADE), delimiters)


def _at(piece_span: Span, fault: Fault, line: ServiceLine | None = None) -> Location:
    """The location of a fault in a piece, on a service line if it has one."""
    index = min(fault.index, len(piece_span.segments) - 1)
    if line is None:
        return Location(piece_span, index, fault.loop, fault.element)
    return Location(piece_span, index, fault.loop, fault.element, line.number, line.control_number or None)


def _finding(fault: Fault, where: Location) -> Finding:
    known = codes.GUIDE_CODES[fault.code]
    return Finding(where, fault.message, known.fix, known.severity, fault.code, "16", None, known.claim_status)


def _below_faulty_header(claim: Claim) -> Finding:
    message = "a header above the claim (ISA, GS, or ST to the first level) does not follow the guide"
    return _finding(Fault(codes.FAULTY_HEADER, 0, "2300", "CLM01", message), claim.at("claim_id"))
