"""Tables answer from the edition of a day, and raise an error without one."""

from __future__ import annotations

from datetime import date

import pytest

from scrubber.reference.editions import (
    Edition,
    MemoryTable,
    NoEdition,
    Row,
    TableOfDay,
    by_key,
    edition_for,
    external_table,
    nearest_edition,
)

LONG_AGO = date(2000, 1, 1)
SUMMER = Edition("2026 Q3", date(2026, 7, 1), date(2026, 9, 30))
AUTUMN = Edition("2026 Q4", date(2026, 10, 1), date(2026, 12, 31))
MIDYEAR = Edition("2026 Q4 corrected", date(2026, 11, 1), date(2026, 12, 31))


def limits(units: str) -> dict[str, list[Row]]:
    return {"J0490": [Row("J0490", LONG_AGO, values={"units": units})]}


QUARTERS = MemoryTable("mue-practitioner", {SUMMER: limits("100"), AUTUMN: limits("160")})


@pytest.mark.parametrize(
    ("day", "units"), [(date(2026, 7, 1), 100), (date(2026, 9, 30), 100), (date(2026, 10, 1), 160)]
)
def test_a_row_comes_from_the_edition_of_the_day(day: date, units: int) -> None:
    row = QUARTERS.row("J0490", day)
    assert row is not None and row.number("units") == units
    assert QUARTERS.row("J0491", day) is None


def test_a_day_without_an_edition_is_no_answer_and_names_the_nearest() -> None:
    for day, nearest in ((date(2026, 6, 30), "2026 Q3 (2026-07-01 to 2026-09-30)"), (date(2027, 1, 1), "2026 Q4")):
        assert not QUARTERS.covers(day) and QUARTERS.edition(day) is None
        for question in (QUARTERS.row, QUARTERS.rows, QUARTERS.all_rows):
            with pytest.raises(NoEdition) as caught:
                question("J0490", day)
            assert str(caught.value).startswith("table mue-practitioner has no edition for the date of service; the ")
            assert f"nearest is {nearest}" in str(caught.value)
    assert QUARTERS.has("J0490") and not QUARTERS.has("J0491")


def test_an_empty_table_has_no_nearest_edition() -> None:
    with pytest.raises(NoEdition, match=r"has no edition for the date of service$"):
        MemoryTable("pos", {}).row("11", LONG_AGO)


def test_a_correction_within_the_quarter_holds_from_its_first_day() -> None:
    editions = (AUTUMN, MIDYEAR)
    assert edition_for(editions, date(2026, 10, 31)) == AUTUMN
    assert edition_for(editions, date(2026, 11, 1)) == MIDYEAR


def test_an_edition_whose_rows_have_dates_is_used_for_earlier_days_if_no_other_is() -> None:
    old, new = (
        Edition(release, since, until, reaches=date(1996, 1, 1))
        for release, since, until in (
            ("2026 Q3", date(2026, 7, 1), date(2026, 9, 30)),
            ("2026 Q4", date(2026, 10, 1), date(2026, 12, 31)),
        )
    )
    assert edition_for((new, old), date(2025, 1, 1)) == old
    assert edition_for((new, old), date(2026, 8, 1)) == old
    assert edition_for((new, old), date(2026, 10, 1)) == new
    assert edition_for((new, old), date(1995, 12, 31)) is None
    assert edition_for((new, old), date(2027, 1, 1)) is None
    assert nearest_edition((old, new), date(2027, 1, 1)) == new


def test_rows_of_a_key_and_all_its_rows() -> None:
    ended = Row("J0490", LONG_AGO, date(2026, 8, 31), {"code": "A"})
    rows = [ended, *(Row("J0490", LONG_AGO, None, {"code": code}) for code in "BC")]
    table = external_table("asp-crosswalk", "test", rows)
    assert [row.text("code") for row in table.rows("J0490", date(2026, 9, 1))] == ["B", "C"]
    assert [row.text("code") for row in table.all_rows("J0490", date(2026, 9, 1))] == ["A", "B", "C"]
    assert (ended.number("units"), ended.text("units")) == (None, "")


@pytest.mark.parametrize(
    ("edition", "text"),
    [
        (Edition("2026"), "2026"),
        (AUTUMN, "2026 Q4 (2026-10-01 to 2026-12-31)"),
        (Edition("2026", date(2026, 1, 1)), "2026 (from 2026-01-01)"),
        (Edition("2026", None, date(2026, 1, 1)), "2026 (to 2026-01-01)"),
    ],
)
def test_an_edition_in_a_message(edition: Edition, text: str) -> None:
    assert str(edition) == text


def test_the_keys_of_all_editions() -> None:
    table = MemoryTable("codes", {SUMMER: by_key([Row("A", LONG_AGO)]), AUTUMN: by_key([Row("B", LONG_AGO)])})
    assert table.keys() == {"A", "B"}


def test_a_table_as_on_one_day_gives_the_same_for_every_day() -> None:
    as_in_autumn = TableOfDay(QUARTERS, date(2026, 10, 1))
    for day in (date(2026, 7, 1), date(2026, 12, 31), date(2031, 1, 1)):
        row = as_in_autumn.row("J0490", day)
        assert row and row.number("units") == 160
        assert as_in_autumn.covers(day) and as_in_autumn.has("J0490") and as_in_autumn.keys() == {"J0490"}
    assert as_in_autumn.editions == (AUTUMN,)
    assert not TableOfDay(QUARTERS, date(2031, 1, 1)).covers(date(2026, 10, 1))
