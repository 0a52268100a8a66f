"""What the notes of the ICD-10-CM tabular list say of codes. A note holds for all codes that begin with its code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scrubber.reference.editions import Table

_CATEGORY = 3
"""Characters of a category, the shortest code that a note stands at."""


def notes(table: Table, code: str, on: date, note: str) -> Iterator[tuple[str, str]]:
    """The notes of a kind that hold for a code: the code that each stands at, and a code or range that it names."""
    for length in range(_CATEGORY, len(code) + 1):
        at = code[:length]
        for row in table.all_rows(at, on):
            if row.text("note") == note:
                yield from ((at, named) for named in row.text("codes").split())


def is_manifestation(table: Table, code: str, on: date) -> bool:
    """Whether a code stands for what another disease leads to, so that this disease comes first."""
    beginnings = (code[:length] for length in range(_CATEGORY, len(code) + 1))
    return any(row.text("note") == "manifestation" for at in beginnings for row in table.all_rows(at, on))


def names(named: str, code: str) -> bool:
    """Whether a code or a range (`A00-A09`) of a note stands for a code."""
    first, _, last = named.partition("-")
    if not last:
        return code.startswith(first)
    return first <= code[: len(first)] and code[: len(last)] <= last
