"""The days of an edition, from the names that publishers give their files, and from lines within them."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from scrubber.reference.importers.dating import Given, day_in, quarter, snapshot_day, stated
from scrubber.reference.importers.documents import Document, FileRefused
from tests.reference.importers.small_files import SMALL, load
from tests.scrubbing import each

AUTUMN = ("2025-10-01", "2025-12-31", "2025 Q4")


def document(*names: str, written: date | None = None) -> Document:
    """A document with its own name and those of its archives."""
    return Document(names[0], names, lambda: io.BytesIO(b""), written)


@each(
    ("names", "release"),
    {
        "practitioner pairs": (("ccipra-v322r0-f1.TXT",), "2026 Q3"),
        "hospital pairs": (("ccioph-v323r0-f4.txt",), "2026 Q4"),
        "pairs, by their zip": (("x.txt", "medicare-ncci-2026q3-practitioner-ptp-edits-x-f1.zip"), "2026 Q3"),
        "pairs with a dash": (("x.txt", "medicare-ncci-2026-q4-hospital-ptp-edits.zip"), "2026 Q4"),
        "Medicaid pairs": (("x.txt", "medicaid-ncci-q2-2026-ptp-edits-practitioner-services.zip"), "2026 Q2"),
        "unit limits": (("MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv",), "2026 Q4"),
        "unit limits, by their zip": (
            ("x.csv", "medicare-ncci-2026-q4-dme-services-mue-table.zip"),
            "2026 Q4",
        ),
        "add-on codes": (("AOC_V2026Q2-MCR.xlsx",), "2026 Q2"),
        "add-on codes, a correction": (("AOC_V2025Q4_01-MCR.txt",), "2025 Q4"),
        "add-on codes, by their zip": (
            ("x.xlsx", "add-code-edits-replacement-file-medicare-effective-01012026-zip.zip"),
            "2026 Q1",
        ),
        "HCPCS": (("HCPC2026_JAN_ANWEB_12082025.txt",), "2026 Q1"),
        "HCPCS of July": (("HCPC2026_JUL_ANWEB_06172026.txt",), "2026 Q3"),
        "HCPCS, by its zip": (("x.csv", "october-2026-alpha-numeric-hcpcs-file.zip"), "2026 Q4"),
        "crosswalk": (("section 508 version of October 2026 ASP NDC-HCPCS Crosswalk 091126.csv",), "2026 Q4"),
        "crosswalk, by its zip": (("x.csv", "april-2026-ndc-hcpcs-crosswalk-03-30-2026-final-file.zip"), "2026 Q2"),
        "payment limits": (("x.csv", "january-2026-medicare-part-b-payment-limit-files.zip"), "2026 Q1"),
        "Addendum B": (("508 Version.csv", "july-2026-opps-addendum-b.zip"), "2026 Q3"),
        "the inner name first": (("HCPC2026_OCT_ANWEB.csv", "july-2026.zip"), "2026 Q4"),
    },
)
def test_the_quarter_in_names(names: tuple[str, ...], release: str) -> None:
    days = quarter(document(*names), Given())
    assert days.release == release
    assert (days.until - days.since).days in (89, 90, 91)


@pytest.mark.parametrize(
    "name", ["table.csv", "Marketing_2026.csv", "v322.txt", "2026.csv", "decision 2026", "q5-2026"]
)
def test_names_without_a_quarter(name: str) -> None:
    with pytest.raises(FileRefused, match="give it by --since"):
        quarter(document(name), Given())


@each(
    ("line", "days"),
    {
        "with blanks": (
            "     Effective October 1, 2025 through December 31, 2025",
            ("2025-10-01", "2025-12-31", "2025 Q4"),
        ),
        "without a word": ("October 1, 2025 through December 31, 2025", ("2025-10-01", "2025-12-31", "2025 Q4")),
        "short months": ("Oct 1, 2025 to Dec 31, 2025", ("2025-10-01", "2025-12-31", "2025 Q4")),
        "not a quarter": (
            "Effective November 15, 2025 through December 31, 2025",
            ("2025-11-15", "2025-12-31", "2025-11-15 to 2025-12-31"),
        ),
    },
)
def test_days_in_a_line(line: str, days: tuple[str, str, str]) -> None:
    found = stated(["Payment Allowance Limits", line])
    assert found and (str(found.since), str(found.until), found.release) == days
    assert quarter(document("HCPC2020_JAN.csv"), Given(), [line]) == found


@pytest.mark.parametrize("line", ["", "February 30, 2025 through March 31, 2025", "May 1, 2026 to April 1, 2026"])
def test_lines_without_days(line: str) -> None:
    assert stated([line]) is None


def test_what_the_user_gives_wins() -> None:
    given = Given(date(2026, 1, 1))
    assert (
        quarter(document("ccipra-v323r0.txt"), given, ["October 1, 2025 through December 31, 2025"]).release
        == "2026 Q1"
    )
    days = quarter(document("x"), Given(date(2026, 1, 31), date(2026, 2, 10)))
    assert (days.since, days.until) == (date(2026, 1, 31), date(2026, 2, 10))
    for day in (date(2025, 11, 30), date(2026, 1, 31)):
        assert (quarter(document("x"), Given(day)).until - day).days in range(86, 92)


@each(
    ("names", "written", "day"),
    {
        "year first": (("NPPES Deactivated NPI Report 20261012.xlsx",), None, date(2026, 10, 12)),
        "two digits of the year": (("x.xlsx", "NPPES_Deactivated_NPI_Report_101226.zip"), None, date(2026, 10, 12)),
        "with hyphens": (("pos-2026-10-01.html",), None, date(2026, 10, 1)),
        "of the zip": (("package.txt", "ndctext.zip"), date(2026, 7, 21), date(2026, 7, 21)),
        "its name first": (("package-20260720.txt",), date(2026, 7, 21), date(2026, 7, 20)),
    },
)
def test_the_day_of_a_file_without_a_period(names: tuple[str, ...], written: date | None, day: date) -> None:
    assert snapshot_day(document(*names, written=written), Given()) == day
    assert snapshot_day(document(*names, written=written), Given(date(2020, 1, 1))) == date(2020, 1, 1)


def test_a_file_without_a_day_in_its_name_is_refused() -> None:
    for name in ("package.txt", "99999999.txt", "x-20261399.txt"):
        with pytest.raises(FileRefused, match="give it by --since"):
            snapshot_day(document(name), Given())
    assert day_in("from January 1, 2016 on") == date(2016, 1, 1)
    assert day_in("from 2016 on") is None


def test_a_day_that_is_none_is_not_guessed(tmp_path: Path) -> None:
    path = SMALL["MUE practitioner"].at(tmp_path).rename(tmp_path / "MCR_MUE_PractitionerServices_Eff_02-30-2026.csv")
    with pytest.raises(FileRefused, match="give it by --since"):
        load(tmp_path / "store.sqlite", path)


def test_the_last_day_of_all_is_no_fault(tmp_path: Path) -> None:
    path = SMALL["ASP crosswalk"].at(tmp_path)
    for until in (None, date.max):
        (item, _) = load(tmp_path / f"{until}.sqlite", path, given=Given(date.max, until, True))
        assert item.edition.until == date.max
