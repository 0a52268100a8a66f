"""The profile `scrubber.toml` that a command finds by itself, in the working folder or above it."""

from __future__ import annotations

import os
from pathlib import Path

from scrubber.engine.trust import changeable_by_others

NAME = "scrubber.toml"

_END = ".git"
"""A folder with it is the root of a working copy: the search ends there."""


class UntrustedError(Exception):
    """A file was found that another account may change. The message says how to go on."""


def find(start: Path) -> Path | None:
    """The `scrubber.toml` of a folder, or the nearest one above it, as a path from that folder.

    The search ends with the home folder, with the root of a working copy (`.git`), and at the border of a file system.
    Raises `UntrustedError` if another account may change the file.
    """
    try:
        return _found(start.resolve())
    except OSError:  # such as a folder that may not be looked into
        return None


def _found(start: Path) -> Path | None:
    device, home = _device(start), _home()
    for folder in (start, *start.parents):
        if _device(folder) != device:
            return None
        path = folder / NAME
        if path.is_file():
            _refuse_of_others(path)
            return Path(os.path.relpath(path, start))
        if folder == home or (folder / _END).exists():
            return None
    return None


def _device(folder: Path) -> int:
    """The number of the file system that a folder is on."""
    return folder.stat().st_dev


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:  # the account has none
        return None


def _refuse_of_others(path: Path) -> None:
    """Raise `UntrustedError` for a file, or a link to one, that is neither of this account nor of root.

    The user has not named this file, so it must meet more than a file that a user names: its owner counts, too.
    """
    if os.name != "posix":
        return
    if not {path.lstat().st_uid, path.stat().st_uid} <= _ours():
        raise UntrustedError(f"{path} belongs to another account, so it is not used: {_ADVICE}")
    if changeable_by_others(path):
        raise UntrustedError(f"{path} can be changed by other users, so it is not used: chmod go-w it, or {_ADVICE}")


def _ours() -> set[int]:
    """The accounts whose files are trusted: this one and root."""
    return {0, os.geteuid()}


_ADVICE = "name it with --profile, or give --no-config"
