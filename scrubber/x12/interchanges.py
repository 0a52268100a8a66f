"""Finds where the interchanges of a stream begin, and passes over the bytes between them.

An interchange begins at its ISA. If that is missing or damaged, it begins at a GS or ST, or at a segment with the
delimiters of the interchange before.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import NamedTuple

from scrubber.x12 import beginnings, errors
from scrubber.x12.buffer import Buffer, Piece
from scrubber.x12.delimiters import (
    BARE_START_WINDOW,
    BARE_WINDOW,
    ISA_WIDTHS,
    ISA_WINDOW,
    Delimiters,
    bare_start,
    in_use,
    inferred,
    odd_separator,
)

_WITHOUT_ISA = "no ISA segment; read by the delimiters of the interchange before"
_STRAY_ISA = "an ISA stands inside a transaction that goes on after it"
_SEGMENT_MARGIN = 12  # "ISA", or a segment after its terminator, may be cut in two by the end of a block


class Beginning(NamedTuple):
    """The beginning of an interchange: its delimiters, and the fault of its ISA with a reason."""

    delimiters: Delimiters
    fault: str | None = None
    reason: str = ""


def after_interchange(
    buffer: Buffer, last: Delimiters, left: Delimiters | None, opened: Delimiters | None
) -> Generator[Piece, None, Beginning | None]:
    """As `next_beginning` after an interchange, which a group of other delimiters may have cut off."""
    buffer.ensure(ISA_WINDOW)
    if opened and beginnings.whole_group(buffer.text, buffer.start) and buffer.text[buffer.start + 2] != opened.element:
        begun = yield from without_isa(buffer, errors.NO_INTERCHANGE)
        if begun:
            return begun
    return (yield from next_beginning(buffer, last, left, opened))


def next_beginning(
    buffer: Buffer, last: Delimiters | None = None, left: Delimiters | None = None, opened: Delimiters | None = None
) -> Generator[Piece, None, Beginning | None]:
    """Passes over bytes outside of interchanges. Returns the beginning of the next interchange, `None` at the end.

    `last` are the delimiters of the interchange before, `left` those of one without IEA in which it began. Segments
    with these delimiters begin an interchange whose ISA is missing or damaged. `opened` are those of the interchange
    before if it has no IEA: it may continue after an ISA that stands within one of its transactions.
    """
    buffer.ensure(ISA_WINDOW)
    search, fresh, faulty_until = buffer.start, True, 0
    fault: str | None = errors.NO_INTERCHANGE
    while True:
        at = buffer.find("ISA", search)
        if bare := _bare_segment(buffer, (last, left), search, at, fresh=fresh):
            if bare[0] > buffer.start:
                yield buffer.take(bare[0])
            return Beginning(_in_use(buffer, bare[1]), fault, _WITHOUT_ISA if fault else "")
        fresh = False
        if at < 0:
            if not (yield from _read_on(buffer)):
                return None
            search = 0
            continue
        if at > buffer.start:
            yield buffer.take(at)
        buffer.ensure(ISA_WINDOW)
        head = buffer.text[buffer.start : buffer.start + ISA_WINDOW]
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
                return _from_isa(buffer, found.delimiters, found.fault)
            continue
        again = buffer.offset + buffer.start < faulty_until  # no ISA fits in between: the same fault
        faulty_until = buffer.offset + buffer.start + sum(ISA_WIDTHS)
        code = errors.DELIMITER_CLASH if odd_separator(head[3]) else errors.ISA_LENGTH
        yield buffer.take(search) if again else buffer.take(search, fault=code, reason=found.fault)
        fault = None  # what is wrong has been reported
        if begun := (yield from without_isa(buffer, fault)):
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


def without_isa(buffer: Buffer, fault: str | None) -> Generator[Piece, None, Beginning | None]:
    """The interchange without ISA that begins here: at GS or ST, or at one broken segment before them."""
    buffer.ensure(BARE_WINDOW)
    at = bare_start(buffer.text[buffer.start : buffer.start + BARE_START_WINDOW])
    delimiters = inferred(buffer.text[buffer.start + at : buffer.start + BARE_WINDOW]) if at >= 0 else None
    if delimiters is None:
        return None
    if at:
        yield buffer.take(buffer.start + at)
    return Beginning(delimiters, fault)


def _from_isa(buffer: Buffer, delimiters: Delimiters, fault: str) -> Beginning:
    """The interchange that `text[start:]` begins with. Its claims show which component separator is in use."""
    used = _in_use(buffer, delimiters)
    if used != delimiters:
        return Beginning(used, errors.WRONG_SEPARATOR, "ISA16 is not the component separator that the claims use")
    return Beginning(delimiters, errors.ISA_LENGTH if fault else None, fault)


def _in_use(buffer: Buffer, delimiters: Delimiters) -> Delimiters:
    """The delimiters with the component separator that the first claim of `text[start:]` uses."""
    buffer.ensure(BARE_WINDOW)
    claim, end = (buffer.find(tag + delimiters.element, buffer.start) for tag in ("CLM", "IEA"))
    if claim < 0 or (0 < end < claim and not (buffer.text[end - 1].isalnum() or buffer.text[end - 1] == " ")):
        return delimiters  # there is none before its IEA
    following = buffer.find_interchange(buffer.start + 1, delimiters)
    end = buffer.start + BARE_WINDOW if following < 0 else min(following, buffer.start + BARE_WINDOW)
    return in_use(buffer.text[buffer.start : end], delimiters)
