"""Public tables that come with the scrubber: ICD-10-CM by fiscal year."""

from __future__ import annotations

import hashlib
import importlib.util
from datetime import date
from pathlib import Path

import pytest

from scrubber.reference import shipped, tabular
from scrubber.reference.editions import NoEdition, external_table
from scrubber.reference.external import ICD10CM, ICD10CM_TABULAR
from scrubber.reference.importers import shipped_icd10cm
from scrubber.reference.tables import table
from tests.scrubbing import each

CODES, NOTES = shipped().tables[ICD10CM], shipped().tables[ICD10CM_TABULAR]
FY_2025, FY_2026 = date(2025, 9, 30), date(2025, 10, 1)


@each(
    ("code", "on", "billable"),
    {
        "complete": ("M3214", FY_2026, "1"),
        "heading": ("M321", FY_2026, "0"),
        "category": ("A09", FY_2026, "1"),
        "complete until a year": ("G35", FY_2025, "1"),
        "heading from a year on": ("G35", FY_2026, "0"),
        "seven characters": ("S72001A", FY_2026, "1"),
        "of a later year": ("G35A", FY_2025, None),
        "in its year": ("G35A", FY_2026, "1"),
        "two letters": ("QA00101", FY_2026, "1"),
        "no code": ("M3216", FY_2026, None),
        "first of all": ("A00", FY_2026, "0"),
        "last of all": ("Z998", FY_2026, "0"),
        "before all": ("0000", FY_2026, None),
        "behind all": ("ZZZZ", FY_2026, None),
        "too long": ("M32140000", FY_2026, None),
        "not ASCII": ("M32\u0661", FY_2026, None),
        "empty": ("", FY_2026, None),
    },
)
def test_a_code_on_a_day(code: str, on: date, billable: str | None) -> None:
    row = CODES.row(code, on)
    assert (row and row.text("billable")) == billable


@pytest.mark.parametrize("on", [date(2024, 9, 30), date(2026, 10, 1)])
def test_a_day_of_no_shipped_year(on: date) -> None:
    assert not CODES.covers(on)
    with pytest.raises(NoEdition, match="the nearest is FY 202"):
        CODES.row("M3214", on)


def test_how_many_codes_there_are() -> None:
    billable = [code for code in CODES.keys() if (row := CODES.row(code, FY_2026)) and row.text("billable") == "1"]  # noqa: SIM118
    assert len(billable) == 74_719  # as the CDC publishes for fiscal year 2026
    assert CODES.has("G35A")
    assert not CODES.has("M3216")


def test_notes_of_a_diagnosis_count_for_the_codes_below_it() -> None:
    assert ("M3214", "N08") not in list(tabular.notes(NOTES, "M3214", FY_2026, "excludes1"))
    assert list(tabular.notes(NOTES, "M3214", FY_2026, "excludes1")) == [("M32", "L930")]
    assert ("D631", "N18") in list(tabular.notes(NOTES, "D631", FY_2026, "code_first"))
    assert tabular.is_manifestation(NOTES, "N08", FY_2026)
    assert not tabular.is_manifestation(NOTES, "N059", FY_2026)
    assert NOTES.has("M32")
    assert "M32" in NOTES.keys()  # noqa: SIM118


@each(
    ("named", "code", "stands"),
    {
        "itself": ("L930", "L930", True),
        "below it": ("L93", "L932", True),
        "above it": ("L930", "L93", False),
        "in a range": ("A00-A09", "A045", True),
        "last of a range": ("A00-A09", "A099", True),
        "behind a range": ("A00-A09", "A150", False),
        "in a longer range": ("A040-A044", "A043", True),
        "behind a longer range": ("A040-A044", "A045", False),
    },
)
def test_what_a_note_names(named: str, code: str, stands: bool) -> None:
    assert tabular.names(named, code) == stands


def test_the_files_are_those_of_the_index() -> None:
    index = table("icd10cm")
    for name in ("codes.txt", "notes.csv"):
        content = (shipped_icd10cm.FOLDER / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == index[f"{name.partition('.')[0]}_sha256"]


def test_a_list_of_codes_is_read() -> None:
    text = "1\nA00-A09\nA00\nA000\nA00.1\nA09\n"
    assert shipped_icd10cm.codes_of(text) == {"A00": "0", "A000": "1", "A001": "1", "A09": "1"}


@pytest.mark.skipif(importlib.util.find_spec("simple_icd_10_cm") is None, reason="simple-icd-10-cm is not installed")
def test_the_newest_edition_is_that_of_the_package() -> None:
    spec = importlib.util.find_spec("simple_icd_10_cm")
    assert spec
    assert spec.origin
    (path,) = (Path(spec.origin).parent / "data").glob("code-list*2026.txt")
    codes = shipped_icd10cm.codes_of(path.read_text("utf-8"))
    lines = (shipped_icd10cm.FOLDER / "codes.txt").read_text("ascii").splitlines()
    assert {line[:7].rstrip(): line[-1] for line in lines if line[-1] != "-"} == codes


def test_a_loaded_table_is_no_shipped_one() -> None:
    assert type(external_table(ICD10CM, "test", [])) is not type(CODES)
