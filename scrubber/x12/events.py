"""The events of a file: its pieces in file order, each with its position in the envelope and hierarchy.

Only this module works out hierarchy, ordinals, doubt and the scrubber's own notes. All other modules read them from the
event. **Joined, the events' raw bytes are the input, byte for byte.**
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from scrubber.x12.bounded import Errors
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.envelope import Envelope
from scrubber.x12.errors import TRUNCATED, LocatedError
from scrubber.x12.guides import LEVELS
from scrubber.x12.hierarchy import Entered, Hierarchy
from scrubber.x12.loops import HEADERS, TRAILERS, Transaction
from scrubber.x12.notes import MARK, without_notes
from scrubber.x12.pieces import Piece, new_tuple
from scrubber.x12.prescan import Prescan, SecondReading
from scrubber.x12.runs import Run, cut_in_runs
from scrubber.x12.segments import bare_parts, element, first_segment, parts_and_segments, with_strays
from scrubber.x12.streams import Readable

Kind: TypeAlias = Literal["header", "level", "claim", "trailer", "unread", "outside"]
"""Kinds of events: ISA, GS or ST; HL with its level; CLM with its claim; SE, GE or IEA; segments of an interchange
that are not read; bytes outside of every interchange."""


class Event(NamedTuple):
    """A piece of the file and its position.

    `ordinal` is the ordinal of its first segment within `transaction`; both are `None` outside of one. `text` leaves
    out the scrubber's own notes, and `notes` counts them. `depth` is the depth of a level (1 provider, 2 subscriber, 3
    patient, 0 unknown). `number` is the number of a claim in the file, from 1. `doubt` is the fault for which a claim
    must not be sent, or for which the name in a level is in doubt. `keep` is true for a header or level that outputs
    must write even without claims beneath it: its transaction is not read, or it holds misplaced segments.
    """

    kind: Kind
    piece: Piece
    text: str
    transaction: Transaction | None = None
    ordinal: int | None = None
    notes: int = 0
    depth: int = 0
    number: int = 0
    doubt: LocatedError | None = None
    keep: bool = False

    @property
    def raw(self) -> bytes:
        """The bytes of the file."""
        return self.piece.raw

    def __repr__(self) -> str:
        """Without its text, which holds patient data."""
        return f"Event(kind={self.kind!r}, ordinal={self.ordinal}, number={self.number}, piece={self.piece!r})"

    @property
    def counted(self) -> int:
        """The number of its segments without the scrubber's own notes."""
        return self.piece.segments - self.notes

    @property
    def delimiters(self) -> Delimiters:
        """The delimiters of its interchange. An event outside of one has none."""
        assert self.piece.delimiters is not None
        return self.piece.delimiters

    @property
    def parts(self) -> list[str]:
        """Its segments as text."""
        return bare_parts(self.text, self.delimiters)

    @property
    def segments(self) -> list[list[str]]:
        """Its segments, split into elements."""
        return parts_and_segments(self.text, self.delimiters)[1]


class Events:
    """The events of a file, an iterator. `errors` holds the located errors so far.

    With the result of a first pass (`scan`), a fault at the end of a transaction also puts its claims in doubt. The
    stream must then give the same bytes again; else reading raises `X12Error`.
    """

    def __init__(self, stream: Readable, scan: Prescan | None = None) -> None:
        self._envelope = Envelope()
        self._transaction: Transaction | None = None
        self._hierarchy: Hierarchy | None = None
        self._misplaced = Errors()
        self._scan = scan
        self._untrusted: LocatedError | None = None
        self._claims = 0
        self._iterator = self._read(stream)

    @property
    def errors(self) -> list[LocatedError]:
        """The errors of the file so far, in file order."""
        return sorted([*self._envelope.errors.counted(), *self._misplaced.counted()], key=lambda error: error.offset)

    @property
    def misplaced(self) -> Errors:
        """The errors of the hierarchy."""
        return self._misplaced

    def __iter__(self) -> Iterator[Event]:
        return self._iterator

    def __next__(self) -> Event:
        return next(self._iterator)

    def _read(self, stream: Readable) -> Iterator[Event]:
        envelope = self._envelope
        scan = self._scan
        sound = scan is not None and not scan.errors
        for piece in cut_in_runs(SecondReading(stream, scan) if scan else stream, sound=sound):
            if isinstance(piece, Run):
                yield from self._of_run(piece)
                continue
            envelope.feed(piece)
            delimiters = piece.delimiters
            if delimiters is None:
                yield Event("outside", piece, piece.text)
            elif piece.tag == "CLM":
                yield self._claim(piece, delimiters)
            elif piece.tag == "HL":
                yield self._level(piece, delimiters)
            elif piece.tag in HEADERS or piece.tag in TRAILERS:
                yield from self._of_envelope(piece, delimiters)
            else:
                yield self._unread(piece)
        envelope.finish()
        self._leave()

    def _of_run(self, run: Run) -> Iterator[Event]:
        """The levels and claims of a run.

        In a transaction that is read, and without notes and foreign claims, which is looked at once for all, the
        envelope counts the run as a whole. Else each piece is taken as if it had come alone.
        """
        envelope, hierarchy = self._envelope, self._hierarchy
        transaction = envelope.transaction
        read = transaction is not None and transaction.readable and hierarchy is not None
        if not read or MARK in run.text or run.text.count("CLM") != run.claims:
            assert run.delimiters
            for piece in run.pieces():
                envelope.feed(piece)
                yield (self._claim if piece.tag == "CLM" else self._level)(piece, run.delimiters)
            return
        assert hierarchy
        envelope.feed(run)
        ordinal = envelope.ordinal
        assert ordinal
        for piece in run.pieces():
            text = piece.text
            if piece.tag == "CLM":
                doubt = hierarchy.claim_alone(piece, text, ordinal)
                self._claims += 1
                doubt = self._untrusted or doubt
                yield new_tuple(Event, ("claim", piece, text, transaction, ordinal, 0, 0, self._claims, doubt, False))
            else:
                depth, keep, doubt = hierarchy.level_alone(piece, text, ordinal)
                yield new_tuple(Event, ("level", piece, text, transaction, ordinal, 0, depth, 0, doubt, keep))
            ordinal += piece.segments

    def _unread(self, piece: Piece) -> Event:
        return Event("unread", piece, piece.text, self._envelope.transaction, self._envelope.ordinal)

    def _claim(self, piece: Piece, delimiters: Delimiters) -> Event:
        envelope, hierarchy = self._envelope, self._hierarchy
        transaction, ordinal, notes = envelope.transaction, envelope.ordinal, envelope.notes
        if hierarchy is None or transaction is None or ordinal is None:
            return self._unread(piece)
        if not transaction.readable or (piece.fault and piece.passed_over):
            hierarchy.passed_over()
            return self._unread(piece)
        text = without_notes(piece.text, delimiters) if notes else piece.text
        doubt = hierarchy.claim(piece, text, ordinal)
        self._claims += 1
        doubt = self._untrusted or doubt
        return new_tuple(Event, ("claim", piece, text, transaction, ordinal, notes, 0, self._claims, doubt, False))

    def _level(self, piece: Piece, delimiters: Delimiters) -> Event:
        envelope, hierarchy = self._envelope, self._hierarchy
        transaction, ordinal, notes = envelope.transaction, envelope.ordinal, envelope.notes
        if (piece.fault and piece.passed_over) or (transaction and transaction.type is None):
            return self._unread(piece)
        text = without_notes(piece.text, delimiters) if notes else piece.text
        if hierarchy is None or ordinal is None or not (transaction and transaction.readable):
            entered = Entered(LEVELS.get(element(first_segment(text, delimiters), 3), 0), keep=True)
        else:
            entered = hierarchy.level(piece, text, ordinal)
        depth, keep, doubt = entered
        return new_tuple(Event, ("level", piece, text, transaction, ordinal, notes, depth, 0, doubt, keep))

    def _of_envelope(self, piece: Piece, delimiters: Delimiters) -> Iterator[Event]:
        """A header or trailer. Stray segments after it are an event of their own."""
        envelope, left = self._envelope, self._transaction
        if envelope.transaction is not left:
            self._leave()
            self._transaction = envelope.transaction
        stray = None
        if piece.tag != "ST" and piece.segments > 1 and not piece.passed_over and with_strays(piece.text, delimiters):
            piece, stray = _parted(piece, delimiters)
        if piece.tag == "SE":
            yield Event("trailer", piece, piece.text, left, envelope.ordinal)
        elif piece.tag in TRAILERS:
            yield Event("trailer", piece, piece.text)
        elif piece.tag == "ST" and envelope.transaction:
            yield self._header(envelope.transaction, piece, delimiters)
        else:
            yield Event("header", piece, piece.text)
        if stray:
            yield Event("unread", stray, stray.text)

    def _header(self, transaction: Transaction, piece: Piece, delimiters: Delimiters) -> Event:
        """Enter a transaction."""
        self._untrusted = (self._scan.doubt(transaction.offset) if self._scan else None) or transaction.fault
        if transaction.type is None or piece.passed_over:
            return Event("header", piece, piece.text, transaction, 1, keep=True)
        jumps = self._scan.jumps if self._scan else ()
        self._hierarchy = Hierarchy(transaction.type, delimiters, self._misplaced, jumps)
        notes, keep = self._envelope.notes, self._hierarchy.header(piece)
        text = without_notes(piece.text, delimiters) if notes else piece.text
        return Event("header", piece, text, transaction, 1, notes, keep=keep)

    def _leave(self) -> None:
        if self._hierarchy:
            self._hierarchy.finish()
            self._hierarchy = None


_LONE_TAGS = frozenset({*HEADERS, *TRAILERS, "HL", "CLM"})


def _parted(piece: Piece, delimiters: Delimiters) -> tuple[Piece, Piece | None]:
    """A header or trailer (ISA with its TA1 segments), and the stray segments after it.

    A bare tag at the end of the file is not a segment yet and stays with the header or trailer. If the file ends inside
    of a segment, that is the last stray one.
    """
    text, end = piece.text, delimiters.terminator
    at = kept = 0
    while kept == 0 or (piece.tag == "ISA" and text.startswith(f"TA1{delimiters.element}", at)):
        at = text.find(end, at) + 1
        at = len(text) - len(text[at:].lstrip(WHITE_SPACE + end))
        kept += 1
    rest = text[at:]
    if not rest or rest.rstrip(WHITE_SPACE) in _LONE_TAGS:
        return piece, None
    tag = rest[:3].rstrip(delimiters.element)
    breaks = piece.breaks + text.count("\n", 0, at)
    stray = Piece(tag, rest, piece.offset + at, delimiters, piece.segments - kept, piece.fault, "", breaks)
    fault = None if piece.fault == TRUNCATED else piece.fault
    return piece._replace(text=text[:at], segments=kept, fault=fault), stray
