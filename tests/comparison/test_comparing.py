"""`scrubber compare`: two real runs side by side, as text and as JSON."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from scrubber.cli import main
from scrubber.testing import ClaimSpec, LineSpec, build, drug_line, infusion_claim
from tests.scrubbing import FIXTURES, Run, each, run

INFUSION = LineSpec("96365")
CLEAN = infusion_claim("837P", "CLEAN")
NO_MODIFIER = infusion_claim("837P", "NOMOD", lines=(drug_line(modifiers=()), INFUSION))
BOTH = infusion_claim("837P", "BOTH", lines=(drug_line(modifiers=("JW", "JZ")), INFUSION))
ONLY = ("--select", "JWJZ01,JWJZ02,DX12", "--no-conformance")


def write(path: Path, *claims: ClaimSpec) -> Path:
    path.write_text(build(claims))
    return path


def report(path: Path, to: Path, *options: str, form: str = "json") -> Path:
    done = run("check", "--format", form, "--output", to, "--fail-on", "never", *ONLY, *options, path)
    assert done.status == 0, done.err
    return to


def compared(old: Path, new: Path) -> tuple[int, dict[str, Any]]:
    done = run("compare", "--format", "json", old, new)
    assert done.err == ""
    return done.status, json.loads(done.out)


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    return write(tmp_path / "claims.837", CLEAN, NO_MODIFIER, BOTH)


@each("form", {"json": "json", "jsonl": "jsonl"})
def test_a_run_is_as_itself(claims: Path, form: str) -> None:
    old = report(claims, claims.with_name("old"), form=form)
    new = report(claims, claims.with_name("new"))
    status, comparison = compared(old, new)
    assert status == 0
    assert comparison["claims"] == [] and comparison["files"] == []
    assert comparison["summary"]["compared"] == 3


def test_a_finding_that_went_and_the_claim_that_is_no_longer_rejected(claims: Path) -> None:
    old = report(claims, claims.with_name("old"))
    new = report(claims, claims.with_name("new"), "--ignore", "JWJZ01")
    status, comparison = compared(old, new)
    assert status == 1
    (change,) = comparison["claims"]
    assert (change["claim_id"], change["old"], change["new"]) == ("NOMOD", "rejected", "clean")
    assert [item["code"] for item in change["went"]] == ["JWJZ01"] and change["came"] == []
    summary, (by_edit,), (by_payer,) = comparison["summary"], comparison["by_edit"], comparison["by_payer"]
    assert summary["no_longer_rejected"] == 1 and summary["newly_rejected"] == 0
    assert summary["charge_no_longer_rejected"] == change["charge"] == by_edit["charge_no_longer_rejected"]
    assert by_edit["code"] == "JWJZ01" and by_edit["went"] == 1
    assert by_payer["payer_id"] == change["payer_id"] and by_payer["claims"] == 1
    assert {"old": "rejected", "new": "clean", "claims": 1} in summary["moves"]


def test_the_other_way_round_it_came(claims: Path) -> None:
    old = report(claims, claims.with_name("old"), "--ignore", "JWJZ01")
    new = report(claims, claims.with_name("new"))
    _, comparison = compared(old, new)
    assert [item["code"] for item in comparison["claims"][0]["came"]] == ["JWJZ01"]
    assert comparison["summary"]["newly_rejected"] == 1


def test_another_severity_is_neither_come_nor_gone(claims: Path) -> None:
    milder = claims.with_name("milder.toml")
    milder.write_text('[severity]\nJWJZ01 = "warn"\n')
    old = report(claims, claims.with_name("old"))
    new = report(claims, claims.with_name("new"), "--profile", str(milder))
    _, comparison = compared(old, new)
    (change,) = comparison["claims"]
    (regraded,) = change["regraded"]
    assert (regraded["severity_old"], regraded["severity"]) == ("reject", "warn")
    assert change["came"] == change["went"] == []
    assert comparison["by_edit"][0]["milder"] == 1
    assert "JWJZ01" in run("compare", old, new).out


def test_text_names_the_claim_the_finding_and_the_money(claims: Path) -> None:
    old = report(claims, claims.with_name("old"))
    new = report(claims, claims.with_name("new"), "--ignore", "JWJZ01")
    done = run("compare", old, new)
    assert done.status == 1
    assert "REJECTED -> CLEAN  claim 2  NOMOD" in done.out
    assert "went  line 1  reject JWJZ01" in done.out
    assert "rejected -> clean: 1 claim\n" in done.out


def test_claims_of_another_file_are_found_by_their_ids(tmp_path: Path) -> None:
    """The corrected file has a claim less and another order."""
    (tmp_path / "corrected").mkdir()
    old = report(write(tmp_path / "day.837", CLEAN, NO_MODIFIER, BOTH), tmp_path / "old")
    corrected = attrs.evolve(NO_MODIFIER, lines=(drug_line(), INFUSION))
    new = report(write(tmp_path / "corrected" / "day.837", BOTH, corrected), tmp_path / "new")
    _, comparison = compared(old, new)
    (change,) = comparison["claims"]
    assert (change["claim_id"], change["ordinal_old"], change["ordinal_new"]) == ("NOMOD", 2, 2)
    assert comparison["summary"]["compared"] == 2
    assert comparison["summary"]["only_old"] == {"clean": 1} and comparison["summary"]["only_new"] == {}


def test_equal_ids_are_paired_in_their_order(tmp_path: Path) -> None:
    twice = attrs.evolve(NO_MODIFIER, claim_id="SAME"), attrs.evolve(CLEAN, claim_id="SAME")
    old = report(write(tmp_path / "day.837", *twice), tmp_path / "old")
    new = report(write(tmp_path / "day.837", *reversed(twice)), tmp_path / "new")
    _, comparison = compared(old, new)
    assert [(change["old"], change["new"]) for change in comparison["claims"]] == [
        ("rejected", "clean"),
        ("clean", "rejected"),
    ]


def test_hidden_ids_are_paired_with_open_ones_where_the_file_is_the_same(claims: Path) -> None:
    key = claims.with_name("key")
    key.write_bytes(b"x" * 32)
    old = report(claims, claims.with_name("old"))
    new = report(claims, claims.with_name("new"), "--no-phi", str(key))
    assert "NOMOD" not in new.read_text()
    status, comparison = compared(old, new)
    assert (status, comparison["summary"]["compared"]) == (0, 3)


def test_files_of_one_run_only_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "day.837", CLEAN)
    other = write(tmp_path / "other.837", BOTH)
    both = tmp_path / "both"
    run("check", "--format", "json", "--output", both, *ONLY, tmp_path / "day.837", other)
    alone = report(tmp_path / "day.837", tmp_path / "alone")
    status, comparison = compared(both, alone)
    assert status == 1
    assert [(Path(file["path"]).name, file["new"]) for file in comparison["files"]] == [("other.837", None)]
    assert comparison["summary"]["only_old"] == {"rejected": 1}


def test_manifests_and_their_folders(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "clinic-day.837", tmp_path / "day.837")
    run("scrub", "day.837", "--out", "old", cwd=tmp_path)
    run("scrub", "day.837", "--out", "new", "--profile", "commercial", cwd=tmp_path)
    of_folders = run("compare", "--format", "json", "old", "new", cwd=tmp_path)
    of_manifests = run("compare", "--format", "json", "old/manifest.json", "new/manifest.json", cwd=tmp_path)
    assert of_folders.status == 1
    first, second = json.loads(of_folders.out), json.loads(of_manifests.out)
    assert first["claims"] == second["claims"] != []
    assert first["old"]["profile"]["name"] == "default" and first["new"]["profile"]["name"] == "commercial"
    assert "profile differs" in run("compare", "old", "new", cwd=tmp_path).out


def refused(old: Path, new: Path) -> Run:
    done = run("compare", old, new)
    assert done.status == 2 and done.out == ""
    assert len(done.err.splitlines()) == 1
    return done


@each(
    ("content", "problem"),
    {
        "empty": ("", "not a whole JSON or JSON lines report"),
        "another file": ("ISA*00*~", "not a whole JSON or JSON lines report"),
        "other JSON": ('{"a": [1]}', "not a whole JSON or JSON lines report"),
        "another manifest": ('{"manifest_version": "9"}', "manifest version"),
    },
)
def test_what_is_no_report_is_refused(claims: Path, content: str, problem: str) -> None:
    wrong = claims.with_name("wrong")
    wrong.write_text(content)
    assert problem in refused(wrong, report(claims, claims.with_name("new"))).err


@each("form", {"json": "json", "jsonl": "jsonl"})
def test_a_report_that_is_cut_off_is_refused(claims: Path, form: str) -> None:
    whole = report(claims, claims.with_name("whole"), form=form)
    content = whole.read_text()
    for part in (3, 2):
        claims.with_name("cut").write_text(content[: len(content) * (part - 1) // part])
        message = refused(claims.with_name("cut"), whole).err
        assert "cut" in message and "NOMOD" not in message


def test_a_report_that_was_changed_after_the_run_is_refused(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "clinic-day.837", tmp_path / "day.837")
    run("scrub", "day.837", "--out", "old", cwd=tmp_path)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    with (tmp_path / "new" / "day.report.json").open("a") as out:
        out.write(" ")
    assert "changed since the run" in refused(tmp_path / "old", tmp_path / "new").err


WRONG: tuple[Any, ...] = (
    *(None, 5, 1.5, True, [], {}, ["a"]),
    *("\n::error::x\x1b]0;x\x07", "9" * 2000, "1e999999", "NaN", "\ud800"),
)


CHANGED = (
    *("path", "status", "sha256", "claim_id", "disposition", "charge", "allowed", "payer_id", "findings"),
    *("not_checked", "errors", "code", "severity", "service_line", "element", "message"),
)


@pytest.mark.parametrize("name", CHANGED)
def test_a_value_of_another_kind_is_refused_or_shown_harmless(claims: Path, name: str) -> None:
    old, new = report(claims, claims.with_name("old")), claims.with_name("new")
    for value in (*WRONG, ...):
        content = json.loads(old.read_text("utf-8"), object_hook=partial(with_value, name=name, value=value))
        new.write_text(json.dumps(content), "utf-8")
        for arguments in ((old, new), ("--format", "json", new, old)):
            done = CliRunner().invoke(main, ["compare", *map(str, arguments)])
            assert done.exit_code in (0, 1, 2)
            assert "the scrubber failed" not in done.output
            assert "\x1b" not in done.output and "\n::error" not in done.output
            assert done.exit_code != 2 or "not a whole JSON or JSON lines report of the scrubber" in done.stderr


def with_value(found: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    if name not in found:
        return found
    return {key: kept for key, kept in found.items() if key != name} if value is ... else found | {name: value}


@pytest.mark.parametrize("name", ["claim_id", "payer_id", "payer_name", "path", "message", "release", "table"])
def test_no_text_of_a_report_reaches_the_terminal_as_it_is(claims: Path, name: str) -> None:
    """The report may come from another person."""
    hostile = "\n::error::x\x1b]0;x\x07"
    old, new = report(claims, claims.with_name("old")), claims.with_name("new")

    def changed(found: dict[str, Any]) -> dict[str, Any]:
        return found | {name: hostile} if isinstance(found.get(name), str) else found

    content = json.loads(old.read_text("utf-8"), object_hook=changed)
    if name == "table":
        content["files"][0]["not_checked"] = [{"code": hostile, "reason": "table ndc is not loaded"}]
    new.write_text(json.dumps(content), "utf-8")
    done = run("compare", old, new)
    assert "\x1b" not in done.out + done.err
    assert "\n::error" not in done.out + done.err


def test_a_missing_report_is_named(claims: Path) -> None:
    assert "nowhere" in refused(claims.with_name("nowhere"), claims).err
