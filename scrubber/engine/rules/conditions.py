"""The conditions of rules, and how they are read from the rows of a profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from scrubber.claims.location import Location
from scrubber.claims.payers import ANY, matches
from scrubber.engine.rules.fields import FieldValues, RuleField, Unread
from scrubber.engine.toml_file import TomlError

PRESENCE = "must_be"
_PRESENT, _ABSENT = "present", "absent"

KEYS = (PRESENCE, "must_equal", "must_be_one_of", "must_be_none_of", "must_be_at_least", "must_be_at_most")
"""The conditions that a row can have. Each row has one."""


@attrs.frozen
class Condition:
    """A condition on a field: one of `KEYS`, with its values in the form in which they are compared."""

    field: RuleField
    key: str
    values: tuple[str | Decimal, ...]

    def faults(self, found: FieldValues) -> Sequence[Location]:
        """The locations that break the condition. Raises `Unread` if a number is needed and missing."""
        values = found.values
        if self.key == PRESENCE:
            if self.values == (_PRESENT,):
                return [] if values else [found.missing_at]
            return [values[0][1]] if values else []
        if self.field.numbers and not values:
            raise Unread(f"{found.missing_at.element} is missing")
        if self.key == "must_be_none_of":
            return [at for value, at in values if self._named(value)]
        if any(self._is_met_by(value) for value, _ in values):
            return []
        return [values[0][1] if values and not self.field.many else found.missing_at]

    def _is_met_by(self, value: str | Decimal) -> bool:
        if isinstance(value, str):
            return self._named(value)
        number = self.values[0]
        if self.key == "must_be_at_least":
            return value >= number  # type: ignore[operator]  # values of a field of numbers are numbers
        if self.key == "must_be_at_most":
            return value <= number  # type: ignore[operator]
        return self._named(value)

    def _named(self, value: str | Decimal) -> bool:
        if isinstance(value, Decimal) or self.field.shape is None:
            return value in self.values
        plain = self.field.shape.plain(value)
        return any(matches(plain, pattern) for pattern in self.values if isinstance(pattern, str))

    def in_words(self, *, demanded: bool) -> str:
        """The condition as part of a sentence: `demanded` (must be), or as a fact (is)."""
        many = self.field.many
        negation = " not" if self.key == "must_be_none_of" or self.values == (_ABSENT,) else ""
        bound = {"must_be_at_least": " at least", "must_be_at_most": " at most"}.get(self.key, "")
        what = "there" if self.key == PRESENCE else listing(self.values)
        if many and self.key != PRESENCE:
            verb = f"must{negation} include" if demanded else "include"
        else:
            verb = f"must{negation} be" if demanded else f"{'are' if many else 'is'}{negation}"
        return f"{self.field.words} {verb}{bound} {what}"


def listing(values: Iterable[object]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    *first, last = map(str, values)
    return f"{', '.join(first)} or {last}" if first else last


def condition(row: Mapping[str, Any], name: str, field: RuleField) -> Condition:
    """The condition of a row on the field that it looks at. Raises `TomlError`."""
    given = [key for key in KEYS if key in row]
    if len(given) != 1:
        few = f"it asks {' and '.join(given)}; ask one thing in a rule" if given else "it asks nothing"
        raise TomlError(f"{few}: one of {', '.join(KEYS)}")
    (key,) = given
    value = row[key]
    if key == PRESENCE:
        if value not in (_PRESENT, _ABSENT):
            raise TomlError(f"{PRESENCE} is {_PRESENT!r} or {_ABSENT!r}, not {value!r}; to compare, take must_equal")
        return Condition(field, key, (value,))
    if key in ("must_be_at_least", "must_be_at_most") and not field.numbers:
        raise TomlError(f"{key} is for numbers, and {name} is no number; use must_be, must_equal, must_be_one_of")
    several = key in ("must_be_one_of", "must_be_none_of")
    return Condition(field, key, values(value if several else [value], key, name, field))


def values(given: object, key: str, name: str, field: RuleField) -> tuple[str | Decimal, ...]:
    """The values of a row for a field, one or a list, in the form in which they are compared. Raises `TomlError`."""
    rows = given if isinstance(given, list) else [given]
    if not rows:
        raise TomlError(f"{key} names no value")
    if field.numbers:
        return tuple(_number(value, key, name) for value in rows)
    if field.shape is None:
        raise TomlError(f"{name} is free text: ask {PRESENCE} = {_PRESENT!r} or {_ABSENT!r} of it, not {key}")
    return tuple(pattern(value, key, field) for value in rows)


def pattern(value: object, key: str, field: RuleField) -> str:
    """A code, or a beginning of codes with `*`, in the form in which it is compared. Raises `TomlError`."""
    shape = field.shape
    assert shape is not None
    if not isinstance(value, str):
        raise TomlError(f"{key}: write {value} in quotes, {str(value)!r}; {field.words} is {shape.words}")
    if value.endswith(ANY):
        start = attrs.evolve(shape, width=0).plain(value[:-1])
        if start.isalnum() and start.isascii():
            return start + ANY
    elif shape.pattern.fullmatch(plain := shape.plain(value)):
        return plain
    raise TomlError(f"{key}: {value!r} is not {shape.words}; a * at the end stands for all that begins so")


def _number(value: object, key: str, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TomlError(f"{key}: {name} is a number; write it without quotes, such as 160")
    return Decimal(str(value))
