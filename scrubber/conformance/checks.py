"""Checks a file against its implementation guide, event by event.

Each header, level and claim is judged for itself. What the automaton proves right is right; what it cannot prove, pyx12
explains. What stands above a claim and is at fault is a fault of the claim too: a level's are found on each claim
beneath it, in full on the first and in short on the others; a header's are told once, as errors of the file, and each
claim says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

import attrs

from scrubber.claims.location import Location, Source, source
from scrubber.claims.model import Claim, Level
from scrubber.claims.reader import Event
from scrubber.conformance import codes, extra, faults, siblings
from scrubber.conformance.automaton import Automaton
from scrubber.conformance.explain import explain, segment_faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import CLAIM_LOOP, LEVEL_LOOPS, LoopRule, grammar
from scrubber.conformance.maps import GROUP, INTERCHANGE, TRANSACTION, VERSIONS, control, guide
from scrubber.edit import Finding
from scrubber.x12.control import is_count
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.envelope import LEVELS, SUPPORTED, ClaimType
from scrubber.x12.errors import LocatedError
from scrubber.x12.notes import count_notes, without_notes
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import element

_ENVELOPE = {"ISA": INTERCHANGE, "GS": GROUP, "GE": GROUP, "IEA": INTERCHANGE}
"""The loop that each segment of the envelope stands in."""


@attrs.define
class _OpenLevel:
    """A level with its rules and faults, and how many claims and levels have been seen beneath it so far.

    `told` is set once a claim beneath it has said what is wrong with it.
    """

    level: Level
    loop: LoopRule
    faults: list[Fault]
    claims: int = 0
    levels: int = 0
    told: bool = False


@attrs.define
class _Transaction:
    """An open transaction; `ordinal` is that of its next segment, `last_level` the last HL01."""

    type: ClaimType
    automaton: Automaton
    delimiters: Delimiters
    ordinal: int = 1
    levels: list[_OpenLevel] = attrs.field(factory=list)
    last_level: int = 0
    faulty_header: bool = False


class Conformance:
    """The checks of one file. Fed every event in file order; `errors` holds what is wrong outside of claims so far.

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

    def event(self, event: Event) -> tuple[Finding, ...]:
        """Take the next event; the faults of a claim, its levels' among them, and nothing for what is no claim."""
        if isinstance(event, Claim):
            return self._claim(event, self._transaction) if self._transaction else ()
        if event.delimiters is not None:
            self._piece(event, event.delimiters)
        return ()

    def finish(self) -> None:
        """The file is at its end."""
        self._end_transaction()

    def _piece(self, piece: Piece, delimiters: Delimiters) -> None:
        if piece.tag == "ST" or piece.tag in _ENVELOPE:
            self._end_transaction()
        if piece.tag == "ST":
            self._begin_transaction(piece, delimiters)
        elif piece.tag in _ENVELOPE:
            self._envelope(piece, delimiters)
        elif self._transaction and not piece.passed_over:
            if piece.tag == "HL":
                self._level(self._transaction, piece)
            elif piece.tag == "SE":
                self._trailer(self._transaction, piece)
        if self._transaction:
            self._transaction.ordinal += piece.segments

    def _envelope(self, piece: Piece, delimiters: Delimiters) -> None:
        """ISA, GS, GE or IEA, and what stands behind it where nothing should."""
        tag = piece.tag
        place = source("837P", piece, 1)
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
        found = [*segment_faults(node, elements, delimiters), *extra.stray(node, place.segments)]
        found += extra.white_space(piece.text, "", delimiters)
        for fault in found:
            self._tell(place, fault, inside=False)
        if tag in ("ISA", "GS"):
            self._faulty_envelope.discard(tag)
            self._faulty_envelope.update(tag for fault in found if self._rejects(fault))

    def _begin_transaction(self, piece: Piece, delimiters: Delimiters) -> None:
        first, _, rest = piece.text.partition(delimiters.terminator)
        head = first.split(delimiters.element)
        claim_type = SUPPORTED.get(element(head, 3) or self._version)
        if element(head, 1) != "837" or claim_type is None:
            return
        transaction = _Transaction(claim_type, _automaton(claim_type, *delimiters.characters), delimiters)
        self._transaction = transaction
        if element(head, 3) in SUPPORTED:
            head[3] = VERSIONS[claim_type]
        nearest = piece._replace(text=delimiters.element.join(head) + delimiters.terminator + rest)
        rules = transaction.automaton.grammar.transaction
        if not self._proves(transaction, rules, nearest):
            faulty = source(claim_type, nearest, 1)
            for fault in _explained(transaction.automaton, faulty, TRANSACTION, rules):
                transaction.faulty_header |= self._rejects(fault)
                self._tell(source(claim_type, piece, 1), fault)

    def _level(self, transaction: _Transaction, piece: Piece) -> None:
        delimiters = transaction.delimiters
        head = piece.text.partition(delimiters.terminator)[0].split(delimiters.element)
        depth = LEVELS.get(element(head, 3), 0)
        if depth:
            self._close_levels(transaction, depth - 1)
        loop = transaction.automaton.grammar.levels[depth or LEVELS["22"]]
        fits = depth > 0 and len(transaction.levels) == depth - 1
        level = Level(transaction.type, piece, transaction.ordinal, depth)
        found = extra.level_number(element(head, 1), transaction.last_level, loop.name)
        if not fits:
            found.append(Fault(codes.MISPLACED_SEGMENT, 0, "", "HL03", "the level does not belong where it stands"))
        elif not self._proves(transaction, loop, piece):
            found += _explained(transaction.automaton, level.source, LEVEL_LOOPS[depth], loop)
        number = element(head, 1)
        transaction.last_level = int(number) if is_count(number) and number else transaction.last_level + 1
        if transaction.levels:
            transaction.levels[-1].levels += 1
        transaction.levels.append(_OpenLevel(level, loop, found))

    def _claim(self, claim: Claim, transaction: _Transaction) -> tuple[Finding, ...]:
        rules = transaction.automaton.grammar.claim
        found: list[Fault] = []
        if not self._proves(transaction, rules, claim.piece):
            found += _explained(transaction.automaton, claim.source, CLAIM_LOOP, rules)
        text = without_notes(claim.piece.text, transaction.delimiters)
        found += extra.line_numbers(text, rules.child("2400"), transaction.delimiters, found)
        if transaction.levels:
            transaction.levels[-1].claims += 1
            if transaction.levels[-1].claims > rules.most:
                found.append(faults.too_often(rules, 0))
        transaction.ordinal += claim.piece.segments - count_notes(claim.piece.text, transaction.delimiters)
        findings = [_finding(fault, _in_claim(claim, fault)) for fault in found]
        for above in transaction.levels:
            if above.faults:
                again = faults.in_short(above.faults) if above.told else above.faults
                above.told = True
                findings += [_finding(fault, _at(above.level.source, fault)) for fault in again]
        if transaction.faulty_header or self._faulty_envelope:
            findings.append(_below_faulty_header(claim))
        return tuple(findings)

    def _trailer(self, transaction: _Transaction, piece: Piece) -> None:
        place = source(transaction.type, piece, transaction.ordinal)
        node = guide(transaction.type).getnodebypath(f"{TRANSACTION}/SE")
        elements = place.segments[0]
        found: list[Fault] = []
        if len(elements) != 3 or not is_count(elements[1]):
            found += segment_faults(node, elements, place.delimiters)
        if not transaction.last_level:
            top = transaction.automaton.grammar.levels[1]
            found.append(Fault(codes.MISSING_LOOP, 0, top.name, top.begins, f"loop {top.name} is missing"))
        found += extra.stray(node, place.segments)
        found += extra.white_space(piece.text, "", place.delimiters)
        for fault in found:
            self._tell(place, fault)
        self._end_transaction()

    def _end_transaction(self) -> None:
        if self._transaction:
            self._close_levels(self._transaction, 0)
            self._transaction = None

    def _close_levels(self, transaction: _Transaction, depth: int) -> None:
        """Close the levels deeper than `depth`; what is wrong with them and no claim has told is told now."""
        while len(transaction.levels) > depth:
            closed = transaction.levels.pop()
            untold = [] if closed.told else closed.faults
            if not closed.claims and not closed.levels:
                untold = [*untold, *extra.nothing_below(closed.loop)]
            for fault in untold:
                self._tell(closed.level.source, fault)

    def _proves(self, transaction: _Transaction, loop: LoopRule, piece: Piece) -> bool:
        """Whether the automaton proves a piece right that begins a loop."""
        text = without_notes(piece.text, transaction.delimiters)
        proven = transaction.automaton.proves(loop, _parts(text, transaction.delimiters.terminator))
        self.proven += proven
        self.handed_on += not proven
        return proven

    def _rejects(self, fault: Fault) -> bool:
        return codes.GUIDE_CODES[fault.code].severity == "reject" and self._counts(fault.code)

    def _tell(self, place: Source, fault: Fault, *, inside: bool = True) -> None:
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


def _parts(text: str, terminator: str) -> list[str]:
    """The segments of a piece as they stand, but for line breaks between them."""
    if "\n" in text:
        text = text.replace(f"{terminator}\r\n", terminator).replace(f"{terminator}\n", terminator)
    parts = text.split(terminator)
    if not parts[-1]:
        parts.pop()
    return parts


def _explained(automaton: Automaton, place: Source, path: str, loop: LoopRule) -> list[Fault]:
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


def _at(place: Source, fault: Fault) -> Location:
    return Location(place, min(fault.index, len(place.segments) - 1), fault.loop, fault.element)


def _in_claim(claim: Claim, fault: Fault) -> Location:
    """Where in a claim a fault is, with the service line it is on."""
    where = _at(claim.source, fault)
    number = bisect_right([line.start for line in claim.lines], where.index)
    if not number:
        return where
    line = claim.lines[number - 1]
    return attrs.evolve(where, service_line=line.number, line_control_number=line.control_number or None)


def _finding(fault: Fault, where: Location) -> Finding:
    known = codes.GUIDE_CODES[fault.code]
    return Finding(where, fault.message, known.fix, known.severity, fault.code, "16", None, known.claim_status)


def _below_faulty_header(claim: Claim) -> Finding:
    message = "a header above the claim (ISA, GS, or ST to the first level) is not as the guide asks for"
    return _finding(Fault(codes.FAULTY_HEADER, 0, "2300", "CLM01", message), claim.at("claim_id"))
