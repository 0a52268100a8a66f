"""The annotated copy: each line and claim with findings gets one note. `strip` removes the notes again.

A note is an NTE segment where the guide's order wants it. For a line it stands in loop 2400 before PS1, HCP and the
loops 2410 to 2440. For a claim it stands in loop 2300 before CR1, CRC, HI and the loops after them. (Positions checked
with pyx12.) The scrubber's notes in the input are removed first, so annotating twice gives the same as once. SE01
counts the notes.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO, NamedTuple

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import SEVERITIES, Finding, Severity
from scrubber.engine.codes import SLOT_TAKEN, UNANNOTATED
from scrubber.engine.record import lines_at_fault
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.x12.control import shifted
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Event, Events
from scrubber.x12.guides import ClaimType
from scrubber.x12.notes import note_segment, note_text
from scrubber.x12.pieces import MAX_PIECE, MAX_SEGMENTS, Piece
from scrubber.x12.prescan import Prescan, prescan
from scrubber.x12.segments import starts

_NOTE_CHARACTERS = frozenset(string.ascii_uppercase + string.digits + " ")
_BEFORE_CLAIM_NOTE = frozenset({"CLM", "DTP", "CL1", "PWK", "CN1", "AMT", "REF", "K3", "NTE"})
_BEFORE_LINE_NOTE = frozenset(
    {"LX", "SV1", "SV2", "SV5", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT", "K3", "NTE"}
)
_CLAIM_QUALIFIER: dict[ClaimType, str] = {"837P": "TPO", "837I": "ADD"}
_LINE_QUALIFIER = "TPO"

MOST_NOTICES = 1000
"""How many notices are kept, so that memory does not grow with the claims."""


@attrs.frozen
class _Slot:
    """Where one note goes: before the segment at `index` of the claim, with `qualifier` as NTE01.

    `taken` says that the input has somebody's own note there, which stays.
    """

    index: int
    qualifier: str
    findings: Sequence[Finding]
    taken: bool


class _Copy:
    """Writes a copy of a file in which notes are added or removed, and SE01 is corrected."""

    def __init__(self, out: BinaryIO, scan: Prescan) -> None:
        self._out = out
        self._scan = scan
        self._growth = 0

    def grow(self, notes: int) -> None:
        """Count notes that were added to the transaction."""
        self._growth += notes

    def event(self, event: Event) -> None:
        """Write an event that is no claim. SE01 changes by the notes added or removed in its transaction."""
        if event.kind == "header":
            self._growth = 0
        text = self.stripped(event)
        if event.piece.tag == "SE" and self._growth:
            text = _recounted(event.piece, self._growth)
        if event.kind == "trailer":
            self._growth = 0
        self.write(text)

    def stripped(self, event: Event) -> str:
        """The text of an event without the scrubber's notes. They stay where SE01 cannot be corrected."""
        if not event.notes or _transaction_offset(event) in self._scan.locked:
            return event.piece.text
        self._growth -= event.notes
        return event.text

    def write(self, text: str) -> None:
        """Write a text."""
        self._out.write(text.encode("latin-1"))


def _transaction_offset(event: Event) -> int:
    """Where the transaction of a claim begins in the file."""
    assert event.transaction is not None
    return event.transaction.offset


class Notes(NamedTuple):
    """The notes of a claim, and the notices about notes that could not be written.

    `insertions` are the notes, each with its position in the claim's text. `closed` is a notice that the whole
    transaction takes no notes.
    """

    insertions: tuple[tuple[int, str], ...] = ()
    notices: tuple[LocatedError, ...] = ()
    closed: LocatedError | None = None

    def added_to(self, text: str) -> str:
        """The text of the claim with its notes."""
        written, done = [], 0
        for begin, note in self.insertions:
            written += [text[done:begin], note]
            done = begin
        return "".join([*written, text[done:]])


class Annotator:
    """Writes scrubbed events as the annotated copy."""

    def __init__(self, out: BinaryIO, scan: Prescan) -> None:
        self._copy = _Copy(out, scan)
        self._scan = scan
        self._without_notes: int | None = None  # offset of the last such transaction
        self._notices: list[LocatedError] = []
        self._more = 0

    @property
    def notices(self) -> list[LocatedError]:
        """What could not be annotated, and where. Beyond `MOST_NOTICES`, the last says how many are not listed."""
        if not self._more:
            return list(self._notices)
        last = self._notices[-1]
        message = f"{last.message} ({self._more} more notices are not listed)"
        return [*self._notices[:-1], attrs.evolve(last, message=message)]

    def event(self, event: Event) -> None:
        """Write the next event of the file that is no claim."""
        self._copy.event(event)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the next claim of the file, with its notes."""
        self.put(scrubbed.claim.event, self.digest(scrubbed))

    def take_batch(self, batch: Batch) -> None:
        """Write the next events and claims."""
        self.put_all(batch.events, map(self.digest, batch.claims))

    def put_all(self, events: Sequence[Event], notes: Iterable[Notes | None]) -> None:
        """Write the next events, given the notes of the claims among them.

        Levels and claims without notes are written together, as they stand.
        """
        kept: list[str] = []
        of_claims = iter(notes)
        for event in events:
            own = next(of_claims) if event.kind == "claim" else None
            if not (own or event.notes) and event.kind in ("claim", "level"):
                kept.append(event.text)
                continue
            self._copy.write("".join(kept))
            kept.clear()
            self.put(event, own) if event.kind == "claim" else self.event(event)
        self._copy.write("".join(kept))

    def digest(self, scrubbed: ScrubbedClaim) -> Notes | None:
        """The notes of a claim, `None` if it has neither notes nor notices. They do not depend on other claims."""
        if not scrubbed.findings:
            return None
        claim = scrubbed.claim
        offset = _transaction_offset(claim.event)
        closed = offset in self._scan.locked or offset in self._scan.full
        if not closed and _NOTE_CHARACTERS.isdisjoint(claim.span.delimiters.characters):
            return _notes(scrubbed)
        why = "SE01 has no room for them, or segments run together" if closed else "a delimiter occurs in their text"
        return Notes(closed=LocatedError(UNANNOTATED, f"transaction left without notes: {why}", 1, offset))

    def put(self, event: Event, notes: Notes | None) -> None:
        """Write the next claim of the file, given its notes. A transaction that takes none gets one notice."""
        text = self._copy.stripped(event)
        if notes:
            if notes.closed and self._without_notes != notes.closed.offset:
                self._without_notes = notes.closed.offset
                self._notice(notes.closed)
            for notice in notes.notices:
                self._notice(notice)
            text = notes.added_to(text)
            self._copy.grow(len(notes.insertions))
        self._copy.write(text)

    def _notice(self, notice: LocatedError) -> None:
        if len(self._notices) < MOST_NOTICES:
            self._notices.append(notice)
        else:
            self._more += 1


def strip(stream: BinaryIO, out: BinaryIO) -> Prescan:
    """Copies `stream`, a seekable binary file, without the scrubber's notes. Returns the scan of the file.

    Raises `X12Error` where the file changes meanwhile.
    """
    scan = prescan(stream)
    stream.seek(0)
    copy = _Copy(out, scan)
    for event in Events(stream, scan):
        if event.kind == "claim":
            copy.write(copy.stripped(event))
        else:
            copy.event(event)
    return scan


def _notes(scrubbed: ScrubbedClaim) -> Notes:
    """The notes of a claim. Each is on its own line where each segment of the claim is."""
    claim, text = scrubbed.claim, scrubbed.claim.event.text
    delimiters = claim.span.delimiters
    begins = starts(text, delimiters) if claim.event.notes else claim.span.starts
    insertions: list[tuple[int, str]] = []
    notices: list[LocatedError] = []
    for slot in _slots(scrubbed):
        if slot.taken:
            at = slot.findings[0].location
            message = "a note is there already; findings left out of the annotated copy"
            notices.append(LocatedError(SLOT_TAKEN, message, at.segment, at.offset, file_line=at.file_line))
            continue
        begin = begins[slot.index] if slot.index < len(begins) else len(text)
        gap = text[text.rfind(delimiters.terminator, 0, begin) + 1 : begin]
        insertions.append((begin, _note(slot, delimiters) + gap))
    size = len(text) + sum(len(note) for _, note in insertions)
    if insertions and (size > MAX_PIECE or claim.event.counted + len(insertions) > MAX_SEGMENTS):
        message = "claim left without notes: with them it would be too long to be read again"
        piece = claim.piece
        line = piece.file_line(0)
        notices.append(LocatedError(UNANNOTATED, message, claim.span.ordinal, piece.offset, file_line=line))
        insertions = []
    return Notes(tuple(insertions), tuple(notices))


def _slots(scrubbed: ScrubbedClaim) -> Iterator[_Slot]:
    """The slots for notes in file order: that of the claim, then those of its lines."""
    claim = scrubbed.claim
    by_start: dict[int, list[Finding]] = {}
    stops = {0: claim.lines[0].start if claim.lines else len(claim.span.segments)}
    for finding, line in zip(scrubbed.findings, lines_at_fault(scrubbed), strict=True):
        if line:  # a finding above the claim is noted on the claim
            stops[line.start] = line.stop
        by_start.setdefault(line.start if line else 0, []).append(finding)
    for begin in sorted(by_start):
        yield _slot(claim, begin, stops[begin], by_start[begin], of_line=begin > 0)


def _slot(claim: Claim, begin: int, stop: int, findings: list[Finding], *, of_line: bool) -> _Slot:
    segments = claim.span.segments
    before = _BEFORE_LINE_NOTE if of_line else _BEFORE_CLAIM_NOTE
    qualifier = _LINE_QUALIFIER if of_line else _CLAIM_QUALIFIER[claim.type]
    index = next((i for i in range(begin, stop) if segments[i][0] not in before), stop)
    notes = [segment[1:2] for segment in segments[begin:index] if segment[0] == "NTE"]
    only_one = not of_line and claim.type == "837P"  # loop 2300 of an 837P has one NTE of whatever kind
    return _Slot(index, qualifier, findings, taken=[qualifier] in notes or (only_one and bool(notes)))


def _note(slot: _Slot, delimiters: Delimiters) -> str:
    """The note of a slot: each code once, the most severe first."""
    found = tuple([(finding.severity or "info", finding.code) for finding in slot.findings])
    return note_segment(slot.qualifier, _text_of(found), delimiters)


@lru_cache(maxsize=256)  # many claims of a file have the same codes
def _text_of(found: Sequence[tuple[Severity, str]]) -> str:
    grades = sorted(found, key=lambda one: SEVERITIES.index(one[0]))
    return note_text(list(dict.fromkeys([(severity[0].upper(), code) for severity, code in grades])))


def _recounted(piece: Piece, growth: int) -> str:
    """The text of an SE piece with SE01 changed. The prescan has checked that this is possible."""
    assert piece.delimiters is not None
    element, terminator = piece.delimiters.element, piece.delimiters.terminator
    segment, end, rest = piece.text.partition(terminator)
    elements = segment.split(element)
    changed = shifted(elements[1], growth)
    assert changed is not None
    return element.join([elements[0], changed, *elements[2:]]) + end + rest
