"""Cuts a byte stream into pieces: the runs of segments that belong together.

A piece begins at ISA, GS, ST, HL, CLM, SE, GE or IEA and reaches to the next of these. Bytes outside of every
interchange, and bytes that are passed over, are pieces without a tag. **Joined, the pieces' bytes are the stream,
byte for byte**, for every stream. At most one piece is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from scrubber.x12 import archives, beginnings, errors
from scrubber.x12.buffer import Buffer, cut_off
from scrubber.x12.buffer import Piece as Piece
from scrubber.x12.delimiters import BYTE_ORDER_MARK, ISA_WINDOW, WHITE_SPACE, Delimiters
from scrubber.x12.interchanges import Beginning, after_interchange, next_beginning, without_isa
from scrubber.x12.run_together import FREQUENT, alone, inner_segment
from scrubber.x12.segments import measured
from scrubber.x12.streams import Readable

MAX_SEGMENT = 1 << 20
"""The longest segment that is read, in bytes."""
MAX_PIECE = 1 << 24
"""The longest piece that is read, in bytes. A claim is one piece."""
MAX_SEGMENTS = 100_000
"""The most segments that a piece may have. Many small segments take far more memory than their bytes."""

SHORTEST_CLAIM = 88
"""A shorter claim, in bytes, lacks what every claim has: a diagnosis, a service line or its date."""
MOST_SHORT = 1_000
"""How many shorter claims of a file are read. What is reported of a claim is far longer than such a claim."""

MOST_DELIMITERS = 40
"""The most sets of delimiters in a file. Patterns are made for each, which takes more time than many claims."""

_OTHER_DELIMITERS = f"the file has more than {MOST_DELIMITERS} sets of delimiters"
_SHORT = f"the file has more than {MOST_SHORT:,} claims of less than {SHORTEST_CLAIM} bytes; this one is not read"
_CUT_SHORT = "a segment is cut off by another interchange"
_RUN_TOGETHER = "no segment terminator stands before {}"
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
    buffer.ensure(len(BYTE_ORDER_MARK))
    if buffer.text.startswith(BYTE_ORDER_MARK):
        yield buffer.take(len(BYTE_ORDER_MARK))
    buffer.ensure(archives.WINDOW)
    if kind := archives.kind(buffer.text[: archives.WINDOW]):
        yield from _unread(buffer, f"no ISA segment: this is {kind}; unpack it first")
        return
    found = None
    if not buffer.text.startswith("ISA", buffer.start):
        found = yield from without_isa(buffer, errors.NO_INTERCHANGE)
    found = found or (yield from next_beginning(buffer))
    known: set[Delimiters] = set()
    left: Delimiters | None = None
    while found:
        if found.delimiters in known or len(known) < MOST_DELIMITERS:
            known.add(found.delimiters)
            cutting = (cutter or Cutter)(buffer, found, sound=sound)
            last, ended = found.delimiters, (yield from _interchange(buffer, cutting))
            opened = None if ended else last
            found = yield from after_interchange(buffer, last, left, opened)
            left = opened
        else:
            yield buffer.take(buffer.start + len("ISA"), fault=errors.TOO_MUCH, reason=_OTHER_DELIMITERS)
            found = yield from next_beginning(buffer)


def _unread(buffer: Buffer, reason: str) -> Iterator[Piece]:
    """All of the stream, passed over for a reason. What is within an archive may look like an interchange."""
    while buffer.start < len(buffer.text) or buffer.fill():
        yield buffer.take(len(buffer.text), fault=None if buffer.offset else errors.NO_INTERCHANGE, reason=reason)


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

    def __init__(self, buffer: Buffer, begun: Beginning, *, sound: bool) -> None:
        self.buffer, self.sound = buffer, sound
        self.delimiters, self._fault, self._reason = begun
        self.tag = beginnings.first_letters(buffer.text, buffer.start).rstrip(self.delimiters.element)
        self.search = buffer.start
        self._empty = False
        self._by_line = self.delimiters.terminator in WHITE_SPACE
        self.closed = self.ended = False

    @property
    def odd(self) -> bool:
        """Whether the piece that `text[start:]` begins with is not as usual."""
        return self._by_line or self._empty or self._fault is not None

    def complete(self) -> Iterator[Piece]:
        """The pieces whose end is in memory. Another interchange inside of a segment ends this one, too."""
        inner = -1 if self.sound else self.inner_interchange()
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
            if not usual or not (self.sound or alone(text, start, end, delimiters)):
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
        found = buffer.find_interchange(max(self.search, buffer.start + 1), self.delimiters)
        tail = max(self.search, buffer.start + 1, len(buffer.text) - beginnings.REACH)
        if 0 <= found < tail or (buffer.text.find("ISA", tail) < 0 and buffer.text.find("GS", tail) < 0):
            return found  # the whole of it is in memory; reading on at each of many would fill the memory
        moved = buffer.start
        buffer.fill()
        self.search -= moved
        return buffer.find_interchange(max(self.search, buffer.start + 1), self.delimiters)

    def too_long(self) -> Iterator[Piece]:
        """A part of a segment or piece that is too long and has no end in memory."""
        buffer = self.buffer
        text = buffer.text
        last = max(text.rfind(self.delimiters.terminator, buffer.start), buffer.start)
        if len(text) - last > MAX_SEGMENT + _SLACK:
            inside = len(text.rstrip(WHITE_SPACE)) - 1  # so that the rest still counts as one segment
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


def is_run_into(piece: Piece) -> bool:
    """Whether a CLM runs into this level or claim, whose other segments are whole.

    The hierarchy puts it in doubt, and the claims after it. If anything else is lost, SE01 shows it, and the whole
    transaction is in doubt.
    """
    if piece.fault != errors.RUN_TOGETHER or piece.tag not in FREQUENT or piece.delimiters is None:
        return False
    return piece.segments == piece.text.count(piece.delimiters.terminator) + 1


def _odd_piece(tag: str, text: str, offset: int, delimiters: Delimiters, fault: str | None, breaks: int) -> Piece:
    """A piece that may be too long, hold empty segments, or lack its last terminator."""
    segments, longest = measured(text, 0, len(text), delimiters)
    if tag and longest > MAX_SEGMENT:
        fault = errors.SEGMENT_SIZE
    elif tag and (len(text) > MAX_PIECE or segments > MAX_SEGMENTS):
        fault = errors.PIECE_SIZE
    elif cut_off(text, delimiters):
        fault = fault or errors.TRUNCATED
    elif tag and segments < text.count(delimiters.terminator) and delimiters.terminator not in WHITE_SPACE:
        fault = fault or errors.EMPTY_SEGMENT
    return Piece(tag, text, offset, delimiters, segments, fault, "", breaks)


def _trailer(buffer: Buffer, delimiters: Delimiters) -> Piece:
    """The IEA segment that `text[start:]` begins with. Bytes after it are outside of the interchange."""
    buffer.ensure(ISA_WINDOW)
    most = buffer.start + ISA_WINDOW
    inner = beginnings.next_interchange(buffer.text, buffer.start + 1, min(most, len(buffer.text)), delimiters)
    end = buffer.text.find(delimiters.terminator, buffer.start, most if inner < 0 else inner) + 1
    if end:
        return buffer.take(end, "IEA", delimiters, 1)
    if inner >= 0:
        return buffer.take(inner, "IEA", delimiters, 1, errors.TRUNCATED, _CUT_SHORT)
    return buffer.take(min(buffer.start + ISA_WINDOW, len(buffer.text)), "IEA", delimiters, 1, errors.TRUNCATED)
