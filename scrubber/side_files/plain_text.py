"""Reads JSON and TOML that come from outside. Deep nesting, huge numbers, long texts and odd characters are errors."""

from __future__ import annotations

import errno
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from scrubber.side_files.plain_file import open_plain

_MOST_DIGITS = 1_000
_HUGE_NUMBER = re.compile(rb"[\[:,\s]-?\d{%d}" % _MOST_DIGITS)
DEEPEST = 100
"""How deep lists and objects of JSON may be nested, where it is read as a stream."""
_KEY_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_KEY_PART}){{{DEEPEST}}}")
"""A key of TOML with too many parts. Reading it takes time in proportion to the square of their number."""
LONGEST = 4_096
"""The most characters of a text: no path is longer, and a message may quote it."""
_MOST_FAULTS = 50
_ODD_CHARACTER = re.compile("[\\0\ud800-\udc7f\udd00-\udfff]")
"""No file name has NUL or a UTF-16 surrogate. (U+DC80 to U+DCFF are allowed: Python has them for undecodable bytes.)"""


MOST_BYTES = 100_000_000
"""The most bytes of a file that is read as a whole."""


def content_of(path: Path) -> bytes:
    """The bytes of a plain file. Raises `OSError`, also for a file that is larger than any is."""
    with open_plain(path) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def visible(text: str) -> str:
    """The text with a question mark for each control character: no line breaks, no escape sequences."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


class FaultsError(Exception):
    """Faults of what a user has written. The message has each in one line: the first 50, and how many more there are.

    A line break in the message is always between two faults; one within a fault, as in a name of a file, becomes `?`.
    """

    def __str__(self) -> str:
        """The message."""
        more = len(self.args) - _MOST_FAULTS
        faults = [visible(str(fault)) for fault in self.args[:_MOST_FAULTS]]
        return "\n".join([*faults, *([f"and {more:,} more"] if more > 0 else ())])


def of_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises `ValueError`, also for nesting, numbers and texts that no file needs."""
    return _plain(json.loads, text)


def of_toml(text: str) -> dict[str, Any]:
    """The table of a TOML text. Raises `ValueError` in the same way; `tomllib.TOMLDecodeError` is one."""
    long_keys = (line for line in text.split("\n") if line.count(".") >= DEEPEST)
    if any(map(_DEEP_KEY.search, long_keys)):
        raise ValueError("it is nested too deeply")
    table: dict[str, Any] = _plain(tomllib.loads, text)
    return table


def json_events(stream: IO[bytes]) -> Iterator[tuple[str, str, Any]]:
    """The events of a JSON text as `ijson.parse` gives them, prefix, event and value.

    Raises `ijson.JSONError`, and `ValueError` for nesting and numbers that no report needs.
    """
    import ijson  # slow, and most runs read no such text

    events: Iterator[tuple[str, str, Any]] = ijson.parse(_not_deep(ijson.basic_parse(_WithoutHugeNumbers(stream))))
    return events


class _WithoutHugeNumbers:
    """A stream that raises `ValueError` at a whole number with too many digits. The parser in C crashes at it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._last = b"["

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        block = self._stream.read(size)
        both = self._last + block
        if _HUGE_NUMBER.search(both):
            raise ValueError("it has a number with too many digits")
        self._last = both[-2 * _MOST_DIGITS :]
        return block


def _not_deep(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    depth = 0
    for event in events:
        if event[0] in ("start_map", "start_array"):
            depth += 1
            if depth > DEEPEST:
                raise ValueError("it is nested too deeply")
        elif event[0] in ("end_map", "end_array"):
            depth -= 1
        yield event


def _plain(read: Any, text: str | bytes) -> Any:
    try:
        value = read(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        if "integer string conversion" in str(error):
            raise ValueError("it has a number with too many digits") from error
        raise
    _refuse_odd_texts(value)
    return value


def _refuse_odd_texts(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _ODD_CHARACTER.search(item):
                raise ValueError("it has a text with NUL or half of a character")
            if len(item) > LONGEST:
                raise ValueError(f"it has a text of more than {LONGEST:,} characters")
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
