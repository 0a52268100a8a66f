"""The file in two: one to transmit, with the claims that are not rejected, and one with all the others.

Both are whole 837 files. Claims keep their bytes and their order; only the scrubber's own notes are taken out. Headers
and levels of the hierarchy are written when the first claim beneath them is, so what holds no claim is left out;
HL01, HL02, HL04 and the counts of the trailers are made anew, control numbers are kept.

With the rejected claims goes what is no 837P or 837I of version 5010, and what was passed over. A broken envelope is
put right there: what lacks its header or trailer gets one, and a control number used twice is replaced. What cannot
be told from the file stays as it is: a level that is unknown or skips one, a version on which GS08 and ST03 disagree.
"""

from __future__ import annotations

from typing import BinaryIO

import attrs

from scrubber.engine.engine import ScrubbedClaim
from scrubber.x12.control import ControlNumbers, recounted
from scrubber.x12.delimiters import Delimiters, leading_space, line_break
from scrubber.x12.envelope import HEADERS
from scrubber.x12.events import Event
from scrubber.x12.guides import LEVELS
from scrubber.x12.headers import Header, header, made_up_gs, made_up_isa, made_up_st, without_empty_segments
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import element, first_segment

_DEPTHS = {"ISA": 0, "GS": 1, "ST": 2}
_TRANSACTION = _DEPTHS["ST"]
_TRAILER_DEPTHS = {HEADERS[tag]: depth for tag, depth in _DEPTHS.items()}
_UNKNOWN_LEVEL = max(LEVELS.values()) + 1  # one of an unknown kind stands beneath those that are known


class Splitter:
    """Writes scrubbed events as two files, which must be seekable and empty.

    `clean` takes the claims without a reject, `rejected` all else; one that nothing belongs into stays empty. After the
    last event comes `close`.
    """

    def __init__(self, clean: BinaryIO, rejected: BinaryIO) -> None:
        self._clean = _Part(clean)
        self._rejected = _Part(rejected)
        self._both = (self._clean, self._rejected)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the next claim of the file."""
        event = scrubbed.claim.event
        rejected = scrubbed.disposition == "rejected" or event.doubt
        (self._rejected if rejected else self._clean).claim(event)

    def event(self, event: Event) -> None:
        """Write the next event of the file that is no claim."""
        if event.kind == "unread":
            self._rejected.unread(_without_lone_tag(event.piece))
            return
        for part in self._both:
            if event.kind == "outside":
                part.outside(event.piece.text)
            elif event.kind == "trailer":
                part.trailer(_without_lone_tag(event.piece))
            elif event.kind == "level":
                part.level(event)
            else:
                part.header(_without_lone_tag(event.piece))
        if event.keep:
            self._rejected.begin()

    def close(self) -> None:
        """The file is at its end: trailers that are missing are added."""
        for part in self._both:
            part.leave(_DEPTHS["ISA"])


@attrs.define
class _Scope:
    """An open interchange, group or transaction.

    `made_up` says that the file has no header for it. `control` is its control number in the output, `None` until its
    header is written; `count` is what its trailer will say; `controls` are the control numbers of the scopes in it.
    """

    header: Header
    made_up: bool = False
    control: str | None = None
    count: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class _Level:
    """An open level of the hierarchy.

    `number` is its HL01 in the output, 0 until it is written; `mark` is where its HL04 stands there, while that says
    that no level is beneath it.
    """

    depth: int
    event: Event
    number: int = 0
    mark: int | None = None


class _Part:
    """One of the two files. It takes every header, level and trailer, and writes those that its claims need."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._size = 0
        self._unfinished: Delimiters | None = None  # of a segment that still lacks its terminator
        self._controls = ControlNumbers()
        self._scopes: list[_Scope] = []  # interchange, group, transaction, as far as they are open
        self._levels: list[_Level] = []
        self._last_level = 0
        self._behind_interchange = False

    def header(self, piece: Piece) -> None:
        """Enter what a header begins; what lacks a trailer before it is left. A GS that is too long is dropped."""
        self.leave(_DEPTHS[piece.tag])
        self._behind_interchange = False
        if piece.tag != "GS" or not piece.passed_over:
            self._enter(header(piece))

    def trailer(self, piece: Piece) -> None:
        """Leave what a trailer ends; one that has no header in the file is dropped."""
        depth = _TRAILER_DEPTHS[piece.tag]
        if depth < len(self._scopes) and not self._scopes[depth].made_up:
            self._behind_interchange = depth == 0 and self._scopes[0].control is not None
            self.leave(depth + 1)
            self.leave(depth, None if piece.passed_over else piece)

    def level(self, event: Event) -> None:
        """Enter a level of the hierarchy; those at its depth and below are left."""
        assert event.piece.delimiters is not None
        self._enter_transaction(event.piece.delimiters)
        depth = event.depth or _UNKNOWN_LEVEL
        self._levels = [level for level in self._levels if level.depth < depth]
        self._levels.append(_Level(depth, event))

    def claim(self, event: Event) -> None:
        """Write a claim, without the scrubber's notes."""
        self.begin()
        self._put(event.text)
        self._scopes[_TRANSACTION].count += event.counted

    def unread(self, piece: Piece) -> None:
        """Write a piece as it stands: one that was not read, segments beside a transaction, or the rest of a piece."""
        delimiters = piece.delimiters
        assert delimiters is not None
        if piece.tag:
            self._enter_transaction(delimiters)
            self.begin()
        elif len(self._scopes) <= _TRANSACTION:
            return  # the rest of a header or trailer that is too long
        self._put(piece.text, delimiters if piece.ends_inside_segment else None)
        self._scopes[_TRANSACTION].count += piece.segments

    def outside(self, text: str) -> None:
        """Write white space behind an interchange that was written; all else is dropped."""
        if self._behind_interchange:
            space = leading_space(text)
            self._put(space)
            self._behind_interchange = space == text

    def begin(self) -> None:
        """Write the headers and levels that are open and not written yet."""
        self._finish_segment()
        controls, around = self._controls, None
        for scope in self._scopes:
            if scope.control is None:
                scope.control = self._write_header(scope, controls)
                if around:
                    around.count += 1
            controls, around = scope.controls, scope
        parent = None
        for level in self._levels:
            if not level.number:
                self._write_level(level, parent)
            parent = level

    def leave(self, depth: int, piece: Piece | None = None) -> None:
        """Leave the scopes at a depth and below it; `piece` is the trailer in the file, where there is one."""
        while len(self._scopes) > depth:
            scope = self._scopes.pop()
            if scope.control is not None:
                self._finish_segment()
                self._put(_trailer(scope, scope.control, piece))
        self._levels = []
        self._last_level = 0

    def _enter(self, inner: Header, *, made_up: bool = False) -> None:
        """Enter a scope; headers that are missing around it are made up."""
        depth = _DEPTHS[inner.tag]
        if depth > 0 and not self._scopes:
            self._scopes.append(_Scope(made_up_isa(inner), made_up=True))
        if depth > 1 and len(self._scopes) == 1:
            self._scopes.append(_Scope(made_up_gs(self._scopes[0].header, inner), made_up=True))
        self._scopes.append(_Scope(inner, made_up))

    def _enter_transaction(self, delimiters: Delimiters) -> None:
        """Make up a transaction for what stands in none."""
        if len(self._scopes) <= _TRANSACTION:
            self._enter(made_up_st(self._scopes[-1].header if self._scopes else None, delimiters), made_up=True)

    def _write_header(self, scope: _Scope, used: ControlNumbers) -> str:
        """Write a header under its control number, or one that is not used yet; returns that."""
        own = scope.header.control
        control = own if own and used.add(own) else used.spare()
        self._put(scope.header.text(control), scope.header.delimiters if scope.header.unfinished else None)
        scope.count = scope.header.counted
        return control

    def _write_level(self, level: _Level, parent: _Level | None) -> None:
        """Write a level; whether it has one beneath it may turn out later."""
        if parent and parent.mark is not None:
            self._out.seek(parent.mark)
            self._out.write(b"1")
            self._out.seek(self._size)
            parent.mark = None
        self._last_level += 1
        level.number = self._last_level
        piece = level.event.piece
        delimiters = piece.delimiters
        assert delimiters is not None
        separator, end = delimiters.element, delimiters.terminator
        head, _, rest = level.event.text.partition(end)
        if piece.fault:
            rest = without_empty_segments(rest, delimiters)
        elements = head.split(separator)
        upper = str(parent.number) if parent else ""
        above = separator.join(("HL", str(level.number), upper, element(elements, 3), ""))
        innermost = level is self._levels[-1]
        level.mark = self._size + len(above) if innermost else None
        children = separator.join(("0" if innermost else "1", *elements[5:]))
        self._put(above + children + end + rest, delimiters if piece.ends_inside_segment else None)
        self._scopes[_TRANSACTION].count += level.event.counted

    def _finish_segment(self) -> None:
        """Add the terminator that a segment cut off in the file lacks."""
        if self._unfinished:
            self._put(self._unfinished.terminator + self._scopes[0].header.gap)

    def _put(self, text: str, unfinished: Delimiters | None = None) -> None:
        self._out.write(text.encode("latin-1"))
        self._size += len(text)
        self._unfinished = unfinished


def _without_lone_tag(piece: Piece) -> Piece:
    """The piece without a tag that the file ends in: with a terminator it would be a segment of the envelope."""
    delimiters = piece.delimiters
    if delimiters and piece.fault and piece.ends_inside_segment:
        end = delimiters.terminator
        tag = delimiters.boundary.match(piece.text + end, max(piece.text.rfind(end), 0))
        if tag and tag[1]:
            return piece._replace(text=piece.text[: tag.start(1)], segments=piece.segments - 1)
    return piece


def _trailer(scope: _Scope, control: str, piece: Piece | None) -> str:
    """The trailer of a scope, with the line break that stands behind it in the file or else behind its header."""
    delimiters = scope.header.delimiters
    count, gap = "", scope.header.gap
    if piece:
        count = element(first_segment(piece.text, delimiters), 1)
        gap = line_break(piece.text.partition(delimiters.terminator)[2])
    segment = delimiters.element.join((HEADERS[scope.header.tag], recounted(count, scope.count), control))
    return segment + delimiters.terminator + gap
