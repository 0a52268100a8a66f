"""The pages of docs, and those beside the README: what they name is there, and their words are the code's."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from scrubber import command_page
from scrubber.reference import external
from tests.named import faults
from tests.pages import links, section
from tests.scrubbing import ROOT, installed, run
from tests.test_imports import LAYERS

PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
COMING: set[str] = set()
"""Pages that are linked to and come with another change."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    wrong = {link for link in links(page.read_text("utf-8")) if not (page.parent / link).exists()}
    assert wrong <= COMING


def test_every_page_can_be_found_from_the_readme() -> None:
    found, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page not in found and page.suffix == ".md" and page.exists():
            found.add(page)
            todo += [(page.parent / link).resolve() for link in links(page.read_text("utf-8"))]
    assert set(PAGES) <= found


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_a_page_names_only_commands_and_options_that_there_are(page: Path) -> None:
    assert list(faults(page.read_text("utf-8"))) == []


def test_the_page_of_the_commands_is_up_to_date() -> None:
    up_to_date = (ROOT / "docs" / "commands.md").read_text("utf-8") == command_page.markdown()
    assert up_to_date, "run: python -m scrubber.command_page > docs/commands.md"


def test_every_room_is_on_the_page_of_the_architecture() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|", section(ARCHITECTURE, "The rooms"), re.MULTILINE)
    rooms = {room.replace("scrubber_edits", "edits") for layer in LAYERS for room in layer}
    assert set(rows) == rooms
    depths = [next(depth for depth, layer in enumerate(LAYERS) if layer & {row, f"scrubber_{row}"}) for row in rows]
    assert depths == sorted(depths)


def classes() -> set[str]:
    """The names of all classes of the tool."""
    files = sorted((ROOT / "scrubber").rglob("*.py"))
    return {name for path in files for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), re.MULTILINE)}


def test_every_class_of_the_glossary_is_there() -> None:
    named = set(re.findall(r"`([A-Z][a-z]\w+)`", section(ARCHITECTURE, "Glossary")))
    assert len(named) > 20
    assert named <= classes()


def test_no_other_class_has_the_name_of_a_class_of_the_glossary() -> None:
    named = set(re.findall(r"`([A-Z][a-z]\w+)`", section(ARCHITECTURE, "Glossary")))
    defined = re.compile(r"^(?:class )?([A-Z]\w+)(?:[:(]| = (?:Literal|tuple\[|Callable|Mapping))", re.MULTILINE)
    files = sorted((ROOT / "scrubber").rglob("*.py"))
    found = Counter(name for path in files for name in defined.findall(path.read_text("utf-8")) if name in named)
    assert [name for name, count in found.items() if count > 1] == []


def test_a_word_of_the_glossary_has_one_meaning() -> None:
    words = re.findall(r"^\| ([a-z][a-z ]+) \|", section(ARCHITECTURE, "Glossary"), re.MULTILINE)
    assert len(words) == len(set(words)) > 40


def test_the_files_that_the_architecture_names_are_there() -> None:
    for name in re.findall(r"`(\w+/\w+\.py)`", ARCHITECTURE):
        assert (ROOT / "scrubber" / name).is_file() or (ROOT / name).is_file(), name


def test_the_codes_that_the_pages_name_are_there() -> None:
    for name in ("CONTRIBUTING.md", "docs/architecture.md", "docs/threat-model.md", "docs/adding-a-drug.md"):
        named = set(re.findall(r"\b(?:NDC|JWJZ|DX|AGE|DOSE|INT|ADM|MIX|DRUG)\d\d\b", (ROOT / name).read_text("utf-8")))
        assert named <= set(installed().edits), name


def test_the_exit_statuses_of_the_versioning_page() -> None:
    clean = run("check", "fixtures/837/ordinary-837p.837", "--fail-on", "reject")
    rejected = run("check", "fixtures/837/clinic-day.837")
    assert (clean.status, rejected.status, run("check", "nothing.837").status) == (0, 1, 2)
    assert "0 nothing at or above `--fail-on`, 1 findings there, 2 a file" in (ROOT / "docs/versioning.md").read_text()


TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize("template", [path for path in TEMPLATES if path.stem != "config"], ids=lambda path: path.stem)
def test_an_issue_template_requires_invented_claims_and_is_valid(template: Path) -> None:
    form = yaml.safe_load(template.read_text("utf-8"))
    assert form["name"]
    assert form["description"]
    asked = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(asked) == len(set(asked)) > 0
    assert all(part["attributes"]["label"] for part in form["body"] if part["type"] != "markdown")
    if template.stem != "new_edit":
        assert "No real claims" in template.read_text("utf-8")


def test_a_release_of_the_changelog_has_each_heading_once() -> None:
    for release in re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        headings = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert len(headings) == len(set(headings)), release.splitlines()[0]


def test_the_pages_name_the_version_that_this_is() -> None:
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert found
    assert set(re.findall(r"\bv(\d+\.\d+\.\d+)\b", (ROOT / "docs" / "ci.md").read_text("utf-8"))) == {found[1]}


def test_every_public_table_is_on_its_page() -> None:
    page = (ROOT / "docs" / "reference-data.md").read_text("utf-8")
    names = {value for name, value in vars(external).items() if name.isupper() and isinstance(value, str)}
    assert {name for name in names if f"`{name}`" not in page} == set()
    headings = {row.partition(",")[0].strip("| `") for row in page.splitlines() if ",since,until" in row}
    assert headings == {"single-dose code", "route-modifier code", "deactivated npi"}
