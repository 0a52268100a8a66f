"""A table that answers for a day, or what to say if none does."""

from __future__ import annotations

from datetime import date

from scrubber.edit import NotChecked, no_edition
from scrubber.reference import Facts
from scrubber.reference.editions import Table
from scrubber.reference.shipped_tables import ShippedTable


def covering(facts: Facts, name: str, on: date) -> tuple[Table | None, list[NotChecked]]:
    """A table by name if it is loaded and answers for a day, and what to say if it does not answer.

    A report says once for a file that a table is not loaded, and how far a shipped table reaches. So nothing is said of
    these for each claim.
    """
    table = facts.tables.get(name)
    if table is None:
        return None, []
    lacking = no_edition(table, on)
    if lacking is None:
        return table, []
    return None, [] if isinstance(table, ShippedTable) else [lacking]
