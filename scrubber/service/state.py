"""The private folder of a service: uploads in work, and kept answers. One service at a time uses it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from scrubber.service.errors import ServiceError

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

_LOCK = "lock"


@attrs.frozen
class StateFolders:
    """The folders: `uploads` for requests in work, `answers` for those that are kept."""

    uploads: Path
    answers: Path


@contextmanager
def opened(folder: Path) -> Iterator[StateFolders]:
    """The state in a folder, which is made where it is missing. What a killed service left in work is removed.

    Raises `ServiceError` where it cannot be used, or another service uses it.
    """
    state = StateFolders(folder / "uploads", folder / "answers")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ServiceError(f"{folder}: {error.strerror}") from error
    try:
        _lock(descriptor, folder)
        try:
            shutil.rmtree(state.uploads, ignore_errors=True)
            for path in (state.uploads, state.answers):
                path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ServiceError(f"{folder}: {error.strerror}") from error
        try:
            yield state
        finally:
            shutil.rmtree(state.uploads, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ServiceError(f"{folder} is used by another service; give this one another folder with --state") from error
