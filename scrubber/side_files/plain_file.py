"""Opens the files beside the claims: profiles, tables, keys, reports. All of them are plain files.

A pipe, a socket or a device is an error: reading it could wait without end, or never come to an end.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_NOT_PLAIN = "this is a device, a pipe or a socket; give a file"
_WITHOUT_WAITING = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def open_plain(path: Path) -> BufferedReader:
    """A plain file, open for reading. A link is followed. Raises `OSError`."""
    return os.fdopen(plain_descriptor(path), "rb")


def plain_descriptor(path: Path, *, links: bool = True) -> int:
    """The descriptor of a plain file, open for reading. Raises `OSError`, without `links` also for a link."""
    must_be_plain(path, links=links)
    descriptor = os.open(path, _WITHOUT_WAITING | (0 if links else _NO_LINK))
    try:
        _check(os.fstat(descriptor).st_mode, path)  # another file may have taken the name meanwhile
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def must_be_plain(path: Path, *, links: bool = True) -> None:
    """Raise `OSError` unless a path is a plain file, or with `links` a link to one.

    Nothing is opened: opening may move a tape.
    """
    _check(path.stat(follow_symlinks=links).st_mode, path)


def _check(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _NOT_PLAIN, str(path))
