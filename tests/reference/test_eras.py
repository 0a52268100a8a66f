"""Eras: days on which all facts are the same."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import attrs
import pytest

from scrubber.reference import JW, JZ, Facts, shipped
from scrubber.reference.editions import Table
from scrubber.reference.eras import era_of, turning_days
from scrubber.reference.tables import shipped_tables

ROOT = Path(__file__).parents[2]
A_DAY = timedelta(days=1)


def test_days_between_two_turns_are_one_era() -> None:
    era, turns = era_of(shipped()), turning_days(shipped())
    for first, following in pairwise(turns):
        assert era(first) == era(following - A_DAY) != era(following)
    assert era(turns[0] - A_DAY) not in map(era, turns)
    assert era(None) is None


def test_each_date_of_the_tables_ends_an_era() -> None:
    cells = [cell for rows in shipped_tables().rows.values() for row in rows for cell in row.typed().values()]
    days = {cell for cell in cells if isinstance(cell, date)}
    days |= {day for one in (JW, JZ) for day in attrs.astuple(one) if isinstance(day, date)}
    assert len(days) > 100
    assert {day + more * A_DAY for day in days for more in (0, 1)} <= set(turning_days(shipped()))


def test_other_facts_have_other_eras() -> None:
    label = attrs.evolve(shipped().labels[0], since=date(2026, 9, 3))
    facts: Facts = attrs.evolve(shipped(), labels=(label, *shipped().labels[1:]))
    assert era_of(shipped())(date(2026, 9, 2)) == era_of(shipped())(date(2026, 9, 3))
    assert era_of(facts)(date(2026, 9, 2)) != era_of(facts)(date(2026, 9, 3))


def test_with_a_loaded_table_each_day_is_an_era() -> None:
    table = cast("Table", object())
    facts = attrs.evolve(shipped(), tables={**shipped().tables, "ndc": table})
    assert era_of(facts)(date(2026, 9, 2)) != era_of(facts)(date(2026, 9, 3))


@pytest.mark.parametrize("path", sorted((ROOT / "edits").glob("*.py")), ids=lambda path: path.stem)
def test_no_edit_has_a_date_of_its_own(path: Path) -> None:
    """Dates are facts. An edit with a date in its code would change its answers within an era."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    made = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "date"]
    assert made == []
