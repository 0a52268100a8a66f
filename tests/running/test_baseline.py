"""The baseline: what is known does not count, what is new does; how it is written, pruned and kept."""

from __future__ import annotations

import io
import json
import stat
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.cli import main
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import Facts
from scrubber.running import baseline
from scrubber.running.baseline import Baseline, BaselineError
from scrubber.running.inputs import Input
from scrubber.running.run import check
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, visit_claim
from tests.scrubbing import Run, each, every_line, made, of_edits, run

LINES = (drug_line(modifiers=()), LineSpec("96413"))
FAULTY = infusion_claim("837P", "FAULTY", lines=LINES, diagnoses=("M320",))
"""JWJZ01 and DX01 on line 1, both rejected, and ADM01, an info, on line 2."""
OTHER = infusion_claim("837P", "OTHER", diagnoses=("M320",))
"""DX01."""
ONLY = ("--select", "ADM01,DX01,JWJZ01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "claims.837", FAULTY, visit_claim("837P", "CLEAN"))
    return tmp_path


def put(folder: Path, name: str, *claims: Any) -> None:
    (folder / name).write_text(build(claims), "latin-1")


def checked(folder: Path, *arguments: str, only: tuple[str, ...] = ONLY, name: str = "known.jsonl") -> Run:
    """`scrubber check` with a baseline, in this process, as there are many."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(["check", *only, "--format", "json", "--baseline", name, *arguments])
    return Run(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def known(folder: Path, name: str = "known.jsonl") -> list[tuple[str, str, int | None]]:
    """File, code and line of each entry."""
    entries = map(json.loads, (folder / name).read_text().splitlines())
    return [(entry["file"], entry["code"], entry["service_line"]) for entry in entries]


def test_what_is_known_does_not_count_and_what_is_new_does(folder: Path) -> None:
    written = checked(folder, "--update", "claims.837")
    assert (written.status, written.err) == (0, "scrubber: known.jsonl: known findings: 3, new: 3, removed: 0\n")
    again = checked(folder, "--fail-on", "info", "claims.837")
    assert (again.status, again.err) == (0, "")
    assert again.out == written.out
    summary = json.loads(again.out)["summary"]
    assert (summary["clean"], summary["findings"], summary["suppressed"]) == (2, {}, 3)
    put(folder, "claims.837", FAULTY, OTHER)
    report = checked(folder, "claims.837")
    assert report.status == 1
    summary = json.loads(report.out)["summary"]
    assert (summary["rejected"], summary["findings"], summary["suppressed"]) == (1, {"DX01": 1}, 3)


def test_what_is_known_is_in_the_report(folder: Path) -> None:
    checked(folder, "--update", "claims.837")
    faulty, clean = json.loads(checked(folder, "claims.837").out)["files"][0]["claims"]
    assert (faulty["disposition"], faulty["findings"]) == ("clean", [])
    assert {item["code"] for item in faulty["suppressed"]} == {"ADM01", "DX01", "JWJZ01"}
    assert {(item["by"], item["reason"], item["expires"]) for item in faulty["suppressed"]} == {
        ("baseline", None, None)
    }
    assert "suppressed" not in clean


def test_what_it_looks_like(folder: Path) -> None:
    put(folder, "another.837", OTHER)
    checked(folder, "--update", "claims.837", "another.837")
    path = folder / "known.jsonl"
    lines = path.read_text().splitlines()
    assert known(folder) == [
        ("another.837", "DX01", 1),
        ("claims.837", "JWJZ01", 1),
        ("claims.837", "DX01", 1),
        ("claims.837", "ADM01", 2),
    ]
    assert list(json.loads(lines[0])) == ["file", "claim_sha256", "code", "service_line", "element"]
    assert "FAULTY" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    checked(folder, "--update", "another.837", "claims.837")
    assert path.read_bytes() == before


def test_what_is_gone_is_reported_and_taken_out(folder: Path) -> None:
    checked(folder, "--update", "claims.837")
    corrected = attrs.evolve(FAULTY, lines=(drug_line(), LineSpec("96413")))
    put(folder, "claims.837", corrected)
    report = checked(folder, "claims.837")
    assert report.status == 1  # DX01 of a claim that is another one now
    assert report.err == "scrubber: known.jsonl: known findings that are gone: 3 (--update removes them)\n"
    report = checked(folder, "--update", "claims.837")
    assert (report.status, report.err) == (0, "scrubber: known.jsonl: known findings: 2, new: 2, removed: 3\n")
    assert known(folder) == [("claims.837", "DX01", 1), ("claims.837", "ADM01", 2)]


def test_what_the_run_is_not_about_is_kept(folder: Path) -> None:
    put(folder, "another.837", OTHER)
    checked(folder, "--update", ".")
    entries = known(folder)
    put(folder, "claims.837", visit_claim())
    put(folder, "another.837", visit_claim())
    assert checked(folder, "--update", "another.837", only=("--select", "JWJZ")).err.endswith("removed: 0\n")
    assert known(folder) == entries
    checked(folder, "--update", "another.837")
    assert known(folder) == entries[1:]
    checked(folder, "--update", "claims.837", only=("--ignore", "DX"))
    assert known(folder) == [("claims.837", "DX01", 1)]


def test_what_an_edit_in_shadow_still_finds_is_neither_taken_out_nor_added(folder: Path) -> None:
    (folder / "shadow.toml").write_text('[severity]\nDX01 = "shadow"\nJWJZ01 = "shadow"\n')
    checked(folder, "--update", "claims.837", only=("--select", "ADM01,DX01"))
    entries = known(folder)
    assert entries == [("claims.837", "DX01", 1), ("claims.837", "ADM01", 2)]
    report = checked(folder, "--profile", "shadow.toml", "--update", "claims.837")
    assert report.err == "scrubber: known.jsonl: known findings: 2, new: 0, removed: 0\n"
    assert known(folder) == entries


def test_a_file_that_cannot_be_read_to_its_end_keeps_what_was_known_of_it(folder: Path) -> None:
    checked(folder, "--update", "claims.837")
    whole = (folder / "claims.837").read_text()
    (folder / "claims.837").write_text(whole[: whole.index("CLM*FAULTY")])
    (folder / "known.jsonl").rename(folder / "before.jsonl")
    (folder / "known.jsonl").write_bytes((folder / "before.jsonl").read_bytes())
    assert checked(folder, "--update", "claims.837").status == 2
    assert checked(folder, "--update", "missing.837").status == 2
    assert (folder / "known.jsonl").read_bytes() == (folder / "before.jsonl").read_bytes()


def test_it_may_be_used_from_any_folder_and_for_copies_of_a_file(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    checked(folder, "--update", "claims.837", name="inner/known.jsonl")
    assert {file for file, _, _ in known(inner)} == {"../claims.837"}
    put(inner, "copy.837", visit_claim(), FAULTY)
    assert checked(inner, "copy.837", "../claims.837").status == 0
    assert checked(folder, str(folder / "claims.837"), "--update", name="inner/known.jsonl").err.endswith(
        "known findings: 3, new: 0, removed: 0\n"
    )


def test_standard_input_goes_by_its_name(folder: Path) -> None:
    text = (folder / "claims.837").read_bytes()
    assert run("check", *ONLY, "--baseline", "known.jsonl", "--update", "-", cwd=folder, stdin=text).status == 0
    assert {file for file, _, _ in known(folder)} == {"-"}
    assert run("check", *ONLY, "--baseline", "known.jsonl", "-", cwd=folder, stdin=text).status == 0


def test_what_is_suppressed_for_a_reason_is_not_written_down_again(folder: Path) -> None:
    (folder / "known.toml").write_text(
        '[[suppress]]\nclaim = "FAULTY"\ncode = "DX01"\nreason = "r"\nauthor = "a"\nexpires = 2099-01-01\n'
    )
    checked(folder, "--suppressions", "known.toml", "--update", "claims.837")
    assert [code for _, code, _ in known(folder)] == ["JWJZ01", "ADM01"]


def test_that_an_edit_failed_or_a_claim_may_not_be_whole_is_never_known(tmp_path: Path) -> None:
    def failing(claim: Claim, _: Facts) -> Any:
        raise RuntimeError

    put(tmp_path, "claims.837", visit_claim())
    engine = Engine(of_edits(made(failing), made(every_line, "LINE01")), Profile())
    known = Baseline(tmp_path / "known.jsonl", lambda _: True, update=True)
    outcome = check(Input(str(tmp_path / "claims.837")), engine, [], baseline=known)
    assert outcome.summary.findings == {"SCRUB01": 1}
    text = (tmp_path / "claims.837").read_text().replace("SE*", "SE*9")
    (tmp_path / "claims.837").write_text(text)
    outcome = check(Input(str(tmp_path / "claims.837")), engine, [], baseline=known)
    assert outcome.summary.findings == {"SCRUB01": 1, "READ03": 1}


# Mistakes


@each(
    "arguments",
    {
        "not there": ("--baseline", "known.jsonl", "claims.837"),
        "nothing to update": ("--update", "claims.837"),
        "an input": ("--baseline", "claims.837", "--update", "claims.837"),
        "beside --expect": ("--baseline", "known.jsonl", "--expect", "claims.837"),
        "a folder": ("--baseline", ".", "--update", "claims.837"),
        "in a folder that is not there": ("--baseline", "missing/known.jsonl", "--update", "claims.837"),
        "of another command": ("scrub", "--baseline", "known.jsonl", "--out", "out", "claims.837"),
    },
)
def test_a_wrong_call_is_refused_and_nothing_is_written(folder: Path, arguments: tuple[str, ...]) -> None:
    before = (folder / "claims.837").read_bytes()
    report = run(*(arguments if "scrub" in arguments else ("check", *arguments)), cwd=folder)
    assert report.status == 2
    assert "Traceback" not in report.err
    assert (folder / "claims.837").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["claims.837"]


@each(
    ("text", "says"),
    {
        "no JSON": ("{}{\n", "line 1 is not JSON"),
        "no object": ("17\n", "line 1 is not a line of a baseline"),
        "a key that lacks": (
            '{"file": "a", "claim_sha256": "b", "code": "C01", "service_line": 1}\n',
            "line 1 is not a line of a baseline",
        ),
        "another kind of value": (
            '{"file": "a", "claim_sha256": "b", "code": "C01", "service_line": "1", "element": "e"}\n',
            "line 1 is not a line of a baseline",
        ),
        "the second of two": (
            '{"file": "a", "claim_sha256": "b", "code": "C01", "service_line": 1, "element": "e"}\nclaims\n',
            "line 2 is not JSON",
        ),
        "no UTF-8": ("\udcff", "invalid start byte"),
    },
)
def test_what_is_no_baseline_is_refused_and_never_overwritten(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "known.jsonl"
    path.write_text(text, "utf-8", "surrogateescape")
    for update in (False, True):
        with pytest.raises(BaselineError) as refused:
            baseline.load(path, lambda _: True, update=update)
        assert str(refused.value).startswith(f"{path}: ")
        assert says in str(refused.value)
        assert "\n" not in str(refused.value)


def test_an_empty_file_is_a_baseline_without_findings(folder: Path) -> None:
    (folder / "known.jsonl").touch()
    plain = run("check", *ONLY, "--format", "json", "claims.837", cwd=folder)
    assert checked(folder, "claims.837") == plain
