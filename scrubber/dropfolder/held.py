"""The files in held/: flagged claims that wait for a person."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import attrs

from scrubber.dropfolder import names
from scrubber.dropfolder.closing import PlainFile


@attrs.frozen
class HeldFile:
    """A file in held/, with its SHA-256, size in bytes, and the time at which it was written (seconds since 1970)."""

    path: Path
    sha256: str
    size: int
    since: float

    @property
    def digits(self) -> str:
        """The digits of its hash that operators name it by."""
        return self.sha256[: names.HASH_DIGITS]


def files(folder: Path) -> list[HeldFile]:
    """The plain files of a folder, the oldest first. Raises `OSError`."""
    found = []
    for path in _plain(folder):
        try:
            with PlainFile(path) as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            status = path.stat()
        except FileNotFoundError:  # somebody takes it now
            continue
        found.append(HeldFile(path, sha256, status.st_size, status.st_mtime))
    return sorted(found, key=lambda file: (file.since, file.path.name))


def _plain(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if not path.name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
            yield path
