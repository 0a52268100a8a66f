"""The commands and options of the scrubber that a page of the documentation names."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from scrubber.cli import main

OTHERS = {
    "--memory": "bench/speed.py",
    "--object-spilling-directory": "ray",
    "--one": "bench/speed.py",
    "--scrubber-update": "pytest, with our plugin",
    "--team": "a command of the example for [notify]",
}
"""Options of other programs that a page names by themselves, with the program."""

PROGRAMS = re.compile(
    r"(?:\S*/)?(?:curl|git|groupadd|journalctl|mypy|pip|pytest|python3?|ray|ruff|st|systemctl|useradd|usermod)\b"
)
"""The beginning of a call of another program, whose options are not looked up."""

EXAMPLES = {"scrubber drugs"}
"""Commands that a page adds as an example."""


def commands(command: click.Command = main, path: str = "scrubber") -> Iterator[tuple[str, click.Command]]:
    """All commands with their names."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
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
    """The command that a call means, and the words after it."""
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
