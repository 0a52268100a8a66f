"""TOML files that users write. The error for a mistake is one line with the nearest right name."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scrubber.engine.catalogue import nearest
from scrubber.side_files.plain_text import FaultsError, content_of, of_toml

_FEW = 8
"""The most names that a message lists if none of them is near the wrong one."""
_CURLY = frozenset("\u2018\u2019\u201c\u201d")
"""Quotes as word processors write them."""


class TomlError(FaultsError):
    """The faults of a TOML file, each in one line."""

    def of(self, path: Path) -> list[str]:
        """The faults, each with the path of the file."""
        return [f"{path}: {fault}" for fault in self.args]


def read(path: Path) -> tuple[dict[str, Any], str, str]:
    """The table in a file, its SHA-256 and its text. Raises `OSError` and, not naming the file, `TomlError`."""
    content = content_of(path)
    try:
        text = content.decode("utf-8")
        return of_toml(text), hashlib.sha256(content).hexdigest(), text
    except tomllib.TOMLDecodeError as error:
        curly = _CURLY & {*content.decode("utf-8")}
        raise TomlError(f"{error}{'; quotes are straight here, not curly' if curly else ''}") from error
    except ValueError as error:  # such as text that is not UTF-8
        raise TomlError(str(error)) from error


def starts(text: str, key: str) -> list[int]:
    """The numbers of the lines, from 1, that begin a table of the array `[[key]]`."""
    header = re.compile(rf"\s*\[\[\s*[\"']?{re.escape(key)}[\"']?\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), start=1) if header.match(line)]


def must_be_known(given: Iterable[object], known: Iterable[str], what: str) -> None:
    """Raises `TomlError` for the first that is not known."""
    allowed = list(known)
    for name in given:
        if name not in allowed:
            close = nearest(str(name).upper(), [item.upper() for item in allowed]).lower()
            few = f"; it is one of {', '.join(allowed)}" if len(allowed) <= _FEW else ""
            raise TomlError(f"unknown {what} {name!r}{close or few}")


def tables(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The tables of an array, none if it is missing. Raises `TomlError`."""
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TomlError(f"{key} must be a list of tables, [[{key}]]")
    return rows


def strings(table: dict[str, Any], key: str) -> list[str]:
    """A list of strings, empty if it is missing. Raises `TomlError`."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TomlError(f"{key} must be a list of strings")
    return value


def one_or_more(table: Mapping[str, Any], key: str) -> list[str]:
    """A string or a list of strings, empty if it is missing. Raises `TomlError`."""
    value = table.get(key, [])
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item.strip() for item in rows):
        raise TomlError(f"{key} must be text in quotes, or a list of such")
    return rows


def day(table: Mapping[str, Any], key: str) -> date | None:
    """A date, `None` if it is missing. Raises `TomlError`."""
    value = table.get(key)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise TomlError(f"{key} must be a date without quotes, such as 2026-01-31")
    return value
