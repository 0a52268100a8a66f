"""The table, or the notes of the tabular list, for a day; or why an edit cannot decide without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from scrubber.edit import NotChecked, no_edition
from scrubber.reference import Facts, external, once_per_facts
from scrubber.reference.editions import Edition, Table, TableOfDay
from scrubber.reference.shipped_tables import ShippedTable
from scrubber.reference.tabular import TabularNotes

_DAYS = 4096
"""How many days are remembered with their answers."""


def covering(facts: Facts, name: str, on: date) -> tuple[Table | None, Sequence[NotChecked]]:
    """A table by name if it is loaded and has an edition for a day, and what to report if it has none.

    A report states once for a file which tables are not loaded, and how far a shipped table reaches. So claims do not
    repeat that.
    """
    return _covering(facts)(name, on)


def last_before(facts: Facts, name: str, on: date) -> Table | None:
    """A table by name with the answers of its last edition, if that edition ended before a day, else `None`."""
    table = facts.tables.get(name)
    last = max([edition.until or date.max for edition in table.editions], default=date.max) if table else date.max
    return TableOfDay(table, last) if table and last < on else None


@once_per_facts
def _covering(facts: Facts) -> Callable[[str, date], tuple[Table | None, Sequence[NotChecked]]]:
    """`covering`, which keeps its answers: claims have few days of service."""

    @lru_cache(_DAYS)
    def kept(name: str, on: date) -> tuple[Table | None, Sequence[NotChecked]]:
        table = facts.tables.get(name)
        if table is None:
            return None, ()
        lacking = no_edition(table, on)
        if lacking is None:
            return table, ()
        return None, () if isinstance(table, ShippedTable) else (lacking,)

    return kept


def tabular_notes(facts: Facts, on: date) -> tuple[TabularNotes | None, Sequence[NotChecked]]:
    """The notes of the tabular list in the edition of a day, or what to report, as in `covering`.

    For a day after the last edition they are those of that edition: few notes change from year to year.
    """
    return _tabular_notes(facts)(on)


@once_per_facts
def _tabular_notes(facts: Facts) -> Callable[[date], tuple[TabularNotes | None, Sequence[NotChecked]]]:
    """`tabular_notes`, which keeps its answers. All days of an edition share its notes."""
    by_edition: dict[Edition | None, TabularNotes] = {}

    @lru_cache(_DAYS)
    def kept(on: date) -> tuple[TabularNotes | None, Sequence[NotChecked]]:
        table, lacking = covering(facts, external.ICD10CM_TABULAR, on)
        table = table or last_before(facts, external.ICD10CM_TABULAR, on)
        if table is None:
            return None, lacking
        edition = table.edition(on)
        if edition not in by_edition:
            by_edition[edition] = TabularNotes(table, on)
        return by_edition[edition], lacking

    return kept
