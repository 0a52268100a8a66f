"""Cuts a byte stream into pieces: the runs of segments that belong together.

A piece begins at ISA, GS, ST, HL, CLM, SE, GE or IEA and reaches to the next of these. Bytes outside of every
interchange, and bytes that are passed over, are pieces without a tag. **Joined, the pieces' bytes are the stream,
byte for byte**, for every stream. At most one piece is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from scrubber.x12 import archives, beginnings, errors
from scrubber.x12 import delimiters as isa
from scrubber.x12.buffer import Buffer, cut_off
from scrubber.x12.buffer import Piece as Piece
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.run_together import FREQUENT, alone, inner_segment
from scrubber.x12.segments import measured
from scrubber.x12.streams import Readable

MAX_SEGMENT = 1 << 20
"""The longest segment that is read, in bytes."""
MAX_PIECE = 1 << 24
"""The longest piece that is read, in bytes. A claim is one piece."""
MAX_SEGMENTS = 100_000
"""The most segments that a piece may have. Many small segments take far more memory than their bytes."""

SHORTEST_CLAIM = 80
"""A shorter claim, in bytes, lacks what every claim has: a diagnosis, a service line or its date."""
MOST_SHORT = 1_000
"""How many shorter claims of a file are read. What is reported of a claim is far longer than such a claim."""

MOST_DELIMITERS = 40
"""The most sets of delimiters in a file. Patterns are made for each, which takes more time than many claims."""

_OTHER_DELIMITERS = f"the file has more than {MOST_DELIMITERS} sets of delimiters"
_SHORT = f"the file has more than {MOST_SHORT:,} claims of less than {SHORTEST_CLAIM} bytes; this one is not read"
_WITHOUT_ISA = "no ISA segment; read by the delimiters of the interchange before"
_CUT_SHORT = "a segment is cut off by another interchange"
_RUN_TOGETHER = "no segment terminator stands before {}"
_STRAY_ISA = "an ISA stands inside a transaction that goes on after it"
_SEGMENT_MARGIN = 12  # "ISA", or a segment after its terminator, may be cut in two by the end of a block
_ISA_BEGIN = len("ISA*")
_SLACK = 8  # a tag that begins just after a limit still counts
_CLOSING = frozenset({"ISA", "IEA"})
new_tuple = tuple.__new__
"""Makes a named tuple of a class and all of its values, as the class does. A call of the class takes twice as long."""


def cut(stream: Readable, *, sound: bool = False, cutter: type[Cutter] | None = None) -> Iterator[Piece]:
    """The pieces of `stream`, a binary file open for reading, in file order.

    `sound` says that these bytes were cut before and no fault was found. Then no interchange and no segment stands
    inside of a segment, and none is looked for again: that takes a third of the time. `cutter` cuts interchanges.
    """
    buffer = Buffer(stream)
    buffer.ensure(len(isa.BYTE_ORDER_MARK))
    if buffer.text.startswith(isa.BYTE_ORDER_MARK):
        yield buffer.take(len(isa.BYTE_ORDER_MARK))
    buffer.ensure(archives.WINDOW)
    if kind := archives.kind(buffer.text[: archives.WINDOW]):
        yield from _unread(buffer, f"no ISA segment: this is {kind}; unpack it first")
        return
    found = None
    if not buffer.text.startswith("ISA", buffer.start):
        found = yield from _bare(buffer, errors.NO_INTERCHANGE)
    found = found or (yield from _outside(buffer))
    known: set[Delimiters] = set()
    left: Delimiters | None = None
    while found:
        if found.delimiters in known or len(known) < MOST_DELIMITERS:
            known.add(found.delimiters)
            cutting = (cutter or Cutter)(buffer, found, sound=sound)
            last, ended = found.delimiters, (yield from _interchange(buffer, cutting))
            opened = None if ended else last
            found = yield from _next(buffer, last, left, opened)
            left = opened
        else:
            yield buffer.take(buffer.start + len("ISA"), fault=errors.TOO_MUCH, reason=_OTHER_DELIMITERS)
            found = yield from _outside(buffer)


def _unread(buffer: Buffer, reason: str) -> Iterator[Piece]:
    """All of the stream, passed over for a reason. What is within an archive may look like an interchange."""
    while buffer.start < len(buffer.text) or buffer.fill():
        yield buffer.take(len(buffer.text), fault=None if buffer.offset else errors.NO_INTERCHANGE, reason=reason)


class _Begun(NamedTuple):
    """The beginning of an interchange: its delimiters, and the fault of its ISA with a reason."""

    delimiters: Delimiters
    fault: str | None = None
    reason: str = ""


def _next(
    buffer: Buffer, last: Delimiters, left: Delimiters | None, opened: Delimiters | None
) -> Generator[Piece, None, _Begun | None]:
    """As `_outside` after an interchange, which a group of other delimiters may have cut off."""
    buffer.ensure(isa.ISA_WINDOW)
    if opened and beginnings.whole_group(buffer.text, buffer.start) and buffer.text[buffer.start + 2] != opened.element:
        begun = yield from _bare(buffer, errors.NO_INTERCHANGE)
        if begun:
            return begun
    return (yield from _outside(buffer, last, left, opened))


def _outside(
    buffer: Buffer, last: Delimiters | None = None, left: Delimiters | None = None, opened: Delimiters | None = None
) -> Generator[Piece, None, _Begun | None]:
    """Passes over bytes outside of interchanges. Returns the beginning of the next interchange, `None` at the end.

    `last` are the delimiters of the interchange before, `left` those of one without IEA in which it began. Segments
    with these delimiters begin an interchange whose ISA is missing or damaged. `opened` are those of the interchange
    before if it has no IEA: it may continue after an ISA that stands within one of its transactions.
    """
    buffer.ensure(isa.ISA_WINDOW)
    search, fresh, faulty_until = buffer.start, True, 0
    fault: str | None = errors.NO_INTERCHANGE
    while True:
        at = buffer.first("ISA", search)
        if bare := _bare_segment(buffer, (last, left), search, at, fresh=fresh):
            if bare[0] > buffer.start:
                yield buffer.take(bare[0])
            return _Begun(_in_use(buffer, bare[1]), fault, _WITHOUT_ISA if fault else "")
        fresh = False
        if at < 0:
            if not (yield from _read_on(buffer)):
                return None
            search = 0
            continue
        if at > buffer.start:
            yield buffer.take(at)
        buffer.ensure(isa.ISA_WINDOW)
        head = buffer.text[buffer.start : buffer.start + isa.ISA_WINDOW]
        search = buffer.start + len("ISA")
        found = beginnings.isa_of(head)
        if found is None:
            continue
        if found.delimiters:
            if found.delimiters.clash:
                yield buffer.take(search, fault=errors.DELIMITER_CLASH, reason=found.delimiters.clash)
                last = left = None  # the delimiters of its claims are unknown
            elif opened and beginnings.goes_on(head, found.delimiters, opened):
                yield buffer.take(search, fault=errors.STRAY_SEGMENT, reason=_STRAY_ISA)
                fault = None
            else:
                return _begun(buffer, found.delimiters, found.fault)
            continue
        again = buffer.offset + buffer.start < faulty_until  # no ISA fits in between: the same fault
        faulty_until = buffer.offset + buffer.start + sum(isa.ISA_WIDTHS)
        code = errors.DELIMITER_CLASH if isa.odd_separator(head[3]) else errors.ISA_LENGTH
        yield buffer.take(search) if again else buffer.take(search, fault=code, reason=found.fault)
        fault = None  # what is wrong has been reported
        if begun := (yield from _bare(buffer, fault)):
            return begun
        search = buffer.start


def _read_on(buffer: Buffer) -> Generator[Piece, None, bool]:
    """Passes over all in memory but the last characters, where an ISA may begin. False at the end of the stream."""
    keep = max(buffer.start, len(buffer.text) - _SEGMENT_MARGIN)
    if keep > buffer.start:
        yield buffer.take(keep)
    if buffer.fill():
        return True
    if buffer.start < len(buffer.text):
        yield buffer.take(len(buffer.text))
    return False


def _bare_segment(
    buffer: Buffer, known: Iterable[Delimiters | None], search: int, stop: int, *, fresh: bool
) -> tuple[int, Delimiters] | None:
    """The first segment without an ISA, searched up to `stop` (-1: the end), and its delimiters, those first `known`.

    `None` if there is none.
    """
    end = len(buffer.text) if stop < 0 else stop
    for own in filter(None, known):
        found = own.segment.match(buffer.text, buffer.start, end + 1) if fresh else None
        found = found or own.next_segment.search(buffer.text, max(search - 1, buffer.start), end + 1)
        if found and found.end() < end:
            return found.end(), own
    return None


def _bare(buffer: Buffer, fault: str | None) -> Generator[Piece, None, _Begun | None]:
    """The interchange without ISA that begins here: at GS or ST, or at one broken segment before them."""
    buffer.ensure(isa.BARE_WINDOW)
    at = isa.bare_start(buffer.text[buffer.start : buffer.start + isa.BARE_START_WINDOW])
    delimiters = isa.inferred(buffer.text[buffer.start + at : buffer.start + isa.BARE_WINDOW]) if at >= 0 else None
    if delimiters is None:
        return None
    if at:
        yield buffer.take(buffer.start + at)
    return _Begun(delimiters, fault)


def _begun(buffer: Buffer, delimiters: Delimiters, fault: str) -> _Begun:
    """The interchange that `text[start:]` begins with. Its claims show which component separator is in use."""
    used = _in_use(buffer, delimiters)
    if used != delimiters:
        return _Begun(used, errors.WRONG_SEPARATOR, "ISA16 is not the component separator that the claims use")
    return _Begun(delimiters, errors.ISA_LENGTH if fault else None, fault)


def _in_use(buffer: Buffer, delimiters: Delimiters) -> Delimiters:
    """The delimiters with the component separator that the first claim of `text[start:]` uses."""
    buffer.ensure(isa.BARE_WINDOW)
    claim, end = (buffer.first(tag + delimiters.element, buffer.start) for tag in ("CLM", "IEA"))
    if claim < 0 or (0 < end < claim and not (buffer.text[end - 1].isalnum() or buffer.text[end - 1] == " ")):
        return delimiters  # there is none before its IEA
    following = buffer.inner(buffer.start + 1, delimiters)
    end = buffer.start + isa.BARE_WINDOW if following < 0 else min(following, buffer.start + isa.BARE_WINDOW)
    return isa.in_use(buffer.text[buffer.start : end], delimiters)


def _interchange(buffer: Buffer, cutter: Cutter) -> Generator[Piece, None, bool]:
    """The pieces of the interchange that `text[start:]` begins with, to its IEA, the next ISA or the end.

    Returns whether it ends with an IEA.
    """
    while True:
        yield from cutter.complete()
        if cutter.closed:
            return cutter.ended
        yield from cutter.too_long()
        if not buffer.fill():
            yield from cutter.rest()
            return False


class Cutter:
    """Cuts an interchange into pieces, block by block.

    `tag` is that of the piece that `text[start:]` begins with. `search` is where the next boundary may stand. `closed`
    turns true at the IEA or at the next ISA, `ended` at the IEA. With `by_runs` it is `paused` after each ST.
    """

    by_runs = paused = False

    def __init__(self, buffer: Buffer, begun: _Begun, *, sound: bool) -> None:
        self.buffer, self._sound = buffer, sound
        self.delimiters, self._fault, self._reason = begun
        self.tag = beginnings.first_letters(buffer.text, buffer.start).rstrip(self.delimiters.element)
        self.search = buffer.start
        self._empty = False
        self._by_line = self.delimiters.terminator in isa.WHITE_SPACE
        self.closed = self.ended = False

    @property
    def odd(self) -> bool:
        """Whether the piece that `text[start:]` begins with is not as usual."""
        return self._by_line or self._empty or self._fault is not None

    def complete(self) -> Iterator[Piece]:
        """The pieces whose end is in memory. Another interchange inside of a segment ends this one, too."""
        inner = -1 if self._sound else self.inner_interchange()
        buffer, delimiters, tag = self.buffer, self.delimiters, self.tag
        text, base, start, breaks = buffer.text, buffer.offset, buffer.start, buffer.breaks
        odd, broken = self.odd, "\n" in text
        within_limits = min(MAX_SEGMENT, MAX_PIECE, MAX_SEGMENTS)
        limit = len(text) if inner < 0 else inner + _ISA_BEGIN
        for match in delimiters.boundary.finditer(text, self.search, limit):
            next_tag = match[1]
            if not next_tag:
                odd = self._empty = True
                continue
            end = match.start(1)
            if end == inner and next_tag not in _CLOSING:
                break  # a group with a separator that is the terminator here
            buffer.start = end
            if broken:
                buffer.breaks = breaks + text.count("\n", start, end)
            usual = not odd and tag in FREQUENT and SHORTEST_CLAIM <= end - start <= within_limits
            if not usual or not (self._sound or alone(text, start, end, delimiters)):
                yield from self._odd(tag, text[start:end], base + start, breaks)
                odd = self._by_line
                if tag == "ST" and self.by_runs:
                    self.tag, self.search, self.paused = next_tag, end, True
                    return
            else:
                segments = text.count(delimiters.terminator, start, end)
                yield new_tuple(Piece, (tag, text[start:end], base + start, delimiters, segments, None, "", breaks))
            start, tag, breaks = end, next_tag, buffer.breaks
            if tag in _CLOSING:
                self.closed = True
                if tag == "IEA":
                    self.ended = True
                    yield _trailer(buffer, delimiters)
                return
        self.tag = tag
        if inner >= 0:
            self.closed = True
            buffer.start, buffer.breaks = inner, breaks + text.count("\n", start, inner)
            for piece in self._odd(tag, text[start:inner], base + start, breaks):
                yield piece._replace(reason=_CUT_SHORT) if piece.fault == errors.TRUNCATED else piece

    def inner_interchange(self) -> int:
        """Where another interchange begins after the first segment, else -1. Reads on if that is cut in two."""
        buffer = self.buffer
        found = buffer.inner(max(self.search, buffer.start + 1), self.delimiters)
        tail = max(self.search, buffer.start + 1, len(buffer.text) - beginnings.REACH)
        if 0 <= found < tail or (buffer.text.find("ISA", tail) < 0 and buffer.text.find("GS", tail) < 0):
            return found  # the whole of it is in memory; reading on at each of many would fill the memory
        moved = buffer.start
        buffer.fill()
        self.search -= moved
        return buffer.inner(max(self.search, buffer.start + 1), self.delimiters)

    def too_long(self) -> Iterator[Piece]:
        """A part of a segment or piece that is too long and has no end in memory."""
        buffer = self.buffer
        text = buffer.text
        last = max(text.rfind(self.delimiters.terminator, buffer.start), buffer.start)
        if len(text) - last > MAX_SEGMENT + _SLACK:
            inside = len(text.rstrip(isa.WHITE_SPACE)) - 1  # so that the rest still counts as one segment
            end = inside if inside > last else len(text)
            yield self._passed_over(last, end, errors.SEGMENT_SIZE)
            last = end
        elif last - buffer.start >= MAX_PIECE:
            yield self._passed_over(last, last, errors.PIECE_SIZE)
        self.search = last - buffer.start  # the next boundary can only stand after the last terminator

    def rest(self) -> Iterator[Piece]:
        """The last piece of a file that ends without IEA."""
        buffer, tag = self.buffer, self.tag
        if not buffer.text:
            return
        buffer.start = len(buffer.text)
        *others, last = self._odd(tag, buffer.text, buffer.offset, buffer.breaks)
        yield from others
        if last.tag == "CLM" and not last.passed_over:
            last = last._replace(fault=errors.TRUNCATED, reason="")  # nothing follows that shows that it is whole
        yield last

    def _odd(self, tag: str, text: str, offset: int, breaks: int) -> Iterator[Piece]:
        """A complete piece that is not as usual; several where segments run together.

        The fault and reason of the interchange go with its first piece.
        """
        start = 0
        while tag and (end := inner_segment(tag, text, start, len(text), self.delimiters)) >= 0:
            piece = self._part(tag, text[start:end], offset + start, breaks)
            following = text[end : end + 3].rstrip(self.delimiters.element)
            if piece.fault in (errors.TRUNCATED, errors.EMPTY_SEGMENT):
                piece = piece._replace(fault=errors.RUN_TOGETHER, reason=_RUN_TOGETHER.format(following))
            yield piece
            breaks += text.count("\n", start, end)
            start, tag = end, following
        yield self._part(tag, text[start:], offset + start, breaks)

    def _part(self, tag: str, text: str, offset: int, breaks: int) -> Piece:
        piece = _odd_piece(tag, text, offset, self.delimiters, self._fault, breaks)._replace(reason=self._reason)
        self._fault, self._reason, self._empty = None, "", False
        if tag == "CLM" and len(text) < SHORTEST_CLAIM:
            self.buffer.short += 1
            if self.buffer.short > MOST_SHORT:
                return piece._replace(fault=errors.TOO_MUCH, reason=_SHORT)
        return piece

    def _passed_over(self, last: int, end: int, fault: str) -> Piece:
        """The part up to `end`; its segments are counted up to `last`, its last terminator.

        Only the first part has a tag and a fault.
        """
        buffer, tag = self.buffer, self.tag
        segments, _ = measured(buffer.text, buffer.start, last, self.delimiters)
        self.tag, self._fault = "", None
        return buffer.take(end, tag, self.delimiters, segments, fault if tag else None)


def _odd_piece(tag: str, text: str, offset: int, delimiters: Delimiters, fault: str | None, breaks: int) -> Piece:
    """A piece that may be too long, hold empty segments, or lack its last terminator."""
    segments, longest = measured(text, 0, len(text), delimiters)
    if tag and longest > MAX_SEGMENT:
        fault = errors.SEGMENT_SIZE
    elif tag and (len(text) > MAX_PIECE or segments > MAX_SEGMENTS):
        fault = errors.PIECE_SIZE
    elif cut_off(text, delimiters):
        fault = fault or errors.TRUNCATED
    elif tag and segments < text.count(delimiters.terminator) and delimiters.terminator not in isa.WHITE_SPACE:
        fault = fault or errors.EMPTY_SEGMENT
    return Piece(tag, text, offset, delimiters, segments, fault, "", breaks)


def _trailer(buffer: Buffer, delimiters: Delimiters) -> Piece:
    """The IEA segment that `text[start:]` begins with. Bytes after it are outside of the interchange."""
    buffer.ensure(isa.ISA_WINDOW)
    most = buffer.start + isa.ISA_WINDOW
    inner = beginnings.next_interchange(buffer.text, buffer.start + 1, min(most, len(buffer.text)), delimiters)
    end = buffer.text.find(delimiters.terminator, buffer.start, most if inner < 0 else inner) + 1
    if end:
        return buffer.take(end, "IEA", delimiters, 1)
    if inner >= 0:
        return buffer.take(inner, "IEA", delimiters, 1, errors.TRUNCATED, _CUT_SHORT)
    return buffer.take(min(buffer.start + isa.ISA_WINDOW, len(buffer.text)), "IEA", delimiters, 1, errors.TRUNCATED)
