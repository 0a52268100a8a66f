"""Names of outputs: the stem of the dropped file, plus a hash if an earlier file had that stem."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

HASH_DIGITS = 12
"""Digits of a SHA-256 in names and logs."""

REASON = ".reason.json"
"""Suffix of the file that says why a file is in quarantine."""

_STEM_BYTES = 150  # leaves room for a hash and the longest suffix of an output in the 255 bytes of a file name
_EXTENSION_BYTES = 16


def split(name: str) -> tuple[str, str]:
    """Stem and extension of a file name, cut where they are too long for names of outputs."""
    stem, extension = Path(name).stem, Path(name).suffix
    if len(os.fsencode(extension)) > _EXTENSION_BYTES:
        stem, extension = name, ""
    return _cut(stem, _STEM_BYTES), extension


def kept(stem: str, extension: str) -> str:
    """The name of a kept original. It never ends like a reason file, since it would be taken for one."""
    name = f"{stem}{extension}"
    return f"{name}.837" if name.endswith(REASON) else name


def stems(stem: str, digits: str) -> Iterator[str]:
    """Stems to try, without end: the stem, then with the digits of the hash, then with a number too."""
    yield stem
    yield f"{stem}.{digits}"
    for number in count(2):
        yield f"{stem}.{digits}-{number}"


def key(stem: str) -> bytes:
    """A key that ignores case and Unicode form, as some file systems do."""
    return os.fsencode(unicodedata.normalize("NFC", stem).casefold())


def _cut(text: str, size: int) -> str:
    while len(os.fsencode(text)) > size:
        text = text[:-1]
    return text
