"""Formats that do not come with the scrubber: installed for real; and those that go wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scrubber.outputs import formats
from scrubber.outputs.formats import FORMATS, FormatError
from scrubber.outputs.report import Format
from scrubber.testing import build, infusion_claim
from tests.processes import seeing
from tests.scrubbing import ROOT, each, run

PACKAGE = ROOT / "tests" / "third_party_formats"
GUIDE = (ROOT / "docs" / "formats.md").read_text("utf-8")
BUILT_IN = ("csv", "github", "html", "json", "jsonl", "junit", "sarif", "text", "xml")

REPORT = """
from scrubber.outputs.report import Format

class Report:
    def __init__(self, out):
        {start}
    def begin_file(self, path, scan):
        pass
    def claim(self, scrubbed):
        {claim}
    def end_file(self, scan, summary, notices=()):
        {end}
    def close(self):
        {close}

FORMAT = Format(lambda out, engine, options: Report(out))
"""
GOOD = {"start": "self.out = out", "claim": "pass", "end": "pass", "close": "pass"}


def broken(**methods: str) -> str:
    """A module whose format has these bodies of methods."""
    return REPORT.format(**GOOD | methods)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package of tests/third_party_formats was installed into by pip."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder / "site"), str(source)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return folder / "site"


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """One claim in a sound file."""
    path = tmp_path / "claims.837"
    path.write_text(build([infusion_claim("837P", "SECRET-ID")]), "ascii")
    return path


def installed(folder: Path, code: str, *entries: str) -> Path:
    """A folder with an installed package of one module, `house_formats`, and these entry points."""
    site = folder / "site"
    about = site / "house_formats-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "house_formats.py").write_text(code)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: house-formats\nVersion: 1.0\n")
    rows = entries or ("house = house_formats:FORMAT",)
    (about / "entry_points.txt").write_text("\n".join(["[scrubber.formats]", *rows, ""]))
    return site


def test_an_installed_format_writes_the_report(site: Path, claims: Path, tmp_path: Path) -> None:
    report = run("check", "--format", "worklist", claims, env=seeing(site))
    assert report.err == ""
    rows = report.out.splitlines()
    assert rows[0] == f"file | {claims}"
    assert rows[-1].startswith("claims | 1 | rejected | ")
    target = tmp_path / "worklist.txt"
    assert run("check", "--format", "worklist", "--output", target, claims, env=seeing(site)).status == report.status
    assert target.read_text() == report.out


def test_help_lists_it_among_the_others(site: Path) -> None:
    listed = run("check", "--help", env=seeing(site)).out
    names = re.search(r"--format \[([^]]*)]", re.sub(r"\n\s+", "", listed))
    assert names
    assert {*BUILT_IN, "worklist"} <= set(names[1].split("|"))


def test_without_it_the_name_is_unknown(claims: Path) -> None:
    report = run("check", "--format", "worklist", claims)
    assert (report.status, report.out) == (2, "")
    with pytest.raises(FormatError, match="unknown format 'worklist'; installed are csv, github, html"):
        formats.load("worklist")


def test_the_built_in_formats_come_through_the_same_entry_points() -> None:
    assert set(BUILT_IN) <= set(FORMATS)
    for name in FORMATS:
        assert isinstance(formats.load(name), Format)


@pytest.mark.slow
@each(
    ("code", "says"),
    {
        "a missing module": ("import not_installed", "cannot be loaded from house_formats:FORMAT: ModuleNotFoundError"),
        "a syntax error": ("class Report(:", "cannot be loaded from house_formats:FORMAT: SyntaxError"),
        "a missing name": ("", "cannot be loaded from house_formats:FORMAT: AttributeError"),
        "an exit": ("raise SystemExit(0)", "cannot be loaded from house_formats:FORMAT: SystemExit"),
        "no format": ("FORMAT = 1", "house_formats:FORMAT is not a scrubber.outputs.report.Format"),
        "a start that fails": (broken(start="1 / 0"), "failed with ZeroDivisionError at house_formats.py:6"),
        "a claim that fails": (
            broken(claim="raise KeyError(scrubbed.claim.claim_id)"),
            "failed with KeyError at house_formats.py:10",
        ),
        "a claim that exits": (broken(claim="raise SystemExit(0)"), "failed with SystemExit at house_formats.py:10"),
        "an end that exits": (broken(end="raise SystemExit(0)"), "failed with SystemExit at house_formats.py:12"),
        "an end that fails": (broken(end="summary.nothing"), "failed with AttributeError at house_formats.py:12"),
        "a close that fails": (broken(close="self.out.write(b'')"), "failed with TypeError at house_formats.py:14"),
        "a missing method": (broken().replace("def claim", "def claims"), "failed with AttributeError"),
    },
)
def test_a_broken_format_gives_one_clear_line(tmp_path: Path, claims: Path, code: str, says: str) -> None:
    env = seeing(installed(tmp_path, code))
    target = tmp_path / "report"
    report = run("check", "--no-conformance", "--format", "house", "--output", target, claims, env=env)
    assert (report.status, report.out) == (2, "")
    assert report.err.startswith("Error: format house")
    assert says in report.err
    assert report.err.count("\n") == 1
    assert "SECRET-ID" not in report.err
    assert not target.exists()


def test_a_broken_format_does_not_affect_the_others(tmp_path: Path, claims: Path) -> None:
    env = seeing(installed(tmp_path, "raise RuntimeError"))
    assert run("check", "--format", "csv", claims, env=env) == run("check", "--format", "csv", claims)


def test_a_name_that_is_taken_is_refused(tmp_path: Path, claims: Path) -> None:
    env = seeing(installed(tmp_path, broken(), "json = house_formats:FORMAT"))
    report = run("check", "--format", "json", claims, env=env)
    assert (report.status, report.out) == (2, "")
    assert report.err == (
        "Error: format json is registered twice: house_formats:FORMAT and scrubber.outputs.json_report:FORMAT\n"
    )


def test_a_full_disk_is_no_fault_of_the_format(tmp_path: Path, claims: Path) -> None:
    env = seeing(installed(tmp_path, broken(claim="raise OSError(28, 'No space left on device', 'out')")))
    report = run("check", "--no-conformance", "--format", "house", claims, env=env)
    assert report.status == 2
    assert report.err == "Error: out: No space left on device\n"


def test_the_guide_shows_the_package_that_the_tests_install() -> None:
    _, example = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    (project,) = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert example == (PACKAGE / "clinic_formats.py").read_text()
    assert project == (PACKAGE / "pyproject.toml").read_text()
    assert len(example.splitlines()) <= 40


def test_the_guide_lists_the_built_in_formats() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)) == sorted(BUILT_IN)
