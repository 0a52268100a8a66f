"""Every lasting change that the drop folder makes to a disk. Each function is one step: done, or not done.

Other modules change disks only through these functions. A test can therefore stop a real process before any step, or
let a step fail.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from scrubber.history.store import HistoryStore, Proposal
from scrubber.outputs.access import Access, grant, grant_folder

_PRIVATE_FOLDER = 0o700
_INHERITING_FOLDER = 0o777  # the system takes off what the default ACL does not grant
_PRIVATE_FILE = 0o600
_BLOCK = 1 << 20
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def make_folder(path: Path, *, inherits: bool = False) -> None:
    """Make a folder that only its owner can enter; an existing one stays as it is.

    With `inherits` the default ACL of the folder above says who can enter.
    """
    path.mkdir(_INHERITING_FOLDER if inherits else _PRIVATE_FOLDER, exist_ok=True)


def share_folder(path: Path, access: Access) -> None:
    """Give a folder of our own the mode and group that a user asked for."""
    grant_folder(path, access)


def share(path: Path, access: Access, folder: Path) -> None:
    """Give a complete file the access of outputs in a folder, before it is moved there."""
    grant(path, access, folder)


def rename(old: Path, new: Path) -> None:
    """Move a file within a file system. At any time it has the old or the new path, and is whole."""
    old.rename(new)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Some network shares cannot do this for folders."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not path.is_dir() or error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)


def sync_all(folder: Path) -> list[str]:
    """Wait until a folder with all its files is on the disk; returns their names in order."""
    found = sorted(path.name for path in folder.iterdir())
    for name in found:
        sync(folder / name)
    sync(folder)
    sync(folder.parent)
    return found


def copy(old: Path, new: Path) -> None:
    """Copy a file, readable by its owner only, and wait until it is on the disk. Links are not followed."""
    with os.fdopen(os.open(old, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)), "rb") as source:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as out:
            shutil.copyfileobj(source, out, _BLOCK)
            out.flush()
            os.fsync(out.fileno())


def sync_open(descriptor: int) -> None:
    """Wait until a file that is open for reading is on the disk. Some file systems do this for writers only."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def write(path: Path, content: bytes) -> None:
    """Write a small file, readable by its owner only, over an existing one; wait until it is on the disk."""
    _put(path, os.O_TRUNC, content)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a small file, and wait until it is on the disk."""
    _put(path, os.O_APPEND, content)


def _put(path: Path, how: int, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def replace(path: Path, content: bytes) -> None:
    """Write a small file. A reader sees the whole old file or the whole new one."""
    staged = path.with_name(f".{path.name}.{os.getpid()}.partial")
    write(staged, content)
    staged.replace(path)


def remove_empty_folder(path: Path) -> None:
    """Remove an empty folder. Raises `OSError` where it is not empty."""
    path.rmdir()


def discard(path: Path) -> None:
    """Remove a staging folder and everything in it."""
    shutil.rmtree(path, ignore_errors=True)


def prune(path: Path) -> None:
    """Delete a file. Only retention deletes originals."""
    path.unlink(missing_ok=True)


def enter(history: HistoryStore, proposal: Proposal) -> bool:
    """Make the claims of a file count in the history; false if one of them was released meanwhile."""
    return history.enter(proposal)


def confirm(history: HistoryStore, sha256: str, token: str) -> None:
    """Confirm in the history that a file is released."""
    history.confirm(sha256, token)


def withdraw(history: HistoryStore, sha256: str, token: str) -> None:
    """Take back from the history what was entered for a file that is not released."""
    history.withdraw(sha256, token)


def commit(connection: sqlite3.Connection) -> None:
    """Make a transaction of the ledger durable."""
    connection.execute("COMMIT")
