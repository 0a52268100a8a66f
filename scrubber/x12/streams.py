"""The streams that are read: binary files."""

from __future__ import annotations

from io import TextIOBase
from os import PathLike
from typing import Protocol


class Readable(Protocol):
    """A binary stream: `read` is all that is needed."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        ...


def must_be_binary(file: object) -> None:
    """Raises `TypeError`, with advice, if it is not a binary file."""
    if isinstance(file, str | PathLike):
        raise TypeError("give a binary file, not its path: open(path, 'rb')")
    if isinstance(file, bytes | bytearray):
        raise TypeError("give a binary file, not bytes: io.BytesIO(data)")
    if isinstance(file, TextIOBase):
        raise TypeError("give a binary file, not a text file: open(path, 'rb'), or io.BytesIO in memory")
    if not (hasattr(file, "read") or hasattr(file, "write")):
        raise TypeError(f"give a binary file, not {type(file).__name__}")
