"""The file in parts: one to transmit, one with all else, and one with held claims where the engine holds them.

Each part is a whole 837 file. Claims keep their bytes and their order; only the scrubber's own notes are removed. A
header or a level of the hierarchy is written when the first claim beneath it is written, so one without claims is left
out. HL01, HL02, HL04 and the counts in the trailers are computed again. Control numbers are kept.

Claims in doubt stay in doubt: a level right above one has `IN_DOUBT` in HL02. So they are rejected if the rejected file
is scrubbed again, until a person has compared them with their patients and written the number of the level above.

The rejected file also takes what is not an 837P or 837I of version 5010, and what could not be read. A broken envelope
is repaired there: a missing header or trailer is added, and a control number that occurs twice is replaced. What the
file does not tell stays as it is: a level that is unknown or skips one, a version on which GS08 and ST03 disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import attrs

from scrubber.engine.judged import Destination
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.x12.control import ControlNumbers, recounted
from scrubber.x12.delimiters import Delimiters, leading_space, line_break
from scrubber.x12.events import Event
from scrubber.x12.guides import IN_DOUBT, LEVELS
from scrubber.x12.headers import Header, header, made_up_gs, made_up_isa, made_up_st, without_empty_segments
from scrubber.x12.loops import HEADERS
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import element, first_segment

_DEPTHS = {"ISA": 0, "GS": 1, "ST": 2}
_TRANSACTION = _DEPTHS["ST"]
_TRAILER_DEPTHS = {HEADERS[tag]: depth for tag, depth in _DEPTHS.items()}
_UNKNOWN_LEVEL = max(LEVELS.values()) + 1  # a level of an unknown kind stands beneath the known ones
_MOST_UNWRITTEN = 128
"""How many texts a file collects before they are encoded and written together."""


class Splitter:
    """Writes scrubbed events as two or three files, seekable and empty. Call `close` after the last event.

    `clean` takes the claims without a reject, and `rejected` takes all else. `held` takes the flagged claims; it is
    needed where the engine holds them. A file without claims stays empty.
    """

    def __init__(self, clean: BinaryIO, rejected: BinaryIO, held: BinaryIO | None = None) -> None:
        self._rejected = _Part(rejected)
        self._parts: dict[Destination, _Part] = {"clean": _Part(clean), "rejected": self._rejected}
        if held is not None:
            self._parts["held"] = _Part(held)
        self._clean, *self._others = self._parts.values()

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the next claim of the file."""
        self.put(scrubbed.claim.event, self.digest(scrubbed))

    def take_batch(self, batch: Batch) -> None:
        """Write the next events and claims. A claim without findings is clean: one in doubt has a finding."""
        self.put_all(batch.events, [self.digest(item) if item.findings else "clean" for item in batch.claims])

    def put_all(self, events: Sequence[Event], destinations: Iterable[Destination]) -> None:
        """Write the next events, given the destinations of the claims among them.

        Most claims go to the clean file. So levels are opened in the others when those need them.
        """
        clean, of_claims = self._clean, iter(destinations)
        waiting: list[tuple[int, Event]] = []
        for event in events:
            kind = event.kind
            if kind == "claim":
                destination = next(of_claims)
                if destination == "clean":
                    clean.claim(event)
                else:
                    self._open_in_others(waiting)
                    self.put(event, destination)
            elif kind == "level" and not (event.notes or event.keep or event.piece.fault):
                depth = event.depth or _UNKNOWN_LEVEL
                clean.level(event, depth)
                waiting.append((depth, event))
            else:
                self._open_in_others(waiting)
                self.event(event)
        self._open_in_others(waiting)

    def _open_in_others(self, waiting: list[tuple[int, Event]]) -> None:
        """Open those of the waiting levels that no later one has closed. Then none waits."""
        opened: list[tuple[int, Event]] = []
        for depth, level in reversed(waiting):
            if not opened or depth < opened[-1][0]:
                opened.append((depth, level))
        for depth, level in reversed(opened):
            for part in self._others:
                part.level(level, depth)
        waiting.clear()

    def digest(self, scrubbed: ScrubbedClaim) -> Destination:
        """The file that takes a claim. It does not depend on other claims."""
        return "rejected" if scrubbed.claim.event.doubt else scrubbed.goes_to

    def put(self, event: Event, destination: Destination) -> None:
        """Write the next claim of the file, given its destination."""
        self._parts[destination].claim(event)

    def event(self, event: Event) -> None:
        """Write the next event of the file that is no claim."""
        kind, piece = event.kind, event.piece
        if kind == "unread":
            self._rejected.unread(_without_lone_tag(piece))
            return
        if event.notes:
            piece = piece._replace(text=event.text, segments=event.counted)
        if piece.fault:
            piece = _without_lone_tag(piece)
        if piece is not event.piece:
            event = event._replace(piece=piece, text=piece.text, notes=0)
        for part in self._parts.values():
            if kind == "level":
                part.level(event, event.depth or _UNKNOWN_LEVEL)
            elif kind == "outside":
                part.outside(piece.text)
            elif kind == "trailer":
                part.trailer(piece)
            else:
                part.header(piece)
        if event.keep:
            self._rejected.begin(in_doubt=True)

    def close(self) -> None:
        """End all files. Missing trailers are added."""
        for part in self._parts.values():
            part.leave(_DEPTHS["ISA"])
            part.flush()


@attrs.define
class _Envelope:
    """An open interchange, group or transaction.

    `made_up` says that the input has no header for it. `control` is its control number in the output, `None` until its
    header is written. `count` is the count for its trailer. `controls` are the control numbers used inside it.
    """

    header: Header
    made_up: bool = False
    control: str | None = None
    count: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class _Written:
    """An open level of the hierarchy that is written.

    `number` is its HL01 in the output. `leaf_at` is the offset of its HL04 there as long as that is 0.
    """

    number: int
    leaf_at: int | None = None


class _Part:
    """One of the files. It takes every header, level and trailer, and writes those that its claims need."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._unwritten: list[str] = []
        self._size = 0  # of the file, with what is not written yet
        self._unfinished: Delimiters | None = None  # delimiters of a last segment without its terminator
        self._controls = ControlNumbers()
        self._envelopes: list[_Envelope] = []  # the open interchange, group and transaction
        self._levels: list[tuple[int, Event]] = []  # the open levels and their depths, each deeper than the one before
        self._written: list[_Written] = []  # the first of them, which are written
        self._last_level = 0
        self._behind_interchange = False

    def header(self, piece: Piece) -> None:
        """Open an interchange, group or transaction; close what is still open. A GS that is too long is dropped."""
        self.leave(_DEPTHS[piece.tag])
        self._behind_interchange = False
        if piece.tag != "GS" or not piece.passed_over:
            found = header(piece)
            self._leave_others(found.delimiters)
            self._enter(found)

    def trailer(self, piece: Piece) -> None:
        """Close what a trailer ends. A trailer without a header in the input is dropped."""
        depth = _TRAILER_DEPTHS[piece.tag]
        if depth < len(self._envelopes) and not self._envelopes[depth].made_up:
            self._behind_interchange = depth == 0 and self._envelopes[0].control is not None
            self.leave(depth + 1)
            self.leave(depth, None if piece.passed_over else piece)

    def level(self, event: Event, depth: int) -> None:
        """Open a level of the hierarchy; close those at its depth and below."""
        envelopes = self._envelopes
        if len(envelopes) <= _TRANSACTION or envelopes[0].header.delimiters is not event.piece.delimiters:
            self._enter_transaction(event.delimiters)
        levels = self._levels
        while levels and levels[-1][0] >= depth:
            levels.pop()
        if self._written:
            del self._written[len(levels) :]
        levels.append((depth, event))

    def claim(self, event: Event) -> None:
        """Write a claim, without the scrubber's notes."""
        piece = event.piece
        self.begin(in_doubt=event.doubt is not None)
        if self._unfinished:
            self._finish_segment()
        self._put(event.text, piece.delimiters if piece.fault and piece.ends_inside_segment else None)
        self._envelopes[_TRANSACTION].count += piece.segments - event.notes

    def unread(self, piece: Piece) -> None:
        """Write a piece as it stands: one that was not read, segments outside a transaction, or the rest of a piece."""
        delimiters = piece.delimiters
        assert delimiters is not None
        if piece.tag:
            self._enter_transaction(delimiters)
            self.begin(in_doubt=True)
            self._finish_segment()
        elif len(self._envelopes) <= _TRANSACTION:
            return  # the rest of a header or trailer that is too long
        self._put(piece.text, delimiters if piece.ends_inside_segment else None)
        self._envelopes[_TRANSACTION].count += piece.segments

    def outside(self, text: str) -> None:
        """Write white space after an interchange that was written; drop all else."""
        if self._behind_interchange:
            space = leading_space(text)
            self._put(space)
            self._behind_interchange = space == text

    def begin(self, *, in_doubt: bool) -> None:
        """Write the open headers and levels that are not written yet. The innermost level may be in doubt."""
        if self._envelopes and self._envelopes[-1].control is None:  # else those around it are written, too
            self._write_headers()
        while len(self._written) < len(self._levels):
            self._write_level(in_doubt=in_doubt)

    def _write_headers(self) -> None:
        controls, around = self._controls, None
        for envelope in self._envelopes:
            if envelope.control is None:
                envelope.control = self._write_header(envelope, controls)
                if around:
                    around.count += 1
            controls, around = envelope.controls, envelope

    def leave(self, depth: int, piece: Piece | None = None) -> None:
        """Close the envelopes at a depth and below it. `piece` is the trailer in the input, if there is one."""
        while len(self._envelopes) > depth:
            envelope = self._envelopes.pop()
            if envelope.control is not None:
                self._finish_segment()
                self._put(_trailer(envelope, envelope.control, piece))
        self._levels, self._written = [], []
        self._last_level = 0

    def _enter(self, inner: Header, *, made_up: bool = False) -> None:
        """Open an envelope; make up the headers that are missing around it."""
        self._behind_interchange = False
        depth = _DEPTHS[inner.tag]
        if depth > 0 and not self._envelopes:
            self._envelopes.append(_Envelope(made_up_isa(inner), made_up=True))
        if depth > 1 and len(self._envelopes) == 1:
            self._envelopes.append(_Envelope(made_up_gs(self._envelopes[0].header, inner), made_up=True))
        self._envelopes.append(_Envelope(inner, made_up))

    def _enter_transaction(self, delimiters: Delimiters) -> None:
        """Make up a transaction for segments outside of one."""
        self._leave_others(delimiters)
        if len(self._envelopes) <= _TRANSACTION:
            self._enter(made_up_st(self._envelopes[-1].header if self._envelopes else None, delimiters), made_up=True)

    def _leave_others(self, delimiters: Delimiters) -> None:
        """Close an interchange if what follows has other delimiters. A new one is made up for that."""
        if self._envelopes and self._envelopes[0].header.delimiters != delimiters:
            self.leave(_DEPTHS["ISA"])

    def _write_header(self, envelope: _Envelope, used: ControlNumbers) -> str:
        """Write a header with its control number, or an unused one if that is missing or taken. Returns the number."""
        self._finish_segment()
        own = envelope.header.control
        control = own if own and used.add(own) else used.spare()
        self._put(envelope.header.text(control), envelope.header.delimiters if envelope.header.unfinished else None)
        envelope.count = envelope.header.counted
        return control

    def _write_level(self, *, in_doubt: bool) -> None:
        """Write the next level. A level beneath it may follow later, so the offset of a 0 in HL04 is kept.

        `in_doubt` says whether the claims right beneath the innermost level are.
        """
        if self._unfinished:
            self._finish_segment()
        levels, written = self._levels, self._written
        event = levels[len(written)][1]
        parent = ""
        if written:
            above = written[-1]
            parent = str(above.number)
            if above.leaf_at is not None:
                self._mark_as_parent(above)
        number = self._last_level = self._last_level + 1
        piece, innermost = event.piece, len(levels) == len(written) + 1
        if in_doubt and innermost:
            parent = IN_DOUBT
        before_hl04, text = _renumbered(event, number, parent, "0" if innermost else "1")
        written.append(_Written(number, self._size + before_hl04 if innermost else None))
        self._put(text, piece.delimiters if piece.fault and piece.ends_inside_segment else None)
        self._envelopes[_TRANSACTION].count += piece.segments - event.notes

    def _mark_as_parent(self, level: _Written) -> None:
        """Set HL04 of a level that was written as 0 to 1."""
        assert level.leaf_at is not None
        self.flush()
        self._out.seek(level.leaf_at)
        self._out.write(b"1")
        self._out.seek(self._size)
        level.leaf_at = None

    def _finish_segment(self) -> None:
        """Add the terminator where the input ends inside a segment."""
        if self._unfinished:
            self._put(self._unfinished.terminator + self._envelopes[0].header.gap)

    def _put(self, text: str, unfinished: Delimiters | None = None) -> None:
        self._unwritten.append(text)
        self._size += len(text)
        self._unfinished = unfinished
        if len(self._unwritten) == _MOST_UNWRITTEN:
            self.flush()

    def flush(self) -> None:
        """Write what is not written yet."""
        self._out.write("".join(self._unwritten).encode("latin-1"))
        self._unwritten.clear()


def _without_lone_tag(piece: Piece) -> Piece:
    """The piece without a lone tag at the end of the file: a terminator would make it a segment of the envelope."""
    delimiters = piece.delimiters
    if delimiters and piece.fault and piece.ends_inside_segment:
        end = delimiters.terminator
        tag = delimiters.boundary.match(piece.text + end, max(piece.text.rfind(end), 0))
        if tag and tag[1]:
            return piece._replace(text=piece.text[: tag.start(1)], segments=piece.segments - 1)
    return piece


def _renumbered(event: Event, number: int, parent: str, has_children: str) -> tuple[int, str]:
    """The text of a level with new HL01, HL02 and HL04, and how many characters of it stand before HL04."""
    delimiters = event.piece.delimiters
    assert delimiters is not None
    separator = delimiters.element
    head, end, rest = event.text.partition(delimiters.terminator)
    if event.piece.fault:
        rest = without_empty_segments(rest, delimiters)
    elements = head.split(separator)
    code = elements[3] if len(elements) > 3 else ""
    before = f"HL{separator}{number}{separator}{parent}{separator}{code}{separator}"
    if len(elements) > 5:
        has_children = separator.join((has_children, *elements[5:]))
    return len(before), f"{before}{has_children}{end}{rest}"


def _trailer(envelope: _Envelope, control: str, piece: Piece | None) -> str:
    """The trailer of an envelope, with the line break that follows it in the input, or else follows its header."""
    delimiters = envelope.header.delimiters
    count, gap = "", envelope.header.gap
    if piece:
        count = element(first_segment(piece.text, delimiters), 1)
        gap = line_break(piece.text.partition(delimiters.terminator)[2])
    segment = delimiters.element.join((HEADERS[envelope.header.tag], recounted(count, envelope.count), control))
    return segment + delimiters.terminator + gap
