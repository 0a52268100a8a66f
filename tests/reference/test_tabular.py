"""The kept answers about notes of the tabular list are those of the plain definitions."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from scrubber.reference import shipped, tabular
from scrubber.reference.external import ICD10CM_TABULAR

TABLE = shipped().tables[ICD10CM_TABULAR]
DAYS = (date(2025, 3, 1), date(2026, 3, 1))
CODES = ("M3214", "L930", "A050", "A040", "D631", "N184", "N08", "I10", "E119", "E1122", "J069", "J189", "", "X")


def named(one: str, other: str, note: str, on: date) -> bool:
    """Whether a note that holds for a code names another code, and not this one."""
    return any(
        tabular.names(code, other) and not tabular.names(code, one) for _, code in tabular.notes(TABLE, one, on, note)
    )


def test_pairs_that_exclude_each_other() -> None:
    found = set()
    for day in DAYS:
        notes = tabular.TabularNotes(TABLE, day)
        for one, other in permutations(CODES, 2):
            excluded = named(one, other, "excludes1", day) or named(other, one, "excludes1", day)
            assert notes.excluded(one, other) is notes.excluded(one, other) is excluded
            found.add(excluded)
    assert found == {True, False}


def test_the_order_of_a_pair() -> None:
    found = set()
    for day in DAYS:
        notes = tabular.TabularNotes(TABLE, day)
        for one, later in permutations(CODES, 2):
            assert notes.in_order(one, later) is not named(one, later, "code_first", day)
            found.add(notes.in_order(one, later))
    assert found == {True, False}


def test_manifestations() -> None:
    for day in DAYS:
        notes = tabular.TabularNotes(TABLE, day)
        assert [notes.is_manifestation(code) for code in CODES] == [
            tabular.is_manifestation(TABLE, code, day) for code in CODES
        ]
        assert notes.is_manifestation("N08")
