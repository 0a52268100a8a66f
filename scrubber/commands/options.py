"""Options that several commands share, and the engine that they choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.configuring import completed, profile_of
from scrubber.commands.console import QUIET_KEY, Refused

if TYPE_CHECKING:
    from scrubber.engine.catalogue import Catalogue
    from scrubber.engine.engine import Engine
    from scrubber.running.dividing import Division
    from scrubber.running.on_ray import OnRay
    from scrubber.running.options import RunOptions
    from scrubber.running.sharing import Sharing
    from scrubber.running.wanted import Wanted


INPUT = click.Path(readable=False)
"""The path of a file to read. Whether it can be read shows when it is read, so that the others are read, too."""

EDITS = click.option(
    "--edits",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Python file with edits of your own, in addition to the installed ones; may be repeated.",
)
PROFILE = click.option(
    "--profile",
    metavar="NAME|FILE",
    is_eager=True,
    callback=profile_of,
    shell_complete=completed,
    help="Profile of payers and severities: medicare-ffs, commercial, medicaid, or a TOML file.",
)
REFERENCE = click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Store of public tables, made by `scrubber reference import`.  [default: SCRUBBER_REFERENCE, else the "
    "profile's, else the one in your data folder]",
)


class _Day(click.DateTime):
    """A day, such as 2026-01-31."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day as a `datetime`. Raises `click.BadParameter`."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is not a day of the form 2026-01-31", param, ctx)


DAY = _Day(["%Y-%m-%d"])
_KEY = click.option(
    "--no-phi",
    "key",
    type=click.Path(path_type=Path),
    metavar="KEYFILE",
    help="Hide claim ids (HMAC with KEYFILE); show only the year of dates.",
)


def _set_quiet(ctx: click.Context, _: click.Parameter, given: bool) -> None:
    ctx.meta[QUIET_KEY] = given


QUIET = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_set_quiet,
    help="Show only errors and results: no progress, notes or summary lines.",
)


def renamed(old: str, new: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option that had another name before; its use is refused with the new name."""

    def refuse(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            raise click.UsageError(f"{old} is now {new}", ctx)

    return click.option(old, hidden=True, expose_value=False, callback=refuse)


def choosing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose edits, profile, dates and names. Their names are fields of `RunOptions`."""
    return judging_options(_KEY(command))


def judging_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose edits, profile and dates, for a command that writes no report."""
    shown = (
        PROFILE,
        click.option(
            "--select",
            multiple=True,
            metavar="CODES",
            help="Run only these edits: codes (JWJZ01) or their first letters (JWJZ), separated by commas.",
        ),
        click.option(
            "--ignore",
            multiple=True,
            metavar="CODES",
            help="Skip these edits: codes or their first letters, as for --select.",
        ),
        EDITS,
        click.option(
            "--suppressions",
            type=click.Path(),
            metavar="FILE",
            help="TOML file of accepted findings, each with reason, author and expiry; they don't affect the result.",
        ),
        click.option(
            "--as-of",
            type=DAY,
            metavar="YYYY-MM-DD",
            help="Judge all files as of this date instead of their own dates.",
        ),
        click.option(
            "--facts",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Folder with tables of your own (drugs.toml, labels.toml ...), in addition to the shipped ones.",
        ),
        REFERENCE,
    )
    for option in reversed(shown):
        command = option(command)
    return command


CONFORMANCE = click.option(
    "--conformance/--no-conformance",
    default=True,
    help="Check against the implementation guide (codes IGnn). These checks are on by default.",
)
"""The switch of the checks against the implementation guide: on for `check`, `scrub`, `watch` and in Python alike."""


HOLD = click.option(
    "--hold",
    type=click.Choice(["warn"]),
    help="Hold flagged claims: write them to a file of their own, not to the clean file. A profile can set this, too.",
)
"""For commands that write the clean file."""


def _wanted(_: click.Context, __: click.Parameter, given: str | None) -> Wanted | None:
    from scrubber.running.wanted import Wanted

    try:
        return None if given is None else Wanted(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


CLAIM = click.option(
    "--claim",
    "wanted",
    metavar="ID|#N",
    callback=_wanted,
    help="Report only one claim. Give its id (CLM01), or # and its number in the file in quotes: '#5'.",
)


def refuse_unmet(wanted: Wanted | None) -> None:
    """Raise `Refused` if a claim is wanted and none was met. The id may be a patient's, so it is not repeated."""
    if wanted and not wanted.met:
        raise Refused("no claim has the id or number that --claim gives; a number is written '#5'")


def sharing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say who may read the outputs: `mode` and `group`."""
    mode = click.option(
        "--mode", metavar="MODE", help="Permissions of the outputs, such as 0640. A folder also gets x for each r."
    )
    group = click.option("--group", metavar="NAME", help="Group of the outputs. Without --mode, it can read them.")
    return mode(group(command))


def sharing_of(profile: object, mode: str | None, group: str | None, folders: tuple[str, ...] = ()) -> Sharing:
    """Who may read the outputs, by the options and the profile. Raises `Refused`."""
    from scrubber.running import sharing

    try:
        return sharing.sharing(profile, mode, group, folders)
    except sharing.SharingError as error:
        raise Refused(str(error)) from error


TEXT_OR_JSON = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the output.",
)
"""For commands that write no report on claims."""


FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["reject", "warn", "info", "never"]),
    default="reject",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or a higher one.",
)


TRACEBACKS = click.option(
    "--show-tracebacks",
    is_flag=True,
    help="Show the traceback of an edit that failed. It may quote patient data.",
)


HISTORY = click.option(
    "--history",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="History of released claims: find claims that were released before, and compare doses of earlier files.",
)
"""For commands that look at earlier files."""


HISTORY_DAYS = click.option(
    "--history-days",
    type=click.IntRange(1),
    metavar="DAYS",
    help="Forget released claims after this many days, counted by the dates of files.  [default: 400]",
)
"""For commands that enter claims into a history."""


def dividing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that divide large files over processes: `jobs`, `executor` and `address`."""
    jobs = click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Scrub large files with N processes.  [default: the number of cores, at most 8, for files with 5,000 "
        "claims or more, else 1]",
    )
    executor = click.option(
        "--executor",
        type=click.Choice(["processes", "ray"]),
        default="processes",
        show_default=True,
        help="Scrub large files with processes of this machine, or with Ray.",
    )
    address = click.option(
        "--address",
        metavar="HOST:PORT",
        help="Use the Ray cluster at this address.  [default: a Ray of its own on this machine]",
    )
    return jobs(executor(address(command)))


@contextmanager
def dividing(
    options: RunOptions, jobs: int | None, executor: str, address: str | None, shared: Path | None = None
) -> Iterator[Division | None]:
    """How large files are divided over processes, which end with the block; `None` if one process is to scrub all.

    Machines of a cluster share the folder `shared`, or that for temporary files. Raises `Refused`.
    """
    from scrubber.running.dividing import Division
    from scrubber.running.dividing import dividing as over_processes

    if address and (executor != "ray" or jobs):
        raise Refused("--address needs --executor ray" if executor != "ray" else "give --jobs or --address, not both")
    if executor == "ray":
        with _on_ray(address, jobs) as workers:
            yield Division(options, workers, 1, folder=shared)
        return
    with over_processes(options, jobs, always=jobs is not None) as division:
        yield division


def _on_ray(address: str | None, jobs: int | None) -> OnRay:
    """Ray as executor. Raises `Refused` where it is not installed."""
    try:
        from scrubber.running.on_ray import OnRay
    except ImportError as error:
        raise Refused('--executor ray needs Ray: pip install "claim-scrubber[ray]"') from error
    return OnRay(address, jobs)


def options_of(**choice: Any) -> RunOptions:
    """The options of a run, from those of the command line."""
    from scrubber.running.options import RunOptions

    return RunOptions(**choice)


def engine_of(options: RunOptions, *, entering: bool = False) -> Engine:
    """The engine that the options make. With `entering` a history that is not there is made. Raises `Refused`."""
    from scrubber.running.options import OptionsError

    try:
        engine = options.engine(entering=entering)
    except OptionsError as error:
        raise Refused(str(error)) from error
    if engine.history:
        click.get_current_context().call_on_close(engine.history.close)
    return engine


def catalogue_of(options: RunOptions) -> Catalogue:
    """All edits there are, with the rules of a profile. Raises `Refused`."""
    from scrubber.running.options import OptionsError

    try:
        return options.catalogue()
    except OptionsError as error:
        raise Refused(str(error)) from error
