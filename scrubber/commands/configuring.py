"""The profile `scrubber.toml` that commands find by themselves, and `scrubber init`, which writes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from scrubber.commands.console import Refused, mention, refusing, say
from scrubber.engine.naming import shown_path

_NO_CONFIG, _FOUND = "scrubber.no_config", "scrubber.found"
"""Keys of `click.Context.meta`: whether `--no-config` was given, and the profile that was found."""

_FOR_ALL = 0o666
"""The access of the file, less the umask: it holds no patient data."""
_TEMPLATE = Path(__file__).with_name("scrubber.toml")


def _remember(ctx: click.Context, _: click.Parameter, given: bool) -> None:
    ctx.meta[_NO_CONFIG] = given


_OPTION = click.option(
    "--no-config",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_remember,
    help="Do not use the scrubber.toml of the working folder or a folder above.",
)


def takes_found_profile(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take `scrubber.toml` as its profile if `--profile` is not given, and name it when it runs.

    It has the option `--no-config`.
    """

    @wraps(command)
    def named(*arguments: Any, **options: Any) -> None:
        path = click.get_current_context().meta.get(_FOUND)
        if path is not None:
            mention(f"using the profile {path}; --no-config leaves it out")
        command(*arguments, **options)

    return _OPTION(named)


def profile_of(ctx: click.Context, _: click.Parameter, given: str | None) -> str | None:
    """The profile that is given, or else found. Its table `defaults` sets the defaults of other options.

    Only commands with `--no-config` look for one. Raises `Refused`.
    """
    if not any(option.name == "no_config" for option in ctx.command.params):
        return given
    if given is None and not ctx.meta.get(_NO_CONFIG):
        given = ctx.meta[_FOUND] = _found()
    if given is not None:
        ctx.default_map = {**(ctx.default_map or {}), **_defaults(Path(given))}
    return given


def _found() -> str | None:
    from scrubber.running import found_profile

    try:
        path = found_profile.find(Path())
    except found_profile.UntrustedError as error:
        raise Refused(str(error)) from error
    return None if path is None else str(path)


def _defaults(path: Path) -> dict[str, Any]:
    """The defaults of options in a profile. What is wrong with it is reported when it is loaded."""
    from scrubber.engine import defaults, toml_file

    try:
        return defaults.defaults(toml_file.read(path)[0])
    except (OSError, toml_file.TomlError):
        return {}


def completed(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """What a shell may complete a profile to: the name of a shipped one, else a file."""
    from scrubber.engine.profile import shipped_names

    names = [CompletionItem(name) for name in shipped_names() if name.startswith(begun)]
    return names or [CompletionItem(begun, type="file")]


@click.command(short_help="Write a commented scrubber.toml to start from.")
@click.argument("folder", metavar="[DIR]", default=Path(), type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a scrubber.toml with comments into DIR, or into the working folder.

    The file is a profile. It says which edits run, which severities their findings have, and what differs by payer.
    Commands use it if they run in its folder or in a folder below. All settings in it are comments at first, so it
    changes nothing. An existing file is never replaced.

    Exit status: 0 written, 2 not written.
    """
    from scrubber.outputs.files import new_file
    from scrubber.running.found_profile import NAME

    path = folder / NAME
    with refusing(str(path)):
        if os.path.lexists(path):
            raise Refused(f"{path} is there already; nothing was written")
        with new_file(path, mode=_FOR_ALL) as out:
            out.write(_TEMPLATE.read_bytes())
    say(f"{shown_path(str(path))}: written; remove the # in front of the settings that you want")
