"""Who may read outputs: the mode and the group that a user asks for, or what a folder's default ACL grants.

Without either, only the owner can read an output. A file gets its access when it is complete, before it gets its name.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from pathlib import Path

import attrs

_OWNER = 0o600
_GROUP_READS = 0o640
_MODE = re.compile("0?[0-7]{3}")
_ACCESS_ACL, _DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"
_ACL_HEADER, _ACL_ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_READ_WRITE = 0o6


class AccessError(Exception):
    """A mode or group that cannot be used. The message says why."""


@attrs.frozen
class Access:
    """The mode of output files, and the group that they get; `None` leaves it as it is.

    A group without a mode may read them.
    """

    mode: int | None = None
    group: str | None = None

    @classmethod
    def of(cls, mode: str | None, group: str | None) -> Access:
        """The access by a mode in octal digits, such as `0640`, and the name of a group. Raises `AccessError`."""
        number = None
        if mode is not None:
            number = int(mode, 8) if _MODE.fullmatch(mode) else 0
            if number & _OWNER != _OWNER or number & 0o111:
                raise AccessError(f"mode {mode!r} must be octal digits such as 0640, with read and write for the owner")
        if group == "":
            raise AccessError("group must be the name of a group")
        made = cls(number if number is not None or group is None else _GROUP_READS, group)
        made.group_id()
        return made

    @property
    def asked(self) -> bool:
        """Whether a mode or a group was asked for."""
        return self.mode is not None or self.group is not None

    @property
    def folder_mode(self) -> int | None:
        """The mode of folders: with `r` on files one may enter, with `w` on files one may add and remove them."""
        return None if self.mode is None else self.mode | (self.mode & 0o444) >> 2

    def group_id(self) -> int:
        """The number of the group, -1 for none. Raises `AccessError` where this account cannot give files to it."""
        if self.group is None:
            return -1
        import grp  # not on Windows

        try:
            found = grp.getgrnam(self.group).gr_gid
        except KeyError:
            raise AccessError(f"there is no group {self.group!r}") from None
        if os.geteuid() and found not in (os.getegid(), *os.getgroups()):
            raise AccessError(f"this account is not a member of the group {self.group!r}")
        return found


PRIVATE = Access()
"""The access where a user asks for none."""


def needs_granting(access: Access, folder: Path) -> bool:
    """Whether an output of a folder gets another access than that of its owner."""
    return access.asked or default_acl(folder) is not None


def grant(path: Path, access: Access, folder: Path) -> None:
    """Give a complete file of our own the access of outputs in a folder. Another account's file stays as it is.

    Raises `OSError` and `AccessError`.
    """
    if path.lstat().st_uid != os.geteuid():  # perhaps it cannot even be opened
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return
        if not access.asked:
            acl = default_acl(folder)
            if acl is not None:
                os.setxattr(descriptor, _ACCESS_ACL, acl)
            return
        if access.group is not None:  # first, or another group could read it for a moment
            os.fchown(descriptor, -1, access.group_id())
        if access.mode is not None:
            os.fchmod(descriptor, access.mode)
    finally:
        os.close(descriptor)


def grant_folder(path: Path, access: Access) -> None:
    """Give a folder of our own the access. Raises `OSError` and `AccessError`."""
    status = path.stat()
    if not access.asked or status.st_uid != os.geteuid():
        return
    if access.group_id() not in (-1, status.st_gid):
        os.chown(path, -1, access.group_id())
    now = stat.S_IMODE(status.st_mode)
    if access.folder_mode is not None and access.folder_mode != now & 0o777:
        path.chmod(access.folder_mode | now & 0o7000)


def default_acl(folder: Path) -> bytes | None:
    """What the default ACL of a folder grants on a file in it; `None` where it has none."""
    try:
        acl: bytes = os.getxattr(folder, _DEFAULT_ACL)
    except (OSError, AttributeError):  # no such attribute, or a system without ACLs
        return None
    head, entries = acl[: _ACL_HEADER.size], acl[_ACL_HEADER.size :]
    unpacked = _ACL_ENTRY.iter_unpack(entries)
    return head + b"".join(_ACL_ENTRY.pack(tag, bits & _READ_WRITE, who) for tag, bits, who in unpacked)
