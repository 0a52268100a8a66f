"""Follows the envelope through the pieces of a file and collects what is wrong with it.

Fed every piece in file order, an `Envelope` knows at any time in which interchange, group and transaction the
file stands, and holds the located errors so far. Both the prescan and the reader use it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from scrubber.x12 import errors
from scrubber.x12.control import ControlNumbers, shifted
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.errors import LocatedError
from scrubber.x12.notes import count_notes
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element, split

ClaimType: TypeAlias = Literal["837P", "837I"]

SUPPORTED: dict[str, ClaimType] = {
    "005010X222": "837P",
    "005010X222A1": "837P",
    "005010X222A2": "837P",
    "005010X223": "837I",
    "005010X223A1": "837I",
    "005010X223A2": "837I",
    "005010X223A3": "837I",
}
"""Implementation guide versions (ST03, else GS08) that are read into claims."""

LEVELS = {"20": 1, "22": 2, "23": 3}
"""HL03 of an 837 and its depth: billing provider, subscriber, patient."""

_HEADERS = ("ISA", "GS", "ST")
_TRAILERS = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
_INNER = {"ISA": "GS", "GS": "ST"}
_ALONE = frozenset({"ISA", "GS", "SE", "GE"})
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
    """An open ISA: its control number (ISA13), its place in the file and the groups so far.

    `trusted` turns false once there is a fault of the interchange itself; so it does with groups and transactions.
    """

    control: str
    offset: int
    trusted: bool = True
    groups: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Group:
    """An open GS: its control number (GS06), date (GS04, as written), version (GS08), the transactions so far."""

    control: str
    date: str
    version: str
    offset: int
    trusted: bool = True
    transactions: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Transaction:
    """An open ST. `type` is `None` for a transaction that is not read into claims.

    `segments` counts the segments so far, those of the current piece included, without the scrubber's own notes, which
    have no ordinal and are counted in `notes`. `levels` holds the HL01 of each level that is open. `readable` turns
    false once something was passed over that the claims after it depend on.
    """

    control: str
    type: ClaimType | None
    offset: int
    trusted: bool = True
    segments: int = 0
    notes: int = 0
    levels: list[str] = attrs.field(factory=list)
    readable: bool = True


Scope: TypeAlias = Interchange | Group | Transaction


class Envelope:
    """Where in the envelope the file stands, and its located errors so far.

    `ordinal` is that of the first segment of the piece fed last, `None` outside of a transaction. `supported` and
    `claims` count the transactions and claims so far that are read. `locked` and `full` hold the offsets of the
    transactions whose SE01 cannot be lowered by the notes that are in them, or could not be raised by new ones:
    annotating leaves these alone. `untrusted` are the ranges of bytes whose transactions cannot be trusted, in file
    order and apart from each other.
    """

    def __init__(self) -> None:
        self.errors: list[LocatedError] = []
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.transaction: Transaction | None = None
        self.ordinal: int | None = None
        self.first_control = ""
        self.supported = 0
        self.claims = 0
        self.locked: set[int] = set()
        self.full: set[int] = set()
        self.untrusted: list[tuple[int, int]] = []
        self._controls = ControlNumbers()
        self._started = False
        self._junk: int | None = None
        self._last: Piece | None = None
        self._last_tag = ""
        self._open_segment = False

    def feed(self, piece: Piece) -> None:
        """Take the next piece; afterwards the state is that of its first segment."""
        self._last = piece
        delimiters = piece.delimiters
        if delimiters is None:
            self._feed_outside(piece)
            return
        if not self._started or self._junk is not None:
            self._start()
        tag = piece.tag
        self._last_tag = tag or self._last_tag
        if tag in _HEADERS:
            self._open(piece, first_segment(piece.text, delimiters))
        transaction = self.transaction
        self.ordinal = transaction.segments + 1 if transaction else None
        passed_over = False
        if piece.fault:
            self._fault(piece, piece.fault)
            passed_over = piece.passed_over
        if transaction:
            transaction.segments += 1 if tag == "SE" else piece.segments
            if transaction.type and not passed_over:
                if tag == "HL":
                    self._enter(transaction, first_segment(piece.text, delimiters), piece.offset)
                elif tag == "CLM":
                    self._claim(transaction, piece, delimiters)
        elif tag in ("HL", "CLM"):
            self._stray(f"{tag} outside of a transaction", piece.offset)
        if passed_over:
            return
        if tag in _TRAILERS:
            self._trailer(piece, first_segment(piece.text, delimiters))
        if tag in _ALONE and piece.segments > 1 and _with_strays(piece, delimiters):
            self._stray(f"segments behind {tag} that belong to no transaction", piece.offset)

    def finish(self) -> None:
        """The file is at its end: what is still open lacks its trailer."""
        self.ordinal = None
        if self._started and self._last:
            end = self._last.offset + len(self._last.text)
            missing = self._close("ISA", end)
            inside = self._open_segment or self._last.ends_inside_segment
            if missing or inside:
                where = "inside a segment" if inside else "before its envelope is closed"
                if self._last_tag == "CLM":
                    where += ", and its last claim was passed over"
                self._report(errors.TRUNCATED, f"the file ends {where}{_lacking(missing)}", end)
        elif self._junk is None:
            self._report(errors.EMPTY, "the file is empty", 0)
        elif not self.errors:
            self._report(errors.NO_INTERCHANGE, "no ISA segment: not an X12 file", self._junk)

    def _report(self, code: str, message: str, offset: int) -> None:
        self.errors.append(LocatedError(code, message, self.ordinal, offset))

    def _distrust(self, scope: Scope | None, code: str, message: str, offset: int) -> None:
        """Report a fault that leaves nothing in `scope` to be trusted."""
        self._report(code, message, offset)
        if scope:
            scope.trusted = False

    @property
    def _innermost(self) -> Scope | None:
        return self.transaction or self.group or self.interchange

    def _stray(self, message: str, offset: int) -> None:
        self._distrust(self._innermost, errors.STRAY_SEGMENT, message, offset)

    def _feed_outside(self, piece: Piece) -> None:
        self.ordinal = None
        if piece.fault:
            self._junk = piece.offset
            self._report(piece.fault, f"{_FAULTS[piece.fault]}; the interchange was passed over", piece.offset)
        elif self._junk is None and (junk := piece.text.lstrip(_NO_JUNK)):
            self._junk = piece.offset + len(piece.text) - len(junk)
            if self._started:
                self._report_junk(self._junk)

    def _report_junk(self, offset: int) -> None:
        self._report(errors.OUTSIDE, "bytes outside of an interchange were passed over", offset)

    def _start(self) -> None:
        if self._junk is not None and not self._started and not self.errors:
            self._report_junk(self._junk)
        self._started, self._junk = True, None

    def _fault(self, piece: Piece, fault: str) -> None:
        if self._innermost:
            self._innermost.trusted = False
        if fault == errors.TRUNCATED:  # told at the end of the file, with the trailers that are missing
            self._open_segment = self._open_segment or piece.ends_inside_segment
            return
        self._report(fault, _FAULTS[fault], piece.offset)
        if self.transaction and piece.passed_over and piece.tag != "CLM":
            self.transaction.readable = False

    def _claim(self, transaction: Transaction, piece: Piece, delimiters: Delimiters) -> None:
        notes = count_notes(piece.text, delimiters)
        transaction.segments -= notes
        transaction.notes += notes
        self.claims += transaction.readable
        if len(transaction.levels) < LEVELS["22"]:
            self._distrust(transaction, errors.STRAY_CLAIM, "CLM stands under no subscriber", piece.offset)

    def _enter(self, transaction: Transaction, head: Segment, offset: int) -> None:
        """Follow the hierarchy into the level of an HL segment."""
        depth = LEVELS.get(element(head, 3), 0)
        levels = transaction.levels
        if depth:
            del levels[depth - 1 :]
        if not depth or len(levels) < depth - 1 or element(head, 2) != (levels[-1] if levels else ""):
            message = "HL does not name the level it stands under"
            self._distrust(transaction, errors.BROKEN_HIERARCHY, message, offset)
        if depth:
            levels += [""] * (depth - 1 - len(levels))
            levels.append(element(head, 1))

    def _open(self, piece: Piece, head: Segment) -> None:
        self.ordinal = None
        missing = self._close(piece.tag, piece.offset)
        if missing:
            self._report(errors.MISSING_TRAILER, f"{piece.tag} begins{_lacking(missing)}", piece.offset)
        if piece.tag == "ISA":
            self.interchange = Interchange(element(head, 13), piece.offset)
            self.first_control = self.first_control or self.interchange.control
            self._use(self._controls, self.interchange, "ISA13")
        elif piece.tag == "GS":
            self.group = Group(element(head, 6), element(head, 4), element(head, 8), piece.offset)
            if self.interchange:
                self.interchange.groups += 1
                self._use(self.interchange.controls, self.group, "GS06")
        else:
            self._open_transaction(piece, head)

    def _open_transaction(self, piece: Piece, head: Segment) -> None:
        group, offset = self.group, piece.offset
        claim_type = claim_type_of(head, group.version if group else "")
        enveloped = bool(group and self.interchange)
        self.transaction = Transaction(element(head, 2), claim_type, offset, enveloped)
        if group:
            group.transactions += 1
            self._use(group.controls, self.transaction, "ST02")
        elif self.interchange:
            self._report(errors.STRAY_SEGMENT, "ST without GS", offset)
        if not claim_type:
            self._report(errors.UNSUPPORTED, "a transaction that is no 837P or 837I of version 5010", offset)
            return
        self.supported += 1
        if group and element(head, 3) not in ("", group.version):
            self._distrust(self.transaction, errors.VERSIONS_DIFFER, "ST03 is not the version in GS08", offset)

    def _use(self, seen: ControlNumbers, scope: Scope, name: str) -> None:
        if not seen.add(scope.control):
            message = f"the control number in {name} was used before"
            self._distrust(scope, errors.DUPLICATE_CONTROL, message, scope.offset)

    def _trailer(self, piece: Piece, head: Segment) -> None:
        """Compare count and control number of a trailer with what it closes, and close that."""
        header = _TRAILERS[piece.tag]
        opened = {"SE": self.transaction, "GE": self.group, "IEA": self.interchange}[piece.tag]
        if opened is None:
            if self.interchange:
                self._stray(f"{piece.tag} without {header}", piece.offset)
            return
        missing = self._close(_INNER[header], piece.offset) if header in _INNER else []
        if missing:
            self._report(errors.MISSING_TRAILER, f"{piece.tag} stands{_lacking(missing)}", piece.offset)
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
        if element(head, 1).lstrip("0") != str(found):
            message = f"{piece.tag}01 is not {found}, the number counted"
            self._distrust(opened, errors.WRONG_COUNT, message, piece.offset)
        if element(head, 2) != opened.control or not opened.control:
            message = f"{piece.tag}02 does not repeat the control number of {header}"
            self._distrust(opened, errors.CONTROL_MISMATCH, message, piece.offset)
        self._left(opened, piece.offset + len(piece.text))

    def _note_room(self, transaction: Transaction, count: str) -> None:
        without = shifted(count, -transaction.notes)
        if without is None:
            self.locked.add(transaction.offset)
        elif shifted(without, transaction.segments) is None:  # there are never more notes than segments
            self.full.add(transaction.offset)

    def _close(self, header: str, end: int) -> list[str]:
        """Close, as of byte `end`, what is open at the level of `header` and below it.

        Returns the trailers that are missing, outermost first.
        """
        missing = []
        if header == "ISA" and self.interchange:
            missing.append("IEA")
            self._abandon(self.interchange, end)
            self.interchange = None
        if header in ("ISA", "GS") and self.group:
            missing.append("GE")
            self._abandon(self.group, end)
            self.group = None
        if self.transaction:
            missing.append("SE")
            self.locked.add(self.transaction.offset)
            self._abandon(self.transaction, end)
            self.transaction = None
        return missing

    def _abandon(self, scope: Scope, end: int) -> None:
        """What is left without its trailer cannot be trusted."""
        scope.trusted = False
        self._left(scope, end)

    def _left(self, scope: Scope, end: int) -> None:
        """Keep the range of what cannot be trusted; ranges that touch, or lie in each other, become one."""
        if scope.trusted:
            return
        start = scope.offset
        while self.untrusted and self.untrusted[-1][1] >= start:
            first, last = self.untrusted.pop()
            start, end = min(first, start), max(last, end)
        self.untrusted.append((start, end))


def claim_type_of(head: Segment, group_version: str) -> ClaimType | None:
    """What an ST segment begins, by ST03 or else GS08; `None` for what is not read into claims."""
    return SUPPORTED.get(element(head, 3) or group_version) if element(head, 1) == "837" else None


def first_segment(text: str, delimiters: Delimiters) -> list[str]:
    """The elements of the first segment of a piece."""
    return text.partition(delimiters.terminator)[0].split(delimiters.element)


def _with_strays(piece: Piece, delimiters: Delimiters) -> bool:
    """Whether other segments stand behind a header or trailer; TA1 may, behind ISA."""
    return piece.tag != "ISA" or any(segment[0] != "TA1" for segment in split(piece.text, delimiters)[1:])


def _lacking(missing: list[str]) -> str:
    return f"; {', '.join(reversed(missing))} missing" if missing else ""
