"""Names of files and arguments that a terminal or a build system would act on: they are printed harmless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main
from scrubber.commands.console import harmless
from tests.scrubbing import FIXTURES, each

CLINIC = str(FIXTURES / "clinic-day.837")
NAME = "odd\n::error::ACTED\x1b]0;title\x07\u2028\u202e.837"
ACTS = re.compile(r"^\s*(::|##\[|##vso)|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", re.MULTILINE)


@each(
    "arguments",
    {
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
    },
)
@pytest.mark.parametrize("there", [True, False])
def test_names_do_nothing(tmp_path: Path, arguments: list[str], there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if there and "--out" not in arguments[1:2]:
        (tmp_path / NAME).write_bytes(Path(CLINIC).read_bytes())
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code in (0, 1, 2)
    assert not ACTS.search(done.stderr)
    if arguments[:1] != ["check"] or "github" not in arguments:
        assert not ACTS.search(done.stdout)


def test_the_words_of_a_plug_in_do_nothing_and_colours_stay() -> None:
    text = "title\x1b]0;evil\x07\n::error::x\n  ##[error]y\n\x1b[31mred\x1b[0m\ttab"
    assert harmless(text) == "title?]0;evil?\n? ::error::x\n?   ##[error]y\n\x1b[31mred\x1b[0m?tab"
