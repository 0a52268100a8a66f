"""Groups of commands. A mistyped command is refused with the nearest one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Late(NamedTuple):
    """The module of a command, and its line in the list of commands."""

    module: str
    does: str


class CommandGroup(click.Group):
    """A group that names the nearest command where the given one does not exist.

    A command may be `late`: a function of its name, in a module that is loaded when the command is asked for. To load
    the modules of all commands takes longer than some of them run. The list of commands loads none of them.
    """

    def __init__(self, *arguments: Any, late: Mapping[str, Late] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._late = dict(late or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, the late ones included."""
        return sorted([*super().list_commands(ctx), *self._late])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, `None` if there is none."""
        late = self._late.pop(cmd_name, None)
        if late is not None:
            self.add_command(getattr(import_module(late.module), cmd_name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without loading the late ones."""
        late = {name: click.Command(name, short_help=late.does) for name, late in self._late.items()}
        click.Group(commands={**self.commands, **late}).format_commands(ctx, formatter)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is meant. A wrong name is refused."""
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            close = self.nearest(ctx, args[0])
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {close!r}?" if close else ""))
        return super().resolve_command(ctx, args)

    def nearest(self, ctx: click.Context, given: str) -> str | None:
        """The command with the name that is most like a given one, or `None` if none is like it."""
        from difflib import get_close_matches

        return next(iter(get_close_matches(given.lower(), self.list_commands(ctx), n=1)), None)
