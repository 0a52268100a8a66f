"""GitHub workflow commands: each finding an annotation at its place; no text of a file can become a command."""

from __future__ import annotations

import re
from pathlib import Path

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.github_report import GithubReport
from scrubber.running.inputs import Input
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, waste_claim, with_line
from tests.outputs.reporting import InMemory, always_finding, reported, written
from tests.scrubbing import engine, every_claim, made, of_edits

FAULTY = infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), LineSpec("96365")))

FINDING = (
    "title=JWJZ01 Neither JW nor JZ on a single-dose drug::claim 2, line 1, loop 2400, SV101-3: "
    "J0490 comes in single-dose vials and has neither JW nor JZ%0A"
    "fix: add JZ if nothing was discarded, else add a line with JW for the discarded units\n"
)


def test_a_file_with_line_breaks(tmp_path: Path) -> None:
    source = written(tmp_path, build([infusion_claim(), FAULTY]))
    report = reported(GithubReport, engine("JWJZ01"), source)
    assert report == (
        f"::error file={source.path},line=47,col=1,{FINDING}"
        f"scrubber: {source.path}: 2 claims: 1 clean, 0 flagged, 1 rejected, $4,980.00 of $9,960.00 at stake; "
        "findings: 1 reject, 0 warn, 0 info\n"
    )
    assert Path(source.path).read_text().splitlines()[46].startswith("SV1*HC:J0490*")


def test_a_file_without_line_breaks_is_one_line(tmp_path: Path) -> None:
    source = written(tmp_path, build([infusion_claim(), FAULTY], eol=""))
    report = reported(GithubReport, engine("JWJZ01"), source)
    column = Path(source.path).read_text().index("SV1*HC:J0490*") + 1
    assert report.startswith(f"::error file={source.path},line=1,col={column},{FINDING}")


def test_standard_input_has_no_file() -> None:
    report = reported(GithubReport, engine("JWJZ01"), InMemory("-", build([infusion_claim(), FAULTY])))
    assert report.startswith(f"::error {FINDING}")


def test_each_severity_has_its_command() -> None:
    source = InMemory("claims.837", build([FAULTY]))
    for severity, command in (("reject", "error"), ("warn", "warning"), ("info", "notice")):
        report = reported(GithubReport, always_finding("a fault", severity=severity), source)
        assert report.startswith(f"::{command} file=claims.837,title=TEST01 A test::")


def test_errors_of_the_file(tmp_path: Path) -> None:
    source = written(tmp_path, build([infusion_claim()]).replace("GE*1*", "GE*7*"))
    report = reported(GithubReport, engine("JWJZ01"), source)
    assert f"::error file={source.path},line=35,col=1,title=READ29 Wrong count::READ29 GE01 is not 1" in report
    dental = build([infusion_claim()]).replace("005010X222A1", "005010X224A2")
    report = reported(GithubReport, engine("JWJZ01"), InMemory("dental.837", dental))
    assert re.search(r"^::warning file=dental.837,title=READ33 ", report, re.MULTILINE)


def test_file_names_and_messages_are_escaped() -> None:
    source = InMemory("a,b:c%d=e.837", build([FAULTY]))
    first, last = reported(GithubReport, always_finding("5% :: 6, 7"), source).splitlines()
    assert first.startswith("::error file=a%2Cb%3Ac%25d=e.837,title=TEST01 A test::claim 1, ")
    assert first.endswith(": 5%25 :: 6, 7%0Afix: a fix")
    assert last.startswith("scrubber: a,b:c%d=e.837: 1 claim: ")


def test_plain_lines_are_no_commands() -> None:
    for path in ("::error::x", "##[error]x", "\n::error::x"):
        rows = reported(GithubReport, engine("JWJZ01"), InMemory(path, build([infusion_claim()]))).splitlines()
        assert [row.startswith("scrubber: ") and "##[" not in row for row in rows] == [True]


def test_what_was_not_checked_is_counted() -> None:
    source = InMemory("claims.837", build([with_line(waste_claim(), 2, units="three")] * 2))
    rows = reported(GithubReport, engine("JWJZ05"), source).splitlines()
    assert rows[-1] == "scrubber: not checked JWJZ05 on claim 1: SV104 is not a number (and 1 more claims)"
    used = Engine(of_edits(made(every_claim, table="hcpcs")), Profile())
    rows = reported(GithubReport, used, source).splitlines()
    assert rows[-1] == "scrubber: not checked TEST01: table hcpcs is not loaded"


def test_several_files_are_summed_up() -> None:
    files: list[Input] = [InMemory(name, build([FAULTY])) for name in ("a.837", "b.837")]
    rows = reported(GithubReport, engine("JWJZ01"), *files).splitlines()
    counts = "0 clean, 0 flagged, 2 rejected, $9,960.00 of $9,960.00 at stake"
    total = f"2 claims: {counts}; findings: 2 reject, 0 warn, 0 info"
    assert rows[-1] == f"scrubber: 2 files: {total}"
