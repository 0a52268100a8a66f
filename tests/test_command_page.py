"""The pages and the commands agree: what a page names is there, and every option is on the page of the commands."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scrubber.cli import main
from scrubber.engine import defaults
from tests import pages
from tests.scrubbing import ROOT, run

PAGES = sorted(
    [*(ROOT / "docs").glob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
)
WRITTEN = ROOT / "docs" / "commands.md"

OTHERS = {
    "--memory": "bench/speed.py",
    "--object-spilling-directory": "ray",
    "--one": "bench/speed.py",
    "--scrubber-update": "pytest, with our plugin",
    "--team": "a command of the example for [notify]",
}
"""Options of other programs that a page names by themselves, with the program."""

PROGRAMS = re.compile(
    r"(?:\S*/)?(?:curl|git|groupadd|journalctl|mypy|pip|pytest|python3?|ruff|st|systemctl|useradd|usermod)\b"
)
"""The beginning of a call of another program, whose options are not looked up."""

EXAMPLES = {"scrubber drugs"}
"""Commands that a page adds as an example."""


def commands(command: click.Command = main, path: str = "scrubber") -> Iterator[tuple[str, click.Command]]:
    """All commands with their names."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")


COMMANDS = dict(commands())


def options(command: click.Command) -> set[str]:
    """The names of its options that users see."""
    shown = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    return {"-h", "--help"} | {name for option in shown for name in (*option.opts, *option.secondary_opts)}


def codes(page: str) -> Iterator[str]:
    """The calls and names on a page that are set as code: lines of blocks, and spans in the text."""
    for block in re.findall(r"^```\w*\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()
    without = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    yield from (line.strip() for line in re.findall(r"^    (\S.*)$", without, re.MULTILINE))
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", without))


def calls(code: str) -> Iterator[list[str]]:
    """The calls of `scrubber` within a line, as words."""
    for part in re.split(r" && | \| |; |\$\(", code):
        found = re.match(r"(?:[A-Z_]+=\S* |\S*/)?scrubber (?=[a-z-])(.*)", part.partition(" #")[0].strip())
        if found:
            try:
                yield shlex.split(found[1])
            except ValueError:
                yield found[1].split()


def of_call(words: list[str]) -> tuple[str, click.Command, list[str]]:
    """The command that a call means, and the words behind it."""
    command: click.Command = main
    path, rest = "scrubber", words
    while isinstance(command, click.Group) and rest and rest[0] in command.commands:
        path, command, rest = f"{path} {rest[0]}", command.commands[rest[0]], rest[1:]
    if path == "scrubber watch" and rest and not rest[0].startswith("-"):
        path, command = "scrubber watch run", COMMANDS["scrubber watch run"]
    return path, command, rest


def faults(page: str) -> Iterator[str]:
    """What a page names and the scrubber does not have."""
    known = {name for command in COMMANDS.values() for name in options(command)}
    for code in codes(page):
        for words in calls(code):
            path, command, rest = of_call(words)
            if isinstance(command, click.Group) and rest and not re.match(r"[-\[]|[A-Z]{2,}", rest[0]):
                yield from {f"{path} {rest[0]}"} - EXAMPLES
            named = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
            yield from (f"{path} {name}" for name in named - options(command))
        everywhere = re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)
        if not PROGRAMS.match(code):
            yield from (name for name in everywhere if name not in known and name not in OTHERS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_and_options_that_there_are(page: Path) -> None:
    assert list(faults(page.read_text("utf-8"))) == []


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


def test_every_option_says_what_it_does() -> None:
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
