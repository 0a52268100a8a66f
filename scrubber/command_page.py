"""The page of the commands, `docs/commands.md`: every command with its help, arguments and options.

python -m scrubber.command_page > docs/commands.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from scrubber.cli import main

_HEAD = """\
# Commands

Written by `python -m scrubber.command_page`; do not edit by hand. `scrubber COMMAND --help` shows the same. How output,
exit status, `scrubber.toml` and completion work is on the page [At the terminal](terminal.md).
"""
_PROGRAM = "scrubber"


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_page(main, click.Context(main, info_name=_PROGRAM))])


def _page(command: click.Command, context: click.Context) -> Iterator[str]:
    """The part of a command, and those of its subcommands, in the order of their names."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from (f"## {context.command_path}", "", f"`{usage}`", "")
    for paragraph in (command.help or "").split("\n\n"):
        yield from (" ".join(paragraph.split()), "")
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    if options:
        yield from ("| option | |", "|---|---|")
        yield from (_row(option) for option in options)
        yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from _page(inner, click.Context(inner, info_name=name, parent=context))


def _row(option: click.Option) -> str:
    """An option as a row of a table: its names with the value that it takes, and its help."""
    names = ", ".join(option.opts)
    if option.secondary_opts:
        names += f" / {', '.join(option.secondary_opts)}"
    if not (option.is_flag or option.count):
        names += f" {_value(option)}"
    text = " ".join((option.help or "").split())
    if option.required:
        text += " [required]"
    if option.show_default and option.default is not None:
        text += f" [default: {option.default}]"
    return "| `{}` | {} |".format(*(part.replace("|", "\\|") for part in (names, text)))


def _value(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return f"[{'|'.join(option.type.choices)}]"
    return "N" if isinstance(option.type, click.types.IntParamType) else "TEXT"


if __name__ == "__main__":
    sys.stdout.write(markdown())
