"""Names of outputs: the stem of the dropped file, with a hash behind it where another file had that stem before."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

HASH_DIGITS = 12
"""How many digits of a SHA-256 stand in names and logs."""

REASON = ".reason.json"
"""Behind the name of a quarantined file: why it is there."""

_STEM_BYTES = 150  # leaves room for a hash and the longest suffix of an output in the 255 bytes of a file name
_EXTENSION_BYTES = 16


def split(name: str) -> tuple[str, str]:
    """The stem and the extension of a file name; what is too long for the names of outputs is cut."""
    stem, extension = Path(name).stem, Path(name).suffix
    if len(os.fsencode(extension)) > _EXTENSION_BYTES:
        stem, extension = name, ""
    return _cut(stem, _STEM_BYTES), extension


def kept(stem: str, extension: str) -> str:
    """What an original is kept as: never under the name of a reason, which it would be taken for."""
    name = f"{stem}{extension}"
    return f"{name}.837" if name.endswith(REASON) else name


def stems(stem: str, digits: str) -> Iterator[str]:
    """Stems to try, without end: as it is, with the digits that tell this file from others, and numbered."""
    yield stem
    yield f"{stem}.{digits}"
    for number in count(2):
        yield f"{stem}.{digits}-{number}"


def key(stem: str) -> bytes:
    """The same for stems that some file system takes for one: whatever their case and the form of their letters."""
    return os.fsencode(unicodedata.normalize("NFC", stem).casefold())


def shown(name: str) -> str:
    """A file name on one line, whatever stands in it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def _cut(text: str, size: int) -> str:
    while len(os.fsencode(text)) > size:
        text = text[:-1]
    return text
