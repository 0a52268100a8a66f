"""Opens plain files, and recognises a whole file by its two ends: ISA at its start, IEA at its end."""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from scrubber.side_files.plain_file import plain_descriptor
from scrubber.x12.control import is_control_number
from scrubber.x12.delimiters import ISA_WINDOW, WHITE_SPACE, from_isa, space_after

try:
    import fcntl
except ImportError:  # Windows has no leases
    fcntl = None  # type: ignore[assignment]

Beginning: TypeAlias = Literal["ISA", "nothing", "other", "open"]
"""What a file begins with: ISA, white space only (`nothing`), or other bytes. `open`: it is too early to say.

A file that begins with other bytes never becomes an 837. A writer may reserve space with NUL bytes, so they are `open`.
"""

_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_ISA13 = 13
_TAIL = 1 << 16
_ANY_IEA = re.compile(r"IEA([^A-Za-z0-9\s])\d+\1\d+(?:[^A-Za-z0-9\s]|[\r\n])[\s\x00\x1a]*\Z", re.ASCII)
"""Matches an IEA with its terminator at the end of a file, whatever its delimiters are."""
_OTHER_IEA = re.compile(r"IEA([^A-Za-z0-9\s])\d{1,5}\1\d{9}([^A-Za-z0-9\s]|[\r\n])[\s\x00\x1a]*\Z", re.ASCII)
"""Matches a sound IEA at the end of a file, and its terminator."""


class PlainFile(BufferedReader):
    """A plain file, open for reading. It follows no link and waits for no pipe or device.

    It calls `on_progress` before every read. Raises `OSError`.
    """

    def __init__(self, path: Path, on_progress: Callable[[], None] = lambda: None) -> None:
        self._path = path
        super().__init__(FileIO(path, opener=lambda *_: plain_descriptor(path, links=False)))
        self._on_progress = on_progress

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and report progress. An error carries the path, so that the caller knows which file failed."""
        self._on_progress()
        try:
            return super().read(size)
        except OSError as error:
            error.filename = str(self._path)
            raise


@attrs.frozen
class Ends:
    """Size, time of the last change (ns), ISA13 and beginning of a file, and whether its last interchange is closed."""

    size: int
    mtime_ns: int
    control: str
    closed: bool
    beginning: Beginning = "ISA"


def ends(file: PlainFile) -> Ends:
    """Read both ends of an open file, then go back to its start.

    The file is closed if it begins with ISA and ends with IEA and its terminator, even if the ISA is too broken to show
    the delimiters, or if the last interchange has others. White space and padding (NUL, the end-of-file mark 1A) may
    follow. The reader checks what is between the ends, and the ISA.
    """
    status = os.fstat(file.fileno())
    file.seek(0)
    head = file.read(ISA_WINDOW).decode("latin-1").removeprefix(_BYTE_ORDER_MARK).lstrip(WHITE_SPACE)
    file.seek(max(0, status.st_size - _TAIL))
    tail = file.read(_TAIL).decode("latin-1")
    file.seek(0)
    delimiters = from_isa(head).delimiters if head.startswith("ISA") and len(head) > len("ISA") else None
    if delimiters is None:
        closed = bool(head.startswith("ISA") and _ANY_IEA.search(tail))
        return Ends(status.st_size, status.st_mtime_ns, "", closed, _beginning(head, status.st_size))
    control = head.split(delimiters.element)[_ISA13].strip()
    if not is_control_number(control):
        control = ""  # it goes into logs, and a broken ISA could hold anything here
    element, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    trailer = re.search(rf"{end}{space_after(delimiters.terminator)}IEA{element}[^{end}]*{end}[\s\x00\x1a]*\Z", tail)
    closed = trailer is not None or _ends_with_another_iea(tail)
    return Ends(status.st_size, status.st_mtime_ns, control, closed)


def _ends_with_another_iea(tail: str) -> bool:
    """Whether the last interchange, with delimiters of its own, is closed: its terminator stands before IEA, too.

    A line break ends the segment before only if no other terminator stands before it.
    """
    at = max(tail.rfind("IEA"), 0)
    found = _OTHER_IEA.match(tail, at)
    before = tail[:at].rstrip(WHITE_SPACE)[-1:]
    return found is not None and (before == found[2] or (before.isalnum() and tail[at - 1] == found[2]))


def is_written(file: PlainFile) -> bool | None:
    """Whether a process has the file open for writing; `None` where the system does not know.

    Linux grants a read lease on a file only if nobody has it open for writing. It grants leases to the owner of the
    file and to root, on local disks.
    """
    if fcntl is None or not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # ignored by default; a writer that opens it now is signalled
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    return False


def _beginning(head: str, size: int) -> Beginning:
    """The beginning of a file of `size` bytes, by its first bytes without byte order mark and white space."""
    if head.startswith("ISA"):
        return "ISA"
    if not head:
        return "nothing" if size <= ISA_WINDOW else "open"
    return "open" if "ISA".startswith(head) or head[0] in "\0\xef" else "other"
