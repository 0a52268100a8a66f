"""Bearer tokens from a file: one on a line, in plain text or as `sha256:` with a hex hash. `#` begins a comment."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from pathlib import Path

import attrs

from scrubber.service.errors import ServiceError
from scrubber.side_files.plain_file import open_plain
from scrubber.side_files.plain_text import MOST_BYTES

LEAST_LENGTH = 20
"""The fewest characters of a token in plain text."""

_HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")


@attrs.frozen(repr=False)
class Tokens:
    """The hashes of all tokens."""

    digests: tuple[bytes, ...]

    def client(self, authorization: str) -> str | None:
        """A short name for the client that this header identifies, or `None` if its token is not known.

        The header is `Bearer TOKEN`, or `Basic` with the token as the password, for browsers. The time that this takes
        shows nothing of the tokens.
        """
        digest = hashlib.sha256(_presented(authorization).encode("utf-8", "surrogateescape")).digest()
        known = False
        for other in self.digests:
            known |= hmac.compare_digest(digest, other)
        return digest.hex()[:16] if known else None


def read(path: Path) -> Tokens:
    """The tokens in a file that only its owner can read. Raises `ServiceError`; its message shows no token."""
    try:
        with open_plain(path) as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(MOST_BYTES).decode()
    except OSError as error:
        raise ServiceError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ServiceError(f"{path}: this is not a file of tokens") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ServiceError(f"{path}: other users can read it; run: chmod 600 {path}")
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    digests = tuple(_digest(path, number, line) for number, line in lines if line and not line.startswith("#"))
    if not digests:
        raise ServiceError(f"{path}: it holds no token")
    return Tokens(digests)


def _digest(path: Path, number: int, line: str) -> bytes:
    if hashed := _HASHED.fullmatch(line):
        return bytes.fromhex(hashed[1])
    if len(line) < LEAST_LENGTH or not _TOKEN.fullmatch(line):
        wanted = f"at least {LEAST_LENGTH} letters, digits and . _ ~ + / = -, or sha256: with 64 hex digits"
        raise ServiceError(f"{path}, line {number}: a token has {wanted}")
    return hashlib.sha256(line.encode()).digest()


def _presented(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            try:
                return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError, ValueError):
                return ""
    return ""
