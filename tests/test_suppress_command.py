"""`scrubber suppress`, as a real command: what it accepts, what it refuses, and that a run then takes the entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main
from scrubber.testing import build, drug_line, infusion_claim
from tests.scrubbing import FIXTURES, Run, each, run

FLAGGED = infusion_claim("837P", "FLAGGED", diagnoses=("M3219", "M320"))
REJECTED = infusion_claim("837P", "REJECTED", lines=(drug_line(modifiers=("JW", "JZ")),))
ONLY = ("--select", "JWJZ02,DX12")
"""The edits that these claims are about."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims.837").write_text(build([FLAGGED, REJECTED, infusion_claim("837P", "CLEAN")]))
    assert run("scrub", *ONLY, "--out", tmp_path / "out", "claims.837", cwd=tmp_path).status == 1
    return tmp_path


def suppress(folder: Path, *more: str, report: str = "out/claims.report.json", **given: str) -> Run:
    values = {"claim": "FLAGGED", "code": "DX12", "reason": "agreed", "author": "A. Biller", "until": "2027-01-31"}
    options = [part for name, value in (values | given).items() for part in (f"--{name}", value)]
    return run("suppress", report, *options, *more, cwd=folder)


def counted(folder: Path) -> dict[str, int]:
    report = run("check", *ONLY, "--suppressions", "suppressions.toml", "--format", "json", "claims.837", cwd=folder)
    summary: dict[str, int] = json.loads(report.out)["summary"]
    return summary


@each(
    "report",
    {"a report": "out/claims.report.json", "a manifest": "out/manifest.json", "a folder": "out"},
)
def test_an_accepted_finding_does_not_count_any_more(folder: Path, report: str) -> None:
    done = suppress(folder, report=report)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("suppressions.toml: entry 1 added")
    summary = counted(folder)
    assert (summary["flagged"], summary["suppressed"], summary["rejected"]) == (0, 1, 1)


def test_what_was_in_the_file_stays(folder: Path) -> None:
    assert suppress(folder).status == 0
    path = folder / "suppressions.toml"
    path.write_text("# agreed with the payer\n" + path.read_text())
    before = path.read_text()
    odd = 'a "quoted" word, \\\\ and Ärzte\nnext line\x7f'
    again = suppress(folder, "--line", "1", claim="REJECTED", code="jwjz02", reason=odd)
    assert (again.status, again.out.split(";")[0]) == (0, "suppressions.toml: entry 2 added")
    assert path.read_text().startswith(before)
    summary = counted(folder)
    assert (summary["flagged"], summary["suppressed"], summary["rejected"]) == (0, 2, 0)


@each(
    ("given", "message"),
    {
        "another claim": ({"claim": "NOBODY"}, "has no claim with that id; nothing was written"),
        "another code": ({"code": "JWJZ02"}, "has no finding JWJZ02 in"),
        "another line": ({"claim": "REJECTED", "code": "JWJZ02", "line": "7"}, "has no finding JWJZ02 on line 7"),
        "a clean claim": ({"claim": "CLEAN"}, "it has no findings that count"),
        "no reason": ({"reason": " "}, "reason must be a string that is not empty"),
        "no report": ({"report": "claims.837"}, "this is not a whole JSON or JSON lines report"),
        "a report that is not there": ({"report": "missing.json"}, "No such file"),
    },
)
def test_what_is_not_in_the_report_is_refused(folder: Path, given: dict[str, str], message: str) -> None:
    done = suppress(folder, **given)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (folder / "suppressions.toml").exists()


def test_the_same_is_not_accepted_twice_but_may_be_longer(folder: Path) -> None:
    assert suppress(folder).status == 0
    twice = suppress(folder, until="2026-12-31")
    assert twice.status == 2
    assert "entry 1 of suppressions.toml accepts it until 2027-01-31; nothing was written" in twice.err
    assert suppress(folder, until="2027-06-30").status == 0


def test_a_broken_file_is_left_alone(folder: Path) -> None:
    path = folder / "suppressions.toml"
    path.write_text("[[suppress]]\nclaim = 1\n")
    done = suppress(folder)
    assert (done.status, "entry 1" in done.err) == (2, True)
    assert path.read_text() == "[[suppress]]\nclaim = 1\n"


def test_suppressions_without_effect_are_named_up_to_twenty(tmp_path: Path) -> None:
    entry = '[[suppress]]\nclaim = "NONE{}"\ncode = "NDC05"\nreason = "r"\nauthor = "a"\nexpires = 2099-01-31\n'
    accepted = tmp_path / "accepted.toml"
    accepted.write_text("".join(entry.format(number) for number in range(1_500)), "utf-8")
    clinic = str(FIXTURES / "clinic-day.837")
    done = CliRunner().invoke(main, ["check", "--fail-on", "never", "--suppressions", str(accepted), clinic])
    lines = [line for line in done.stderr.splitlines() if "uppression" in line or "entry" in line]
    assert done.exit_code == 0
    assert len(lines) == 21
    assert lines[-1].endswith("and 1,480 more")
