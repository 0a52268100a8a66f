"""Input files: the files that paths of a command line name, and standard input as a file that can be read twice."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import attrs

from scrubber.outputs.lines import STANDARD_INPUT
from scrubber.x12 import archives
from scrubber.x12.streams import Readable

_SNIFFED = 64
_FIRST = 4 << 20
"""Within so many bytes a pipe must show a header, or it is not read on: it may never end."""
_BLOCK = 1 << 20
_PART_THAT_STAYS_FREE, _MOST_THAT_STAYS_FREE = 20, 1 << 30
_SEPARATOR = rb"([^A-Za-z0-9 \r\n])"
_HEADER = re.compile(rb"ISA%b[A-Za-z0-9 ]{0,10}\1|GS%b[A-Z]{2}\2|ST%b\d{3}\3" % ((_SEPARATOR,) * 3))
"""The first element stands between two separators: otherwise one in five files of random bytes would match."""
_LIKE_837 = frozenset({".837", ".837i", ".837p", ".edi", ".x12"})
"""Endings of names by which a file of a folder claims to be an 837, whatever it holds."""


@attrs.frozen
class Input:
    """One input; `path` as the user gave it, `-` for standard input."""

    path: str

    @property
    def name(self) -> str:
        """The beginning of the names of outputs: the file's name without its last extension."""
        return "stdin" if self.path == STANDARD_INPUT else Path(self.path).stem

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The input as a seekable binary file. Raises `OSError`.

        Standard input, another pipe or a device is copied to a temporary file without a name, so that nobody else can
        read it. One without a header at its beginning is an `OSError`. An archive is copied: reading it names its kind.
        """
        with nullcontext(sys.stdin.buffer) if self.path == STANDARD_INPUT else Path(self.path).open("rb") as stream:
            if self.path != STANDARD_INPUT and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                yield stream
                return
            with tempfile.TemporaryFile() as spool:
                first = stream.read(_FIRST)
                if len(first) == _FIRST and not (_HEADER.search(first) or _is_archive(first)):
                    raise OSError(errno.EINVAL, f"no ISA, GS or ST in the first {_FIRST:,} bytes", self.path)
                spool.write(first)
                copy_pipe(stream, spool, self.path)
                spool.seek(0)
                yield spool


@attrs.frozen
class Moved(Input):
    """An input whose file has moved. `path` is its name in reports, `at` the path of the file now."""

    at: Path

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The input as a seekable binary file. Raises `OSError`."""
        with Input(str(self.at)).open() as stream:
            yield stream


@attrs.frozen
class Inputs:
    """The result of expanding paths: files to read, files of folders that are not X12, folders that cannot be read.

    `inner` are folders in folders, which are not searched.
    """

    files: tuple[Input, ...]
    passed_over: tuple[str, ...]
    unreadable: tuple[str, ...]
    inner: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """The paths of the files to read."""
        return [item.path for item in self.files]


def expand(paths: Iterable[str]) -> Inputs:
    """The given files as they are. A folder stands for its 837 files, in order of their names.

    These are the files that begin with ISA, and those that are named like an 837. If one of the latter is not an 837,
    reading it says so: a damaged batch must not be passed over.
    """
    files: list[Input] = []
    passed_over: list[str] = []
    unreadable: list[str] = []
    inner: list[str] = []
    for path in paths:
        if path == STANDARD_INPUT or not Path(path).is_dir():
            files.append(Input(path))
            continue
        try:
            found = sorted(Path(path).iterdir())
            members = [member for member in found if member.is_file()]
            inner += [str(member) for member in found if member.is_dir() and not member.name.startswith(".")]
        except OSError as error:
            unreadable.append(f"{path}: {error.strerror}")
            continue
        for member in members:
            if _is_named_like_an_837(member) or _begins_with_isa(member):
                files.append(Input(str(member)))
            else:
                passed_over.append(str(member))
    return Inputs(tuple(files), tuple(passed_over), tuple(unreadable), tuple(inner))


def copy_pipe(pipe: Readable, copy: BinaryIO, name: str | None = None) -> None:
    """Copy the rest of a pipe into a temporary file.

    A pipe may never end. So a twentieth of the disk stays free for others, at most 1 GiB. Raises `OSError`.
    """
    folder = tempfile.gettempdir()
    while block := pipe.read(_BLOCK):
        disk = shutil.disk_usage(folder)
        if disk.free < min(disk.total // _PART_THAT_STAYS_FREE, _MOST_THAT_STAYS_FREE):
            raise OSError(
                errno.ENOSPC, f"its copy would fill the disk of {folder}, the folder for temporary files", name
            )
        copy.write(block)


def _is_archive(first: bytes) -> bool:
    return archives.kind(first[: archives.WINDOW].decode("latin-1")) is not None


def _is_named_like_an_837(path: Path) -> bool:
    return path.suffix.lower() in _LIKE_837 and not path.name.startswith(".")


def _begins_with_isa(path: Path) -> bool:
    """Also true for a file that cannot be opened: reading it later reports the reason."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_SNIFFED)
    except OSError:
        return True
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"ISA")
