"""Follows the envelope through the pieces of a file and collects its errors.

An `Envelope` takes every piece in file order. It has the interchange, group and transaction of the current piece, and
the located errors so far. The prescan and the reader use it.
"""

from __future__ import annotations

from scrubber.x12 import errors
from scrubber.x12.bounded import AFTER_ANY_FILE, MOST_KEPT, Errors, Offsets, UntrustedBytes, add_range
from scrubber.x12.control import MOST_RANGES, ControlNumbers, is_count, shifted
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.errors import LocatedError
from scrubber.x12.guides import claim_type_of
from scrubber.x12.loops import HEADERS, TRAILERS, Group, Interchange, Loop, Transaction, file_date
from scrubber.x12.notes import MARK, count_notes
from scrubber.x12.outside import Outside
from scrubber.x12.pieces import Piece, is_run_into
from scrubber.x12.run_together import FREQUENT
from scrubber.x12.segments import Segment, element, first_segment, with_strays

_INNER = {"ISA": "GS", "GS": "ST"}
_ALONE = frozenset({"ISA", "GS", "SE", "GE"})
_WITH_NOTES = frozenset({"ST", "HL", "CLM"})
"""Pieces in which notes of the scrubber are counted. Outside of claims they stand if a segment was moved."""
_NO_INTERCHANGE_LOST = (errors.NO_INTERCHANGE, errors.STRAY_SEGMENT)
_MOST_PARTIES = 10_000  # senders with receivers


class Envelope:
    """The interchange, group and transaction in which the file stands, and its located errors so far.

    `ordinal` is the ordinal of the first segment of the last piece, `None` outside of a transaction. `notes` counts the
    scrubber's notes in that piece. `supported` and `claims` count the transactions and claims that have been read.
    `latest_date` is the latest date of its transactions, CCYYMMDD, empty if none has one.
    Annotating leaves two kinds of transactions alone, named by their offsets: in `locked`, SE01 cannot be lowered by
    the notes that are there; in `full`, SE01 could not be raised by new notes. `untrusted` are ranges of bytes, each
    with its fault: their transactions cannot be trusted. The ranges are in file order and do not touch. `interchanges`
    has the faults of interchanges themselves, by the offset of their ISA. `too_much` is set where there is too much to
    follow: then all from the outermost open loop on is untrusted.
    """

    def __init__(self) -> None:
        self.errors = Errors()
        self.too_much: LocatedError | None = None
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.transaction: Transaction | None = None
        self.ordinal: int | None = None
        self.notes = 0
        self.first_control = ""
        self.supported = 0
        self.latest_date = ""
        self.claims = 0
        self.locked = Offsets()
        self.full = Offsets()
        self.untrusted: list[UntrustedBytes] = []
        self.interchanges: dict[int, LocatedError] = {}
        self._faults = 0
        self._controls: dict[tuple[str, ...], ControlNumbers] = {}
        self._started = False
        self._outside = Outside()
        self._last: Piece | None = None
        self._last_tag = ""
        self._open_segment = False
        self._astray: LocatedError | None = None
        self._unread_isa: LocatedError | None = None

    def feed(self, piece: Piece) -> None:
        """Take the next piece. Afterwards the state is that of its first segment."""
        self._last = piece
        self.notes = 0
        tag, delimiters, transaction = piece.tag, piece.delimiters, self.transaction
        if delimiters is None:
            self._feed_outside(piece)
            return
        if transaction and tag in FREQUENT and not piece.fault:
            self._last_tag = tag
            self.ordinal = transaction.segments + 1
            transaction.segments += piece.segments
            self._count(transaction, piece, delimiters)
            return
        if not self._started or self._outside.junk is not None:
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
            if tag in _WITH_NOTES and not (piece.fault and piece.passed_over):
                self._count(transaction, piece, delimiters)
        elif tag in FREQUENT:
            astray = self._stray(f"{tag} outside of a transaction", piece.offset)
            if tag == "CLM":
                self.errors.lose_claim(astray)
        if piece.fault and piece.passed_over:
            return
        if tag in TRAILERS:
            self._trailer(piece, first_segment(piece.text, delimiters))
        if tag in _ALONE and piece.segments > 1 and with_strays(piece.text, delimiters):
            self._stray(f"segments after {tag} that belong to no transaction", piece.offset)

    def finish(self) -> None:
        """The file ends: loops that are still open lack their trailers."""
        self.ordinal = None
        if self._started and self._last:
            end = self._last.offset + len(self._last.text)
            inside = self._open_segment or self._last.ends_inside_segment
            missing = self._missing("ISA")
            if missing or inside:
                where = "inside a segment" if inside else "before its envelope is closed"
                if self._last_tag == "CLM" and self._outside.junk is None:
                    where += ", and its last claim was passed over"
                error = self._report(errors.TRUNCATED, f"the file ends {where}{_lacking(missing)}", end)
                self._close("ISA", end, error)
            if self._outside.padding is not None:
                message = "blanks or end-of-file marks stand after the last interchange"
                self._report(errors.PADDING, message, self._outside.padding)
        elif self._outside.junk is None:
            self._report(errors.EMPTY, "the file is empty", 0)
        elif not self.errors:
            self._report(errors.NO_INTERCHANGE, "no ISA segment: not an X12 file", self._outside.junk)

    def _report(self, code: str, message: str, offset: int) -> LocatedError:
        error = LocatedError(code, message, self.ordinal, offset)
        if self.too_much is None:
            self._faults += error.breaks_envelope
            if self._faults > MOST_KEPT:
                return self._give_up(f"the envelope has more than {MOST_KEPT:,} faults", offset)
        elif error.breaks_envelope:
            return self.too_much
        self.errors.add(error)
        return error

    def _give_up(self, why: str, offset: int) -> LocatedError:
        """Stop following the envelope: from the outermost open loop on, everything is untrusted."""
        if self.too_much:
            return self.too_much
        self.too_much = LocatedError(errors.TOO_MUCH, f"{why}; the claims from here on are rejected", None, offset)
        self.errors.add(self.too_much)
        opened = [loop for _, loop in self._opened("ISA")]
        for loop in opened:
            self._distrust(loop, self.too_much)
        if self.interchange:
            self.interchanges[self.interchange.offset] = self.too_much
        offsets = [loop.offset for loop in opened] or [offset]
        self.locked.since = offsets[-1]
        add_range(self.untrusted, offsets[0], AFTER_ANY_FILE, self.too_much)
        return self.too_much

    def _distrust(self, loop: Loop | None, error: LocatedError | None) -> None:
        """Note a fault for which nothing in `loop` can be trusted."""
        if loop and error:
            loop.fault = loop.fault or error

    @property
    def _innermost(self) -> Loop | None:
        return self.transaction or self.group or self.interchange

    def _stray(self, message: str, offset: int) -> LocatedError:
        """Note a misplaced segment. Only the first is reported; others up to the next correct header follow from it."""
        if self._astray is None:
            self._astray = self._report(errors.STRAY_SEGMENT, message, offset)
        self._distrust(self._innermost, self._astray)
        self._miscount(self._astray)
        return self._astray

    def _lacks(self, message: str, offset: int) -> LocatedError:
        """Note a missing trailer. If a segment is misplaced, it may be that trailer."""
        return self._astray or self._report(errors.MISSING_TRAILER, message, offset)

    def _miscount(self, error: LocatedError) -> None:
        """Note that headers or trailers are missing or misplaced in the open loops."""
        for loop in (self.interchange, self.group):
            if loop:
                loop.miscounted = loop.miscounted or error

    def _feed_outside(self, piece: Piece) -> None:
        self.ordinal = None
        if piece.fault:
            self._outside.junk = piece.offset
            lost = "" if piece.fault in _NO_INTERCHANGE_LOST else "; the interchange cannot be sent"
            message = piece.reason or errors.MESSAGES[piece.fault]
            self._unread_isa = self._report(piece.fault, message + lost, piece.offset)
            self._distrust(self._innermost, self._unread_isa)
        elif self._outside.take(piece, begun=self._started):
            self._report_junk()

    def _report_junk(self) -> None:
        self._report(errors.OUTSIDE, "bytes outside of the interchanges were passed over", self._outside.junk or 0)

    def _start(self, piece: Piece) -> None:
        """An interchange begins. If its ISA is missing, the bytes before it may be the rest of that ISA."""
        if piece.fault == errors.NO_INTERCHANGE:
            if self.errors and (self.errors[-1].code, self.errors[-1].offset) == (errors.OUTSIDE, self._outside.junk):
                self.errors.pop()
        elif self._outside.junk is not None and not self._started and not self.errors:
            self._report_junk()
        self._started, self._outside.junk = True, None

    def _fault(self, piece: Piece, fault: str) -> None:
        if fault == errors.TRUNCATED and piece.reason:  # the file goes on
            lost = "; its claim was passed over" if piece.passed_over else ""
            self._astray = self._report(fault, piece.reason + lost, piece.offset + len(piece.text))
            self._distrust(self._innermost, self._astray)
            self._miscount(self._astray)
            return
        if fault == errors.TRUNCATED:  # `finish` reports it, with the missing trailers
            self._open_segment |= piece.ends_inside_segment
            self._distrust(self._innermost, LocatedError(fault, "the file ends inside a segment", None, piece.offset))
            return
        error = self._of_piece(piece, fault)
        if fault == errors.NO_INTERCHANGE:
            self._unread_isa = error
        if not (self.transaction and self.transaction.reads_claims and is_run_into(piece)):
            self._distrust(self._innermost, error)
        if piece.passed_over and piece.tag == "CLM" and fault != errors.TOO_MUCH:  # whose message says it
            self.errors.lose_claim(error)
        if self.transaction and piece.passed_over and piece.tag != "CLM":
            self.transaction.readable = False

    def _of_piece(self, piece: Piece, fault: str) -> LocatedError:
        """Report the fault of a piece, where it begins or where the next one runs into it."""
        message, first = piece.reason or errors.MESSAGES[fault], self.ordinal
        if fault != errors.RUN_TOGETHER:
            return self._report(fault, message, piece.offset)
        self.ordinal = first and first + piece.segments - 1
        error = self._report(fault, message, piece.offset + len(piece.text))
        self.ordinal = first
        if piece.tag in _ALONE:
            self._astray = error
        if self.transaction:
            self.locked.add(self.transaction.offset)  # a note after such a segment would be a part of it
        return error

    def _count(self, transaction: Transaction, piece: Piece, delimiters: Delimiters) -> None:
        """Count the claims of a piece, and the notes of the scrubber in it."""
        if transaction.type:
            if MARK in piece.text:
                self.notes = notes = count_notes(piece.text, delimiters)
                transaction.segments -= notes
                transaction.notes += notes
            if transaction.readable:
                self.claims += piece.claims
            elif transaction.fault and piece.tag == "CLM":
                self.errors.lose_claim(transaction.fault)

    def _open(self, piece: Piece, head: Segment) -> None:
        self.ordinal = None
        missing, lacking = self._missing(piece.tag), None
        if missing:
            lacking = self._lacks(f"{piece.tag} begins{_lacking(missing)}", piece.offset)
            self._close(piece.tag, piece.offset, lacking)
        if piece.tag != "ST" or (self.group and self.interchange):
            self._astray = None
        if piece.tag == "ISA":
            self._outside.padding = self._unread_isa = None
            self.interchange = Interchange(element(head, 13), piece.offset, f"20{element(head, 9)}")
            self.first_control = self.first_control or self.interchange.control
            if len(self._controls) > _MOST_PARTIES:
                self._give_up(f"interchanges of more than {_MOST_PARTIES:,} senders", piece.offset)
            if not self.too_much:
                seen = self._controls.setdefault(tuple(head[5:9]), ControlNumbers())
                self._use(seen, self.interchange, "ISA13", lacking)
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
        date = file_date(self.interchange, group, piece)
        self.transaction = Transaction(element(head, 2), claim_type, offset, group.control if group else "", date)
        if group:
            group.transactions += 1
            self._use(group.controls, self.transaction, "ST02", lacking)
        self._distrust(self.transaction, self.too_much)
        if not (group and self.interchange):
            self._distrust(self.transaction, self._without_envelope(offset))
        if not claim_type:
            self._report(errors.UNSUPPORTED, "this transaction is not an 837P or 837I of version 5010", offset)
            return
        self.supported += 1
        self.latest_date = max(self.latest_date, self.transaction.date)
        if group and element(head, 3) not in ("", group.version):
            message = "ST03 and GS08 name different versions of the guide"
            self._distrust(self.transaction, self._report(errors.VERSIONS_DIFFER, message, offset))

    def _without_envelope(self, offset: int) -> LocatedError:
        """The fault of a transaction without ISA or GS. A fault of the ISA is already reported."""
        if self.interchange:
            return self._stray("ST without GS", offset)
        unread = (errors.NO_INTERCHANGE, errors.ISA_LENGTH, errors.DELIMITER_CLASH)
        return self.errors.last(unread) or LocatedError(errors.STRAY_SEGMENT, "ST without ISA", None, offset)

    def _use(self, seen: ControlNumbers, loop: Loop, name: str, lacking: LocatedError | None) -> None:
        """Note a control number. A repeated number before a trailer may be that of a header written twice."""
        if self.too_much:
            return
        if seen.full:
            why = f"more than {MOST_RANGES:,} control numbers do not follow each other"
            self._distrust(loop, self._give_up(why, loop.offset))
        elif not seen.add(loop.control):
            message = f"the control number in {name} was used before"
            self._distrust(loop, lacking or self._report(errors.DUPLICATE_CONTROL, message, loop.offset))

    def _trailer(self, piece: Piece, head: Segment) -> None:
        """Compare the count and control number of a trailer with its loop, and close the loop."""
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
            self._note_room(opened, shifted(element(head, 1), -opened.notes))
            self.transaction = None
        elif isinstance(opened, Group):
            found = opened.transactions
            self.group = None
        else:
            found = opened.groups
            self.interchange = None
        if piece.fault != errors.TRUNCATED:  # which is reported
            self._compare(opened, found, piece, head)
        self._keep_if_untrusted(opened, piece.offset + len(piece.text))

    def _compare(self, opened: Loop, found: int, piece: Piece, head: Segment) -> None:
        """Compare a trailer with what was counted in its loop, and with its header."""
        count = element(head, 1)
        if not is_count(count) or int(count) != found:
            message = f"{piece.tag}01 is not {found}, the number counted"
            earlier = None if isinstance(opened, Transaction) else opened.miscounted
            self._distrust(opened, earlier or self._report(errors.WRONG_COUNT, message, piece.offset))
        if opened.fault and opened.fault.code == errors.ISA_LENGTH:
            pass  # ISA13 may be what is wrong with it
        elif element(head, 2) != opened.control or not opened.control:
            message = f"{piece.tag}02 does not repeat the control number of {TRAILERS[piece.tag]}"
            own = self._unread_isa if isinstance(opened, Interchange) else None  # IEA may be that of another ISA
            self._distrust(opened, own or self._report(errors.CONTROL_MISMATCH, message, piece.offset))

    def _note_room(self, transaction: Transaction, without: str | None) -> None:
        """Note whether SE01, given without the notes that are there, leaves room for as many as segments."""
        if without is None:
            self.locked.add(transaction.offset)
        elif shifted(without, transaction.segments) is None:
            self.full.add(transaction.offset)

    def _opened(self, header: str) -> list[tuple[str, Loop]]:
        """The open loops from that of `header` inwards, outermost first, each with the tag of its header."""
        opened: tuple[tuple[str, Loop | None], ...] = (
            ("ISA", self.interchange),
            ("GS", self.group),
            ("ST", self.transaction),
        )
        inside = opened[("ISA", "GS", "ST").index(header) :]
        return [(tag, loop) for tag, loop in inside if loop]

    def _missing(self, header: str) -> list[str]:
        """The trailers that are missing when the loop of `header` ends, outermost first."""
        return [HEADERS[tag] for tag, _ in self._opened(header)]

    def _close(self, header: str, end: int, error: LocatedError) -> None:
        """Close the open loops from that of `header` inwards at byte `end`. `error` names the missing trailers."""
        self._miscount(error)
        for tag, loop in self._opened(header):
            if tag == "ISA":
                self.interchange = None
            elif tag == "GS":
                self.group = None
            else:
                self.locked.add(loop.offset)
                self.transaction = None
            self._distrust(loop, error)
            self._keep_if_untrusted(loop, end)

    def _keep_if_untrusted(self, loop: Loop, end: int) -> None:
        """Keep the range of a loop that has ended, if it cannot be trusted."""
        if loop.fault and not self.too_much:
            if isinstance(loop, Interchange):
                self.interchanges[loop.offset] = loop.fault
            add_range(self.untrusted, loop.offset, end, loop.fault)


def _lacking(missing: list[str]) -> str:
    return f"; {', '.join(reversed(missing))} missing" if missing else ""
