"""JSON and TOML that others wrote. Deep nesting, huge numbers and odd characters are errors like any other."""

from __future__ import annotations

import json
import tomllib
from typing import Any


def of_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises `ValueError`, also for nesting, numbers and characters that no file needs."""
    return _plain(json.loads, text)


def of_toml(text: str) -> dict[str, Any]:
    """The table of a TOML text. Raises `ValueError` in the same way; `tomllib.TOMLDecodeError` is one."""
    table: dict[str, Any] = _plain(tomllib.loads, text)
    return table


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
    _refuse_odd_characters(value)
    return value


def _refuse_odd_characters(value: Any) -> None:
    """NUL, and half of a character of UTF-16, can be in no name of a file. (Halves can stand for bytes of a name.)"""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "\0" in item or any("\ud800" <= half <= "\udc7f" or "\udd00" <= half <= "\udfff" for half in item):
                raise ValueError("it has a text with NUL or half of a character")
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
