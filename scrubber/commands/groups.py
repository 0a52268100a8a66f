"""Groups of commands. A mistyped command is refused with the nearest one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import click


class Group(click.Group):
    """A group that names the nearest command where the given one does not exist."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is meant. A wrong name is refused."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            close = self.nearest(args[0])
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {close!r}?" if close else ""))
        return super().resolve_command(ctx, args)

    def nearest(self, given: str) -> str | None:
        """The command with the name that is most like a given one, or `None` if none is like it."""
        return next(iter(get_close_matches(given.lower(), self.commands, n=1)), None)
