"""TOML files that users write: a mistake is told in one line, with the nearest right name."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scrubber.catalogue import nearest


class TomlError(Exception):
    """What is wrong with a TOML file, in one line."""


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The table in a file, and the SHA-256 of the file. Raises `OSError` and, not naming the file, `TomlError`."""
    content = path.read_bytes()
    try:
        return tomllib.loads(content.decode("utf-8")), hashlib.sha256(content).hexdigest()
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TomlError(str(error)) from error


def must_be_known(given: Iterable[object], known: Iterable[str], what: str) -> None:
    """Raises `TomlError` for the first that is not known."""
    allowed = list(known)
    for name in given:
        if name not in allowed:
            close = nearest(str(name).upper(), [item.upper() for item in allowed]).lower()
            raise TomlError(f"unknown {what} {name!r}{close}")


def tables(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The tables of an array, none where it is not there. Raises `TomlError`."""
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TomlError(f"{key} must be a list of tables, [[{key}]]")
    return rows


def strings(table: dict[str, Any], key: str) -> list[str]:
    """A list of strings, empty where it is not there. Raises `TomlError`."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TomlError(f"{key} must be a list of strings")
    return value
