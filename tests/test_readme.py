"""The README is true: its commands and snippets run, its excerpt is what the scrubber writes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import scrubber
from scrubber.commands.checking import check
from scrubber.edit import SCOPES
from scrubber.engine import profile
from scrubber.engine.codes import TOOL_CODES
from tests import pages
from tests.dropfolder.box import wait_until
from tests.scrubbing import FIXTURES, ROOT, SCRUBBER, each, installed, run

README = (ROOT / "README.md").read_text("utf-8")
THIRD_PARTY = ROOT / "tests" / "third_party"


def blocks(language: str) -> list[str]:
    return pages.blocks(README, language)


def block(language: str, begins: str) -> str:
    return next(text for text in blocks(language) if text.startswith(begins))


WATCH, SERVE = "scrubber watch drop", "scrubber serve"  # they run until they are stopped; other tests run them
COMMANDS = [line.partition("&& ")[2] if "&&" in line else line for text in blocks("sh") for line in text.splitlines()]
SCRUBBER_COMMANDS = [
    command[command.index("scrubber ") :]
    for command in COMMANDS
    if re.search(r"(^|/)scrubber ", command) and command not in (WATCH, SERVE)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the README's commands find what they name."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    (tmp_path / "clinic_edits.py").write_text(block("python", '"""Edits of'))
    return tmp_path


def test_the_commands_are_there() -> None:
    assert len(SCRUBBER_COMMANDS) == 7
    assert {WATCH, SERVE} <= {*COMMANDS}
    assert [command for command in blocks("sh") if "venv" in command] == blocks("sh")[:2]


@pytest.mark.parametrize("command", SCRUBBER_COMMANDS)
def test_a_command_runs(folder: Path, command: str) -> None:
    report = run(*shlex.split(command)[1:], cwd=folder)
    assert report.status == (0 if "--expect" in command or "simulate" in command else 1)
    assert report.out
    assert all(
        line.startswith("scrubber: skipped, since they do not begin with ISA: ") for line in report.err.splitlines()
    )


@pytest.mark.slow
def test_the_page_on_the_drop_folder_is_true(folder: Path) -> None:
    (folder / "drop").mkdir()
    command = [str(SCRUBBER), *WATCH.split()[1:]]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder) as watcher:
        wait_until((folder / "drop" / "in").is_dir)
        shutil.copy(FIXTURES / "clinic-day.837", folder / "drop" / "in")
        wait_until((folder / "drop" / "archive" / "clinic-day.837").is_file, 60)
        watcher.terminate()
    assert watcher.returncode == 0
    for path in (
        "clean/clinic-day.clean.837",
        "rejected/clinic-day.rejected.837",
        "reports/clinic-day.annotated.837",
        "reports/clinic-day.999",
        "reports/clinic-day.277ca",
    ):
        assert (folder / "drop" / path).is_file()
    assert run("watch", "status", "drop", cwd=folder).out.startswith("waiting      0\n")


def test_the_tests_are_run_as_the_continuous_check_runs_them() -> None:
    assert blocks("sh")[1].split() == [
        *("python3", "-m", "venv", ".venv", "&&"),
        *(".venv/bin/pip", "install", "-e", '".[test]"', "&&", ".venv/bin/pytest"),
    ]
    assert 'pip install --quiet --disable-pip-version-check -e ".[test]"' in (ROOT / ".ci" / "run").read_text()


def test_the_first_command_prints_and_writes_what_the_page_shows(folder: Path) -> None:
    scrubbed = run("scrub", "fixtures/837/clinic-day.837", "--out", "out", cwd=folder)
    assert scrubbed.out == block("text", "fixtures/837/clinic-day.837: ")
    assert scrubbed.status == 1
    assert len(list((folder / "out").iterdir())) == 10
    assert "It writes ten files" in README
    report = (folder / "out" / "clinic-day.report.txt").read_text()
    assert block("text", "REJECTED") in report
    assert "NTE*TPO*SCRUB R JWJZ01~" in (folder / "out" / "clinic-day.annotated.837").read_text()
    assert {path.name for path in (folder / "out").iterdir()} == set(
        re.findall(r"^\| `((?:clinic-day|manifest)\S+)` \|", README, re.M)
    )


def test_where_guide_checks_run(tmp_path: Path) -> None:
    rows = dict(re.findall(r"^\| (.+) \| (on|off); .+ \|$", README, re.MULTILINE))
    says = {words: default == "on" for words, default in rows.items()}
    scrubs, checks, python, _ = says
    text = (FIXTURES / "ordinary-837p.837").read_text("ascii")
    (tmp_path / "faulty.837").write_text(re.sub(r"^SBR\*P\*", "SBR*Q*", text, flags=re.MULTILINE), "ascii")
    assert ("IG" in run("check", "faulty.837", cwd=tmp_path).out) == says[checks]
    run("scrub", "faulty.837", "--out", "out", cwd=tmp_path)
    assert ("IG" in (tmp_path / "out" / "faulty.report.txt").read_text()) == says[scrubs]
    with (tmp_path / "faulty.837").open("rb") as stream:
        codes = {finding.code for scrubbed in scrubber.scrub(stream) for finding in scrubbed.findings}
    assert any(code.startswith("IG") for code in codes) == says[python]


def test_the_formats_are_those_of_check() -> None:
    (choice,) = (option.type for option in check.params if option.name == "form")
    assert isinstance(choice, click.Choice)
    table = README.split("| format | holds |")[1].split("\n\n")[0]
    named = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert sorted(named) == sorted(choice.choices)


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "xml", "html", "csv", "sarif", "junit", "github"])
def test_every_report_has_suppressed_findings_with_their_reason(tmp_path: Path, form: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(block("toml", "[[suppress]]"))
    report = run("check", "--format", form, "--suppressions", path, FIXTURES / "clinic-day.837")
    assert "ticket 4711" in report.out


DOUBTFUL: dict[str, Callable[[str], str]] = {
    "damaged HL": lambda text: re.sub(r"^HL\*3\*", "HX*3*", text, flags=re.MULTILINE),
    "wrong count": lambda text: re.sub(r"^SE\*\d+", "SE*9", text, flags=re.MULTILINE),
    "cut off": lambda text: text[: text.index("\nSE*")],
    "used twice": lambda text: text * 2,
}


@each("damage", DOUBTFUL)
def test_claims_in_doubt_are_rejected_without_guide_checks_too(tmp_path: Path, damage: Callable[[str], str]) -> None:
    path = tmp_path / "damaged.837"
    path.write_text(damage((FIXTURES / "ordinary-837p.837").read_text("ascii")), "ascii")
    assert " reject READ03 " in run("check", path).out


def test_a_doubt_ends_at_the_next_sound_hl(tmp_path: Path) -> None:
    path = tmp_path / "damaged.837"
    path.write_text(DOUBTFUL["damaged HL"]((FIXTURES / "ordinary-837p.837").read_text("ascii")), "ascii")
    (file,) = json.loads(run("check", "--format", "json", path).out)["files"]
    dispositions = [claim["disposition"] for claim in file["claims"]]
    assert dispositions[:2] == ["rejected", "rejected"]  # the one that holds the damaged HL, and the one after it
    assert set(dispositions[2:]) == {"clean"}


def test_the_sidecar_is_that_of_the_fixture() -> None:
    assert block("text", "claim ") in (FIXTURES / "clinic-day.837.expected").read_text()


def test_the_python_example_prints_what_is_rejected(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python", "import scrubber")],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )
    assert "reject JWJZ01 SV101-3 add JZ" in done.stdout
    assert "the file itself" not in done.stdout


def test_the_edit_of_the_readme_is_the_one_that_the_tests_install() -> None:
    assert block("python", '"""Edits of') == (THIRD_PARTY / "clinic_edits.py").read_text()
    assert block("toml", "[build-system]") == (THIRD_PARTY / "pyproject.toml").read_text()


def test_the_profile_does_what_its_comments_say(tmp_path: Path) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text(block("toml", "name = "))
    chosen = profile.load(str(path), installed())
    assert chosen.name == "our-house"
    assert not chosen.runs("ADM02")
    assert chosen.rules("MB", "X").severity["MIX01"] == "reject"
    assert chosen.rules("MC", "X").severity["DX01"] == "warn"
    by_id = chosen.rules("MC", "HL100")
    assert (by_id.scope, by_id.severity["ADM01"], by_id.severity["JWJZ03"]) == ("ffs", "reject", "warn")
    assert "DX01" not in by_id.severity
    for scope in SCOPES:
        assert scope in block("toml", "name = ")


def test_the_shipped_profiles_are_named() -> None:
    shipped = {path.stem for path in (ROOT / "scrubber" / "engine" / "profiles").glob("*.toml")}
    assert shipped == set(re.findall(r"`--profile ([\w-]+)`", README))


def test_files_and_codes_that_it_names_are_there() -> None:
    for path in pages.links(README):
        assert (ROOT / path).exists()
    known = set(installed().edits) | set(TOOL_CODES) | {"CLINIC01"}
    assert set(re.findall(r"\b[A-Z]{2,8}\d\d\b", README)) - {"SBR09"} - known <= {"NM109", "HL02"}
