"""Edits that do not come with the scrubber: installed for real, or given as a file; and those that go wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from scrubber.testing import build, infusion_claim, with_all_lines
from tests.processes import seeing
from tests.scrubbing import ROOT, Run, each, run

PACKAGE = ROOT / "tests" / "third_party"
SATURDAY = date(2026, 10, 3)

BROKEN = '''
from scrubber.edit import edit, finding

@edit("{code}", "An edit of a test", severity="reject", concerns=None, source="a test")
def check(claim, facts):
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: not at all.
    """
    {body}
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package of tests/third_party was installed into by pip."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    site = folder / "site"
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(site), str(source)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return site


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """Two claims, the first of them at a weekend."""
    path = tmp_path / "claims.837"
    weekend = with_all_lines(infusion_claim("837P", "WEEKEND"), dates=SATURDAY)
    path.write_text(build([weekend, infusion_claim("837I", "WEEKDAY")]), "ascii")
    return path


def findings(report: Run) -> dict[str, list[str]]:
    (file,) = json.loads(report.out)["files"]
    return {claim["claim_id"]: [finding["code"] for finding in claim["findings"]] for claim in file["claims"]}


def test_an_installed_package_is_found_by_its_entry_point(site: Path, claims: Path) -> None:
    report = run("check", "--format", "json", "--select", "CLINIC", claims, env=seeing(site))
    assert findings(report) == {"WEEKEND": ["CLINIC01"], "WEEKDAY": []}
    assert (report.status, report.err) == (0, "")


def test_an_installed_edit_stands_in_the_catalogue_beside_the_others(site: Path) -> None:
    listed = run("edits", env=seeing(site)).out
    assert "CLINIC01" in listed
    assert "JWJZ01" in listed
    assert "Our opening hours" in run("explain", "CLINIC01", env=seeing(site)).out


def test_without_it_the_code_is_unknown(claims: Path) -> None:
    report = run("check", "--select", "CLINIC01", claims)
    assert report.status == 2
    assert report.err.startswith("Error: unknown edit 'CLINIC01'")


def test_the_same_edits_from_a_file(claims: Path) -> None:
    file = PACKAGE / "clinic_edits.py"
    report = run("check", "--format", "json", "--select", "CLINIC01", "--edits", file, claims)
    assert findings(report) == {"WEEKEND": ["CLINIC01"], "WEEKDAY": []}
    assert "Infusion at a weekend" in run("explain", "CLINIC01", "--edits", file).out


def test_a_plug_in_changes_the_fingerprint_of_the_catalogue(claims: Path) -> None:
    def fingerprint(*options: str | Path) -> str:
        return str(json.loads(run("check", "--format", "json", *options, claims).out)["catalogue"]["sha256"])

    assert fingerprint() == fingerprint()
    assert fingerprint("--edits", PACKAGE / "clinic_edits.py") != fingerprint()


def test_an_edit_that_raises_becomes_a_finding_and_loses_nothing(tmp_path: Path, claims: Path) -> None:
    file = tmp_path / "failing.py"
    file.write_text(BROKEN.format(code="HOUSE99", body="raise RuntimeError(claim.claim_id); yield finding"))
    without = json.loads(run("check", "--format", "json", claims).out)
    report = run("check", "--format", "json", "--edits", file, claims)
    with_it = json.loads(report.out)
    (before,), (after,) = without["files"], with_it["files"]
    for old, new in zip(before["claims"], after["claims"], strict=True):
        crashes = [finding for finding in new["findings"] if finding["code"] == "SCRUB01"]
        assert [finding["severity"] for finding in crashes] == ["reject"]
        assert "HOUSE99 failed with RuntimeError" in crashes[0]["message"]
        assert old["claim_id"] not in crashes[0]["message"]
        assert [finding for finding in new["findings"] if finding["code"] != "SCRUB01"] == old["findings"]
        assert new["disposition"] == "rejected"


def test_findings_of_an_edit_before_it_raised_stay(tmp_path: Path, claims: Path) -> None:
    file = tmp_path / "failing.py"
    body = 'yield finding(claim.at("claim_id"), "wrong", "mend it"); raise ValueError'
    file.write_text(BROKEN.format(code="HOUSE99", body=body))
    report = run("check", "--format", "json", "--select", "HOUSE99", "--edits", file, claims)
    assert findings(report) == {"WEEKEND": ["HOUSE99", "SCRUB01"], "WEEKDAY": ["HOUSE99", "SCRUB01"]}
    assert report.status == 1


@each(
    ("content", "says"),
    {
        "a code that is taken": (BROKEN.format(code="JWJZ01", body="return ()"), "another edit has the code JWJZ01"),
        "a syntax error": ("def check(:\n", "cannot be loaded: SyntaxError"),
        "a missing module": ("import not_installed_anywhere\n", "cannot be loaded: ModuleNotFoundError"),
        "an edit without headings": (
            BROKEN.format(code="HOUSE99", body="return ()").replace("Why it is denied", "Why"),
            "the docstring needs the headings",
        ),
        "a code that is none": (
            BROKEN.format(code="house1", body="return ()"),
            "cannot be loaded: ValueError: the code 'house1' is not one to ten capital letters and two digits",
        ),
        "a code of a guide check": (BROKEN.format(code="IG01", body="return ()"), "IG01 is a code of the scrubber"),
        "a code of the scrubber": (
            BROKEN.format(code="SCRUB01", body="return ()"),
            "SCRUB01 is a code of the scrubber",
        ),
        "a claim type that is none": (
            BROKEN.format(code="HOUSE99", body="return ()").replace("source=", "types=('837D',), source="),
            "'837D' is no claim type; the types are 837P, 837I",
        ),
        "an exit": ("raise SystemExit(0)\n", "cannot be loaded: SystemExit"),
        "no edits": ("x = 1\n", "has no edits"),
    },
)
def test_edits_that_cannot_be_loaded_give_one_clear_line(tmp_path: Path, claims: Path, content: str, says: str) -> None:
    file = tmp_path / "house.py"
    file.write_text(content)
    report = run("check", "--edits", file, claims)
    assert (report.status, report.out) == (2, "")
    assert report.err.count("\n") == 1
    assert "house.py" in report.err
    assert says in report.err


@pytest.mark.parametrize("name", ["missing.py", "house.txt", "."])
def test_a_file_of_edits_that_is_none_gives_one_clear_line(tmp_path: Path, claims: Path, name: str) -> None:
    (tmp_path / "house.txt").write_text("")
    report = run("check", "--edits", tmp_path / name, claims)
    assert (report.status, report.out) == (2, "")
    assert report.err.count("\n") == 1


def test_a_broken_installed_package_gives_one_clear_line(site: Path, tmp_path: Path, claims: Path) -> None:
    broken = tmp_path / "site"
    shutil.copytree(site, broken)
    (broken / "clinic_edits.py").write_text("raise RuntimeError('no')\n")
    report = run("check", claims, env=seeing(broken))
    assert report.status == 2
    assert report.err == "Error: edits of clinic_edits cannot be loaded: RuntimeError: no\n"


def test_the_author_of_an_edit_sees_its_traceback_only_when_asked(tmp_path: Path, claims: Path) -> None:
    file = tmp_path / "failing.py"
    file.write_text(BROKEN.format(code="HOUSE99", body="raise RuntimeError(claim.claim_id); yield finding"))
    options = ("check", "--select", "HOUSE99", "--edits", file, claims)
    assert run(*options).err == ""
    shown = run(*options, "--show-tracebacks")
    assert "scrubber: edit HOUSE99 failed; its traceback may quote patient data\nTraceback" in shown.err
    assert "failing.py" in shown.err
    assert shown.out == run(*options).out
    assert "--show-tracebacks" not in run("watch", "run", "--help").out


def test_a_failed_edit_may_be_ignored(tmp_path: Path, claims: Path) -> None:
    file = tmp_path / "failing.py"
    file.write_text(BROKEN.format(code="HOUSE99", body="raise RuntimeError; yield finding"))
    report = run("check", "--select", "HOUSE99", "--ignore", "SCRUB01", "--edits", file, claims)
    assert report.status == 0
    assert "HOUSE99" in report.out
    assert "the edit failed with RuntimeError" in report.out
