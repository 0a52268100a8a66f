"""The notes of the ICD-10-CM tabular list on codes. A note holds for all codes that begin with its code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scrubber.reference.editions import Table
from scrubber.x12.remembering import remembered

_CATEGORY = 3
"""Characters of a category, the shortest code that a note stands at."""
_KEPT = 16_384
"""How many answers of a kind are kept for an edition."""


class TabularNotes:
    """The notes of one edition on codes and pairs of codes: `excluded`, `in_order` and `is_manifestation`.

    `on` is any day of the edition. The codes of a practice are few, and most claims repeat pairs of them, so the
    answers are kept.
    """

    def __init__(self, table: Table, on: date) -> None:
        self._table, self._on = table, on
        self.excluded = remembered(_KEPT)(self._excluded)
        self.in_order = remembered(_KEPT)(self._in_order)
        self.is_manifestation = remembered(_KEPT)(self._is_manifestation)

    def _excluded(self, one: str, other: str) -> bool:
        """Whether an Excludes1 note at one of two codes names the other, and not its own code."""
        return self._name(one, other, "excludes1") or self._name(other, one, "excludes1")

    def _in_order(self, one: str, later: str) -> bool:
        """Whether two codes are in a valid order: no note at the first code says that the later one comes first."""
        return not self._name(one, later, "code_first")

    def _name(self, one: str, other: str, note: str) -> bool:
        """Whether the notes of a kind at one code name the other code, and not its own."""
        named = (code for _, code in notes(self._table, one, self._on, note))
        return any(names(code, other) and not names(code, one) for code in named)

    def _is_manifestation(self, code: str) -> bool:
        return is_manifestation(self._table, code, self._on)


def notes(table: Table, code: str, on: date, note: str) -> Iterator[tuple[str, str]]:
    """The notes of a kind that hold for a code: the code that each stands at, and a code or range that it names."""
    for length in range(_CATEGORY, len(code) + 1):
        at = code[:length]
        for row in table.all_rows(at, on):
            if row.text("note") == note:
                yield from ((at, named) for named in row.text("codes").split())


def is_manifestation(table: Table, code: str, on: date) -> bool:
    """Whether a code is a manifestation, so that the disease that leads to it comes first."""
    beginnings = (code[:length] for length in range(_CATEGORY, len(code) + 1))
    return any(row.text("note") == "manifestation" for at in beginnings for row in table.all_rows(at, on))


def names(named: str, code: str) -> bool:
    """Whether a code or a range (`A00-A09`) of a note stands for a code."""
    first, _, last = named.partition("-")
    if not last:
        return code.startswith(first)
    return first <= code[: len(first)] and code[: len(last)] <= last
