"""The first pass over a file. It finds the faults of the envelope before the first claim is released.

The second pass must read the same bytes, because the result of the first holds only for them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import attrs

from scrubber.x12.bounded import Offsets
from scrubber.x12.buffer import BLOCK
from scrubber.x12.envelope import Envelope
from scrubber.x12.errors import UNSUPPORTED, LocatedError, X12Error
from scrubber.x12.notes import count_notes
from scrubber.x12.runs import Run, cut_in_runs
from scrubber.x12.streams import Readable


@attrs.frozen
class Prescan:
    """The contents of a file's envelope.

    `sha256` and `size` belong to the whole file. `control` is the first ISA13. `supported` counts the transactions that
    are read into claims, `claims` their claims, and `date` is the latest of their dates (CCYYMMDD, empty if none has
    one). `locked`, `full`, `untrusted`, `interchanges` and `too_much` are those of `Envelope`.
    """

    sha256: str
    size: int
    control: str
    supported: int
    claims: int
    errors: tuple[LocatedError, ...]
    locked: Offsets
    full: Offsets
    untrusted: tuple[tuple[int, int, LocatedError], ...]
    interchanges: Mapping[int, LocatedError] = attrs.field(factory=dict)
    too_much: LocatedError | None = None
    date: str = ""

    def doubt(self, offset: int) -> LocatedError | None:
        """The fault for which the transaction with its ST at byte `offset` cannot be trusted, or `None`."""
        after = bisect_right(self.untrusted, offset, key=lambda span: span[0])
        if not after or self.untrusted[after - 1][1] <= offset:
            return None
        return self.untrusted[after - 1][2]

    def interchange_fault(self, offset: int) -> LocatedError | None:
        """The fault of the interchange with its ISA at byte `offset` as a whole, or `None`."""
        if self.too_much and offset >= self.too_much.offset:
            return self.too_much
        return self.interchanges.get(offset)

    @property
    def readable(self) -> bool:
        """False if the envelope is broken or holds only unsupported transactions: exit status 2."""
        codes = {error.code for error in self.errors}
        return (self.supported > 0 or UNSUPPORTED not in codes) and not any(e.breaks_envelope for e in self.errors)


def prescan(stream: BinaryIO) -> Prescan:
    """Walk the envelope of `stream`, a seekable binary file, from start to end."""
    stream.seek(0)
    hashed = _Hashed(stream)
    envelope = Envelope()
    for piece in cut_in_runs(hashed):
        if isinstance(piece, Run):
            _feed_run(envelope, piece)
        else:
            envelope.feed(piece)
    envelope.finish()
    errors = envelope.errors.counted()
    if errors and hashed.breaks > 1:
        errors = _in_lines(errors, stream)
    return Prescan(
        hashed.digest.hexdigest(),
        hashed.size,
        envelope.first_control,
        envelope.supported,
        envelope.claims,
        tuple(errors),
        envelope.locked,
        envelope.full,
        tuple(envelope.untrusted),
        envelope.interchanges,
        envelope.too_much,
        envelope.latest_date,
    )


def _feed_run(envelope: Envelope, run: Run) -> None:
    """Give an envelope the levels and claims of a run. Another piece follows them."""
    transaction = envelope.transaction
    if transaction and transaction.type and transaction.readable:
        notes = count_notes(run.text, run.delimiters) if run.delimiters else 0
        transaction.segments += run.segments - notes
        transaction.notes += notes
        envelope.claims += run.claims
    else:
        for piece in run.pieces():
            envelope.feed(piece)


def _in_lines(errors: Sequence[LocatedError], stream: BinaryIO) -> list[LocatedError]:
    """The errors with their lines of the file, which is read again up to the last of them."""
    stream.seek(0)
    lines: dict[int, int] = {}
    block, start, breaks = b"", 0, 0
    for offset in sorted({error.offset for error in errors}):
        while offset >= start + len(block):
            breaks += block.count(b"\n")
            start += len(block)
            block = stream.read(BLOCK)
            if not block:
                break
        lines[offset] = breaks + block.count(b"\n", 0, offset - start) + 1
    return [attrs.evolve(error, file_line=lines[error.offset]) for error in errors]


class _Hashed:
    """Hashes the bytes that are read through it, and counts their line breaks."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0
        self.breaks = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        block = self._stream.read(size)
        self.digest.update(block)
        self.size += len(block)
        self.breaks += block.count(b"\n")
        return block


class SecondReading(_Hashed):
    """The second pass over a file, which must have the bytes of the first.

    `read` raises `X12Error` at the end of a file that has other bytes than in the first pass, and where the disk fails;
    the `OSError` is then the cause.
    """

    def __init__(self, stream: Readable, scan: Prescan) -> None:
        super().__init__(stream)
        self._scan = scan

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, and none at the end. Raises `X12Error`."""
        try:
            block = super().read(size)
        except OSError as error:
            raise X12Error(f"the file cannot be read: {error.strerror}", self.size) from error
        over = not block and self.digest.hexdigest() != self._scan.sha256
        if over or self.size > self._scan.size:  # a file that grows for ever has no end to wait for
            raise X12Error("the file changed while it was read", min(self.size, self._scan.size))
        return block
