"""Cuts a byte stream into pieces: the runs of segments that belong together.

A piece begins at ISA, GS, ST, HL, CLM, SE, GE or IEA and reaches to the next of them. What stands outside of
every interchange, and what had to be passed over, is a piece without tag. **Joined, the pieces' bytes are the
stream, byte for byte**, whatever the stream holds; and no more than one piece is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from io import TextIOBase
from os import PathLike
from typing import NamedTuple, Protocol

from scrubber.x12 import delimiters as isa
from scrubber.x12 import errors
from scrubber.x12.delimiters import Delimiters

BLOCK = 1 << 16
MAX_SEGMENT = 1 << 20
"""Longest segment that is read, in bytes."""
MAX_PIECE = 1 << 24
"""Longest piece that is read, in bytes; a claim is one piece."""
MAX_SEGMENTS = 100_000
"""Most segments of a piece that is read: split up, many small ones take far more memory than their bytes."""

_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_SEGMENT_MARGIN = 12  # "ISA", or a segment behind its terminator, may be cut in two by the end of a block
_SLACK = 8  # a tag that begins behind a limit, with what is around it, is still looked at


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int = ..., /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


def must_be_binary(file: object) -> None:
    """Raises `TypeError`, with advice, for what is no binary file."""
    if isinstance(file, str | PathLike):
        raise TypeError("give a binary file, not its path: open(path, 'rb')")
    if isinstance(file, bytes | bytearray):
        raise TypeError("give a binary file, not bytes: io.BytesIO(data)")
    if isinstance(file, TextIOBase):
        raise TypeError("give a binary file, not a text file: open(path, 'rb'), or io.BytesIO in memory")
    if not (hasattr(file, "read") or hasattr(file, "write")):
        raise TypeError(f"give a binary file, not {type(file).__name__}")


class Piece(NamedTuple):
    """A run of segments with its place in the file.

    `tag` is the tag of its first segment, empty for what was passed over; `text` is decoded as latin-1; `offset`
    is in bytes; `segments` counts those that are not empty; `fault` is the code of what is wrong with it, and `reason`
    says more of that where the code is not enough. `delimiters` are those of the interchange it stands in, `None`
    outside of any.
    """

    tag: str
    text: str
    offset: int
    delimiters: Delimiters | None = None
    segments: int = 0
    fault: str | None = None
    reason: str = ""

    @property
    def passed_over(self) -> bool:
        """Whether the piece is not to be read: it is too long, or a claim that the end of the file cuts off."""
        if self.fault == errors.TRUNCATED:
            return self.tag == "CLM"
        return self.fault is not None and self.fault in (errors.SEGMENT_SIZE, errors.PIECE_SIZE)

    @property
    def ends_inside_segment(self) -> bool:
        """Whether its last segment lacks a terminator."""
        return self.delimiters is not None and _cut_off(self.text, self.delimiters)

    @property
    def raw(self) -> bytes:
        """The bytes as they stand in the file."""
        return self.text.encode("latin-1")

    def __repr__(self) -> str:
        """Without its text, which holds patient data."""
        return f"Piece(tag={self.tag!r}, offset={self.offset}, segments={self.segments}, fault={self.fault!r})"


def cut(stream: Readable) -> Iterator[Piece]:
    """The pieces of `stream`, a binary file open for reading, in file order."""
    buffer = _Buffer(stream)
    buffer.ensure(len(_BYTE_ORDER_MARK))
    if buffer.text.startswith(_BYTE_ORDER_MARK):
        yield buffer.take(len(_BYTE_ORDER_MARK))
    buffer.ensure(len("ISA"))
    found = None
    if not buffer.text.startswith("ISA", buffer.start):
        found = yield from _bare(buffer, errors.NO_INTERCHANGE)
    found = found or (yield from _outside(buffer))
    while found:
        yield from _interchange(buffer, found)
        found = yield from _outside(buffer, found.delimiters)


class _Buffer:
    """The part of the stream that is in memory; `text[start:]` is not yet given out."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.text = ""
        self.start = 0
        self.offset = 0

    def fill(self) -> bool:
        """Read on; false at the end of the stream."""
        block = self._stream.read(BLOCK)
        if isinstance(block, str):  # such as of `codecs.open`, which is no `TextIOBase`
            raise TypeError("the stream gives text, not bytes: open the file in binary mode, 'rb'")
        self.text = self.text[self.start :] + block.decode("latin-1")
        self.offset += self.start
        self.start = 0
        return bool(block)

    def ensure(self, length: int) -> None:
        """Read on until `length` characters are there, or the stream ends."""
        while len(self.text) - self.start < length and self.fill():
            pass

    def take(
        self,
        end: int,
        tag: str = "",
        delimiters: Delimiters | None = None,
        segments: int = 0,
        fault: str | None = None,
        reason: str = "",
    ) -> Piece:
        """Give out `text[start:end]` as a piece."""
        text = self.text[self.start : end]
        piece = Piece(tag, text, self.offset + self.start, delimiters, segments, fault, reason)
        self.start = end
        return piece


class _Begun(NamedTuple):
    """An interchange that begins: its delimiters, and what is wrong with its ISA."""

    delimiters: Delimiters
    fault: str | None = None
    reason: str = ""


def _outside(buffer: _Buffer, last: Delimiters | None = None) -> Generator[Piece, None, _Begun | None]:
    """Passes over what is no interchange; returns the beginning of the next one, `None` at the end.

    Segments behind an interchange, which had the delimiters `last`, are one whose ISA is missing or damaged.
    """
    buffer.ensure(isa.ISA_WINDOW)
    search, fresh = buffer.start, True
    fault: str | None = errors.NO_INTERCHANGE
    while True:
        at = buffer.text.find("ISA", search)
        bare = _bare_segment(buffer, last, search, at, fresh=fresh)
        if last and bare is not None:
            if bare > buffer.start:
                yield buffer.take(bare)
            return _Begun(last, fault, "no ISA segment; read by the delimiters of the interchange before")
        fresh = False
        if at < 0:
            keep = max(buffer.start, len(buffer.text) - _SEGMENT_MARGIN)
            if keep > buffer.start:
                yield buffer.take(keep)
            if not buffer.fill():
                if buffer.start < len(buffer.text):
                    yield buffer.take(len(buffer.text))
                return None
            search = 0
            continue
        if at > buffer.start:
            yield buffer.take(at)
        buffer.ensure(isa.ISA_WINDOW)
        head = buffer.text[buffer.start : buffer.start + isa.ISA_WINDOW]
        search = buffer.start + len("ISA")
        if len(head) <= len("ISA") or head[3].isalnum() or head[3] in isa.WHITE_SPACE:
            continue
        found = isa.from_isa(head)
        if found.delimiters and not found.delimiters.clash:
            return _begun(buffer, found.delimiters, found.fault)
        if found.delimiters:
            yield buffer.take(search, fault=errors.DELIMITER_CLASH, reason=found.delimiters.clash)
            last = None  # nobody can tell how its claims are separated
            continue
        yield buffer.take(search, fault=errors.ISA_LENGTH, reason=found.fault)
        fault = None  # what is wrong has been reported
        begun = yield from _bare(buffer, fault)
        if begun:
            return begun
        search = buffer.start


def _bare_segment(buffer: _Buffer, last: Delimiters | None, search: int, stop: int, *, fresh: bool) -> int | None:
    """Where before `stop` (-1 for the end) a segment stands that no ISA precedes; `None` where none does."""
    if last is None:
        return None
    end = len(buffer.text) if stop < 0 else stop
    found = last.segment.match(buffer.text, buffer.start, end + 1) if fresh else None
    found = found or last.next_segment.search(buffer.text, max(search - 1, buffer.start), end + 1)
    return found.end() if found and found.end() < end else None


def _bare(buffer: _Buffer, fault: str | None) -> Generator[Piece, None, _Begun | None]:
    """The GS or ST that `text[start:]` begins with, or that one broken segment precedes, if there is one."""
    buffer.ensure(isa.BARE_WINDOW)
    window = buffer.text[buffer.start : buffer.start + isa.BARE_WINDOW]
    at = isa.bare_start(window)
    delimiters = isa.inferred(window[at:]) if at >= 0 else None
    if delimiters is None:
        return None
    if at:
        yield buffer.take(buffer.start + at)
    return _Begun(delimiters, fault)


def _begun(buffer: _Buffer, delimiters: Delimiters, fault: str) -> _Begun:
    """The interchange that `text[start:]` begins with; its claims say which component separator is in use."""
    buffer.ensure(isa.BARE_WINDOW)
    used = isa.component_in_use(buffer.text[buffer.start : buffer.start + isa.BARE_WINDOW], delimiters)
    if used:
        in_use = isa.shared(delimiters.element, used, delimiters.repetition, delimiters.terminator)
        if not in_use.clash:
            return _Begun(in_use, errors.WRONG_SEPARATOR, "ISA16 is not the component separator that the claims use")
    return _Begun(delimiters, errors.ISA_LENGTH if fault else None, fault)


def _interchange(buffer: _Buffer, begun: _Begun) -> Iterator[Piece]:
    """The pieces of the interchange that `text[start:]` begins with, to its IEA, the next ISA or the end."""
    delimiters, fault, reason = begun
    terminator = delimiters.terminator
    by_line = terminator in isa.WHITE_SPACE
    unsuspicious = min(MAX_SEGMENT, MAX_PIECE, MAX_SEGMENTS)
    tag = buffer.text[buffer.start :].lstrip(isa.WHITE_SPACE)[:3].rstrip(delimiters.element)
    search = buffer.start
    empty = False
    while True:
        text, base, start = buffer.text, buffer.offset, buffer.start
        for match in delimiters.boundary.finditer(text, search):
            next_tag = match[1]
            if not next_tag:
                empty = True
                continue
            end = match.start(1)
            buffer.start = end
            if not tag or empty or fault or by_line or end - start > unsuspicious:
                yield _odd_piece(tag, text[start:end], base + start, delimiters, fault)._replace(reason=reason)
                reason = ""
            else:
                yield Piece(tag, text[start:end], base + start, delimiters, text.count(terminator, start, end))
            start, tag, fault, empty = end, next_tag, None, False
            if tag == "ISA":
                return
            if tag == "IEA":
                yield _trailer(buffer, delimiters)
                return
        last = max(buffer.text.rfind(terminator, buffer.start), buffer.start)
        if len(buffer.text) - last > MAX_SEGMENT + _SLACK:
            inside = len(buffer.text.rstrip(isa.WHITE_SPACE)) - 1  # so that the rest still counts as one segment
            end = inside if inside > last else len(buffer.text)
            yield _passed_over(buffer, last, end, tag, delimiters, errors.SEGMENT_SIZE)
            tag, fault, last = "", None, end
        elif last - buffer.start >= MAX_PIECE:
            yield _passed_over(buffer, last, last, tag, delimiters, errors.PIECE_SIZE)
            tag, fault = "", None
        search = last - buffer.start  # a boundary not yet seen can only stand behind the last terminator
        if not buffer.fill():
            if buffer.text:
                buffer.start = len(buffer.text)
                if tag == "CLM":
                    fault = errors.TRUNCATED  # what follows a claim shows that it is whole; nothing does here
                yield _odd_piece(tag, buffer.text, buffer.offset, delimiters, fault)
            return


def _passed_over(buffer: _Buffer, last: int, end: int, tag: str, delimiters: Delimiters, fault: str) -> Piece:
    """A part of what is too long, up to `end`; `last` is its last terminator, up to which segments are counted.

    `fault` is told with the first part alone, the one with a tag.
    """
    segments, _ = _measured(buffer.text, buffer.start, last, delimiters)
    return buffer.take(end, tag, delimiters, segments, fault if tag else None)


def _odd_piece(tag: str, text: str, offset: int, delimiters: Delimiters, fault: str | None) -> Piece:
    """A piece that may be too long, or hold empty segments, or lack its last terminator."""
    segments, longest = _measured(text, 0, len(text), delimiters)
    if tag and longest > MAX_SEGMENT:
        fault = errors.SEGMENT_SIZE
    elif tag and (len(text) > MAX_PIECE or segments > MAX_SEGMENTS):
        fault = errors.PIECE_SIZE
    elif _cut_off(text, delimiters):
        fault = fault or errors.TRUNCATED
    elif tag and segments < text.count(delimiters.terminator) and delimiters.terminator not in isa.WHITE_SPACE:
        fault = fault or errors.EMPTY_SEGMENT
    return Piece(tag, text, offset, delimiters, segments, fault)


def _measured(text: str, start: int, end: int, delimiters: Delimiters) -> tuple[int, int]:
    """How many segments of `text[start:end]` are not empty, and the length of the longest.

    One at a time: a list of all may take many times the memory of `text`.
    """
    segments = longest = 0
    for match in delimiters.between.finditer(text, start, end):
        segments += bool(match[0].strip(isa.WHITE_SPACE))
        longest = max(longest, len(match[0]))
    return segments, longest


def _cut_off(text: str, delimiters: Delimiters) -> bool:
    return bool(text[text.rfind(delimiters.terminator) + 1 :].strip(isa.WHITE_SPACE))


def _trailer(buffer: _Buffer, delimiters: Delimiters) -> Piece:
    """The IEA segment that `text[start:]` begins with; what follows it is outside of the interchange."""
    buffer.ensure(isa.ISA_WINDOW)
    end = buffer.text.find(delimiters.terminator, buffer.start, buffer.start + isa.ISA_WINDOW) + 1
    if end:
        return buffer.take(end, "IEA", delimiters, 1)
    return buffer.take(min(buffer.start + isa.ISA_WINDOW, len(buffer.text)), "IEA", delimiters, 1, errors.TRUNCATED)
