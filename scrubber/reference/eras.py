"""Spans of days on which all facts are the same.

A fact begins or ends on few days. Between two of them, a claim has the same answers on each day, so the engine treats
these days alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import attrs

from scrubber.claims.parts import EraOf
from scrubber.reference.facts import Facts, once_per_facts
from scrubber.reference.modifiers import JW, JZ
from scrubber.reference.shipped_tables import ShippedTable

_DAYS = 4096
"""How many days are remembered with their eras."""
_A_DAY = timedelta(days=1)


@once_per_facts
def era_of(facts: Facts) -> EraOf:
    """Gives the era of a day: it is the same for days between which no row of the facts begins or ends.

    The public tables that are shipped do not count: their rows have days of their own. Where other tables are loaded,
    each day is an era, as their rows begin and end on any day.
    """
    if not all(isinstance(table, ShippedTable) for table in facts.tables.values()):
        return lambda day: day
    turns = turning_days(facts)

    @lru_cache(_DAYS)
    def era(day: date | None) -> Hashable:
        return None if day is None else bisect_right(turns, day)

    return era


def turning_days(facts: Facts) -> list[date]:
    """The days on which an era may begin: each date in the facts, and the day after it, in order."""
    found = {*_dates_in((JW, JZ)), *facts.products.dates()}
    for field in attrs.fields(Facts):
        if field.name not in ("products", "tables", "loaded"):
            found.update(_dates_in(getattr(facts, field.name)))
    return sorted(found | {day + _A_DAY for day in found if day < date.max})


def _dates_in(value: Any) -> Iterator[date]:
    """All dates in a record and what it holds."""
    if isinstance(value, str):
        return
    if isinstance(value, date):
        yield value
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _dates_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _dates_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _dates_in(item)
