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
    help="Python file with edits of your own, in addition to the installed ones; may be repeated.",
)
PROFILE = click.option(
    "--profile",
    "profile_name",
    metavar="NAME|FILE",
    help="Profile of payers and severities: medicare-ffs, commercial, medicaid, or a TOML file.",
)
DAY = click.DateTime(["%Y-%m-%d"])


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose edits, profile and dates."""
    for option in (
        EDITS,
        PROFILE,
        click.option(
            "--ignore",
            multiple=True,
            callback=_codes,
            metavar="CODES",
            help="Skip these edits: codes (JWJZ01) or their first letters (JWJZ), separated by commas.",
        ),
        click.option(
            "--as-of",
            type=DAY,
            metavar="YYYY-MM-DD",
            help="Judge all files as of this date instead of their own dates.",
        ),
        click.option(
            "--suppressions",
            metavar="FILE",
            help="TOML file of accepted findings, each with reason, author and expiry; they don't affect the result.",
        ),
        click.option(
            "--no-phi",
            "key_file",
            type=click.Path(path_type=Path),
            metavar="KEYFILE",
            help="Hide claim ids (HMAC with KEYFILE); show only the year of dates.",
        ),
        click.option(
            "--select",
            multiple=True,
            callback=_codes,
            metavar="CODES",
            help="Run only these edits: codes or first letters, as for --ignore.",
        ),
    ):
        command = option(command)
    return command


def conformance_switch(*, default: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The switch of the checks against the implementation guide."""
    return click.option(
        "--conformance/--no-conformance",
        default=default,
        show_default=True,
        help="Also check against the implementation guide (codes IGnn).",
    )


FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["reject", "warn", "info", "never"]),
    default="reject",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or a graver one.",
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
