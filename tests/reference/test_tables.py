"""The shipped tables are as strict as those of users must be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scrubber.reference import shipped
from scrubber.reference.drugs import Amount, amount
from scrubber.reference.folder import must_be_known, row_faults
from scrubber.reference.forms import FORMS
from scrubber.reference.tables import shipped_tables
from tests.scrubbing import each

TABLES = shipped_tables()


@pytest.mark.parametrize("name", FORMS)
def test_each_row_has_known_columns_of_the_right_type(name: str) -> None:
    assert TABLES.rows[name]
    assert [f"{row.position}: {fault}" for row in TABLES.rows[name] for fault in row_faults(row)] == []


def test_each_row_names_what_is_in_a_table() -> None:
    must_be_known(TABLES, shipped())


@each(
    ("text", "number", "measure", "milligrams"),
    {
        "milligrams": ("10 mg", "10", "mg", "10"),
        "micrograms": ("0.5 mcg", "0.5", "mcg", "0.0005"),
        "grams": ("1 g", "1", "g", "1000"),
        "units": ("1000 units", "1000", "units", None),
    },
)
def test_an_amount_is_a_number_with_its_measure(text: str, number: str, measure: str, milligrams: str | None) -> None:
    assert amount(text) == Amount(Decimal(number), measure)
    assert amount(text).milligrams == (None if milligrams is None else Decimal(milligrams))


@pytest.mark.parametrize("text", ["", "10", "10mg", "0 mg", "-1 mg", "10 MG", "10 mg ", "1,000 units", "ten mg"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        amount(text)
