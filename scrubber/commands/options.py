"""Options that several commands share, and the engine that they choose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.console import Refused

if TYPE_CHECKING:
    from scrubber.engine.catalogue import Catalogue
    from scrubber.engine.engine import Engine
    from scrubber.running.options import RunOptions


EDITS = click.option(
    "--edits",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Edits of your own, beside the installed ones.",
)
PROFILE = click.option(
    "--profile",
    metavar="NAME|FILE",
    help="Payers and severities to judge by: medicare-ffs, commercial, medicaid, or a file (scrubber.toml).",
)
DAY = click.DateTime(["%Y-%m-%d"])


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which edits run, and how: by name the fields of `RunOptions`."""
    for option in (
        EDITS,
        PROFILE,
        click.option(
            "--ignore",
            multiple=True,
            metavar="CODES",
            help="Edits not to run: codes, or their letters alone, separated by commas.",
        ),
        click.option(
            "--as-of",
            type=DAY,
            metavar="YYYY-MM-DD",
            help="Take this for today, not the date of each file.",
        ),
        click.option(
            "--suppressions",
            metavar="FILE",
            help="Findings that somebody answers for until a day, and that do not count (a TOML file).",
        ),
        click.option(
            "--no-phi",
            "key",
            type=click.Path(path_type=Path),
            metavar="KEYFILE",
            help="Reports without claim ids and days: ids hashed under the key in a file, of dates the year.",
        ),
        click.option("--select", multiple=True, metavar="CODES", help="Run these edits only."),
    ):
        command = option(command)
    return command


conformance_switch = click.option(
    "--conformance/--no-conformance",
    default=True,
    show_default=True,
    help="Check against the implementation guide too (codes IGnn).",
)
"""The switch for the checks against the implementation guide: on for `check`, `scrub`, `watch` and in Python alike."""


FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["reject", "warn", "info", "never"]),
    default="reject",
    show_default=True,
    help="Exit with 1 for findings of this severity or a graver one.",
)


TRACEBACKS = click.option(
    "--show-tracebacks",
    is_flag=True,
    help="Show why an edit failed, for its author; a traceback may quote patient data.",
)


def options_of(**choice: Any) -> RunOptions:
    """The options of a run, from those of the command line."""
    from scrubber.running.options import RunOptions

    return RunOptions(**choice)


def engine_of(options: RunOptions) -> Engine:
    """The engine that the options make. Raises `Refused`."""
    from scrubber.running.options import OptionsError

    try:
        return options.engine()
    except OptionsError as error:
        raise Refused(str(error)) from error


def catalogue_of(options: RunOptions) -> Catalogue:
    """All edits there are, with the rules of a profile. Raises `Refused`."""
    from scrubber.running.options import OptionsError

    try:
        return options.catalogue()
    except OptionsError as error:
        raise Refused(str(error)) from error
