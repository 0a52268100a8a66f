"""The claims of the page, written as they come and read back sorted: the gravest first, then the highest charge.

Memory does not grow with the claims. Beyond 256 KB their text is in a temporary file without a name, and so is the
order beyond 64 KB.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, NamedTuple, TypeAlias, cast

_AT_ONCE = 8_192
"""How many claims are sorted in memory. Longer lists are merged from runs of that length."""
_READ_AT_ONCE = 256
"""How many keys of each run are in memory while runs are merged. A million claims have 123 runs."""

_TEXTS_IN_MEMORY, _ORDER_IN_MEMORY = 1 << 18, 1 << 16
"""In bytes. To read texts in another order takes several times as long from a file."""

_Key: TypeAlias = tuple[int, float, int, int]
"""Rank and charge, both negative, so that the greatest come first; where the text begins; its size in bytes."""


class WorklistEntry(NamedTuple):
    """A claim of the list: its rank and charge, by which the list is sorted, and the size of its text in bytes."""

    rank: int
    charge: float
    size: int


_PACKED = struct.Struct("<bdqq")


class Worklist:
    """Texts of claims with their rank and charge."""

    def __init__(self) -> None:
        self._texts = cast("BinaryIO", SpooledTemporaryFile(_TEXTS_IN_MEMORY))  # noqa: SIM115 - closed by `close`
        self._order = cast("BinaryIO", SpooledTemporaryFile(_ORDER_IN_MEMORY))  # noqa: SIM115 - closed by `close`
        self._runs: list[tuple[int, int]] = []
        self._keys: list[_Key] = []
        self._size = 0

    def close(self) -> None:
        """Close the temporary files."""
        self._texts.close()
        self._order.close()

    def add(self, text: bytes, rank: int, charge: float) -> None:
        """Add a claim. A higher rank or charge stands before a lower one; equals keep their order."""
        self._texts.write(text)
        self._keys.append((-rank, -charge, self._size, len(text)))
        self._size += len(text)
        if len(self._keys) == _AT_ONCE:
            self._end_run()

    def pour(self, out: BinaryIO) -> Sequence[WorklistEntry]:
        """Move the texts of a part to a file, in the order in which they were added. Returns the entries."""
        assert not self._runs
        self._texts.seek(0)
        shutil.copyfileobj(self._texts, out)
        entries = [WorklistEntry(-rank, -charge, size) for rank, charge, _, size in self._keys]
        self._texts.seek(0)
        self._texts.truncate()
        self._keys, self._size = [], 0
        return entries

    def take(self, texts: BinaryIO, entries: Iterable[WorklistEntry]) -> None:
        """Add the claims that another list has moved to a file."""
        for rank, charge, size in entries:
            self.add(texts.read(size), rank, charge)

    def in_order(self) -> Iterator[bytes]:
        """The texts, sorted. They can be read several times. After the first time no claim can be added."""
        keys: Iterator[_Key] = iter(sorted(self._keys))
        if self._runs:
            if self._keys:
                self._end_run()
            keys = merge(*(self._run(start, count) for start, count in self._runs))
        for _, _, start, size in keys:
            self._texts.seek(start)
            yield self._texts.read(size)

    def _end_run(self) -> None:
        start = self._order.tell()
        self._order.write(b"".join(_PACKED.pack(*key) for key in sorted(self._keys)))
        self._runs.append((start, len(self._keys)))
        self._keys = []

    def _run(self, start: int, count: int) -> Iterator[_Key]:
        """The keys of a run, some at a time: several runs are read side by side."""
        for first in range(0, count, _READ_AT_ONCE):
            self._order.seek(start + first * _PACKED.size)
            yield from _PACKED.iter_unpack(self._order.read(min(_READ_AT_ONCE, count - first) * _PACKED.size))
