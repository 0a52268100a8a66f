"""The page on the use from Python is true: its examples run, one after the other, in one folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import scrubber
from scrubber import RunOptions, testing
from tests.scrubbing import FIXTURES, ROOT, run

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```$", PAGE, re.M | re.S))
EDIT = "Write an edit"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims.837").write_bytes((FIXTURES / "clinic-day.837").read_bytes())
    (tmp_path / "weekend.py").write_text(EXAMPLES[EDIT])
    return tmp_path


def test_each_section_has_its_example() -> None:
    assert list(EXAMPLES) == [
        *("Read claims", "Scrub claims one by one", "Options", "Everything in one pass", EDIT, "Ask a public table"),
        "Test an edit",
    ]
    assert PAGE.count("```python") == len(EXAMPLES)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_runs(folder: Path, heading: str) -> None:
    path = folder / "example.py"
    path.write_text(EXAMPLES[heading])
    command = [sys.executable, "-W", "error::ResourceWarning", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the file itself" not in done.stdout


def test_the_edit_of_the_page_runs_by_its_file(folder: Path) -> None:
    report = run("check", "--select", "HOUSE", "--no-conformance", "--edits", "weekend.py", "claims.837", cwd=folder)
    assert report.err == ""


def test_the_options_of_the_page_are_those_there_are() -> None:
    table = PAGE[PAGE.index("| option | |") :].partition("\n\n")[0]
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert named == [field.name for field in attrs.fields(RunOptions)]


def test_the_names_of_the_page_are_exported() -> None:
    for name in re.findall(r"`scrubber\.(\w+)", PAGE):
        assert name in (*scrubber.__all__, "testing", "edits", "reference"), name
    for name in re.findall(r"`(assert_\w+|judged)", PAGE):
        assert name in testing.__all__
