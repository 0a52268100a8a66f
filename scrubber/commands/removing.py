"""`scrubber reference remove`: takes an edition of a table out of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import Refused, on_one_line, refusing, say
from scrubber.commands.options import DAY
from scrubber.commands.referencing import STORE, opened
from scrubber.x12.errors import counted

if TYPE_CHECKING:
    from scrubber.reference.store import StoredEdition


@click.command(short_help="Remove an edition of a table from the store.")
@click.argument("table")
@click.argument("edition")
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="First day of the edition, if several have its name.")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@click.option("--yes", is_flag=True, help="Remove it without asking.")
@STORE
def remove(table: str, edition: str, since: datetime | None, dry_run: bool, yes: bool, reference: Path | None) -> None:
    """Remove an edition of a table from the store, with all of its parts.

    TABLE and EDITION are the names that `scrubber reference list` shows, such as `mue-practitioner "2026 Q4"`. If
    another edition is in force on the days of this one, it judges the claims of these days. Otherwise this table does
    not check them, and reports say so. A run that has begun keeps the store as it was.

    Exit status: 0 removed, 2 not removed.
    """
    from scrubber.reference.editions import StoreError
    from scrubber.reference.storing import remove as take_out

    store = opened(reference)
    if store is None:
        raise Refused("no public tables are loaded")
    one = _chosen(store.editions, table, edition, since)
    what = f"{table}: {one.edition}, {counted(one.rows, 'row')}"
    if dry_run:
        say(f"would be removed: {what}")
        say(f"The store is {store.path}")
        return
    if not yes:
        _ask(what)
    try:
        with refusing(str(store.path)):
            take_out(store.path, [one])
    except StoreError as error:
        raise Refused(str(error)) from error
    say(f"removed: {what}")
    say(f"The store is {store.path}")


def _ask(what: str) -> None:
    """Ask whether to remove it. Raises `Refused` unless somebody says yes."""
    try:
        agreed = click.confirm(on_one_line(f"Remove {what}?"), err=True)
    except click.Abort:  # nobody is there to answer
        raise Refused("nobody has answered; nothing was removed (--yes removes without asking)") from None
    if not agreed:
        raise Refused("nothing was removed")


def _chosen(editions: Sequence[StoredEdition], table: str, release: str, since: datetime | None) -> StoredEdition:
    """The edition that is meant. Raises `Refused` with the names that there are."""
    of_table = [one for one in editions if one.entries[0].name == table]
    if not of_table:
        names = sorted({one.entries[0].name for one in editions})
        raise Refused(f"no table {table} is loaded{_nearest(table, names)}")
    named = [one for one in of_table if one.edition.release == release]
    if not named:
        raise Refused(f"{table} has no edition {release!r}; it has {_listed(of_table)}")
    if since:
        named = [one for one in named if one.edition.since == since.date()]
    if not named:
        raise Refused(f"{table} {release} does not begin on {since and since.date()}")
    if len(named) > 1:
        raise Refused(f"several editions have this name: {_listed(named)}; give --since")
    return named[0]


def _listed(editions: Sequence[StoredEdition]) -> str:
    return ", ".join(str(one.edition) for one in editions)


def _nearest(given: str, names: Sequence[str]) -> str:
    close = get_close_matches(given.lower(), names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}" if names else ""
