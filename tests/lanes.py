"""How much is tried: all of it, or a part where the slow tests are left out (`pytest -m "not slow"`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import settings

_FAST = 4
_divisor = 1


def choose(marks: str) -> None:
    """Choose the lane by the marks that are asked for."""
    global _divisor
    if marks == "not slow":
        _divisor = _FAST
        settings.register_profile("fast", settings.default, max_examples=examples(100))
        settings.load_profile("fast")


def share() -> int:
    """The part of the cases that is tried: 1 for all of them, 4 for a fourth."""
    return _divisor


def examples(number: int) -> int:
    """How many of the generated examples are tried."""
    return number // _divisor


def rows_and_columns(rows: Mapping[str, Any], columns: Mapping[str, Any]) -> list[Any]:
    """Each row with each column for `parametrize`; in the fast lane each row with a fourth of the columns, in turns."""
    slow = pytest.mark.slow
    return [
        pytest.param(one, other, id=f"{row}-{column}", marks=slow if (down + across) % _FAST else ())
        for down, (row, one) in enumerate(rows.items())
        for across, (column, other) in enumerate(columns.items())
    ]


def some(cases: Iterable[Any]) -> list[Any]:
    """Cases for `parametrize`: the first of each four in both lanes, the others marked as slow."""
    slow = pytest.mark.slow
    return [pytest.param(case, marks=slow) if number % _FAST else case for number, case in enumerate(cases)]
