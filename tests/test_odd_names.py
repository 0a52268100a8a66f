"""Names of files and arguments that a terminal or a build system would act on: they are printed harmless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main
from scrubber.commands.console import harmless
from scrubber.engine.naming import shown_path
from tests.scrubbing import FIXTURES, each

CLINIC = str(FIXTURES / "clinic-day.837")
NAME = "odd\n::error::ACTED\x1b]0;title\x07\u2028\u202e.837"
NOT_UTF8 = "odd\udcff.837"
ACTING = ("::error::z.837", " ::stop-commands::tok.837", "##[error]z.837", "x##vso[task.complete]z.837")
ACTS = re.compile(r"^\s*::|##\[|##vso\[|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", re.MULTILINE)
CALLS = {
    "check": ["check", NAME],
    "check to a file": ["check", "--format", "json", "--output", "report.json", NAME],
    "github": ["check", "--format", "github", NAME],
    "scrub": ["scrub", "--out", "out", NAME],
    "scrub into": ["scrub", "--out", NAME, CLINIC],
    "expect": ["check", "--expect", NAME],
    "update": ["check", "--expect", "--update", NAME],
    "baseline": ["check", "--baseline", NAME, CLINIC],
    "profile": ["check", "--profile", NAME, CLINIC],
    "suppressions": ["check", "--suppressions", NAME, CLINIC],
    "edits": ["check", "--edits", NAME, CLINIC],
    "key": ["check", "--no-phi", NAME, CLINIC],
    "select": ["check", "--select", NAME, CLINIC],
    "no such format": ["check", "--format", NAME, CLINIC],
    "no such option": [f"--{NAME}"],
    "no such command": [NAME],
    "claims": ["claims", f"missing{NAME}"],
    "strip": ["strip", f"missing{NAME}"],
    "replay": ["replay", f"missing{NAME}"],
    "explain": ["explain", NAME],
    "compare": ["compare", CLINIC, f"missing{NAME}"],
    "watch": ["watch", NAME, "--once"],
    "status": ["watch", "status", NAME],
    "simulate": ["simulate", "--out", "out", NAME],
    "simulate into": ["simulate", "--out", NAME, CLINIC],
    "csv": ["check", "--format", "csv", NAME],
    "facts": ["check", "--facts", NAME, CLINIC],
    "reference": ["reference", "list", "--reference", NAME],
    "import": ["reference", "import", NAME, "--reference", "tables.sqlite"],
    "needed": ["reference", "check", NAME],
    "with tables": ["check", "--reference", NAME, CLINIC],
    "removed": ["reference", "remove", "mue", "2026 Q4", "--reference", NAME],
    "two states": ["reference", "diff", NAME, "2026-10-01", "--on", CLINIC],
    "init": ["init", NAME],
    "tokens": ["serve", "--port", "0", "--tokens", NAME],
    "serve with a profile": ["serve", "--port", "0", "--profile", NAME],
    "serve with a state": ["serve", "--port", "0", "--state", f"{CLINIC}/{NAME}"],
    "watch with a profile": ["watch", "drop", "--once", "--profile", NAME],
}


@each("arguments", CALLS)
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("name", [NAME, NOT_UTF8])
def test_names_do_nothing(
    tmp_path: Path, arguments: list[str], name: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if there and "--out" not in arguments[1:2]:
        (tmp_path / name).write_bytes(Path(CLINIC).read_bytes())
    done = CliRunner().invoke(main, [argument.replace(NAME, name) for argument in arguments])
    assert done.exit_code in (0, 1, 2)
    assert "failed" not in done.stderr
    assert not ACTS.search(done.stderr)
    errors = [line for line in done.stderr.splitlines() if not line.startswith(("Usage: ", "Try "))]
    assert done.exit_code < 2 or len([line for line in errors if line]) == 1
    if arguments[:1] != ["check"] or "github" not in arguments:
        assert not ACTS.search(done.stdout)


def test_the_words_of_a_plug_in_do_nothing_and_colours_stay() -> None:
    text = "title\x1b]0;evil\x07\n::error::x\n  ##[error]y\n\x1b[31mred\x1b[0m\ttab"
    assert harmless(text) == "title?]0;evil?\n? ::error::x\n  ## [error]y\n\x1b[31mred\x1b[0m?tab"


@pytest.mark.parametrize("name", ACTING)
@each("arguments", {name: CALLS[name] for name in ("check", "csv", "scrub", "simulate", "expect", "update", "init")})
def test_a_path_at_the_beginning_of_a_line_is_no_command(
    tmp_path: Path, arguments: list[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = Path(name)
    if arguments == ["init", NAME]:
        there.mkdir()
    else:
        there.write_bytes(Path(CLINIC).read_bytes())
    done = CliRunner().invoke(main, [name if argument == NAME else argument for argument in arguments])
    assert done.exit_code in (0, 1, 2)
    assert done.stdout + done.stderr
    assert not ACTS.search(done.stdout + done.stderr)


def test_a_path_that_would_be_a_command_is_shown_as_the_same_path() -> None:
    assert shown_path("::error::z.837") == "./::error::z.837"
    assert shown_path("in/::error::z.837") == "in/::error::z.837"
    assert shown_path("a\n::error::z.837") == "a?::error::z.837"
    assert shown_path("##[error]z.837") == "## [error]z.837"


@each(
    "arguments",
    {
        "profile": ["check", "--profile", "odd\nname", CLINIC],
        "facts": ["check", "--facts", "odd\nname", CLINIC],
        "serve": ["serve", "--port", "0", "--profile", "odd\nname"],
    },
)
def test_faults_of_a_file_have_a_line_each(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--facts" in arguments:
        Path("odd\nname").mkdir()
        Path("odd\nname", "drugs.csv").write_text("hcpcs,nothing\nJ0490,1\nJ9999,2\n", "utf-8")
    else:
        Path("odd\nname").write_text("[[rule]]\ncode = 1\n[[rule]]\ncode = 2\n", "utf-8")
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all("odd?name" in line for line in lines)
