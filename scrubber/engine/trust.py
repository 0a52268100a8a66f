"""Whether a file can be trusted: other users of the machine may be able to change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def changeable_by_others(path: Path) -> bool:
    """Whether other users than its owner and root may change a file, or put another one in its place.

    Members of the group of this process count as its owner. `False` on systems other than POSIX. Raises `OSError`.
    """
    if os.name != "posix":
        return False
    file = path.stat()
    by_group = file.st_mode & stat.S_IWGRP and file.st_gid not in (0, os.getgid())
    folders = (path.parent, path.resolve().parent)
    return bool(file.st_mode & stat.S_IWOTH or by_group or any(map(_replaceable, folders)))


def _replaceable(folder: Path) -> bool:
    """Whether all users may rename and delete files of others in a folder."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_IWOTH and not mode & stat.S_ISVTX)
