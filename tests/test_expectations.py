"""`scrubber check --expect`, as a real process: what it compares, what it writes, and how it ends."""

from __future__ import annotations

import os
from pathlib import Path

from scrubber.expectations.sidecar import parse, refuse_unknown_codes, written
from scrubber.testing import ClaimSpec, build, drug_line, infusion_claim
from tests.ci import shown
from tests.scrubbing import FIXTURES, each, installed, run

BARE = infusion_claim(claim_id="BARE", lines=(drug_line(modifiers=()),))
ONLY = ("--select", "JWJZ01")
AS_IT_IS = "claim BARE\n  line 1: reject JWJZ01 at SV101-3\n"
DIFFERENT = "claim BARE\n"


def put(folder: Path, name: str = "claims.837", sidecar: str | None = AS_IT_IS, *claims: ClaimSpec) -> Path:
    path = folder / name
    path.write_text(build(claims or [BARE]))
    if sidecar is not None:
        sidecar_of(path).write_text(sidecar)
    return path


def sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.expected")


def test_rejected_claims_are_fine_where_they_are_expected(tmp_path: Path) -> None:
    path = put(tmp_path)
    assert run("check", *ONLY, path).status == 1
    report = run("check", "--expect", *ONLY, "claims.837", cwd=tmp_path)
    assert (report.status, report.out, report.err) == (0, "1 file as expected\n", "")


def test_all_fixtures_are_as_expected_and_an_update_leaves_them_as_they_are() -> None:
    before = {path: path.read_bytes() for path in FIXTURES.iterdir()}
    report = run("check", "--expect", FIXTURES)
    assert (report.status, report.out, report.err) == (0, f"{len(before) // 2} files as expected\n", "")
    report = run("check", "--expect", "--update", FIXTURES)
    assert (report.status, report.out) == (0, f"0 written, {len(before) // 2} unchanged\n")
    assert {path: path.read_bytes() for path in FIXTURES.iterdir()} == before


def test_a_difference_is_reported_and_fails(tmp_path: Path) -> None:
    put(tmp_path, sidecar=DIFFERENT)
    put(tmp_path, "fine.837")
    put(tmp_path, "bare.837", sidecar=None)
    report = run("check", "--expect", *ONLY, "--fail-on", "never", ".", cwd=tmp_path)
    assert (report.status, report.err) == (1, "")
    assert report.out == (
        "bare.837\n"
        "  file\n"
        "    missing     bare.837.expected: write what is expected there, or use --update\n"
        "claims.837\n"
        "  claim 1  BARE\n"
        "    unexpected  line 1: reject JWJZ01 at SV101-3\n"
        "                J0490 comes in single-dose vials and has neither JW nor JZ\n"
        "3 files: 1 as expected, 2 not\n"
    )


def test_update_writes_what_differs_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, sidecar=f"# Why.\n{DIFFERENT}")
    put(tmp_path, "bare.837", sidecar=None)
    fine = sidecar_of(put(tmp_path, "fine.837", "  claim   BARE\nline 1: reject JWJZ01 at SV101-3"))
    os.utime(fine, (1, 1))
    report = run("check", "--expect", "--update", *ONLY, ".", cwd=tmp_path)
    assert (report.status, report.err) == (0, "")
    assert report.out == "bare.837.expected: written\nclaims.837.expected: written\n2 written, 1 unchanged\n"
    assert fine.stat().st_mtime == 1
    assert (tmp_path / "claims.837.expected").read_text() == f"# Why.\n{AS_IT_IS}"
    assert (tmp_path / "bare.837.expected").read_text() == AS_IT_IS
    assert run("check", "--expect", *ONLY, ".", cwd=tmp_path).status == 0


def test_what_cannot_be_used_is_reported_in_one_line_and_the_others_are_compared(tmp_path: Path) -> None:
    put(tmp_path, "a.837", "claim BARE\n  line 1: reject JWJX01 at SV101-3\n")
    put(tmp_path, "b.837", sidecar=DIFFERENT)
    put(tmp_path, "gone.837").unlink()
    report = run("check", "--expect", *ONLY, ".", cwd=tmp_path)
    assert report.status == 2
    assert report.err.splitlines() == [
        "scrubber: a.837.expected:2: unknown code JWJX01; did you mean JWJZ01?",
        "scrubber: gone.837: No such file or directory",
    ]
    assert report.out.endswith("1 file: 0 as expected, 1 not\n")
    update = run("check", "--expect", "--update", *ONLY, ".", cwd=tmp_path)
    assert (update.status, update.out) == (
        2,
        "a.837.expected: written\nb.837.expected: written\n2 written, 0 unchanged\n",
    )


def test_a_file_that_is_broken_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Dear Sir or Madam\n")
    (tmp_path / "other.txt").write_text("Nothing to do with it.\n")
    sidecar_of(path).write_text("error READ21\n")
    report = run("check", "--expect", ".", cwd=tmp_path)
    assert (report.status, report.out) == (0, "1 file as expected\n")
    assert report.err == "scrubber: skipped, since they do not begin with ISA: 1 (other.txt)\n"
    sidecar_of(path).write_text("")
    report = run("check", "--expect", path)
    assert (report.status, report.err) == (2, "")
    assert "unexpected  error READ21\n" in report.out


def test_a_sidecar_stands_for_its_claim_file(tmp_path: Path) -> None:
    path = put(tmp_path)
    report = run("check", "--expect", *ONLY, sidecar_of(path), path)
    assert (report.status, report.out) == (0, "1 file as expected\n")


def test_the_options_that_say_how_to_judge_hold_here_too(tmp_path: Path) -> None:
    path = put(tmp_path)
    (tmp_path / "house.toml").write_text('[severity]\nJWJZ01 = "info"\n')
    assert run("check", "--expect", "--profile", tmp_path / "house.toml", *ONLY, path).status == 1
    assert run("check", "--expect", "--ignore", "JWJZ01", *ONLY, path).status == 0
    assert run("check", "--expect", "--select", "DX12", path).status == 0
    assert run("check", "--expect", "--update", "--select", "DX12", path).out == "0 written, 1 unchanged\n"


def test_a_report_goes_to_a_file_as_well(tmp_path: Path) -> None:
    path = put(tmp_path, sidecar=DIFFERENT)
    to = tmp_path / "junit.xml"
    report = run("check", "--expect", *ONLY, "--format", "junit", "--output", to, path)
    assert (report.status, report.out, report.err) == (1, "", "")
    assert to.read_text().startswith('<?xml version="1.0"')


@each(
    ("arguments", "message"),
    {
        "another format": (["--expect", "--format", "sarif", "."], "--expect has the formats text, junit, github, not"),
        "standard input": (["--expect", "-"], "standard input has no sidecar: --expect needs files"),
        "a report of an update": (
            ["--expect", "--update", "--format", "junit", "."],
            "--update writes sidecars and no report",
        ),
        "an update of nothing": (["--update", "."], "--update needs --expect or --baseline"),
        "a sidecar to write to": (["--expect", "--output", "x.837.expected", "."], "x.837.expected is the name of a"),
    },
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    put(tmp_path)
    report = run("check", *arguments, cwd=tmp_path)
    assert (report.status, report.out) == (2, "")
    assert report.err.startswith(f"Error: {message}")
    assert len(report.err.splitlines()) == 1


def test_the_documented_sidecars_are_understood() -> None:
    for begins in ("# The belimumab", "error READ21"):
        text = shown("text", begins)
        sidecar = parse(text, "docs")
        refuse_unknown_codes(sidecar, installed(), "docs")
        assert written(sidecar) == text


def test_a_sidecar_that_is_no_file_is_reported(tmp_path: Path) -> None:
    path = put(tmp_path, sidecar=None)
    sidecar_of(path).mkdir()
    for arguments in (["--expect"], ["--expect", "--update"]):
        report = run("check", *arguments, path)
        assert (report.status, report.err) == (2, f"scrubber: {sidecar_of(path)}: Is a directory\n")
