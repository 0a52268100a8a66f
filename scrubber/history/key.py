"""The key of a history: made once, in a file beside the store that only its owner can read.

All that a history keeps of persons, claims and providers is a keyed hash. Without the key, nobody can test names,
member ids or NPIs against the store.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from scrubber.claims.earlier import HistoryError
from scrubber.side_files.plain_text import content_of

SUFFIX = ".key"
_BYTES = 32
_BLOCK, _PADS = 64, (0x36, 0x5C)
"""Of HMAC-SHA256 (RFC 2104): the size of a block, and what the key is mixed with for the inner and outer hash."""
_PRIVATE = 0o600
_CHECKED = b"the key of a history"


class Key:
    """Makes keyed hashes (HMAC-SHA256), cut to the 64 bits of a number in SQLite."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        block = secret.ljust(_BLOCK, b"\0")
        self._inner, self._outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in _PADS)
        self.of = lru_cache(maxsize=4096)(self._of)

    def __repr__(self) -> str:
        """Without the key."""
        return "Key()"

    @property
    def check(self) -> str:
        """A text that is different for each key and does not reveal the key."""
        return hmac.digest(self._secret, _CHECKED, "sha256").hex()

    @property
    def text(self) -> str:
        """The key as its file has it."""
        return self._secret.hex()

    def _of(self, number: int) -> int:
        """The keyed hash of an unsigned 64-bit number, as a signed one."""
        inner, outer = self._inner.copy(), self._outer.copy()  # takes half the time of `hmac.digest`
        inner.update(number.to_bytes(8, "big"))
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)


def path_of(store: Path) -> Path:
    """The path of the key of a store."""
    return store.with_name(store.name + SUFFIX)


def new() -> Key:
    """A new key, not yet in a file."""
    return Key(secrets.token_bytes(_BYTES))


def write(store: Path, key: Key) -> None:
    """Write the key of a store. Its file is there with all its bytes, or not at all.

    Raises `OSError`; where the store has a key, `FileExistsError`.
    """
    partial = partial_name(store, key, SUFFIX)
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
        with os.fdopen(descriptor, "w") as out:
            out.write(key.text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(partial, path_of(store))
    finally:
        partial.unlink(missing_ok=True)


def partial_name(store: Path, key: Key, suffix: str = "") -> Path:
    """The name of a store, or of its file with a suffix, until it is complete. Each key has its own name."""
    return store.with_name(f".{store.name}{suffix}.{key.check[:16]}.partial")


def remove_partial(store: Path) -> None:
    """Remove the files of processes that were killed while they made a store. The store and its key must be there.

    The key shows which process has made the store. Another one that is still at it notices that it is too late.
    """
    left = re.compile(rf"\.{re.escape(store.name)}(?:{re.escape(SUFFIX)})?\.[0-9a-f]{{16}}\.partial.*")
    for path in store.parent.iterdir():
        if left.fullmatch(path.name):
            with suppress(OSError):
                path.unlink()


def read(store: Path) -> Key:
    """The key of a store. Raises `HistoryError` where it is missing, damaged or readable by others."""
    path = path_of(store)
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise HistoryError(f"{path}: other users may read this key: chmod 600 it")
        secret = bytes.fromhex(content_of(path).decode("ascii").strip())
    except FileNotFoundError as error:
        raise HistoryError(f"{path}, the key of the history, is not there") from error
    except ValueError as error:
        raise HistoryError(f"{path}, the key of the history, is damaged") from error
    if len(secret) != _BYTES:
        raise HistoryError(f"{path}, the key of the history, is damaged")
    return Key(secret)
