"""Options that several commands share, and the engine that they choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from scrubber.engine.catalogue import Catalogue
    from scrubber.engine.engine import Engine


def _codes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


EDITS = click.option(
    "--edits",
    "edit_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Edits of your own, beside the installed ones.",
)
PROFILE = click.option(
    "--profile",
    "profile_name",
    metavar="NAME|FILE",
    help="Payers and severities to judge by: medicare-ffs, commercial, medicaid, or a file (scrubber.toml).",
)
DAY = click.DateTime(["%Y-%m-%d"])


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which edits run, and how."""
    for option in (
        EDITS,
        PROFILE,
        click.option(
            "--ignore",
            multiple=True,
            callback=_codes,
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
            "key_file",
            type=click.Path(path_type=Path),
            metavar="KEYFILE",
            help="Reports without claim ids and days: ids hashed under the key in a file, of dates the year.",
        ),
        click.option("--select", multiple=True, callback=_codes, metavar="CODES", help="Run these edits only."),
    ):
        command = option(command)
    return command


def conformance_switch(*, default: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The switch for the checks against the implementation guide."""
    return click.option(
        "--conformance/--no-conformance",
        default=default,
        show_default=True,
        help="Check against the implementation guide too (codes IGnn).",
    )


FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["reject", "warn", "info", "never"]),
    default="reject",
    show_default=True,
    help="Exit with 1 for findings of this severity or a graver one.",
)


def catalogue_of(edit_files: Iterable[Path], profile_name: str | None = None) -> Catalogue:
    """All edits there are, with the rules of a profile. Raises `Refused`."""
    from scrubber.engine import catalogue, profile

    try:
        edits = catalogue.load(edit_files)
        return profile.load(profile_name, edits).completing(edits) if profile_name else edits
    except (catalogue.CatalogueError, profile.ProfileError) as error:
        raise Refused(str(error)) from error


def engine_of(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile_name: str | None,
    edit_files: tuple[Path, ...],
    as_of: datetime | None,
    suppressions: str | None = None,
    key_file: Path | None = None,
) -> Engine:
    """The engine that the options choose. Raises `Refused`."""
    import attrs

    from scrubber.engine import profile
    from scrubber.engine.catalogue import CatalogueError
    from scrubber.engine.engine import Engine
    from scrubber.engine.naming import OPEN, NamingError, hidden
    from scrubber.engine.suppressions import SuppressionError, load
    from scrubber.reference import shipped

    catalogue = catalogue_of(edit_files)
    try:
        base = profile.load(profile_name, catalogue) if profile_name else profile.Profile()
        catalogue = base.completing(catalogue)
        if suppressions:
            base = base.suppressing(load(Path(suppressions), catalogue))
        facts = attrs.evolve(shipped(), as_of=as_of.date() if as_of else None)
        naming = hidden(key_file) if key_file else OPEN
        return Engine(catalogue, base.narrowed(select, ignore, catalogue), facts, naming)
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from error
    except (profile.ProfileError, SuppressionError, CatalogueError, NamingError) as error:
        raise Refused(str(error)) from error
