"""`scrubber reference`: load public tables, list their editions, and check whether claims have those that they need."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import (
    FINDINGS,
    UNREADABLE,
    Refused,
    complain,
    file_and_reason,
    harmless,
    layout_for,
    refusing,
    report_errors,
    say,
)
from scrubber.commands.groups import CommandGroup, Late
from scrubber.commands.options import DAY, INPUT, TEXT_OR_JSON, choosing_options, engine_of, options_of
from scrubber.x12.errors import counted

if TYPE_CHECKING:
    from scrubber.reference.store import Store, StoredEdition
    from scrubber.reference.storing import Contents, Imported
    from scrubber.running.tables_needed import DaysByGroup, Need

STORE = click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The store of tables.  [default: SCRUBBER_REFERENCE, else reference.sqlite in your data folder]",
)


@click.group(
    cls=CommandGroup,
    late={
        "diff": Late("scrubber.commands.diffing", "Judge files by two states of the tables, and compare."),
        "remove": Late("scrubber.commands.removing", "Remove an edition of a table from the store."),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="Load, list and check the public tables that edits need.",
)
def reference() -> None:
    """Load the public tables that edits need: NDC directory, ASP crosswalk, MUE, NCCI, ICD-10-CM and others.

    The scrubber downloads nothing: some files have a licence that you accept on the publisher's page.
    docs/reference-data.md says where each file is, and how often it changes.
    """


@reference.command(name="import")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@STORE
@click.option(
    "--since",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="First day on which the file is in force.  [default: as the file or its name says]",
)
@click.option(
    "--until",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Last day on which the file is in force.  [default: as the file or its name says]",
)
@click.option("--excerpt", is_flag=True, help="Load a file that has fewer rows than the published one.")
def import_(
    paths: tuple[Path, ...], reference: Path | None, since: datetime | None, until: datetime | None, excerpt: bool
) -> None:
    """Load public files into the store of tables.

    FILE is a zip, a folder or a single file, as it was downloaded. The scrubber knows its kind by its content. All
    files are loaded, or none: a file that is damaged, or not in the publisher's form, changes nothing. A file that is
    already loaded is skipped. A newer file for the same days replaces the older one.

    Exit status: 0 loaded, 2 a file was refused.
    """
    from scrubber.reference.editions import StoreError
    from scrubber.reference.importers.dating import Given
    from scrubber.reference.importers.documents import FileRefused
    from scrubber.reference.importers.kinds import Reading
    from scrubber.reference.location import path_to_write
    from scrubber.reference.storing import store

    if until and not since:
        raise Refused("--until needs --since")
    given = Given(since.date() if since else None, until.date() if until else None, excerpt)
    reading, path = Reading(paths, given), path_to_write(reference)
    try:
        with refusing(str(path)):
            results = store(path, reading.contents(), _begins if sys.stderr.isatty() else None)
    except (FileRefused, StoreError) as error:
        raise Refused(f"{error}; nothing was loaded") from error
    for skipped in dict.fromkeys(reading.skipped):
        complain(f"skipped, {skipped}")
    for result in results:
        say(_imported(result))
    say(f"The store is {path}")


def _begins(contents: Contents) -> None:
    """Say on the terminal what is being read: large files take a while."""
    part = f", part {contents.part}" if contents.part else ""
    say(f"reading {contents.name} {contents.edition.release}{part} ...", err=True)


def _imported(result: Imported) -> str:
    part = f", part {result.part}" if result.part else ""
    return f"{result.name}: {result.edition}{part}, {result.rows:,} rows: {result.outcome}"


@reference.command(name="list", short_help="List the loaded tables with their editions.")
@STORE
@click.option(
    "--as-of",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Day for which the age of the editions is shown.  [default: today]",
)
@TEXT_OR_JSON
def list_(reference: Path | None, as_of: datetime | None, form: str) -> None:
    """List the loaded tables: their editions, the days these are in force, their rows and their age.

    The age of an edition is how long it has been in force on the day of --as-of, how long ago it ended, or how soon it
    begins.

    Exit status: 0 the tables are listed, even if there are none, 2 the store cannot be read.
    """
    store = opened(reference)
    editions = store.editions if store else ()
    day = as_of.date() if as_of else date.today()
    if form == "json":
        click.echo(
            json.dumps({"as_of": day.isoformat(), "editions": [_record(one, day) for one in editions]}, indent=2)
        )
        return
    if not editions:
        click.echo("No public tables are loaded. `scrubber reference import FILE` loads one.")
        return
    head = [(text, "strong") for text in ("table", "edition", "from", "to", "rows", f"on {day}")]
    rows = [[(str(cell), "") for cell in _cells(one, day)] for one in editions]
    for row in layout_for(sys.stdout).table([head, *rows], right=[4]):
        click.echo(harmless(row))


def opened(reference: Path | None) -> Store | None:
    """The store that is meant, `None` if there is none. Raises `Refused`."""
    from scrubber.reference.editions import StoreError
    from scrubber.reference.location import store_path
    from scrubber.reference.store import Store

    path = store_path(reference)
    if path is None:
        return None
    try:
        with refusing(str(path)):
            return Store(path)
    except StoreError as error:
        raise Refused(str(error)) from error


def _cells(one: StoredEdition, day: date) -> Iterator[object]:
    edition = one.edition
    yield from (one.entries[0].name, edition.release, edition.since or "", edition.until or "", f"{one.rows:,}")
    yield _age(one, day)


def _age(one: StoredEdition, day: date) -> str:
    """What an edition is on a day: in force, past or still to come, and for how long."""
    edition = one.edition
    if one.lacks:
        return f"not used: {one.lacks} is missing"
    if edition.until and edition.until < day:
        return f"ended {_days_between(edition.until, day)} before"
    if edition.since and edition.since > day:
        return f"begins {_days_between(day, edition.since)} later"
    return f"in force for {_days_between(edition.since, day)}" if edition.since else "in force"


def _days_between(first: date, last: date) -> str:
    return counted((last - first).days, "day")


def _record(one: StoredEdition, day: date) -> dict[str, Any]:
    edition = one.edition
    days = {
        name: found and found.isoformat()
        for name, found in (("since", edition.since), ("until", edition.until), ("reaches", edition.reaches))
    }
    return {
        "table": one.entries[0].name,
        "release": edition.release,
        **days,
        "rows": one.rows,
        "sha256": edition.sha256,
        "source": edition.source,
        "age_days": edition.since and (day - edition.since).days,
        "state": _age(one, day),
    }


@reference.command(name="check", short_help="Check which tables the claims of 837 files need.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=INPUT)
@choosing_options
@takes_found_profile
@TEXT_OR_JSON
def check(paths: tuple[str, ...], form: str, **choice: Any) -> None:
    """Check which public tables the claims of 837 files need by their dates of service, and which of them are loaded.

    Exit status: 0 all are loaded, 1 a table is not loaded or has no edition for a date, 2 a file cannot be read.
    """
    from scrubber.running.tables_needed import needs

    engine = engine_of(options_of(**choice))
    days, status = _days(paths)
    found = list(needs(engine, days))
    if any(need.state != "loaded" for need in found):
        status = max(status, FINDINGS)
    if form == "json":
        click.echo(json.dumps([_need_record(need) for need in found], indent=2))
    elif found:
        head = [(text, "strong") for text in ("table", "state", "edits", "days")]
        rows = [[(cell, "") for cell in _need_cells(need)] for need in found]
        for row in layout_for(sys.stdout).table([head, *rows]):
            click.echo(harmless(row))
    sys.exit(status)


def _days(paths: Iterable[str]) -> tuple[DaysByGroup, int]:
    """The dates of service of all files, and the exit status for those that cannot be read."""
    from scrubber.running.inputs import expand
    from scrubber.running.tables_needed import days_of
    from scrubber.x12.errors import X12Error
    from scrubber.x12.prescan import prescan

    days: DaysByGroup = {}
    inputs = expand(paths)
    for complaint in inputs.unreadable:
        complain(complaint)
    status = UNREADABLE if inputs.unreadable or not inputs.files else 0
    for item in inputs.files:
        try:
            with item.open() as stream:
                scan = prescan(stream)
                if not scan.readable:
                    report_errors(item.path, scan.errors)
                    status = UNREADABLE
                stream.seek(0)
                for group, found in days_of(stream).items():
                    days.setdefault(group, set()).update(found)
        except OSError as error:
            complain(file_and_reason(error, item.path))
            status = UNREADABLE
        except X12Error as error:
            complain(f"{item.path}: {error}")
            status = UNREADABLE
    return days, status


def _need_cells(need: Need) -> tuple[str, ...]:
    days = ""
    if need.state == "no edition":
        first, last = need.days[0], need.days[-1]
        span = f"{first}" if first == last else f"{len(need.days)} days from {first} to {last}"
        days = f"{span}; the nearest edition is {need.nearest}" if need.nearest else span
    return need.table, need.state, " ".join(need.edits), days


def _need_record(need: Need) -> dict[str, Any]:
    return {
        "table": need.table,
        "state": need.state,
        "edits": list(need.edits),
        "days": [day.isoformat() for day in need.days],
        "nearest": need.nearest or None,
    }
