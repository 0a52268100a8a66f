"""Files that change, or whose disk fails, while they are read."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import attrs

from scrubber.running.inputs import Input


class Changing(io.BytesIO):
    """A file that has other bytes as soon as it was read once to its end."""

    def __init__(self, first: bytes, then: bytes) -> None:
        super().__init__(first)
        self._then: bytes | None = then

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        if not block and self._then is not None:
            self.seek(0)
            self.truncate()
            self.write(self._then)
            self._then = None
        return block


class Failing(io.BytesIO):
    """A file whose disk fails in the middle, as soon as it was read once to its end."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._ended = self._fails = False

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._fails = self._ended
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        if self._fails:
            raise OSError(errno.EIO, "Input/output error")
        block = super().read(size)
        self._ended = not block
        return block


@attrs.frozen
class Opened(Input):
    """An input with this stream."""

    stream: io.BytesIO

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The stream."""
        yield cast("BinaryIO", self.stream)
