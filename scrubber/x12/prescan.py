"""The first pass over a file. It finds the faults of the envelope before the first claim is released.

The second pass must read the same bytes, because the result of the first holds only for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import attrs

from scrubber.x12.bounded import Offsets, UntrustedBytes, fault_at
from scrubber.x12.buffer import BLOCK
from scrubber.x12.envelope import Envelope
from scrubber.x12.errors import UNSUPPORTED, LocatedError, X12Error
from scrubber.x12.level_numbers import LevelNumbers
from scrubber.x12.runs import Run, cut_in_runs
from scrubber.x12.streams import Readable


@attrs.frozen
class Prescan:
    """The contents of a file's envelope.

    `sha256` and `size` belong to the whole file. `control` is the first ISA13. `supported` counts the transactions that
    are read into claims, `claims` their claims, and `date` is the latest of their dates (CCYYMMDD, empty if none has
    one). `locked`, `full`, `untrusted`, `interchanges` and `too_much` are those of `Envelope`,
    `jumps` those of `LevelNumbers`.
    """

    sha256: str
    size: int
    control: str
    supported: int
    claims: int
    errors: tuple[LocatedError, ...]
    locked: Offsets
    full: Offsets
    untrusted: tuple[UntrustedBytes, ...]
    interchanges: Mapping[int, LocatedError] = attrs.field(factory=dict)
    too_much: LocatedError | None = None
    date: str = ""
    jumps: tuple[UntrustedBytes, ...] = ()

    def doubt(self, offset: int) -> LocatedError | None:
        """The fault for which the transaction with its ST at byte `offset` cannot be trusted, or `None`."""
        return fault_at(self.untrusted, offset)

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
    envelope, numbers = Envelope(), LevelNumbers()
    for piece in cut_in_runs(hashed):
        opened = envelope.transaction
        if isinstance(piece, Run) and opened and opened.reads_claims and numbers.follow(piece):
            envelope.feed(piece)
            continue
        for one in piece.pieces() if isinstance(piece, Run) else (piece,):
            envelope.feed(one)
            numbers.feed(one, envelope.ordinal)
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
        tuple(numbers.jumps),
    )


def _in_lines(errors: Sequence[LocatedError], stream: BinaryIO) -> list[LocatedError]:
    """The errors with their lines of the file, which is read again up to the last of them."""
    stream.seek(0)
    lines: dict[int, int] = {}
    block, start, counted_to, breaks = b"", 0, 0, 0
    for offset in sorted({error.offset for error in errors}):
        while offset >= start + len(block):
            breaks += block.count(b"\n", counted_to)
            start += len(block)
            block, counted_to = stream.read(BLOCK), 0
            if not block:
                break
        breaks += block.count(b"\n", counted_to, offset - start)
        counted_to = offset - start
        lines[offset] = breaks + 1
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
