"""The columns of a table: their types by the record that a row becomes, and values read from text or from TOML."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Literal

import attrs

from scrubber.reference.drugs import Amount


def _yes_or_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(";"))


_FROM_TEXT: Mapping[object, Callable[[str], Any]] = {
    bool: _yes_or_no,
    date: date.fromisoformat,
    Decimal: Decimal,
    float: float,
    int: int,
    tuple: _list,
}
"""How values are read from text, by type. All others stay text."""

_NUMBERS = (float, Decimal)
_IN_WORDS: Mapping[object, str] = {
    bool: "true or false",
    date: "a date without quotes, such as 2026-01-31",
    int: "a whole number",
    str: "text in quotes",
    tuple: "a list of texts",
    float: "a number",
    Decimal: "a number",
    Amount: 'an amount in quotes, such as "10 mg"',
}


@attrs.frozen(eq=False, slots=False)
class Columns:
    """The columns of a record."""

    record: type

    @cached_property
    def _fields(self) -> Mapping[str, Any]:
        hints = typing.get_type_hints(self.record)
        return {field.name: hints[field.name] for field in attrs.fields(self.record)}

    @cached_property
    def _readers(self) -> Mapping[str, Callable[[str], Any]]:
        readers = {name: _FROM_TEXT.get(_kind(hint)) for name, hint in self._fields.items()}
        return {name: reader for name, reader in readers.items() if reader}

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The columns that each row must have."""
        return tuple(field.name for field in attrs.fields(self.record) if field.default is attrs.NOTHING)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(self._fields)

    def typed(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values of a row of texts. Columns that are empty are left out. Raises `ValueError`."""
        readers = self._readers
        return {name: readers[name](text) if name in readers else text for name, text in texts.items() if text}

    def fault(self, name: str, value: object) -> str | None:
        """What is wrong with the type of a value, `None` if nothing is."""
        hint = self._fields[name]
        if typing.get_origin(hint) is Literal:
            choices = typing.get_args(hint)
            return None if value in choices else f"{name} must be one of {', '.join(choices)}"
        kind = _kind(hint)
        return None if _fits(value, kind) else f"{name} must be {_IN_WORDS[kind]}"


def _kind(hint: Any) -> Any:
    """The type that a hint stands for, without `None` and without what a tuple holds."""
    if isinstance(hint, UnionType):
        return _kind(next(kind for kind in typing.get_args(hint) if kind is not NoneType))
    return typing.get_origin(hint) or hint


def _fits(value: object, kind: Any) -> bool:
    if kind is tuple:
        return isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value)
    if kind in _NUMBERS:
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, str if kind is Amount else kind)
