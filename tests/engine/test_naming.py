"""Reports without claim ids and days: they do not identify a patient."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from scrubber.engine.naming import LONGEST, OPEN, Naming, control_number
from scrubber.outputs.formats import FORMATS
from scrubber.testing import build, visit_claim, with_all_lines
from tests.scrubbing import FIXTURES, each, run

CLINIC = FIXTURES / "clinic-day.837"
KEY = b"0123456789abcdef"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(KEY)
    return path


def test_without_a_key_ids_and_days_stay_as_they_are() -> None:
    assert (OPEN.identifier("A-1"), OPEN.day(date(2026, 10, 5))) == ("A-1", "2026-10-05")


def test_with_a_key_ids_are_hashes_and_days_are_years() -> None:
    naming = Naming(KEY)
    assert naming.identifier("A-1") == naming.identifier("A-1") != naming.identifier("A-2")
    assert naming.identifier("A-1") != Naming(b"another key of 16").identifier("A-1")
    assert "A-1" not in naming.identifier("A-1")
    assert naming.identifier("") == ""
    assert naming.day(date(2026, 10, 5)) == "2026"
    assert "0123" not in repr(naming)


@pytest.mark.parametrize("form", FORMATS)
def test_no_message_names_a_day(form: str, key: Path) -> None:
    late = build([with_all_lines(visit_claim(), dates=date(2026, 10, 16))]).encode()
    openly = run("check", "--format", form, "-", stdin=late)
    assert "DATE01" in openly.out
    report = run("check", "--no-phi", key, "--format", form, "-", stdin=late)
    assert report.status == 1
    assert "2026-10-16" not in report.out


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_names_a_claim_or_a_day(form: str, key: Path) -> None:
    openly = run("check", "--format", form, CLINIC).out
    report = run("check", "--no-phi", key, "--format", form, CLINIC)
    assert report.status == 1
    assert "CD261014" not in report.out
    assert "2026-10-14" not in report.out
    assert "JWJZ01" in report.out
    assert "J0490" in report.out or "J0490" not in openly


def test_the_same_claim_has_the_same_name_everywhere(key: Path, tmp_path: Path) -> None:
    run("scrub", "--no-phi", key, "--out", tmp_path / "out", CLINIC)
    report = json.loads((tmp_path / "out" / "clinic-day.report.json").read_text())
    claim = report["files"][0]["claims"][4]
    assert claim["claim_id"] == Naming(KEY).identifier("CD261014-005")
    assert claim["service_dates"] == ["2026"]
    for name in ("txt", "xml", "html"):
        assert claim["claim_id"] in (tmp_path / "out" / f"clinic-day.report.{name}").read_text()
    assert run("replay", tmp_path / "out" / "manifest.json").status == 2
    assert run("replay", "--no-phi", key, tmp_path / "out" / "manifest.json").status == 0


def test_a_key_that_is_too_short_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    for path in (tmp_path / "key", tmp_path / "none"):
        report = run("check", "--no-phi", path, CLINIC)
        assert report.status == 2
        assert len(report.err.splitlines()) == 1


def test_a_long_id_is_cut_and_still_differs_from_others() -> None:
    assert OPEN.identifier("x" * LONGEST) == "x" * LONGEST
    one, other = (OPEN.identifier("x" * 1_000 + end) for end in "ab")
    assert one[: LONGEST + 3] == other[: LONGEST + 3] == "x" * LONGEST + "..."
    assert one != other
    assert len(one) == LONGEST + 11


@each(
    ("text", "as_shown"),
    {
        "digits": ("000000001", "000000001"),
        "none": ("", ""),
        "too many digits": ("1234567890", "##########"),
        "letters and digits": ("9XX9XX901", "#########"),
        "letters": ("ABNER", "#####"),
        "digits of another script": ("\u0661\u0662", "##"),
    },
)
def test_a_control_number_is_shown_if_it_is_digits(text: str, as_shown: str) -> None:
    assert control_number(text) == as_shown
