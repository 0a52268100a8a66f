"""`scrubber watch`: the drop folder on the command line. Exit status: 0 all is well, 2 it could not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from scrubber.commands.console import Refused
from scrubber.commands.options import PROFILE, choosing, conformance_switch
from scrubber.dropfolder.settings import OPTIONS

if TYPE_CHECKING:
    from scrubber.dropfolder.settings import Settings

_RUN = "run"


class _FolderFirst(click.Group):
    """A group that takes a folder where a subcommand could stand: `scrubber watch DIR` is `scrubber watch run DIR`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the subcommand in front where none is named."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


def _option(field: attrs.Attribute[Any]) -> Callable[..., Any]:
    """The option of a setting. It has no default of its own, so that the profile's table comes before the default."""
    flag, default = field.name.replace("_", "-"), field.default
    if isinstance(default, bool):
        return click.option(f"--{flag}/--no-{flag}", default=None, help=f"{field.metadata['meaning']}  [default: yes]")
    several = isinstance(default, tuple)
    number = f"{default:g}" if isinstance(default, float) else default
    shown = "" if default in ("", ()) else f"  [default: {number}]"
    return click.option(
        f"--{flag}",
        type=str if several else type(default),
        multiple=several,
        default=None,
        metavar="GLOB" if several else None,
        help=field.metadata["meaning"] + shown,
    )


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    for field in reversed(OPTIONS):
        command = _option(field)(command)
    return command


_PATH = click.Path(path_type=Path)
_FOLDER = click.argument("folder", metavar="DIR", type=_PATH)
_OUT = click.option(
    "--out", type=_PATH, metavar="DIR", help="Where clean/, rejected/ and reports/ are.  [default: DIR]"
)
_LEDGER = click.option(
    "--ledger",
    type=_PATH,
    metavar="FILE",
    help="The ledger, on a local disk.  [default: the one DIR names, else DIR/.ledger/ledger.sqlite3]",
)
_HEALTH = click.option(
    "--health", type=_PATH, metavar="FILE", help="The health file.  [default: health.json beside the ledger]"
)


@click.group(
    cls=_FolderFirst,
    subcommand_metavar="DIR | COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def watch() -> None:
    """Scrub the files that are dropped into DIR/in.

    `scrubber watch DIR` is short for `scrubber watch run DIR`; see `scrubber watch run --help` for its options. All
    folders are made below DIR: in, processing, clean, rejected, reports, archive, quarantine.
    """


@watch.command(_RUN)
@_FOLDER
@_OUT
@_LEDGER
@choosing
@conformance_switch(default=True)
@click.option("--once", is_flag=True, help="Do what is there, and end: for cron.")
@_HEALTH
@_settings_options
def run(folder: Path, out: Path | None, ledger: Path | None, once: bool, health: Path | None, **chosen: Any) -> None:
    """Watch a folder, until SIGTERM or Ctrl-C."""
    from scrubber.dropfolder.start import Start, start
    from scrubber.dropfolder.worker import Rules

    rules = Rules(**{field.name: chosen.pop(field.name) for field in attrs.fields(Rules)})
    with _refusing():
        settings = _settings(rules.profile_name, chosen)
        status = start(Start(folder, settings, rules, out, ledger, health, once))
    click.get_current_context().exit(status)


@watch.command()
@_FOLDER
@_LEDGER
@_HEALTH
@click.option("--names", "with_names", is_flag=True, help="Show file names too; they may be those of patients.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--alive", is_flag=True, help="Only say whether a watcher runs and is well; exit with 2 if not.")
def status(
    folder: Path, ledger: Path | None, health: Path | None, with_names: bool, as_json: bool, alive: bool
) -> None:
    """Show what waits, what is in work, and what became of all files."""
    import json
    import time

    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder import status as found
    from scrubber.dropfolder.health import default_path, trouble

    with _refusing():
        if alive:
            wrong = trouble(health or default_path(ledger_marker.ledger_path(folder, ledger)), time.time())
            if wrong:
                raise Refused(wrong)
            click.echo("a watcher runs and is well")
            return
        seen = found.status(folder, ledger_marker.open_ledger(folder, ledger, create=False))
    if as_json:
        click.echo(json.dumps(found.as_record(seen, with_names=with_names), indent=2))
    else:
        click.echo("\n".join(found.lines(seen, with_names=with_names)))


@watch.command()
@_FOLDER
@click.argument("wanted", metavar="SHA256|NAME")
@_LEDGER
def requeue(folder: Path, wanted: str, ledger: Path | None) -> None:
    """Scrub a file anew that was scrubbed or quarantined; what was released is released once more.

    A running watcher takes it up; else the next one does.
    """
    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder.names import HASH_DIGITS
    from scrubber.dropfolder.requeue import requeue as queue

    with _refusing():
        drop = queue(ledger_marker.open_ledger(folder, ledger, create=False), wanted)
    sha256 = (drop.sha256 or "not read")[:HASH_DIGITS]
    click.echo(f"queued: {sha256}, ISA13 {drop.control or '-'}, release {drop.run + 1} of this content")


@watch.command()
@_FOLDER
@_OUT
@_LEDGER
@PROFILE
def rebuild(folder: Path, out: Path | None, ledger: Path | None, profile_name: str | None) -> None:
    """Make the ledger anew from archive/ and quarantine/, where it is lost or damaged. Stop all watchers before."""
    from scrubber.dropfolder.layout import Layout
    from scrubber.dropfolder.rebuild import rebuild as made

    with _refusing():
        layout = Layout.of(folder, out, _settings(profile_name, {}).folders)
        layout.prepare()
        counts = made(layout, ledger).counts()
    numbers = {verdict: counts.get(verdict, 0) for verdict in ("released", "quarantined")}
    click.echo("the ledger knows {released} released and {quarantined} quarantined files".format(**numbers))


def _settings(profile: str | None, chosen: dict[str, Any]) -> Settings:
    from scrubber.dropfolder.settings import load

    return load(profile, {name: value for name, value in chosen.items() if value not in (None, ())})


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever keeps it from running is one message and exit status 2."""
    import sqlite3

    from scrubber.dropfolder.errors import WatchError

    try:
        yield
    except WatchError as error:
        raise Refused(str(error)) from error
    except sqlite3.Error as error:
        raise Refused(f"the ledger: {error}") from error
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
