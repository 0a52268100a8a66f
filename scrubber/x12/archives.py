"""Recognises archives and compressed files by their first bytes.

A zip may hold its files as they are. Then an 837 stands in it between other bytes, and must not be read from there.
"""

from __future__ import annotations

_SIGNATURES = {
    "PK\x03\x04": "a zip archive",
    "PK\x05\x06": "an empty zip archive",
    "\x1f\x8b\x08": "a gzip file",
    "BZh": "a bzip2 file",
    "\xfd7zXZ\0": "an xz file",
    "7z\xbc\xaf\x27\x1c": "a 7z archive",
    "Rar!\x1a\x07": "a rar archive",
    "\x28\xb5\x2f\xfd": "a zstd file",
    "\x1f\x9d": "a compressed file",
}
_TAR, _TAR_AT = "ustar", 257
WINDOW = _TAR_AT + len(_TAR)
"""The number of bytes that show what a file is."""


def kind(head: str) -> str | None:
    """What an archive is, in words, from its first bytes, decoded as latin-1; `None` if it is none."""
    if head.startswith(_TAR, _TAR_AT) and "\0" in head[:_TAR_AT]:
        return "a tar archive"
    return next((known for signature, known in _SIGNATURES.items() if head.startswith(signature)), None)
