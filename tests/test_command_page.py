"""Every command and option is on the page of the commands, and the pages' commands run."""

from __future__ import annotations

import re
import shlex
import tomllib

import click
import pytest

from scrubber.engine import defaults
from tests import pages
from tests.named import COMMANDS, faults, options
from tests.scrubbing import ROOT, run

WRITTEN = ROOT / "docs" / "commands.md"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("`scrubber chek FILE`", "scrubber chek"),
        ("```sh\nscrubber watch drop --names\n```", "scrubber watch run --names"),
        ("```sh\n.venv/bin/scrubber scrub a \\\n    --outt b\n```", "scrubber scrub --outt"),
        ("`scrubber reference lst`", "scrubber reference lst"),
        ("Give `--holdd warn`, or", "--holdd"),
        ("    scrubber check --basline x.jsonl claims/     # at the start", "scrubber check --basline"),
    ],
)
def test_the_test_sees_faults(text: str, fault: str) -> None:
    assert fault in set(faults(f"Text.\n\n{text}\n\nMore.\n"))


def test_every_command_and_option_is_on_that_page() -> None:
    parts = dict(
        re.findall(r"^## (scrubber[a-z -]*)\n(.*?)(?=^## |\Z)", WRITTEN.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
    assert set(parts) == set(COMMANDS)
    for path, command in COMMANDS.items():
        named = set(
            re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(re.findall(r"^\| `([^`]+)`", parts[path], re.MULTILINE)))
        )
        assert named == options(command) - {"-h", "--help"}, path


def test_every_option_has_help() -> None:
    for path, command in COMMANDS.items():
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.help, f"{path} {option.opts[0]}"
                assert option.help[0].isupper() or option.help[0].isdigit(), option.help


TERMINAL = (ROOT / "docs" / "terminal.md").read_text("utf-8")


@pytest.mark.parametrize("command", pages.commands(TERMINAL))
def test_a_command_of_the_page_on_the_terminal_runs(command: str) -> None:
    done = run(*shlex.split(command)[1:], cwd=ROOT)
    assert done.status == (1 if " check " in command else 0)
    assert "CD261014-005" in done.out


def test_the_defaults_of_the_page_on_the_terminal_are_all_there_are() -> None:
    (example,) = pages.blocks(TERMINAL, "toml")
    assert set(tomllib.loads(example)["defaults"]) == set(defaults._KEYS)
    assert defaults.defaults(tomllib.loads(example))
