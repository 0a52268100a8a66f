"""Output files: only their owner can read them unless a user shares them, and they appear when they are complete.

A file is written under a temporary name of its own beside its place, and renamed when it is complete. So two runs that
write the same file do not mix, and a run that fails leaves what was there.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import BufferedRandom, BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from scrubber.outputs.access import PRIVATE, Access, grant

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

_OWNER_ONLY = 0o600
_ACCESS: ContextVar[Access] = ContextVar("access", default=PRIVATE)
_COMPLETE: ContextVar[list[tuple[Path, Path]] | None] = ContextVar("complete", default=None)
"""Within `together` the files that are complete, each with the name that it is to get."""
_BUFFER = 1 << 16
"""Bytes that are written at a time. With the usual 8 KB, a thousand claims would need 800 writes."""
_BEGIN, _PARTIAL = ".scrubber-", ".partial"
_SURELY_LOCKED = 60.0
"""Seconds after which a file that is being written is locked by its run."""
_OPEN_FILES = Path("/proc")
"""Here are the names of files that are open already. /dev/stdout is a link to one."""


@contextmanager
def shared(access: Access) -> Iterator[None]:
    """Gives the files that are made within this access when they are complete."""
    before = _ACCESS.set(access)
    try:
        yield
    finally:
        _ACCESS.reset(before)


@contextmanager
def together() -> Iterator[None]:
    """The files that are made within get their names when all of them are complete, in the order in which they were.

    If one cannot be completed or named, none is left. Raises `OSError`.
    """
    complete: list[tuple[Path, Path]] = []
    named: list[Path] = []
    before = _COMPLETE.set(complete)
    try:
        try:
            yield
        finally:
            _COMPLETE.reset(before)
        while complete:
            partial, path = complete[0]
            named.append(path)
            partial.replace(path)
            del complete[0]
    except BaseException:
        if complete:  # else the last one has its name, and somebody may have taken it
            for path in (*(partial for partial, _ in complete), *named):
                with suppress(OSError):  # such as a folder of that name
                    path.unlink()
        raise


@contextmanager
def new_file(path: Path, *, even_empty: bool = True, mode: int = _OWNER_ONLY) -> Iterator[BinaryIO]:
    """A binary file that gets its name only when it is complete, and then replaces an older one. Raises `OSError`.

    A link of that name is replaced and not followed. Without `even_empty` an empty file is dropped. Only its owner can
    read it until it is complete; then it has the access of `shared`, or what the default ACL of its folder grants. Give
    another `mode` only for a file without patient data. Within `together` it waits for its name.
    An error of writing names `path`.
    """
    partial = path.with_name(f"{_BEGIN}{os.urandom(8).hex()}{_PARTIAL}")
    try:  # begins before the file does: Ctrl-C may come right after it
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        with BufferedRandom(_Written(descriptor, "w+", path), _BUFFER) as out:
            _locked(descriptor)
            yield out
            out.flush()
            os.utime(partial)  # it is unlocked for a moment, and must not look like one that was left over
        if even_empty or partial.stat().st_size:
            if mode == _OWNER_ONLY:
                grant(partial, _ACCESS.get(), path.parent)
            complete = _COMPLETE.get()
            if complete is None:
                partial.replace(path)
            else:
                complete.append((partial, path))
        else:
            partial.unlink()
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(partial):
            error.filename = str(path)
        raise


class _Written(FileIO):
    """A file that is open for writing. Its errors name the path that it is to get; those of the system name none."""

    def __init__(self, descriptor: int, mode: str, path: Path) -> None:
        super().__init__(descriptor, mode)
        self._path = path

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = str(self._path)
            raise


@contextmanager
def owner_only(path: Path, *, over: bool = False) -> Iterator[BinaryIO]:
    """A new binary file that only its owner can read, under its name at once. Raises `OSError`.

    With `over` a file that is there is written over and not emptied: to empty and fill it takes ten times as long.
    """
    emptied = 0 if over else os.O_TRUNC
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | emptied, _OWNER_ONLY)
    with BufferedWriter(_Written(descriptor, "w", path)) as out:
        yield out


@contextmanager
def new_text_file(path: Path) -> Iterator[TextIO]:
    """A text file in UTF-8, made as by `new_file`. Characters that UTF-8 cannot hold are escaped."""
    with new_file(path) as out, _text(out) as text:
        yield text


@contextmanager
def named_file(path: Path) -> Iterator[BinaryIO]:
    """The file that a user names for an output. Raises `OSError`.

    A device, pipe or file that is open already (/dev/stdout) is written into. A link stays, and its file is replaced.
    All else is as `new_file` does it.
    """
    if _is_written_into(path):
        with BufferedWriter(_Written(os.open(path, os.O_WRONLY | os.O_APPEND), "a", path)) as out:
            yield out
    else:
        target = path.resolve() if path.is_symlink() else path
        _remove_left_over(target.parent)
        with new_file(target) as out:
            yield out


@contextmanager
def named_text_file(path: Path) -> Iterator[TextIO]:
    """A text file in UTF-8 as `named_file` opens it. Characters that UTF-8 cannot hold are escaped."""
    with named_file(path) as out, _text(out) as text:
        yield text


@contextmanager
def only_run(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Waits until no other run writes into a folder; calls `waiting` first if there is one. Raises `OSError`.

    What killed runs have left there is removed. Two runs at once would leave the clean file of one beside the rejected
    file of the other.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if _locked(descriptor) is False:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _remove_left_over(folder)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder for what a run needs meanwhile, in `parent` or in that for temporary files. Raises `OSError`.

    Only its owner can look into it, and it is removed at the end. What killed runs have left beside it is removed, too.
    """
    parent = parent or Path(tempfile.gettempdir())
    _remove_left_over(parent)
    folder = Path(tempfile.mkdtemp(_PARTIAL, _BEGIN, parent))
    descriptor = None if fcntl is None else os.open(folder, os.O_RDONLY)
    try:
        if descriptor is not None:
            _locked(descriptor)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def as_text(out: BinaryIO) -> TextIOWrapper:
    """Text in UTF-8 for a binary file, which it closes unless it is detached."""
    return TextIOWrapper(out, "utf-8", errors="backslashreplace", newline="\n")


@contextmanager
def _text(out: BinaryIO) -> Iterator[TextIO]:
    text = as_text(out)
    yield text
    text.flush()
    text.detach()


def _is_written_into(path: Path) -> bool:
    """Whether a path is no plain file that could be replaced."""
    entry = path.parent.resolve() / path.name
    if (entry.readlink() if entry.is_symlink() else entry).is_relative_to(_OPEN_FILES):
        return True
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _locked(descriptor: int) -> bool | None:
    """Lock an open file or folder until it is closed. False if another process has it, `None` if there are no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network shares have none
        return None
    return True


def _remove_left_over(folder: Path) -> None:
    """Remove what killed runs have left in a folder: it is not locked. What is new may not be locked yet."""
    long_ago = time.time() - _SURELY_LOCKED
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            ours = entry.name.startswith(_BEGIN) and entry.name.endswith(_PARTIAL)
            if ours and not entry.is_symlink() and entry.stat().st_mtime < long_ago:
                _remove_unlocked(Path(entry.path))


def _remove_unlocked(partial: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(partial, os.O_RDONLY)
        try:
            if _locked(descriptor):
                shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
        finally:
            os.close(descriptor)
