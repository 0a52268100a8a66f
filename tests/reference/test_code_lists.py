"""Shipped lists of codes: places of service, modifiers, adjustment reasons and remarks."""

from __future__ import annotations

from datetime import date

import pytest

from scrubber.reference import shipped
from scrubber.reference.external import ADJUSTMENT_REASONS, MODIFIERS, PLACES_OF_SERVICE, REMARKS
from tests.scrubbing import each, installed

DAY = date(2026, 3, 2)


@each(
    ("name", "known", "unknown"),
    {
        PLACES_OF_SERVICE: (PLACES_OF_SERVICE, ("11", "66", "99"), ("00", "35", "98", "1")),
        MODIFIERS: (MODIFIERS, ("JZ", "25", "RT", "KP", "8P"), ("QI", "98", "")),
        ADJUSTMENT_REASONS: (ADJUSTMENT_REASONS, ("16", "45", "A1", "P32"), ("0", "999", "016")),
        REMARKS: (REMARKS, ("M119", "MA130", "N823"), ("N0", "X1", "")),
    },
)
def test_what_is_in_a_list(name: str, known: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    table = shipped().tables[name]
    assert [code for code in known if table.row(code, DAY) is None] == []
    assert [code for code in unknown if table.row(code, DAY)] == []
    assert all(0 < float(table.all_rows(code, DAY)[0].text("confidence")) <= 1 for code in table.keys())  # noqa: SIM118


@each(
    ("name", "code", "first", "last"),
    {
        "telehealth at home": (PLACES_OF_SERVICE, "10", date(2022, 1, 1), None),
        "340B": (MODIFIERS, "JG", date(2018, 1, 1), date(2024, 12, 31)),
        "nothing discarded": (MODIFIERS, "JZ", date(2023, 1, 1), None),
    },
)
def test_the_days_of_a_code(name: str, code: str, first: date, last: date | None) -> None:
    (row,) = shipped().tables[name].all_rows(code, DAY)
    assert (row.since, row.until) == (first, last)


@pytest.mark.parametrize(("name", "field"), [(ADJUSTMENT_REASONS, "carc"), (REMARKS, "rarc")])
def test_the_denials_of_the_catalogue_are_in_the_lists(name: str, field: str) -> None:
    given = {code for edit in installed().edits.values() if (code := getattr(edit, field))}
    assert len(given) > 10
    assert given <= shipped().tables[name].keys()
