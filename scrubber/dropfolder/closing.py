"""Plain files, and whether one is whole by its two ends: ISA at its start, IEA at its end."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path

import attrs

from scrubber.x12.delimiters import ISA_WINDOW, WHITE_SPACE, from_isa

_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_ISA13 = 13
_CONTROL_NUMBER = re.compile("[0-9]{1,9}")
_TAIL = 1 << 16
_ANY_IEA = re.compile(r"IEA([^\w\s])\d+\1\d+(?:[^\w\s]|[\r\n])[\s\x00\x1a]*\Z", re.ASCII)
"""Matches an IEA with its terminator at the end of a file, whatever its delimiters are."""
_PLAIN = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class PlainFile(BufferedReader):
    """A file opened for reading, where it is a plain one: no link is followed, no pipe or device is waited for.

    `heard` is called at every read. Raises `OSError`.
    """

    def __init__(self, path: Path, heard: Callable[[], None] = lambda: None) -> None:
        self._path = path
        super().__init__(FileIO(path, opener=lambda name, flags: os.open(name, flags | _PLAIN)))
        self._heard = heard
        if not stat.S_ISREG(os.fstat(self.fileno()).st_mode):
            self.close()
            raise OSError(errno.EINVAL, "not a plain file", str(path))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and tell that there is progress. An error names the file, as one of another file does not."""
        self._heard()
        try:
            return super().read(size)
        except OSError as error:
            error.filename = str(self._path)
            raise


@attrs.frozen
class Ends:
    """What a file is now: size, time of its last change (ns), ISA13, and whether its last interchange is closed."""

    size: int
    mtime_ns: int
    control: str
    closed: bool


def ends(file: PlainFile) -> Ends:
    """Look at both ends of an open file; leaves it at its start.

    It is closed where it begins with an ISA, and nothing but white space or padding (NUL, the end-of-file mark 1A)
    follows its last segment, an IEA with its terminator. What is between may be broken all the same, and so may be the
    ISA, so that it tells no delimiters: that is for the reader to say.
    """
    status = os.fstat(file.fileno())
    file.seek(0)
    head = file.read(ISA_WINDOW).decode("latin-1").removeprefix(_BYTE_ORDER_MARK).lstrip(WHITE_SPACE)
    file.seek(max(0, status.st_size - _TAIL))
    tail = file.read(_TAIL).decode("latin-1")
    file.seek(0)
    delimiters = from_isa(head).delimiters if head.startswith("ISA") and len(head) > len("ISA") else None
    if delimiters is None:
        return Ends(
            status.st_size, status.st_mtime_ns, "", closed=bool(head.startswith("ISA") and _ANY_IEA.search(tail))
        )
    control = head.split(delimiters.element)[_ISA13].strip()
    if not _CONTROL_NUMBER.fullmatch(control):
        control = ""  # it is told in logs, and of a broken ISA it could be anything
    element, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    trailer = re.search(rf"{end}\s*IEA{element}[^{end}]*{end}[\s\x00\x1a]*\Z", tail)
    return Ends(status.st_size, status.st_mtime_ns, control, closed=trailer is not None)
