"""What CONTRIBUTING.md and docs/adding-a-drug.md say is done as written, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from tests.pages import changes, commands, section
from tests.scrubbing import FIXTURES, ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ADDING_A_DRUG = (ROOT / "docs" / "adding-a-drug.md").read_text("utf-8")
FOLDERS = ("scrubber", "edits", "tests", "fixtures", "docs")

pytestmark = pytest.mark.slow

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
EDITS = "scrubber_edits" if "scrubber_edits" in PYPROJECT else "edits"
"""The name that the folder of edits is imported by."""

formats_are_plug_ins = pytest.mark.skipif(
    "scrubber.formats" not in PYPROJECT, reason="formats are no plug-ins in this version"
)


class Copy:
    """A copy of the repository, and an installation of it beside."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "copy"
        self._site = folder / "site"
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in filter(Path.is_file, ROOT.iterdir()):
            shutil.copy(path, self.root)

    def change(self, page: str) -> None:
        """Make the changes of a page, and install what has come of it."""
        made = list(changes(page))
        assert made
        for change in made:
            attrs.evolve(change, text=change.text.replace("scrubber_edits.", f"{EDITS}.")).make(self.root)
        options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
        pip = [sys.executable, "-m", "pip", "install", *options, "--target", str(self._site), str(self.root)]
        subprocess.run(pip, check=True, timeout=120, capture_output=True)
        shutil.rmtree(self.root / "build", ignore_errors=True)

    def run(self, command: str) -> str:
        """What a command of the page prints; it must end with 0."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        env = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join((str(self._site), str(self.root)))}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.root, env=env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def without(*words: str) -> Callable[[str], bool]:
    """Whether a command has none of these words: it is run by other tests, or takes long."""
    return lambda command: not any(word in command for word in words)


def test_the_edit_of_the_page(copy: Copy) -> None:
    page = section(CONTRIBUTING, "Add an edit")
    copy.change(page)
    for command in filter(without("pip install", "mypy", "test_billing_cases"), commands(page)):
        copy.run(command)
    assert "Infused drug in an ambulance" in copy.run("scrubber explain AMB01")
    assert "## AMB01" in (copy.root / "docs" / "edits.md").read_text("utf-8")


def test_the_drug_in_a_folder_of_the_user(tmp_path: Path) -> None:
    """By data alone, and outside of the package."""
    page = section(ADDING_A_DRUG, "In a folder of your own")
    (tmp_path / "our-facts").mkdir()
    for change in changes(page):
        change.make(tmp_path)
    scrubber = Path(sys.executable).with_name("scrubber")
    subprocess.run([sys.executable, "nexviazyme.py"], cwd=tmp_path, check=True, timeout=60)
    build, check = commands(page)
    assert build == "python nexviazyme.py"
    reports = []
    for command in (check, check.replace("--facts our-facts ", "")):
        arguments = command.split()[1:]
        done = subprocess.run(
            [scrubber, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
        )
        reports.append(done.stdout)
    known, unknown = reports
    assert set(re.findall(r"(?:warn|reject|info) ([A-Z]+\d\d)", known)) == {"DOSE01", "NDC01"}
    assert "J0219: not in the drug tables" in unknown
    assert "J0219: not in the drug tables" not in known


def test_the_drug_in_the_package(copy: Copy) -> None:
    page = section(ADDING_A_DRUG, "In the package")
    copy.change(page)
    for command in commands(page):
        copy.run(command)
    assert "| J0219 | avalglucosidase alfa |" in (copy.root / "docs" / "drugs.md").read_text("utf-8")


def test_the_tables_that_the_page_names_are_there() -> None:
    table = ADDING_A_DRUG[ADDING_A_DRUG.index("| table |") :].partition("\n\n")[0]
    names = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert len(names) == 13
    for name in names:
        assert list((ROOT / "scrubber" / "reference" / "data").glob(f"{name}.*"))


@formats_are_plug_ins
def test_the_format_of_the_page(copy: Copy) -> None:
    page = section(CONTRIBUTING, "Add an output format")
    copy.change(page)
    check, tests = commands(page)
    assert "finding | 5 | reject | JWJZ01 | 1 | SV101-3 | " in copy.run(check)
    copy.run(f"{tests} -k 'lines or same'")
    copy.run("ruff check scrubber tests/outputs && ruff format --check scrubber tests/outputs")


def test_the_command_of_the_page(copy: Copy) -> None:
    page = section(CONTRIBUTING, "Add a command")
    copy.change(page)
    assert "J0490  belimumab\n" in copy.run(commands(page)[0])
    copy.run("ruff check scrubber && ruff format --check scrubber && pytest tests/test_imports.py")


def test_the_guide_version_of_the_page(copy: Copy) -> None:
    copy.change(section(CONTRIBUTING, "Add a guide version"))
    later = (FIXTURES / "ordinary-837p.837").read_text("ascii").replace("005010X222A1", "005010X222A3")
    (copy.root / "later.837").write_text(later, "ascii")
    report = copy.run("scrubber check --conformance --fail-on info later.837")
    assert re.search(r"^\d+ claims .* 0 flagged  0 rejected", report, re.MULTILINE)
