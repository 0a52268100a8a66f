"""Output files: private to their owner, and complete or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

_OWNER_ONLY = 0o600


@contextmanager
def new_file(path: Path, *, even_empty: bool = True, mode: int = _OWNER_ONLY) -> Iterator[BinaryIO]:
    """A binary file that takes its name, replacing what was there, only once it is written. Raises `OSError`.

    Without `even_empty` one that nothing was written to is dropped. `mode` is for a file without patient data.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)  # left by a run that was killed
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w+b") as out:
            yield out
        if even_empty or partial.stat().st_size:
            partial.replace(path)
        else:
            partial.unlink()
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def new_text_file(path: Path) -> Iterator[TextIO]:
    """A text file in UTF-8 like `new_file`; a file name in it that is no UTF-8 is escaped."""
    with new_file(path) as out:
        text = as_text(out)
        yield text
        text.flush()
        text.detach()


def as_text(out: BinaryIO) -> TextIOWrapper:
    """Text in UTF-8 for a binary file, which it closes unless it is detached."""
    return TextIOWrapper(out, "utf-8", errors="backslashreplace", newline="\n")
