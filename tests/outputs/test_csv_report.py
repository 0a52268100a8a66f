"""The worklist opens in a spreadsheet as it is: nothing runs, no id is changed, each row says what to do."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.engine.engine import Engine
from scrubber.engine.naming import OPEN
from scrubber.engine.profile import Profile
from scrubber.outputs.csv_report import ALLOWED_COLUMNS, CLAIM_COLUMNS, FINDING_COLUMNS, CsvReport, cell, identifier
from scrubber.outputs.json_report import JsonReport
from scrubber.running.inputs import Input
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, numbered, waste_claim, with_line
from tests.outputs.html_pages import BROKEN, DAY, HOSPITAL, UNDECIDED
from tests.outputs.reporting import InMemory, always_finding, fill, reported
from tests.outputs.xml_reports import with_suppressions
from tests.scrubbing import each, engine, every_claim, installed, made, of_edits

FAULTY = numbered(infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), LineSpec("96365"))))


def rows(used: Engine, *sources: Input) -> list[dict[str, str]]:
    report = reported(CsvReport, used, *sources)
    return list(csv.DictReader(io.StringIO(report.removeprefix("\ufeff"), newline=""), strict=True))


def test_the_row_of_a_finding() -> None:
    (row,) = rows(engine("JWJZ01"), InMemory("claims.837", build([infusion_claim(), FAULTY])))
    assert row == {
        "path": "claims.837",
        "claim": "2",
        "claim_id": "CLAIM-1",
        "disposition": "rejected",
        "goes_to": "rejected",
        "payer": "SAMPLE MEDICARE PART B (00002)",
        "payer_id": "'00002",
        "billing_npi": row["billing_npi"],
        "charge": "4980.00",
        "charge_at_stake": "4980.00",
        "service_from": "2026-10-05",
        "service_to": "2026-10-05",
        "severity": "reject",
        "code": "JWJZ01",
        "service_line": "1",
        "procedure": "J0490",
        "line_control_number": "CLAIM-1L1",
        "loop": "2400",
        "segment_from_st": "45",
        "file_line": "47",
        "element": "SV101-3",
        "message": "J0490 comes in single-dose vials and has neither JW nor JZ",
        "fix": "add JZ if nothing was discarded, else add a line with JW for the discarded units",
        "carc": "16",
        "rarc": "N822",
        "claim_status": "A6:453",
        "suppression": "",
        **dict.fromkeys(ALLOWED_COLUMNS, ""),
    }
    assert len(row["billing_npi"]) == 10
    assert tuple(row) == (*CLAIM_COLUMNS, *FINDING_COLUMNS, *ALLOWED_COLUMNS)


def test_what_was_not_checked_and_errors_of_the_file_have_rows_too() -> None:
    claim = with_line(waste_claim(), 2, units="three")
    source = InMemory("claims.837", build([claim]).replace("GE*1*", "GE*7*"))
    undecided, error = rows(engine("JWJZ05"), source)[1:]
    assert (undecided["claim"], undecided["severity"], undecided["code"]) == ("1", "not checked", "JWJZ05")
    assert undecided["message"] == "SV104 is not a number"
    assert (error["claim"], error["severity"], error["code"]) == ("", "error", "READ29")
    assert error["message"].startswith("GE01 is not 1, the number counted (byte ")


def test_a_table_that_is_not_loaded_is_named_after_the_claims_of_each_file() -> None:
    used = Engine(of_edits(made(every_claim, table="hcpcs")), Profile())
    sources = [InMemory(name, build([FAULTY])) for name in ("a.837", "b.837")]
    found = [(row["path"], row["severity"], row["message"]) for row in rows(used, *sources)]
    assert found == [(name, "not checked", "table hcpcs is not loaded") for name in ("a.837", "b.837")]


def test_no_row_is_without_a_file() -> None:
    assert rows(engine()) == []
    files = [BROKEN, DAY, InMemory("empty.837", ""), UNDECIDED]
    assert {row["path"] for row in rows(engine(), *files)} == {file.path for file in files}


def test_the_charge_at_stake_adds_up_to_that_of_the_summary() -> None:
    files = [DAY, HOSPITAL]
    found = rows(engine(), *files)
    at_stake = sum(Decimal(row["charge_at_stake"] or 0) for row in found)
    summary = json.loads(reported(JsonReport, engine(), *files))["summary"]
    assert at_stake == Decimal(summary["charge_at_stake"])
    several = [row for row in found if row["claim_id"] == "CD261014-055"]
    assert [row["charge_at_stake"] for row in several] == ["2580.00", ""]
    assert {row["charge"] for row in several} == {"2580.00"}


def test_a_held_claim_names_the_held_file() -> None:
    used = Engine(installed(), Profile(hold="warn"))
    found = {(row["disposition"], row["goes_to"]) for row in rows(used, DAY) if row["claim"]}
    assert found == {("rejected", "rejected"), ("flagged", "held"), ("clean", "clean")}


def test_a_suppressed_finding_has_a_row_with_the_reason() -> None:
    used, source = with_suppressions()
    found = {row["code"]: row for row in rows(used, source) if row["claim"]}
    assert found["DX01"]["severity"] == "reject"
    assert found["JWJZ01"]["severity"] == "suppressed"
    assert found["JWJZ01"]["suppression"] == "a waste log (A. Biller, until 2099-12-31)"
    assert (found["JWJZ01"]["procedure"], found["JWJZ01"]["service_line"]) == ("J0490", "1")
    assert "ADM01" not in found


def test_clean_claims_have_no_rows() -> None:
    assert rows(engine("JWJZ01"), InMemory("claims.837", build([infusion_claim()]))) == []


def test_a_byte_order_mark_shows_excel_that_it_is_utf8() -> None:
    raw = io.BytesIO()
    for encoding, begins in (("utf-8", b"\xef\xbb\xbfpath,"), ("cp1252", b"path,"), ("ascii", b"path,")):
        raw.seek(0)
        out = io.TextIOWrapper(raw, encoding, newline="")
        fill(CsvReport(out, engine()), [], engine())
        out.flush()
        assert raw.getvalue().startswith(begins)
        out.detach()


def test_rows_end_as_rfc_4180_says() -> None:
    report = reported(CsvReport, always_finding('say "no", or\nyes'), InMemory("claims.837", build([FAULTY, FAULTY])))
    assert report.count("\r\n") == report.count("\n") == report.count("\r") == 3
    assert '"say ""no"", or?yes"' in report


@each(
    "text",
    {
        "leading zeros": "00012345",
        "more digits than are shown": "123456789012",
        "more digits than are kept": "12345678901234567",
        "exponent": "12E5",
        "decimal": "1.10",
        "thousands": "1,000",
        "date": "3-4",
        "date with slashes": "10/11",
        "iso date": "2026-10-05",
        "month before": "MAR12",
        "month behind": "1-Sept",
        "whole month": "June 4",
        "time": "1:20",
        "time of day": "8 pm",
        "percent": "5%",
        "money": "$5",
        "brackets": "(5)",
    },
)
def test_an_id_that_a_spreadsheet_would_change_is_text(text: str) -> None:
    assert identifier(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "0", "7", "12345678901", "A0001", "CD261014-001", "DECKER", "MAYER1", "1E", "E5", "4A"]
)
def test_any_other_id_stays_as_it_is(text: str) -> None:
    assert identifier(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "  =1", "\uff0b1"])
def test_a_formula_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(f"a;{text}") == f"a;'{text}"


def test_a_text_is_not_changed() -> None:
    text = "M32.0 (drug-induced), 5 - 3; add 59 or X{EPSU}"
    assert cell(text) == text


def test_cells_stay_within_what_excel_takes() -> None:
    claim = infusion_claim(claim_id="9" * 50_000)
    (row,) = rows(always_finding("m" * 50_000), InMemory("p" * 50_000, build([claim])))
    assert {name for name in row if len(row[name]) > 32_767} == set()
    assert row["claim_id"] == OPEN.identifier("9" * 50_000)


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(",;|\t"))
def test_no_cell_is_a_formula_with_any_separator(text: str, other: str, separator: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(text), identifier(other), cell(other + separator + text)])
    cells = [found for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator) for found in row]
    assert not [found for found in cells if found.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]
