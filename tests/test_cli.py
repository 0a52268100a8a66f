"""The command, as real processes: exit statuses, what stands on which stream, and what is written."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs
import pytest

from scrubber.testing import ClaimType, LineSpec, anifrolumab_claim, build, drug_line, infusion_claim, waste_claim
from tests.lanes import some
from tests.scrubbing import FIXTURES, SCRUBBER, Run, each, run

INFUSION = LineSpec("96365")
REJECTED = infusion_claim("837P", "REJECTED", lines=(drug_line(modifiers=("JW", "JZ")), INFUSION))
FLAGGED = infusion_claim("837P", "FLAGGED", diagnoses=("M3219", "M320"))
BEFORE_2024 = date(2023, 12, 29)
INFORMED = infusion_claim(
    "837P",
    "INFORMED",
    lines=(drug_line(modifiers=(), dates=BEFORE_2024), attrs.evolve(INFUSION, dates=BEFORE_2024)),
    filing="CI",
)
CLEAN = infusion_claim("837P", "CLEAN")
REPORTS = ("json", "txt", "xml", "html")
ONLY = ("--select", "JWJZ01,JWJZ02,DX12")
"""The edits that these claims are about."""


def write(folder: Path, name: str, *claims: object, text: str | None = None) -> Path:
    path = folder / name
    path.write_text(build(claims) if text is None else text, "latin-1")  # type: ignore[arg-type]
    return path


def lines(text: str) -> list[str]:
    return text.splitlines()


# Exit status


@each(
    ("claims", "statuses"),
    {
        "rejected": ([REJECTED, CLEAN], {"reject": 1, "warn": 1, "info": 1, "never": 0}),
        "flagged": ([FLAGGED, CLEAN], {"reject": 0, "warn": 1, "info": 1, "never": 0}),
        "information": ([INFORMED], {"reject": 0, "warn": 0, "info": 1, "never": 0}),
        "clean": ([CLEAN], {"reject": 0, "warn": 0, "info": 0, "never": 0}),
    },
)
def test_the_exit_status_by_the_most_severe_finding(
    tmp_path: Path, claims: list[object], statuses: dict[str, int]
) -> None:
    path = write(tmp_path, "claims.837", *claims)
    for fail_on, status in statuses.items():
        assert run("check", *ONLY, "--fail-on", fail_on, path).status == status
    assert run("scrub", *ONLY, "--out", tmp_path / "out", path).status == statuses["reject"]
    assert run("check", *ONLY, path).status == statuses["reject"]


BROKEN = {
    "empty": "",
    "a text": "Dear Sir or Madam, no claims today.\n",
    "ISA only": build([CLEAN])[:106],
    "cut short": build([CLEAN])[:900],
    "a wrong count": build([CLEAN]).replace("SE*", "SE*9"),
    "a version of old": build([CLEAN]).replace("005010X222A1", "004010X098A1"),
    "another transaction": build([CLEAN]).replace("ST*837*", "ST*835*"),
    "clashing delimiters": build([CLEAN]).replace("*T*:~", "*T***~", 1),
}


@each("text", BROKEN)
def test_a_file_that_cannot_be_read_has_one_line_and_the_others_are_scrubbed(tmp_path: Path, text: str) -> None:
    bad, good = write(tmp_path, "bad.837", text=text), write(tmp_path, "good.837", REJECTED)
    report = run("check", "--format", "json", bad, good)
    assert report.status == 2
    assert len(lines(report.err)) == 1
    assert report.err.startswith(f"scrubber: {bad}: READ")
    files = json.loads(report.out)["files"]
    assert [(file["status"], bool(file["errors"])) for file in files] == [("error", True), ("ok", False)]
    assert [claim["claim_id"] for claim in files[1]["claims"]] == ["REJECTED"]
    out = tmp_path / "out"
    assert run("scrub", "--out", out, bad, good).status == 2
    assert {"good.annotated.837", "good.report.json", "bad.report.json"} <= {path.name for path in out.iterdir()}


def test_unsupported_transactions_next_to_claims_are_no_failure(tmp_path: Path) -> None:
    text = build([CLEAN, infusion_claim(claim_id="OTHER")], per_transaction=1).replace("ST*837*0002", "ST*835*0002")
    report = run("check", write(tmp_path, "both.837", text=text))
    assert report.status == 0
    assert "READ33" in report.err


def test_unreadable_paths_have_one_line_each_and_the_others_are_scrubbed(tmp_path: Path) -> None:
    good = write(tmp_path, "good.837", REJECTED)
    missing, under_a_file = tmp_path / "missing.837", good / "claims.837"
    report = run("check", "--format", "json", missing, good, under_a_file)
    assert report.status == 2
    assert lines(report.err) == [
        f"scrubber: {missing}: No such file or directory",
        f"scrubber: {under_a_file}: Not a directory",
    ]
    assert [file["path"] for file in json.loads(report.out)["files"]] == [str(good)]
    out = tmp_path / "out"
    assert run("scrub", "--out", out, missing, good, under_a_file).status == 2
    assert {path.name.partition(".")[0] for path in out.iterdir()} == {"good", "manifest"}


@each(
    "arguments",
    {
        "no command": [],
        "an unknown command": ["scurb"],
        "no path": ["check"],
        "no folder to write to": ["scrub", "claims.837"],
        "an unknown format": ["check", "--format", "yaml", "claims.837"],
        "an unknown severity": ["check", "--fail-on", "fatal", "claims.837"],
        "an unknown edit": ["check", "--select", "JWJZ99", "claims.837"],
        "an unknown edit to ignore": ["check", "--ignore", "XYZ", "claims.837"],
        "an unknown code to explain": ["explain", "JWJZ99"],
        "a profile that is not there": ["check", "--profile", "missing.toml", "claims.837"],
        "a file of edits that is not there": ["check", "--edits", "missing.py", "claims.837"],
        "a day that is none": ["check", "--as-of", "2026-13-01", "claims.837"],
        "claims of nothing": ["claims", "missing.837"],
        "strip of nothing": ["strip", "missing.837"],
        "strip into nowhere": ["strip", "--output", "missing/out.837", "claims.837"],
    },
)
def test_a_wrong_call_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, "claims.837", CLEAN)
    report = run(*arguments, cwd=tmp_path)
    assert (report.status, report.out) == (2, "")
    assert report.err
    assert "Traceback" not in report.err


def test_an_empty_folder_is_no_success(tmp_path: Path) -> None:
    report = run("check", tmp_path)
    assert (report.status, report.err) == (2, "scrubber: no 837 files found\n")


# Where outputs go


@pytest.mark.parametrize("nowhere", ["file", "file/inner", "x" * 300])
def test_a_folder_that_cannot_be_written_to_is_refused_in_one_line(tmp_path: Path, nowhere: str) -> None:
    path = write(tmp_path, "claims.837", REJECTED)
    (tmp_path / "file").write_text("")
    for arguments in (
        ("scrub", "--out", tmp_path / nowhere, path),
        ("simulate", "--out", tmp_path / nowhere, path),
        ("check", "--output", tmp_path / nowhere / "x", path),
    ):
        report = run(*arguments)
        assert (report.status, report.out) == (2, "")
        assert len(lines(report.err)) == 1
        assert nowhere in report.err


def test_an_output_that_cannot_be_written_keeps_the_others(tmp_path: Path) -> None:
    first, second = write(tmp_path, "a.837", REJECTED), write(tmp_path, "b.837", REJECTED)
    (tmp_path / "out" / "a.report.json").mkdir(parents=True)
    report = run("scrub", "--out", tmp_path / "out", first, second)
    assert report.status == 2
    assert len(lines(report.err)) == 1
    assert "a.report.json" in report.err
    assert (tmp_path / "out" / "b.report.json").is_file()
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


def test_two_inputs_of_one_name_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    first, second = write(tmp_path, "claims.837", CLEAN), write(tmp_path / "inner", "claims.edi", CLEAN)
    report = run("scrub", "--out", tmp_path / "out", first, second)
    assert report.status == 2
    assert len(lines(report.err)) == 1
    assert str(first) in report.err
    assert str(second) in report.err
    assert not (tmp_path / "out").exists()


def test_an_output_never_overwrites_an_input(tmp_path: Path) -> None:
    write(tmp_path, "claims.837", CLEAN)
    annotated = write(tmp_path, "claims.annotated.837", CLEAN)
    before = annotated.read_bytes()
    report = run("scrub", "--out", tmp_path, tmp_path)
    assert report.status == 2
    assert "is one of the inputs; nothing was written" in report.err
    assert annotated.read_bytes() == before
    checked = run("check", "--output", annotated, annotated)
    assert checked.status == 2
    assert "is one of the inputs" in checked.err
    assert annotated.read_bytes() == before
    stripped = run("strip", "--output", annotated, annotated)
    assert stripped.status == 2
    assert annotated.read_bytes() == before


def test_what_scrub_writes(tmp_path: Path) -> None:
    path, out = write(tmp_path, "claims.837", REJECTED, FLAGGED, CLEAN), tmp_path / "new" / "out"
    report = run("scrub", *ONLY, "--out", out, path)
    split = "wrote claims.clean.837, claims.rejected.837"
    others = [f"claims.{name}" for name in ("annotated.837", *(f"report.{form}" for form in REPORTS), "999", "277ca")]
    assert lines(report.out)[0] == f"{path}: 3 claims, 1 clean, 1 flagged (in the clean file), 1 rejected; {split}"
    (also,) = lines(report.out)[1:]
    assert also.startswith(f"{out}: also ")
    assert set(also.partition("also ")[2].split(", ")) == {*others, "manifest.json"}
    assert report.err == ""
    written = {member.name: member for member in out.iterdir()}
    suffixes = ("annotated.837", "clean.837", "rejected.837", "999", "277ca", *(f"report.{form}" for form in REPORTS))
    assert set(written) == {"manifest.json", *(f"claims.{suffix}" for suffix in suffixes)}
    assert {stat.S_IMODE(member.stat().st_mode) for member in written.values()} == {0o600}
    assert "NTE*TPO*SCRUB R JWJZ02" in written["claims.annotated.837"].read_text()
    assert run("strip", written["claims.annotated.837"]).out == path.read_text()
    restored = tmp_path / "restored.837"
    assert run("strip", "--output", restored, written["claims.annotated.837"]).status == 0
    assert restored.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    (file,) = json.loads(written["claims.report.json"].read_text())["files"]
    assert [claim["disposition"] for claim in file["claims"]] == ["rejected", "flagged", "clean"]
    again = json.loads(run("check", *ONLY, "--format", "json", path).out)
    assert again["files"][0] == file


def test_a_file_without_claims_has_reports_and_no_copy(tmp_path: Path) -> None:
    run("scrub", "--out", tmp_path / "out", write(tmp_path, "bad.837", text="no claims"))
    reports = {f"bad.report.{form}" for form in REPORTS}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"manifest.json", *reports}


def test_claims_are_split_and_the_clean_file_stays_clean(tmp_path: Path) -> None:
    path, out = write(tmp_path, "claims.837", REJECTED, FLAGGED, CLEAN), tmp_path / "out"
    run("scrub", *ONLY, "--out", out, path)
    report = run("scrub", *ONLY, "--out", tmp_path / "again", out / "claims.clean.837")
    assert lines(report.out)[0].endswith(
        ": 2 claims, 1 clean, 1 flagged (in the clean file), 0 rejected; wrote claims.clean.clean.837"
    )
    assert (tmp_path / "again" / "claims.clean.clean.837").read_bytes() == (out / "claims.clean.837").read_bytes()
    assert run("check", *ONLY, out / "claims.rejected.837").status == 1
    assert "CLM*REJECTED*" in (out / "claims.rejected.837").read_text()


def test_what_becomes_of_the_outputs_of_an_earlier_run_is_said(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    out, first, second = tmp_path / "out", write(tmp_path, "a.837", CLEAN), write(tmp_path, "b.837", CLEAN)
    same_name = write(tmp_path / "other", "a.837", REJECTED)

    def said(*paths: Path) -> list[str]:
        return lines(run("scrub", *ONLY, "--out", out, *paths).err)

    assert said(first) == []
    assert said(first) == [], "a file is scrubbed again"
    stay = "outputs of an earlier run stay, and the manifest does not name them any more"
    assert said(second) == [f"scrubber: {out}: {stay}: {first}"]
    assert said(first, second) == []
    assert said(same_name, second) == [
        f"scrubber: {out}: outputs of another file of that name are overwritten: {first}"
    ]
    (out / "manifest.json").write_text("{}")
    assert said(second) == [f"scrubber: {out / 'manifest.json'}: replaced; it is no manifest that can be read"]
    assert run("scrub", "-q", *ONLY, "--out", out, first).err == ""


def test_the_outputs_of_several_files_are_named_by_their_endings(tmp_path: Path) -> None:
    first, second = write(tmp_path, "a.837", CLEAN), write(tmp_path, "b.837", REJECTED)
    report = run("scrub", *ONLY, "--out", tmp_path / "out", first, second)
    assert lines(report.out)[0].endswith("; wrote a.clean.837")
    assert lines(report.out)[1].endswith("; wrote b.rejected.837")
    reports = "NAME.report.txt, NAME.report.json, NAME.report.xml, NAME.report.html"
    others = f"NAME.annotated.837, {reports}, NAME.999, NAME.277ca, manifest.json"
    assert lines(report.out)[2:] == [f"{tmp_path / 'out'}: also {others}"]


@each(
    ("text", "left"),
    {
        "clean": (build([CLEAN]), {"annotated", "clean"}),
        "rejected": (build([REJECTED]), {"annotated", "rejected"}),
        "not to be trusted": (build([CLEAN]).replace("SE*", "SE*9"), {"annotated", "rejected"}),
        "unsupported": (build([CLEAN]).replace("005010X222A1", "004010X098A1"), {"rejected"}),
        "no claims": ("no claims", set()),
    },
)
def test_no_file_of_an_earlier_run_is_taken_for_one_of_this(tmp_path: Path, text: str, left: set[str]) -> None:
    out = tmp_path / "out"
    run("scrub", *ONLY, "--out", out, write(tmp_path, "claims.837", REJECTED, CLEAN))
    assert len([*out.glob("*.837")]) == 3
    run("scrub", *ONLY, "--out", out, write(tmp_path, "claims.837", text=text))
    assert {path.name for path in out.glob("*.837")} == {f"claims.{name}.837" for name in left}


def test_no_clean_file_is_left_where_something_else_could_not_be_written(tmp_path: Path) -> None:
    path, out = write(tmp_path, "claims.837", REJECTED, CLEAN), tmp_path / "out"
    run("scrub", *ONLY, "--out", out, path)
    (out / "claims.report.txt").unlink()
    (out / "claims.report.txt").mkdir()
    assert run("scrub", *ONLY, "--out", out, path).status == 2
    assert {path.name for path in out.glob("*.837")} <= {"claims.annotated.837"}


def test_claims_that_cannot_be_trusted_are_rejected_in_every_report(tmp_path: Path) -> None:
    path = write(tmp_path, "claims.837", text=build([CLEAN]).replace("SE*", "SE*9"))
    report = run("check", "--format", "json", "--no-conformance", "--ignore", "READ", path)
    (claim,) = json.loads(report.out)["files"][0]["claims"]
    assert (report.status, claim["disposition"]) == (2, "rejected")
    (finding,) = claim["findings"]
    assert [finding[key] for key in ("code", "severity", "element", "claim_status")] == [
        *("READ03", "reject", "CLM01", "A3:21"),
    ]
    assert "reject READ03" in run("check", path).out


def test_the_reports_of_an_annotated_copy_are_those_of_the_original(tmp_path: Path) -> None:
    path = write(tmp_path, "claims.837", REJECTED, FLAGGED)
    run("scrub", "--out", tmp_path, path)
    before = json.loads(run("check", "--format", "json", path).out)["files"][0]
    after = json.loads(run("check", "--format", "json", tmp_path / "claims.annotated.837").out)["files"][0]
    for one, other in zip(before["claims"], after["claims"], strict=True):
        kept = ("code", "severity", "service_line", "element", "segment", "message")
        assert [[finding[key] for key in kept] for finding in one["findings"]] == [
            [finding[key] for key in kept] for finding in other["findings"]
        ]


# One claim


@each("given", {"id": "FLAGGED", "number": "#2"})
def test_one_claim_is_reported_and_counted_alone(tmp_path: Path, given: str) -> None:
    path = write(tmp_path, "claims.837", REJECTED, FLAGGED, CLEAN)
    report = run("check", *ONLY, "--claim", given, "--format", "json", path)
    (file,) = json.loads(report.out)["files"]
    assert [(claim["claim_id"], claim["ordinal"]) for claim in file["claims"]] == [("FLAGGED", 2)]
    assert (file["summary"]["claims"], file["summary"]["rejected"], report.status) == (1, 0, 0)
    assert run("check", *ONLY, "--claim", given, "--fail-on", "warn", path).status == 1
    (line,) = lines(run("claims", path, "--claim", given).out)
    assert json.loads(line)["claim_id"] == "FLAGGED"


def test_a_claim_is_judged_beside_the_others(tmp_path: Path) -> None:
    known = attrs.evolve(CLEAN, member_id="9XX1XX1XX11")
    path = write(tmp_path, "claims.837", known, attrs.evolve(known, claim_id="AGAIN"))
    alone = run("check", "--select", "DUP", "--claim", "AGAIN", path).out
    assert " DUP02 " in alone
    assert "claim 1  CLEAN" not in alone


def test_a_claim_by_its_hidden_id(tmp_path: Path) -> None:
    path, key = write(tmp_path, "claims.837", REJECTED, FLAGGED), tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    hidden = ("check", *ONLY, "--no-phi", key, "--format", "json", path)
    first, _ = json.loads(run(*hidden).out)["files"][0]["claims"]
    (found,) = json.loads(run(*hidden, "--claim", first["claim_id"]).out)["files"][0]["claims"]
    assert found == first


def test_a_claim_that_is_in_no_file_is_not_named(tmp_path: Path) -> None:
    path = write(tmp_path, "claims.837", REJECTED)
    missed = "no claim has the id or number that --claim gives; a number is written '#5'"
    for command in ("check", "claims"):
        for given in ("PATIENT99", "#2"):
            missing = run(command, path, "--claim", given)
            assert (missing.status, missing.err) == (2, f"Error: {missed}\n")
    assert run("check", *ONLY, path, write(tmp_path, "other.837", CLEAN), "--claim", "CLEAN").status == 0


@each("given", {"zero": "#0", "a word": "#one", "nothing": "#", "another digit": "#\u0662"})
def test_what_is_no_number_of_a_claim(given: str) -> None:
    refused = run("check", "claims.837", "--claim", given)
    assert refused.status == 2
    assert "give the number of a claim in its file after #" in refused.err


@each("other", {"sidecars": ("--expect",), "a baseline": ("--baseline", "known.jsonl")})
def test_what_compares_whole_files_takes_no_one_claim(tmp_path: Path, other: tuple[str, ...]) -> None:
    refused = run("check", *other, "--claim", "CLEAN", write(tmp_path, "claims.837", CLEAN), cwd=tmp_path)
    assert refused.status == 2
    assert "compare whole files" in refused.err


# Wrong calls


@each(
    ("arguments", "message"),
    {
        "a day": (("--as-of", "2026-13-01"), "'2026-13-01' is not a day of the form 2026-01-31"),
        "edits": (("--edits", "missing.py"), "Error: missing.py: No such file or directory"),
        "facts": (("--facts", "missing"), "Error: missing: No such file or directory"),
        "profile": (("--profile", "commercail"), "the shipped profiles are commercial, medicaid, medicare-ffs"),
        "edit": (("--select", "JWJX01"), "unknown edit 'JWJX01'; did you mean JWJZ01?"),
    },
)
def test_a_wrong_call_is_answered_in_plain_words(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    refused = run("check", *arguments, write(tmp_path, "claims.837", CLEAN), cwd=tmp_path)
    assert (refused.status, refused.out) == (2, "")
    assert message in refused.err


def test_a_file_is_no_folder_for_outputs(tmp_path: Path) -> None:
    path, taken = write(tmp_path, "claims.837", CLEAN), write(tmp_path, "taken", CLEAN)
    for command in ("scrub", "simulate"):
        assert run(command, path, "--out", taken).err == f"Error: {taken} is not a folder\n"


# Completion


def completed(*words: str, cwd: Path) -> list[str]:
    """What bash would complete the last word to, by the script that the page says to load."""
    script = f"""
        eval "$(_SCRUBBER_COMPLETE=bash_source {SCRUBBER})"
        COMP_WORDS=(scrubber {" ".join(words)}); COMP_CWORD={len(words)}
        _scrubber_completion scrubber 2>/dev/null; printf '%s\n' "${{COMPREPLY[@]}}"
    """
    path = {**os.environ, "PATH": f"{SCRUBBER.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=path, cwd=cwd, check=False)
    return lines(done.stdout)


@pytest.mark.slow
def test_bash_completes_commands_options_and_values(tmp_path: Path) -> None:
    assert completed("si", cwd=tmp_path) == ["simulate"]
    assert completed("reference", "im", cwd=tmp_path) == ["import"]
    assert completed("check", "--no-c", cwd=tmp_path) == ["--no-conformance", "--no-config"]
    assert completed("check", "--profile", "medic", cwd=tmp_path) == ["medicaid", "medicare-ffs"]


@pytest.mark.slow
@each(
    "words", {"files": ("check", "cl"), "options": ("check", "--suppressions", "cl"), "folders": ("watch", "run", "")}
)
def test_names_of_files_are_completed(tmp_path: Path, words: tuple[str, ...]) -> None:
    call = {"COMP_WORDS": " ".join(("scrubber", *words)), "COMP_CWORD": str(len(words))}
    done = run(env={**os.environ, **call, "_SCRUBBER_COMPLETE": "bash_complete"}, cwd=tmp_path)
    assert done.out == f"file,{words[-1]}\n"


# What stands on which stream


def test_nothing_but_json_on_standard_output(tmp_path: Path) -> None:
    path = write(tmp_path, "claims.837", REJECTED)
    report = run("check", "--format", "json", path, tmp_path / "missing.837")
    assert json.loads(report.out)["files"][0]["path"] == str(path)
    report = run("claims", path)
    assert [json.loads(line)["claim_id"] for line in lines(report.out)] == ["REJECTED"]


def test_a_report_may_go_to_a_file(tmp_path: Path) -> None:
    path, output = write(tmp_path, "claims.837", REJECTED), tmp_path / "report.json"
    report = run("check", "--format", "json", "--output", output, path)
    assert (report.status, report.out, report.err) == (1, "", "")
    assert json.loads(output.read_text())["summary"]["rejected"] == 1
    assert stat.S_IMODE(output.stat().st_mode) == 0o600


@each("arguments", {"check": ["check", "--format", "json", "-"], "claims": ["claims", "-"], "strip": ["strip", "-"]})
def test_standard_input(arguments: list[str]) -> None:
    text = build([REJECTED])
    report = run(*arguments, stdin=text.encode())
    assert report.err == ""
    if arguments[0] == "strip":
        assert (report.out, report.status) == (text, 0)
    else:
        assert "REJECTED" in report.out


def test_standard_input_scrubbed_into_a_folder(tmp_path: Path) -> None:
    assert run("scrub", "--out", tmp_path, "-", stdin=build([REJECTED]).encode()).status == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json",
        "stdin.annotated.837",
        "stdin.rejected.837",
        "stdin.999",
        "stdin.277ca",
        *(f"stdin.report.{form}" for form in REPORTS),
    }


def test_standard_input_that_is_empty() -> None:
    report = run("check", "-")
    assert report.status == 2
    assert report.err == "scrubber: -: READ20 the file is empty (byte 0)\n"


def test_a_folder_names_what_it_passes_over_at_the_end(tmp_path: Path) -> None:
    write(tmp_path, "b.837", CLEAN)
    write(tmp_path, "a.837", REJECTED)
    write(tmp_path, "letter.txt", text="Dear Sir")
    for inner in (tmp_path / "yesterday", tmp_path / ".git"):
        inner.mkdir()
        write(inner, "c.837", CLEAN)
    report = run("check", "--format", "json", tmp_path)
    assert report.status == 1
    assert [Path(file["path"]).name for file in json.loads(report.out)["files"]] == ["a.837", "b.837"]
    assert lines(report.err) == [
        "scrubber: skipped, since they do not begin with ISA: 1 (letter.txt)",
        "scrubber: folders in a folder are not searched: 1 (yesterday)",
    ]
    assert run("check", "-q", tmp_path).err == ""


SECRETS = (
    "19840309",
    "1984-03-09",
    "MEMBER77",
    "PATIENT99",
    "BIRCHMERE",
    "BRUNO",
    "SAMPLE LANE",
    "20261005",
    "2026-10-05",
)


@each(
    "damage",
    {
        "none": lambda text: text,
        "cut in the birth date": lambda text: text[: text.index("19840309") + 6],
        "cut in the claim": lambda text: text[: text.index("PATIENT99") + 12],
        "a wrong count": lambda text: text.replace("SE*", "SE*PATIENT99"),
        "a malformed birth date": lambda text: text.replace("19840309", "1984-03-09"),
        "an HL that leads nowhere": lambda text: text.replace("HL*2*1*22", "HL*2*MEMBER77*22"),
        "names before ISA": lambda text: "BIRCHMERE BRUNO 19840309\n" + text,
    },
)
def test_nothing_of_a_patient_on_standard_error(tmp_path: Path, damage: object) -> None:
    claim = attrs.evolve(REJECTED, claim_id="PATIENT99", member_id="MEMBER77", birth_date=date(1984, 3, 9))
    path = write(tmp_path, "claims.837", text=damage(build([claim])))  # type: ignore[operator]
    for arguments in (("check", path), ("scrub", "--out", tmp_path / "out", path), ("claims", path), ("strip", path)):
        err = run(*arguments).err
        assert not any(secret in err for secret in SECRETS)
        assert "Traceback" not in err


def on_a_terminal(*arguments: str | Path, output_too: bool = False) -> str:
    """What the command shows on standard error, and standard output where asked, when that is a terminal."""
    ours, theirs = pty.openpty()
    command = [str(SCRUBBER), *map(str, arguments)]
    out = theirs if output_too else subprocess.DEVNULL
    with subprocess.Popen(command, stdout=out, stderr=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = b"".join(_read(ours))
        process.wait(60)
    os.close(ours)
    return shown.decode()


def _read(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            block = os.read(descriptor, 4096)
        except OSError:  # the other end is closed
            return
        if not block:
            return
        yield block


def test_a_progress_bar_on_a_terminal_and_none_in_pipes() -> None:
    path = FIXTURES / "clinic-day.837"
    shown = on_a_terminal("check", path)
    assert "clinic-day.837" in shown
    assert "100%" in shown
    assert run("check", path).err == ""
    assert re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", run("check", path).out) == run("check", path).out


def test_no_progress_bar_runs_through_a_report_on_the_same_terminal() -> None:
    shown = on_a_terminal("check", FIXTURES / "clinic-day.837", output_too=True)
    assert "REJECTED" in shown
    assert "100%" not in shown


@pytest.mark.parametrize("command", some(["check", "check --format json", "claims", "strip"]))
def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path, command: str) -> None:
    """As in `scrubber check FILE | head`."""
    path = write(tmp_path, "claims.837", *[REJECTED] * 300)
    shell = f"{SCRUBBER} {command} {path} | head -1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


@pytest.mark.parametrize("command", some(["scrub --out .", "check --no-conformance", "check --format json"]))
def test_a_file_name_that_is_no_utf8(tmp_path: Path, command: str) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.837"
    Path(os.fsdecode(path)).write_text(build([REJECTED]))
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    report = run(*command.split(), tmp_path, cwd=tmp_path, env=strict)
    assert report.status == 1
    assert "caf" in report.out
    assert report.err == ""


def test_a_file_name_of_several_lines_makes_one(tmp_path: Path) -> None:
    report = run("check", tmp_path / "a\nb\x1b[31m.837")
    assert lines(report.err) == [f"scrubber: {tmp_path}/a?b?[31m.837: No such file or directory"]


def test_an_output_whose_encoding_lacks_a_character(tmp_path: Path) -> None:
    path = write(tmp_path, "claims.837", attrs.evolve(REJECTED, claim_id="M\u00dcLLER"))
    report = run("check", path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert report.status == 1
    assert "M\\xdcLLER" in report.out


# The same today and tomorrow


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_with_any_hash_seed(tmp_path: Path) -> None:
    several: list[ClaimType] = ["837P", "837I"]
    claims = [REJECTED, FLAGGED, INFORMED]
    for kind in several:
        both = infusion_claim(
            kind, lines=(drug_line(units="x"), drug_line("J0491", 300, ()), INFUSION, LineSpec("96413"))
        )
        claims += [both, waste_claim(kind), anifrolumab_claim(kind, birth_date="unknown")]
    path = write(tmp_path, "claims.837", *claims)
    outputs = []
    for seed in ("1", "2", "3"):
        out = tmp_path / seed
        run("scrub", "--out", out, path, env={**os.environ, "PYTHONHASHSEED": seed})
        outputs.append({member.name: member.read_bytes() for member in out.iterdir()})
    assert outputs[0] == outputs[1] == outputs[2]


# The catalogue


def test_help_version_and_the_catalogue() -> None:
    assert "check" in run("--help").out
    assert re.fullmatch(r"scrubber, version \d+\.\d+\.\d+\n", run("--version").out)
    catalogue = run("edits").out
    assert re.search(r"^NDC05 +reject +reject +reject +reject +\S", catalogue, re.MULTILINE)
    assert re.search(r"^JWJZ01 +by date +by date +by date +by date ", catalogue, re.MULTILINE)


@each(("old", "new"), {"--filing-indicator": ("--filing-indicator", "--payer"), "--on": ("--on", "--date")})
def test_an_option_that_had_another_name(old: str, new: str) -> None:
    refused = run("edits", old, "MB")
    assert (refused.status, refused.out) == (2, "")
    assert lines(refused.err)[-1] == f"Error: {old} is now {new}"


@pytest.mark.parametrize("code", ["JWJZ01", "jwjz01"])
def test_an_edit_explained(code: str) -> None:
    explained: Run = run("explain", code)
    assert explained.status == 0
    for part in (
        "JWJZ01",
        "What it checks:",
        "Why it is denied:",
        "How to fix:",
        "CARC 16",
        "Source: ",
        "reject from 2023-10-01",
    ):
        assert part in explained.out


@pytest.mark.parametrize("code", ["SCRUB01", "SCRUB02", "SCRUB03", "READ03", "READ20", "READ33", "READ37"])
def test_codes_of_the_tool_and_of_files_are_explained_too(code: str) -> None:
    explained = run("explain", code)
    assert explained.status == 0
    assert explained.out.startswith(code)


def test_an_unknown_code_names_the_nearest() -> None:
    message = "Error: unknown code JWJX01; did you mean JWJZ01? Rules of a profile need --profile.\n"
    assert run("explain", "JWJX01").err == message


def test_several_codes_and_families_are_explained() -> None:
    both = run("explain", "JWJZ01", "dx12").out
    assert both.count("What it checks:") == 2
    family = run("explain", "JWJZ").out
    assert {code for code in ("JWJZ01", "JWJZ02") if f"{code} " in family} == {"JWJZ01", "JWJZ02"}
    assert family.count("What it checks:") > 2


@each("arguments", {"a remark": ["n822"], "a reason": ["CARC", "16"], "in quotes": ["carc 16"]})
def test_a_denial_code_lists_the_edits_for_it(arguments: list[str]) -> None:
    explained = run("explain", *arguments)
    assert explained.status == 0
    assert explained.out.startswith(f"{' '.join(arguments).upper()} is the likely denial for what these edits find:\n")
    assert "\nJWJZ01  " in explained.out
    assert run("explain", "CARC", "9999").status == 2


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    assert "No such command 'scurb'. Did you mean 'scrub'?" in run("scurb").err
    assert "Did you mean" not in run("quux").err


@each(
    ("given", "meant"),
    {
        "a table": ("reference lst", "list"),
        "the drop folder": ("watch staus drop", "status"),
        "alone": ("watch runn", "run"),
    },
)
def test_a_mistyped_command_of_a_group_is_answered_with_the_nearest(tmp_path: Path, given: str, meant: str) -> None:
    refused = run(*given.split(), cwd=tmp_path)
    assert refused.status == 2
    assert f"Did you mean '{meant}'?" in refused.err


def test_a_folder_with_a_name_like_a_command_is_watched(tmp_path: Path) -> None:
    for folder in ("runn", "./staus"):
        (tmp_path / folder).mkdir()
        assert run("watch", folder, "--once", cwd=tmp_path).status == 0
    assert run("watch", "./stats", cwd=tmp_path).err.endswith("stats is not a folder\n")


def test_no_color_switches_colours_off(monkeypatch: pytest.MonkeyPatch) -> None:
    path = FIXTURES / "clinic-day.837"
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in on_a_terminal("check", path, output_too=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in on_a_terminal("check", path, output_too=True)


# Counts


def test_one_of_a_kind_is_counted_in_the_singular(tmp_path: Path) -> None:
    path, out = write(tmp_path, "claims.837", FLAGGED), tmp_path / "out"
    said = [run("scrub", *ONLY, "--out", out, path), run("simulate", "--out", tmp_path / "answers", path)]
    said += [run("check", *ONLY, "--format", form, path) for form in ("text", "github", "html", "junit")]
    said += [run("check", *ONLY, "--statistics", path), run("replay", out / "manifest.json")]
    said.append(run("compare", out, out))
    assert all(result.out for result in said)
    for result in said:
        assert not re.search(r"\b1 (claims|files|findings|edits|suppressions)\b", result.out + result.err)
