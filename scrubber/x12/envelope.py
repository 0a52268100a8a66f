"""Follows the envelope through the pieces of a file and collects what is wrong with it.

Fed every piece in file order, an `Envelope` knows at any time in which interchange, group and transaction the
file stands, and holds the located errors so far. Both the prescan and the reader use it.
"""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

import attrs

from scrubber.x12 import errors
from scrubber.x12.control import ControlNumbers, is_count, shifted
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.errors import LocatedError
from scrubber.x12.guides import ClaimType, claim_type_of
from scrubber.x12.notes import count_notes
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element, first_element, first_segment, split

TRAILERS = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
"""Each trailer with the header that it closes."""
HEADERS = {header: trailer for trailer, header in TRAILERS.items()}
"""Each header with the trailer that closes it."""

_INNER = {"ISA": "GS", "GS": "ST"}
_ALONE = frozenset({"ISA", "GS", "SE", "GE"})
_PADDING = WHITE_SPACE + "\x00\x1a"
"""What editors and mainframes leave behind the last IEA: blanks, NUL, the end-of-file mark 1A."""
_NO_JUNK = WHITE_SPACE + "\xef\xbb\xbf"  # a byte order mark
_FAULTS = {
    errors.NO_INTERCHANGE: "no ISA segment; delimiters were inferred",
    errors.ISA_LENGTH: "ISA has the wrong length",
    errors.DELIMITER_CLASH: "the delimiters of ISA clash",
    errors.SEGMENT_SIZE: "a segment is longer than 1 MB",
    errors.PIECE_SIZE: "a claim is longer than 16 MB or 100,000 segments",
    errors.EMPTY_SEGMENT: "a segment terminator follows another one",
}


@attrs.define
class Interchange:
    """An open ISA: its control number (ISA13), its offset in the file, its date (ISA09) and the groups so far.

    `fault` is what makes all in it doubtful: the first fault of the interchange itself. So it is with groups and
    transactions. `miscounted` is the fault for which what stands in it cannot be counted: a header or trailer within
    is missing or out of place. A wrong count follows from it.
    """

    control: str
    offset: int
    date: str = ""
    fault: LocatedError | None = None
    miscounted: LocatedError | None = None
    groups: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Group:
    """An open GS: its control number (GS06), date (GS04, as written), version (GS08), the transactions so far."""

    control: str
    date: str
    version: str
    offset: int
    fault: LocatedError | None = None
    miscounted: LocatedError | None = None
    transactions: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Transaction:
    """An open ST. `type` is `None` for a transaction that is not read into claims.

    `group_control` and `date` are those around it: GS06, and the latest of ISA09, GS04 and BHT04 that can be read, as
    CCYYMMDD, else empty. `segments` counts the segments so far, those of the current piece included, without the
    scrubber's own notes, which have no ordinal and are counted in `notes`. `readable` turns false once something was
    passed over that the claims after it depend on.
    """

    control: str
    type: ClaimType | None
    offset: int
    group_control: str = ""
    date: str = ""
    fault: LocatedError | None = None
    segments: int = 0
    notes: int = 0
    readable: bool = True


Scope: TypeAlias = Interchange | Group | Transaction


class Envelope:
    """The interchange, group and transaction in which the file stands, and its located errors so far.

    `ordinal` is that of the first segment of the piece fed last, `None` outside of a transaction; `notes` counts the
    scrubber's notes in that piece. `supported` and `claims` count the transactions and claims so far that are
    read. `locked` and `full` hold the offsets of the transactions whose SE01 cannot be lowered by the notes that are
    in them, or could not be raised by new ones: annotating leaves these alone. `untrusted` are the ranges of bytes
    whose transactions cannot be trusted, in file order and apart from each other, each with the fault that is why.
    """

    def __init__(self) -> None:
        self.errors: list[LocatedError] = []
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.transaction: Transaction | None = None
        self.ordinal: int | None = None
        self.notes = 0
        self.first_control = ""
        self.supported = 0
        self.claims = 0
        self.locked: set[int] = set()
        self.full: set[int] = set()
        self.untrusted: list[tuple[int, int, LocatedError]] = []
        self._controls: dict[tuple[str, ...], ControlNumbers] = {}
        self._started = False
        self._junk: int | None = None
        self._padding: int | None = None
        self._last: Piece | None = None
        self._last_tag = ""
        self._open_segment = False
        self._astray: LocatedError | None = None

    def feed(self, piece: Piece) -> None:
        """Take the next piece; afterwards the state is that of its first segment."""
        self._last = piece
        self.notes = 0
        tag, delimiters = piece.tag, piece.delimiters
        if delimiters is None:
            self._feed_outside(piece)
            return
        if tag == "CLM":
            self._last_tag = tag
            self._feed_claim(piece, delimiters)
            return
        if not self._started or self._junk is not None:
            self._start(piece)
        self._last_tag = tag or self._last_tag
        if tag in HEADERS:
            self._open(piece, first_segment(piece.text, delimiters))
        transaction = self.transaction
        self.ordinal = transaction.segments + 1 if transaction else None
        if piece.fault:
            self._fault(piece, piece.fault)
        if transaction:
            transaction.segments += 1 if tag == "SE" else piece.segments
            if tag == "HL" and transaction.type and not piece.passed_over:
                self._count_notes(transaction, piece, delimiters)
        elif tag == "HL":
            self._stray("HL outside of a transaction", piece.offset)
        if piece.passed_over:
            return
        if tag in TRAILERS:
            self._trailer(piece, first_segment(piece.text, delimiters))
        if tag in _ALONE and piece.segments > 1 and with_strays(piece, delimiters):
            self._stray(f"segments behind {tag} that belong to no transaction", piece.offset)

    def finish(self) -> None:
        """The file is at its end: what is still open lacks its trailer."""
        self.ordinal = None
        if self._started and self._last:
            end = self._last.offset + len(self._last.text)
            inside = self._open_segment or self._last.ends_inside_segment
            missing = self._missing("ISA")
            if missing or inside:
                where = "inside a segment" if inside else "before its envelope is closed"
                if self._last_tag == "CLM":
                    where += ", and its last claim was passed over"
                error = self._report(errors.TRUNCATED, f"the file ends {where}{_lacking(missing)}", end)
                self._close("ISA", end, error)
            if self._padding is not None:
                message = "blanks or end-of-file marks stand behind the last interchange"
                self._report(errors.PADDING, message, self._padding)
        elif self._junk is None:
            self._report(errors.EMPTY, "the file is empty", 0)
        elif not self.errors:
            self._report(errors.NO_INTERCHANGE, "no ISA segment: not an X12 file", self._junk)

    def _report(self, code: str, message: str, offset: int) -> LocatedError:
        error = LocatedError(code, message, self.ordinal, offset)
        self.errors.append(error)
        return error

    def _distrust(self, scope: Scope | None, error: LocatedError) -> None:
        """Note a fault that leaves nothing in `scope` to be trusted."""
        if scope:
            scope.fault = scope.fault or error

    @property
    def _innermost(self) -> Scope | None:
        return self.transaction or self.group or self.interchange

    def _stray(self, message: str, offset: int) -> LocatedError:
        """Note a segment out of place. All others up to the next sound header follow from the first, which is told."""
        if self._astray is None:
            self._astray = self._report(errors.STRAY_SEGMENT, message, offset)
        self._distrust(self._innermost, self._astray)
        self._miscount(self._astray)
        return self._astray

    def _lacks(self, message: str, offset: int) -> LocatedError:
        """Note a missing trailer: where a segment is out of place that may be this very one."""
        return self._astray or self._report(errors.MISSING_TRAILER, message, offset)

    def _miscount(self, error: LocatedError) -> None:
        """Headers or trailers are missing or out of place in what is open."""
        for scope in (self.interchange, self.group):
            if scope:
                scope.miscounted = scope.miscounted or error

    def _feed_outside(self, piece: Piece) -> None:
        self.ordinal = None
        if piece.fault:
            self._junk = piece.offset
            message = piece.reason or _FAULTS[piece.fault]
            self._report(piece.fault, f"{message}; the interchange cannot be sent", piece.offset)
        elif self._junk is None and (junk := piece.text.lstrip(_PADDING if self._started else _NO_JUNK)):
            self._junk = piece.offset + len(piece.text) - len(junk)
            self._padding = None
            if self._started:
                self._report_junk(self._junk)
        elif self._junk is None and self._padding is None and self._started:
            padding = piece.text.lstrip(WHITE_SPACE)
            self._padding = piece.offset + len(piece.text) - len(padding) if padding else None

    def _report_junk(self, offset: int) -> None:
        self._report(errors.OUTSIDE, "bytes outside of an interchange were passed over", offset)

    def _start(self, piece: Piece) -> None:
        """An interchange begins. Where its ISA is missing, what stands before it may be the rest of that."""
        if piece.fault == errors.NO_INTERCHANGE:
            if self.errors and (self.errors[-1].code, self.errors[-1].offset) == (errors.OUTSIDE, self._junk):
                self.errors.pop()
        elif self._junk is not None and not self._started and not self.errors:
            self._report_junk(self._junk)
        self._started, self._junk = True, None

    def _fault(self, piece: Piece, fault: str) -> None:
        if fault == errors.TRUNCATED:  # reported at the end of the file, with the trailers that are missing
            self._open_segment = self._open_segment or piece.ends_inside_segment
            self._distrust(self._innermost, LocatedError(fault, "the file ends inside a segment", None, piece.offset))
            return
        self._distrust(self._innermost, self._report(fault, piece.reason or _FAULTS[fault], piece.offset))
        if self.transaction and piece.passed_over and piece.tag != "CLM":
            self.transaction.readable = False

    def _feed_claim(self, piece: Piece, delimiters: Delimiters) -> None:
        """Take a claim: the usual piece, with notes of the scrubber maybe."""
        transaction = self.transaction
        if transaction is None:
            self.ordinal = None
            if not self._started or self._junk is not None:
                self._start(piece)
            if piece.fault:
                self._fault(piece, piece.fault)
            self._stray("CLM outside of a transaction", piece.offset)
            return
        self.ordinal = transaction.segments + 1
        if piece.fault:
            self._fault(piece, piece.fault)
        transaction.segments += piece.segments
        if transaction.type and not piece.passed_over:
            self._count_notes(transaction, piece, delimiters)
            self.claims += transaction.readable

    def _count_notes(self, transaction: Transaction, piece: Piece, delimiters: Delimiters) -> None:
        self.notes = notes = count_notes(piece.text, delimiters)
        transaction.segments -= notes
        transaction.notes += notes

    def _open(self, piece: Piece, head: Segment) -> None:
        self.ordinal = None
        missing, lacking = self._missing(piece.tag), None
        if missing:
            lacking = self._lacks(f"{piece.tag} begins{_lacking(missing)}", piece.offset)
            self._close(piece.tag, piece.offset, lacking)
        if piece.tag != "ST" or (self.group and self.interchange):
            self._astray = None
        if piece.tag == "ISA":
            self._padding = None
            self.interchange = Interchange(element(head, 13), piece.offset, f"20{element(head, 9)}")
            self.first_control = self.first_control or self.interchange.control
            self._use(self._controls.setdefault(tuple(head[5:9]), ControlNumbers()), self.interchange, "ISA13", lacking)
        elif piece.tag == "GS":
            self.group = Group(element(head, 6), element(head, 4), element(head, 8), piece.offset)
            if self.interchange:
                self.interchange.groups += 1
                self._use(self.interchange.controls, self.group, "GS06", lacking)
        else:
            self._open_transaction(piece, head, lacking)

    def _open_transaction(self, piece: Piece, head: Segment, lacking: LocatedError | None) -> None:
        group, offset = self.group, piece.offset
        claim_type = claim_type_of(head, group.version if group else "")
        self.transaction = Transaction(
            element(head, 2), claim_type, offset, group.control if group else "", self._file_date(piece)
        )
        if group:
            group.transactions += 1
            self._use(group.controls, self.transaction, "ST02", lacking)
        if not (group and self.interchange):
            self._distrust(self.transaction, self._without_envelope(offset))
        if not claim_type:
            self._report(errors.UNSUPPORTED, "a transaction that is no 837P or 837I of version 5010", offset)
            return
        self.supported += 1
        if group and element(head, 3) not in ("", group.version):
            message = "ST03 names another version of the guide than GS08"
            self._distrust(self.transaction, self._report(errors.VERSIONS_DIFFER, message, offset))

    def _without_envelope(self, offset: int) -> LocatedError:
        """Why a transaction without ISA or GS cannot be trusted; what is wrong with the ISA is reported already."""
        if self.interchange:
            return self._stray("ST without GS", offset)
        unread = (errors.NO_INTERCHANGE, errors.ISA_LENGTH, errors.DELIMITER_CLASH)
        reported = next((error for error in reversed(self.errors) if error.code in unread), None)
        return reported or LocatedError(errors.STRAY_SEGMENT, "ST without ISA", None, offset)

    def _file_date(self, piece: Piece) -> str:
        """The latest of ISA09, GS04 and BHT04 that is a day of the calendar, empty where none is."""
        assert piece.delimiters is not None
        written = [
            self.interchange.date if self.interchange else "",
            self.group.date if self.group else "",
            first_element(piece.text, piece.delimiters, "BHT", 4),
        ]
        return max(filter(_is_day, written), default="")

    def _use(self, seen: ControlNumbers, scope: Scope, name: str, lacking: LocatedError | None) -> None:
        """Note a control number. One that comes again before a trailer may be that of a header written twice."""
        if not seen.add(scope.control):
            message = f"the control number in {name} was used before"
            self._distrust(scope, lacking or self._report(errors.DUPLICATE_CONTROL, message, scope.offset))

    def _trailer(self, piece: Piece, head: Segment) -> None:
        """Compare count and control number of a trailer with what it closes, and close that."""
        header = TRAILERS[piece.tag]
        opened = {"SE": self.transaction, "GE": self.group, "IEA": self.interchange}[piece.tag]
        if opened is None:
            if self.interchange:
                self._stray(f"{piece.tag} without {header}", piece.offset)
            return
        missing = self._missing(_INNER[header]) if header in _INNER else []
        if missing:
            error = self._lacks(f"{piece.tag} stands{_lacking(missing)}", piece.offset)
            self._close(_INNER[header], piece.offset, error)
        if isinstance(opened, Transaction):
            found = opened.segments + opened.notes
            self._note_room(opened, element(head, 1))
            self.transaction = None
        elif isinstance(opened, Group):
            found = opened.transactions
            self.group = None
        else:
            found = opened.groups
            self.interchange = None
        count = element(head, 1)
        if not is_count(count) or int(count) != found:
            message = f"{piece.tag}01 is not {found}, the number counted"
            earlier = None if isinstance(opened, Transaction) else opened.miscounted
            self._distrust(opened, earlier or self._report(errors.WRONG_COUNT, message, piece.offset))
        if opened.fault and opened.fault.code == errors.ISA_LENGTH:
            pass  # ISA13 may be what is wrong with it
        elif element(head, 2) != opened.control or not opened.control:
            message = f"{piece.tag}02 does not repeat the control number of {header}"
            self._distrust(opened, self._report(errors.CONTROL_MISMATCH, message, piece.offset))
        self._left(opened, piece.offset + len(piece.text))

    def _note_room(self, transaction: Transaction, count: str) -> None:
        without = shifted(count, -transaction.notes)
        if without is None:
            self.locked.add(transaction.offset)
        elif shifted(without, transaction.segments) is None:  # there are never more notes than segments
            self.full.add(transaction.offset)

    def _opened(self, header: str) -> list[tuple[str, Scope]]:
        """What is open at the level of `header` and below it, outermost first, each with its header's tag."""
        opened: tuple[tuple[str, Scope | None], ...] = (
            ("ISA", self.interchange),
            ("GS", self.group),
            ("ST", self.transaction),
        )
        inside = opened[("ISA", "GS", "ST").index(header) :]
        return [(tag, scope) for tag, scope in inside if scope]

    def _missing(self, header: str) -> list[str]:
        """The trailers that are missing where the level of `header` ends, outermost first."""
        return [HEADERS[tag] for tag, _ in self._opened(header)]

    def _close(self, header: str, end: int, error: LocatedError) -> None:
        """Close, as of byte `end`, what is open at the level of `header` and below it; `error` says what it lacks."""
        self._miscount(error)
        for tag, scope in self._opened(header):
            if tag == "ISA":
                self.interchange = None
            elif tag == "GS":
                self.group = None
            else:
                self.locked.add(scope.offset)
                self.transaction = None
            self._distrust(scope, error)
            self._left(scope, end)

    def _left(self, scope: Scope, end: int) -> None:
        """Keep the range of what cannot be trusted; ranges that touch, or lie in each other, become one."""
        if not scope.fault:
            return
        start, fault = scope.offset, scope.fault
        while self.untrusted and self.untrusted[-1][1] >= start:
            first, last, earlier = self.untrusted.pop()
            start, end, fault = min(first, start), max(last, end), earlier
        self.untrusted.append((start, end, fault))


def with_strays(piece: Piece, delimiters: Delimiters) -> bool:
    """Whether other segments stand behind a header or trailer; TA1 may, behind ISA."""
    return piece.tag != "ISA" or any(segment[0] != "TA1" for segment in split(piece.text, delimiters)[1:])


def _is_day(text: str) -> bool:
    try:
        return len(text) == 8 and text.isascii() and text.isdigit() and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _lacking(missing: list[str]) -> str:
    return f"; {', '.join(reversed(missing))} missing" if missing else ""
