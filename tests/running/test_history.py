"""A history of released claims, from the options to each output: by real commands, and in Python."""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import scrubber
from scrubber import RunOptions
from scrubber.claims.earlier import HistoryError
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.history.database import Database
from scrubber.history.tables import VERSION
from scrubber.outputs.formats import FORMATS
from scrubber.running import run as running
from scrubber.running.inputs import Input
from scrubber.running.options import OptionsError
from scrubber.testing import ClaimSpec, build, drug_line, infusion_claim, visit_claim
from tests.json_reports import faults_of_json, faults_of_json_lines
from tests.scrubbing import Run, each, run

FIRST = visit_claim(claim_id="FIRST", member_id="9XX9XX9XX01")
SECOND = visit_claim(claim_id="SECOND", member_id="9XX9XX9XX02")
THIRD = visit_claim(claim_id="THIRD", member_id="9XX9XX9XX03")
REJECTED = infusion_claim(claim_id="REJECTED", member_id="9XX9XX9XX04", lines=(drug_line(modifiers=("JW", "JZ")),))
ONLY = ("--select", "DUP03,JWJZ")


def write(folder: Path, name: str, *claims: ClaimSpec) -> Path:
    path = folder / name
    path.write_text(build(claims))
    return path


def scrub(folder: Path, name: str, *options: str) -> Run:
    """Scrub a file of a folder with its history."""
    return run("scrub", name, "--out", f"out-{name}", "--history", "history", *ONLY, *options, cwd=folder)


def codes(folder: Path, name: str) -> list[list[str]]:
    """The codes of findings by claim in the JSON report of a file."""
    (file,) = json.loads((folder / f"out-{name}" / f"{Path(name).stem}.report.json").read_text())["files"]
    return [[finding["code"] for finding in claim["findings"]] for claim in file["claims"]]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with two files that share a released and a rejected claim; the first one is scrubbed."""
    write(tmp_path, "a.837", FIRST, SECOND, REJECTED)
    write(tmp_path, "b.837", SECOND, REJECTED, THIRD)
    assert scrub(tmp_path, "a.837").status == 1
    return tmp_path


def test_what_went_to_the_clean_file_is_found_in_the_next_one(two: Path) -> None:
    assert codes(two, "a.837") == [[], [], ["JWJZ02"]]
    scrub(two, "b.837")
    assert codes(two, "b.837") == [["DUP03"], ["JWJZ02"], []]
    text = (two / "out-b.837" / "b.report.txt").read_text()
    assert "this claim was released before, in file " in text
    assert "(ISA13 000000001, 2026-10-15)" in text


def test_reports_name_the_history_as_the_manifest_does(two: Path) -> None:
    scrub(two, "b.837")
    out = two / "out-b.837"
    (entry,) = json.loads((out / "manifest.json").read_text())["files"]
    state = entry["history"]
    assert (state["state"], state["claims"]) == (1, 2)
    named = f"2 claims, state 1, sha256 {state['sha256']}"
    assert f"History of released claims: {named}" in " ".join((out / "b.report.txt").read_text().split())
    assert f"History of released claims: {named}." in (out / "b.report.html").read_text()
    assert json.loads((out / "b.report.json").read_text())["history"] == state
    plain = run("check", "b.837", "--format", "html", cwd=two).out
    assert "No history of released claims was used." in plain


def test_held_claims_are_not_remembered(tmp_path: Path) -> None:
    held = infusion_claim(claim_id="HELD", member_id="9XX9XX9XX05", diagnoses=("M3219", "M320"))
    for name, claims in {"a.837": (held, FIRST), "b.837": (FIRST, held)}.items():
        write(tmp_path, name, *claims)
        scrub(tmp_path, name, "--hold", "warn", "--select", "DX12")
    assert codes(tmp_path, "b.837") == [["DUP03"], ["DX12"]]


def test_a_file_is_scrubbed_again_as_before(two: Path) -> None:
    before = {path.name: path.read_bytes() for path in (two / "out-a.837").iterdir() if "manifest" not in path.name}
    scrub(two, "a.837")
    assert codes(two, "a.837") == [[], [], ["JWJZ02"]]
    shutil.copy(two / "a.837", two / "copy.837")
    assert run("check", "copy.837", "--history", "history", "--select", "DUP03", cwd=two).status == 0
    clean = (two / "out-a.837" / "a.clean.837").read_bytes()
    assert clean == before["a.clean.837"]


def test_check_looks_and_does_not_enter(two: Path) -> None:
    for _ in range(2):
        report = run("check", "b.837", "--history", "history", "--select", "DUP03", "--fail-on", "warn", cwd=two)
        assert report.status == 1
        assert report.out.count("this claim was released before") == 1
    write(two, "c.837", THIRD)
    assert run("check", "c.837", "--history", "history", "--select", "DUP", "--fail-on", "warn", cwd=two).status == 0


def test_a_check_needs_a_history_that_is_there(two: Path) -> None:
    report = run("check", "b.837", "--history", "missing", cwd=two)
    assert (report.status, report.out) == (2, "")
    assert report.err.startswith("Error: the history missing is not there")
    assert "scrubber watch rebuild" in report.err
    assert len(report.err.splitlines()) == 1
    assert not (two / "missing").exists()


FAULTS = {
    "no key": "key",
    "no store": "store",
    "not a database": "damaged",
    "a newer one": "newer",
    "a folder": "folder",
    "an empty file": "empty",
}


@each("fault", FAULTS)
def test_a_history_that_cannot_be_used_is_one_line(two: Path, fault: str) -> None:
    store, key = two / "history", two / "history.key"
    if fault == "key":
        key.unlink()
    elif fault == "store":
        store.unlink()
    elif fault in ("folder", "empty"):
        store.unlink()
        store.mkdir() if fault == "folder" else store.touch()
    elif fault == "damaged":
        store.write_bytes(b"SQLite format 3\0" + bytes(4000))
    else:
        database = Database(store)
        database.connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        database.close()
    for command in (("check", "b.837"), ("scrub", "b.837", "--out", "new")):
        report = run(*command, "--history", "history", cwd=two)
        assert (report.status, report.out) == (2, "")
        assert len(report.err.splitlines()) == 1
        assert "history" in report.err
        assert "SECOND" not in report.err
        if fault in ("folder", "empty"):
            assert f"the history history is a{'n empty file' if fault == 'empty' else ' folder'}; " in report.err


def test_a_store_that_is_damaged_within_ends_the_run(two: Path) -> None:
    content = (two / "history").read_bytes()
    (two / "history").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    report = run("scrub", "b.837", "--out", "new", "--history", "history", cwd=two)
    assert report.status == 2
    assert report.err.splitlines()[-1].startswith("Error: the history history ")
    assert not (two / "new" / "b.clean.837").exists()


def test_the_manifest_names_the_state_and_replay_looks_at_it(two: Path) -> None:
    scrub(two, "b.837")
    states = [
        json.loads((two / f"out-{name}" / "manifest.json").read_text())["files"][0]["history"]
        for name in ("a.837", "b.837")
    ]
    assert [state["state"] for state in states] == [0, 1]
    for name in ("a.837", "b.837"):
        report = run("replay", f"out-{name}/manifest.json", cwd=two)
        assert (report.status, report.err) == (0, "")
        assert "the same bytes" in report.out
    (two / "moved").mkdir()
    for name in ("history", "history.key"):
        (two / name).rename(two / "moved" / name)
    missing = run("replay", "out-b.837/manifest.json", cwd=two)
    assert (missing.status, len(missing.err.splitlines())) == (2, 1)
    assert run("replay", "out-b.837/manifest.json", "--history", "moved/history", cwd=two).status == 0


def test_replay_refuses_another_history(two: Path) -> None:
    scrub(two, "b.837")
    run("scrub", "a.837", "--out", "elsewhere", "--history", "other", cwd=two)
    other = run("replay", "out-b.837/manifest.json", "--history", "other", cwd=two)
    assert (other.status, len(other.err.splitlines())) == (2, 1)
    assert "is another history than that of the run" in other.err
    run("scrub", "a.837", "--out", "plain", cwd=two)
    plain = run("replay", "plain/manifest.json", "--history", "history", cwd=two)
    assert (plain.status, plain.err) == (2, "Error: the original run had no history: leave out --history\n")


def test_several_files_of_one_run_follow_each_other(tmp_path: Path) -> None:
    write(tmp_path, "a.837", FIRST)
    write(tmp_path, "b.837", FIRST, SECOND)
    report = run("scrub", "a.837", "b.837", "--out", "out", "--history", "history", "--select", "DUP", cwd=tmp_path)
    assert "b.837: 2 claims, 1 clean, 1 flagged" in report.out
    assert run("replay", "out/manifest.json", cwd=tmp_path).status == 0


def test_a_profile_names_a_history(two: Path) -> None:
    profile = two / "profile.toml"
    profile.write_text('history = "history"\nhistory_days = 30\n[severity]\nDUP03 = "reject"\n')
    report = run("scrub", "b.837", "--out", "out-b.837", "--profile", "profile.toml", *ONLY, cwd=two)
    assert "1 clean, 0 flagged, 2 rejected" in report.out
    profile.write_text("history_days = 0\n")
    assert "history_days must be a number of days" in run("check", "b.837", "--profile", profile, cwd=two).err


@each("form", {form: form for form in FORMATS})
def test_every_format_is_written_with_a_history(two: Path, form: str) -> None:
    report = run("check", "b.837", "--history", "history", "--format", form, "--fail-on", "never", cwd=two)
    assert (report.status, report.err) == (0, "")
    assert "DUP03" in report.out
    if form == "json":
        assert not faults_of_json(report.out)
    if form == "jsonl":
        assert not faults_of_json_lines(report.out)


def options(folder: Path, **more: Any) -> RunOptions:
    return RunOptions(history=folder / "history", select=("DUP03",), **more)


def claims(content: bytes, chosen: RunOptions) -> list[list[str]]:
    found: list[ScrubbedClaim] = list(scrubber.scrub(io.BytesIO(content), options=chosen))
    return [[str(finding.severity) for finding in scrubbed.findings] for scrubbed in found]


def test_in_python_what_goes_to_the_clean_file_is_entered(tmp_path: Path) -> None:
    one, both = build([FIRST]).encode(), build([FIRST, SECOND]).encode()
    chosen = options(tmp_path)
    with pytest.raises(OptionsError, match="is not there"):
        claims(both, chosen)
    scrubber.scrub_to(io.BytesIO(one), options=chosen)
    assert claims(both, chosen) == [[], []]
    scrubber.scrub_to(io.BytesIO(one), options=chosen, rejected=io.BytesIO())
    assert claims(both, chosen) == [[], []]
    scrubber.scrub_to(io.BytesIO(one), options=chosen, clean=io.BytesIO())
    assert claims(both, chosen) == [["warn"], []]
    assert claims(both, options(tmp_path, releasing=True)) == [["reject"], []]
    assert claims(one, chosen) == [[]]


def test_wrong_options_are_refused() -> None:
    with pytest.raises(ValueError, match="history_days"):
        RunOptions(history_days=0)


def test_of_two_runs_that_release_one_claim_the_later_one_is_not_written(tmp_path: Path) -> None:
    first, second = write(tmp_path, "a.837", FIRST), write(tmp_path, "b.837", FIRST, SECOND)
    engine = options(tmp_path).engine(entering=True)
    later = engine.pinned()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    running.scrub(Input(str(first)), engine, tmp_path / "a")
    with pytest.raises(HistoryError, match="run it again"):
        running.scrub(Input(str(second)), later, tmp_path / "b")
    assert list((tmp_path / "b").iterdir()) == []
    running.scrub(Input(str(second)), engine, tmp_path / "b")
    assert (tmp_path / "b" / "b.clean.837").exists()


def test_the_date_of_the_run_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, "a.837", FIRST)
    write(tmp_path, "b.837", FIRST, SECOND)
    scrub(tmp_path, "a.837", "--as-of", date(2031, 1, 1).isoformat())
    scrub(tmp_path, "b.837")
    assert codes(tmp_path, "b.837") == [["DUP03"], []]
