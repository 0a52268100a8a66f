"""The files within a zip, a folder or a zip within a zip, each opened without writing it to the disk by its name."""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any

import attrs

from scrubber.side_files.plain_file import open_plain
from scrubber.side_files.plain_text import visible

MOST_FILES = 2_000
"""The most files of an archive or folder."""
MOST_BYTES = 1 << 30
"""The most bytes of a file, unpacked."""
MOST_BYTES_TOGETHER = 4 << 30
"""The most bytes of all files of an archive, unpacked."""
MOST_RATIO = 200
"""By how much a file may shrink when it is packed. Tables of codes shrink to a tenth; a zip bomb to a thousandth."""
_SMALL = 10 << 20
"""Below this size a file may be packed as tightly as it can."""
_DEEPEST = 2
"""How many zips may be within each other."""

_HEAD = 1 << 16
_BLOCK = 1 << 20
_ENCRYPTED = 0x1
_NO_YEAR = 1980
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # with members, and without
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
_SPREADSHEET = "[Content_Types].xml"


class FileRefused(Exception):  # noqa: N818 - names a fault of the file, not of the program
    """A file that is not imported. The message names the file, where it can the row, and the reason."""


class UnsafeFile(FileRefused):
    """A file that may fill the memory or the disk, or leaves its folder."""


@attrs.frozen(eq=False)
class Document:
    """A file to import: a plain one, or a member of an archive.

    `label` names it with its archives. `names` are its name and those of its archives or folders, from the inside out:
    the edition often stands there. `written` is the day that an archive gives for it.
    """

    label: str
    names: tuple[str, ...]
    open: Callable[[], IO[bytes]]
    written: date | None = None
    kept: dict[object, Any] = attrs.field(factory=dict, init=False, repr=False)
    """What was read of it, so that it is not read again."""

    @property
    def head(self) -> bytes:
        """Its first 64 KiB."""
        if "head" not in self.kept:
            with self.reading() as stream:
                self.kept["head"] = stream.read(_HEAD)
        head: bytes = self.kept["head"]
        return head

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hex."""
        if "sha256" not in self.kept:
            digest = hashlib.sha256()
            with self.reading() as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
            self.kept["sha256"] = digest.hexdigest()
        return str(self.kept["sha256"])

    @property
    def is_spreadsheet(self) -> bool:
        """Whether it is a file of Excel, XLSX."""
        return self.head.startswith(_ZIP)

    @contextmanager
    def reading(self) -> Iterator[IO[bytes]]:
        """Its bytes. Raises `FileRefused` if the archive is damaged."""
        try:
            with self.open() as stream:
                yield stream
        except _DAMAGED as error:
            raise FileRefused(f"{self.label}: the archive is damaged or cut off ({error})") from error
        except OSError as error:
            if error.errno not in (None, errno.EINVAL):  # these two are of a damaged archive, not of the disk
                error.filename = error.filename or self.label
                raise
            raise FileRefused(f"{self.label}: the archive is damaged or cut off") from error


@contextmanager
def opened(path: Path) -> Iterator[Sequence[Document]]:
    """The documents of a file, an archive or a folder. Raises `FileRefused` and `OSError`."""
    with ExitStack() as stack:
        inside = _of_folder(path, stack) if path.is_dir() else _of_file(path, stack)
        found = list(islice(inside, MOST_FILES + 1))
        if len(found) > MOST_FILES:
            raise UnsafeFile(f"{visible(str(path))}: it has more than {MOST_FILES:,} files, with those of its archives")
        yield found


def _of_folder(path: Path, stack: ExitStack) -> Iterator[Document]:
    inside = (item for item in path.rglob("*") if item.is_file() and not _is_hidden(item.relative_to(path)))
    files = sorted(islice(inside, MOST_FILES + 1))
    if len(files) > MOST_FILES:
        raise UnsafeFile(f"{visible(str(path))}: the folder has more than {MOST_FILES:,} files")
    for item in files:
        yield from _of_file(item, stack)


def _is_hidden(path: PurePath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _of_file(path: Path, stack: ExitStack) -> Iterator[Document]:
    if path.exists() and not path.is_file():
        raise FileRefused(f"{visible(str(path))}: this is a device or a pipe; give a file or a folder")
    name, *parents = map(visible, reversed(path.absolute().parts[1:][-2:]))
    plain = Document(visible(str(path)), (name, *parents), lambda: open_plain(path))
    if not _is_archive(plain):
        yield plain
    else:
        yield from _members(name, (name,), stack.enter_context(open_plain(path)), stack, 1)


def _is_archive(document: Document) -> bool:
    """Whether a document is a zip, and no spreadsheet: that is a zip, too."""
    if not document.head.startswith(_ZIP):
        return False
    with document.reading() as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return _SPREADSHEET not in archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise FileRefused(f"{document.label}: the archive is damaged or cut off ({error})") from error


def _members(label: str, names: tuple[str, ...], stream: IO[bytes], stack: ExitStack, depth: int) -> Iterator[Document]:
    """The files of a zip, and of zips within it."""
    archive = stack.enter_context(zipfile.ZipFile(stream))
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    must_be_bounded(label, members)
    for info in members:
        path = PurePosixPath(info.filename)
        if _is_hidden(path):
            continue
        member = Document(
            f"{label}: {visible(info.filename)}",
            (visible(path.name), *names),
            lambda info=info: archive.open(info),  # type: ignore[misc]
            _day(info),
        )
        if not member.head.startswith(_ZIP):
            yield member
            continue
        inner = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        with member.reading() as packed:
            shutil.copyfileobj(packed, inner)
        inner.flush()
        held = Document(member.label, member.names, lambda inner=inner: _again(inner), member.written)  # type: ignore[misc]
        if not _is_archive(held):
            yield held
        elif depth == _DEEPEST:
            raise FileRefused(f"{member.label}: a zip within a zip within a zip")
        else:
            yield from _members(member.label, member.names, inner, stack, depth + 1)


def _day(info: zipfile.ZipInfo) -> date | None:
    """The day that an archive gives for a member, `None` if it gives none: the time of a zip begins in 1980."""
    try:
        return date(*info.date_time[:3]) if info.date_time[0] > _NO_YEAR else None
    except ValueError:
        return None


def _again(file: IO[bytes]) -> IO[bytes]:
    """A temporary file from its beginning; closing it does not close the file."""
    again = os.fdopen(os.dup(file.fileno()), "rb")
    again.seek(0)
    return again


def must_be_bounded(label: str, members: Sequence[zipfile.ZipInfo]) -> None:
    """Raises `UnsafeFile` for an archive that may fill the memory, leaves its folder or has a file without a name."""
    if len(members) > MOST_FILES:
        raise UnsafeFile(f"{label}: the archive has more than {MOST_FILES:,} files")
    if sum(info.file_size for info in members) > MOST_BYTES_TOGETHER:
        raise UnsafeFile(f"{label}: the archive is larger than {MOST_BYTES_TOGETHER:,} bytes when it is unpacked")
    for info in members:
        name = info.filename
        if not name:
            raise UnsafeFile(f"{label}: the archive has a file without a name")
        if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
            raise UnsafeFile(f"{label}: the archive has a file outside of its folder: {name!r}")
        name = visible(name)
        if info.flag_bits & _ENCRYPTED:
            raise FileRefused(f"{label}: {name} is encrypted; unpack it first")
        if info.file_size > MOST_BYTES:
            raise UnsafeFile(f"{label}: {name} is larger than {MOST_BYTES:,} bytes when it is unpacked")
        if info.file_size > _SMALL and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise UnsafeFile(f"{label}: {name} unpacks to {info.file_size:,} bytes, as a zip bomb does")
