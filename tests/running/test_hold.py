"""Held claims, from the options to each output: by real commands, and in Python."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import scrubber
from scrubber import RunOptions
from scrubber.testing import build, drug_line, infusion_claim
from tests.outputs.acknowledgements.answers import assert_valid, read_277ca
from tests.outputs.halves import assert_right, ids
from tests.scrubbing import each, run

REJECTED = infusion_claim("837P", "REJECTED", lines=(drug_line(modifiers=("JW", "JZ")),))
FLAGGED = infusion_claim("837P", "FLAGGED", diagnoses=("M3219", "M320"))
CLEAN = infusion_claim("837P", "CLEAN")
ONLY = "JWJZ01,JWJZ02,DX12"
"""The edits that these claims are about."""


def write(folder: Path, text: str = build([REJECTED, FLAGGED, CLEAN])) -> Path:
    path = folder / "claims.837"
    path.write_text(text)
    return path


def ids_in(path: Path) -> list[str]:
    text = path.read_text("latin-1") if path.exists() else ""
    assert_right(text)
    return ids(text)


@each(
    ("options", "profile"),
    {"an option": (("--hold", "warn"), ""), "the profile": ((), 'hold = "warn"\n')},
)
def test_flagged_claims_go_to_a_file_of_their_own(tmp_path: Path, options: tuple[str, ...], profile: str) -> None:
    path, out = write(tmp_path), tmp_path / "out"
    (tmp_path / "profile.toml").write_text(f'name = "house"\n{profile}')
    chosen = ("--select", ONLY, "--profile", str(tmp_path / "profile.toml"), *options)
    report = run("scrub", *chosen, "--out", out, path)
    assert "1 clean, 1 flagged (held), 1 rejected; wrote claims.clean.837, claims.held.837" in report.out
    parts = {part: ids_in(out / f"claims.{part}.837") for part in ("clean", "held", "rejected")}
    assert parts == {"clean": ["CLEAN"], "held": ["FLAGGED"], "rejected": ["REJECTED"]}
    document = json.loads((out / "claims.report.json").read_text())
    (file,) = document["files"]
    assert [(claim["disposition"], claim["goes_to"]) for claim in file["claims"]] == [
        ("rejected", "rejected"),
        ("flagged", "held"),
        ("clean", "clean"),
    ]
    assert file["summary"]["held"] == document["summary"]["held"] == 1
    assert "1 flagged (held)" in (out / "claims.report.txt").read_text()
    page = (out / "claims.report.html").read_text()
    assert "in the held file, not in the clean one" in page
    assert "1 flagged claim is in the held file, and will not be sent." in page
    sarif = json.loads(run("check", "--format", "sarif", "--fail-on", "never", "--select", ONLY, path).out)
    properties = [result["properties"] for result in sarif["runs"][0]["results"]]
    assert {(one["claim"], one["goes_to"]) for one in properties} == {(1, "rejected"), (2, "clean")}
    manifest = json.loads((out / "manifest.json").read_text())
    assert "claims.held.837" in [output["name"] for output in manifest["files"][0]["outputs"]]
    assert run("replay", "--trust-paths", out / "manifest.json").status == 0


def test_without_it_every_output_states_that_they_are_in_the_clean_file(tmp_path: Path) -> None:
    path, out = write(tmp_path), tmp_path / "out"
    report = run("scrub", "--select", ONLY, "--out", out, path)
    assert "1 flagged (in the clean file)" in report.out
    assert not (out / "claims.held.837").exists()
    assert ids_in(out / "claims.clean.837") == ["FLAGGED", "CLEAN"]
    assert "1 flagged (in the clean file)" in (out / "claims.report.txt").read_text()
    page = (out / "claims.report.html").read_text()
    assert "in the clean file: look before sending" in page
    assert "1 flagged claim is in the clean file, and will be sent with it." in page
    (file,) = json.loads((out / "claims.report.json").read_text())["files"]
    assert [claim["goes_to"] for claim in file["claims"]] == ["rejected", "clean", "clean"]
    assert "held" not in file["summary"]


@each(
    ("claims", "status"),
    {"a held claim": ([FLAGGED, CLEAN], 1), "none": ([CLEAN], 0)},
)
def test_a_held_claim_counts_for_the_status(tmp_path: Path, claims: list[object], status: int) -> None:
    path = write(tmp_path, build(claims))  # type: ignore[arg-type]
    assert run("scrub", "--select", ONLY, "--hold", "warn", "--out", tmp_path / "out", path).status == status
    never = ("--fail-on", "never", "--hold", "warn", "--out", tmp_path / "out")
    assert run("scrub", "--select", ONLY, *never, path).status == 0
    assert run("scrub", "--select", ONLY, "--out", tmp_path / "out", path).status == 0


def test_a_held_file_of_an_earlier_run_is_removed(tmp_path: Path) -> None:
    path, out = write(tmp_path), tmp_path / "out"
    run("scrub", "--select", ONLY, "--hold", "warn", "--out", out, path)
    assert (out / "claims.held.837").exists()
    run("scrub", "--select", ONLY, "--out", out, path)
    assert not (out / "claims.held.837").exists()


@each("accepted", {"a clearinghouse": "A1:19", "a payer": "A2:20"})
def test_the_277ca_reports_a_held_claim_as_not_sent_on(tmp_path: Path, accepted: str) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(f'[acknowledgement]\naccepted = "{accepted}"\n')
    options = RunOptions(profile=profile, select=ONLY, hold="warn")
    answer = io.BytesIO()
    scrubber.scrub_to(io.BytesIO(build([FLAGGED, CLEAN]).encode()), options=options, ack_277ca=answer)
    assert_valid(answer.getvalue())
    (found,) = read_277ca(answer.getvalue())
    held, clean = found.claims
    assert not held.rejected
    assert {tuple(status[:2]) for status, _ in held.statuses} == {("A1", "19")}
    assert held.statuses[0][1] == "HELD FOR REVIEW, NOT SENT ON YET"
    assert [status[:2] for status, _ in clean.statuses] == [accepted.split(":")]


def test_python_writes_held_claims_to_their_own_file() -> None:
    clean, held, rejected = io.BytesIO(), io.BytesIO(), io.BytesIO()
    stream = io.BytesIO(build([REJECTED, FLAGGED, CLEAN]).encode())
    options = RunOptions(select=ONLY, hold="warn")
    outcome = scrubber.scrub_to(stream, options=options, clean=clean, held=held, rejected=rejected)
    parts = [part.getvalue().decode() for part in (clean, held, rejected)]
    assert [ids(part) for part in parts] == [["CLEAN"], ["FLAGGED"], ["REJECTED"]]
    assert outcome.summary.held == 1
    stream.seek(0)
    assert [one.goes_to for one in scrubber.scrub(stream, options=options)] == ["rejected", "held", "clean"]
    with pytest.raises(ValueError, match="hold must be 'warn' or None"):
        RunOptions(hold="reject")  # type: ignore[arg-type]


def test_a_profile_with_another_word_is_refused(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('hold = "warm"\n')
    report = run("check", "--profile", profile, write(tmp_path))
    assert report.status == 2
    assert "unknown hold 'warm'" in report.err
