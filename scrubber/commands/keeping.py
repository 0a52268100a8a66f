"""Keeps the files that a command reads: an output never replaces one of them."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from scrubber.commands.console import Refused

if TYPE_CHECKING:
    from scrubber.running.options import RunOptions


def refuse_overwriting(read: Iterable[str | Path], *written: Path | None) -> None:
    """Raise `Refused` if an output would overwrite a file that is read, whatever name or link it has."""
    read_files = {key for path in read for key in _keys(Path(path))}
    for output in filter(None, written):
        if not read_files.isdisjoint(_keys(output)):
            raise Refused(f"{output} is one of the inputs; nothing was written")


def _keys(path: Path) -> Iterator[object]:
    """What tells a plain file from all others: its path without links, and its number on the disk.

    A device or a pipe has none: it may be read and written.
    """
    try:
        status = path.stat()
    except OSError:
        yield path.resolve()
        return
    if stat.S_ISREG(status.st_mode):
        yield path.resolve()
        yield status.st_dev, status.st_ino


def files_of(options: RunOptions) -> Iterator[str | Path]:
    """The files that options name."""
    if isinstance(options.profile, str | PathLike):
        yield Path(options.profile)
    yield from filter(None, (*options.edits, options.suppressions, options.key, options.facts, options.reference))
