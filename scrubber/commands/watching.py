"""`scrubber watch`: the drop folder on the command line. Exit status: 0 success, 2 it cannot run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import click

from scrubber.commands.console import FINDINGS, Refused, harmless, say
from scrubber.commands.groups import CommandGroup
from scrubber.commands.options import (
    CONFORMANCE,
    HISTORY,
    HISTORY_DAYS,
    HOLD,
    PROFILE,
    choosing_options,
    options_of,
    sharing_of,
    sharing_options,
)
from scrubber.dropfolder import operations
from scrubber.running.log import stops_in_the_log

_RUN = "run"


class _FolderFirst(CommandGroup):
    """A group that accepts a folder in place of a subcommand: `scrubber watch DIR` means `scrubber watch run DIR`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the subcommand where none is given. What is like a subcommand and is no folder is refused."""
        given = args[0] if args else _RUN
        known = given in (*self.list_commands(ctx), *ctx.help_option_names)
        if not known and not (self.nearest(ctx, given) and _is_name(given)):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


def _is_name(given: str) -> bool:
    """Whether an argument can only be the name of a subcommand: no option, and no path of something that is there."""
    return given == Path(given).name and not given.startswith("-") and not Path(given).exists()


def _option(field: attrs.Attribute[Any]) -> Callable[..., Any]:
    """The option of a setting. Its default is `None`, so that the profile's table can give the value."""
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
        metavar=field.metadata["unit"],
        help=field.metadata["meaning"] + shown,
    )


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    for field in reversed(operations.OPTIONS):
        command = _option(field)(command)
    return command


_PATH = click.Path(path_type=Path)
_FOLDER = click.argument("folder", metavar="DIR", type=_PATH)
_OUT = click.option(
    "--out", type=_PATH, metavar="DIR", help="Folder for clean/, held/, rejected/ and reports/.  [default: DIR]"
)
_LEDGER = click.option(
    "--ledger",
    type=_PATH,
    metavar="FILE",
    help="File of the ledger, on a local disk.  [default: the ledger that DIR names, else DIR/.ledger/ledger.sqlite3]",
)
_HEALTH = click.option(
    "--health", type=_PATH, metavar="FILE", help="Health file.  [default: health.json beside the ledger]"
)


@click.group(
    cls=_FolderFirst,
    subcommand_metavar="DIR | COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def watch() -> None:
    """Scrub every file that is dropped into DIR/in.

    `scrubber watch DIR` means `scrubber watch run DIR`; `scrubber watch run --help` lists its options. The watcher
    makes these folders below DIR: in, processing, clean, held, rejected, reports, archive,
    quarantine. Flagged claims go to clean. With --hold warn they wait in held.
    """


@watch.command(_RUN)
@_FOLDER
@_OUT
@_LEDGER
@choosing_options
@CONFORMANCE
@HOLD
@sharing_options
@HISTORY
@HISTORY_DAYS
@click.option("--once", is_flag=True, help="Scrub the files that are in the folder, then end (for cron).")
@_HEALTH
@_settings_options
def run(
    folder: Path,
    out: Path | None,
    ledger: Path | None,
    once: bool,
    health: Path | None,
    mode: str | None,
    group: str | None,
    **chosen: Any,
) -> None:
    """Watch a folder until SIGTERM or Ctrl-C.

    A profile can set most of these options in a table [watch]. Options on the command line win. This command does not
    look for a scrubber.toml: give --profile scrubber.toml.
    """
    with stops_in_the_log(), _refusing():
        from scrubber.running.options import RunOptions

        named = [field.name for field in attrs.fields(RunOptions) if field.name in chosen]
        options = options_of(**{name: chosen.pop(name) for name in named})
        profile = None if options.profile is None else str(options.profile)
        sharing = sharing_of(profile, mode, group, operations.SHARED_FOLDERS)
        settings = operations.settings(profile, chosen)
        paths = {"out": out, "ledger": ledger, "health": health}
        status = operations.watch(folder, settings, options, **paths, once=once, sharing=sharing)
    click.get_current_context().exit(status)


@watch.command(short_help="Count the files that wait, are in work and are done.")
@_FOLDER
@_LEDGER
@_HEALTH
@click.option("--names", "with_names", is_flag=True, help="Show file names; they may be names of patients.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--alive", is_flag=True, help="Only check whether a watcher runs without trouble. Exit with 2 if not.")
def status(
    folder: Path, ledger: Path | None, health: Path | None, with_names: bool, as_json: bool, alive: bool
) -> None:
    """Count the files that wait, are in work and are done; list the last quarantined ones."""
    import json

    with _refusing():
        if alive:
            trouble = operations.trouble(folder, ledger, health)
            if trouble:
                raise Refused(trouble)
            click.echo("a watcher runs and is well")
            return
        found = operations.status(folder, ledger)
    if as_json:
        click.echo(json.dumps(found.as_record(with_names=with_names), indent=2))
    else:
        from scrubber.outputs.wording import visible

        click.echo(harmless("\n".join(visible(line) for line in found.lines(with_names=with_names))))


@watch.command()
@_FOLDER
@click.argument("wanted", metavar="SHA256|NAME")
@_LEDGER
def requeue(folder: Path, wanted: str, ledger: Path | None) -> None:
    """Scrub a finished file again. A released file is released once more.

    The running watcher takes the file; if none runs, the next one does. SHA256 may be its first 12 digits.
    """
    with _refusing():
        drop = operations.requeue(folder, wanted, ledger)
    sha256 = (drop.sha256 or "not read")[: operations.HASH_DIGITS]
    say(f"queued: {sha256}, ISA13 {drop.control or '-'}, release {drop.run + 1} of this content")


@watch.command("release-held", short_help="Release the accepted claims of a file in held/, once.")
@_FOLDER
@click.argument("held_file", metavar="HELD_FILE")
@click.option(
    "--suppressions",
    type=_PATH,
    metavar="FILE",
    help="TOML file of accepted findings, in addition to the watcher's suppressions.",
)
@_LEDGER
def release_held(folder: Path, held_file: str, suppressions: Path | None, ledger: Path | None) -> None:
    """Release the claims of a file in held/ whose findings are all accepted.

    HELD_FILE is the name of the file, its path, or its SHA-256 (the first 12 digits are enough). The claims are judged
    with the options of the last watcher. Claims that are still flagged stay in held/, in a new file.
    Exit status: 0 claims were released, 1 no claim may go yet, 2 it cannot run, or the file was released before.
    """
    from scrubber.x12.errors import counted

    with _refusing():
        done = operations.release_held(folder, held_file, suppressions, ledger)
    digits = done.sha256[: operations.HASH_DIGITS]
    if not done.released:
        flagged = f"{counted(done.counts.held, 'claim')} still flagged"
        click.echo(f"nothing released: {digits}, {flagged}, {done.rejected} rejected")
        click.get_current_context().exit(FINDINGS)
    rest = f"{done.counts.held} still held, {done.rejected} rejected"
    say(f"released: {digits}, ISA13 {done.control or '-'}, {counted(done.released, 'claim')} to clean, {rest}")


@watch.command()
@_FOLDER
@_OUT
@_LEDGER
@PROFILE
def rebuild(folder: Path, out: Path | None, ledger: Path | None, profile: str | None) -> None:
    """Rebuild a lost or damaged ledger from archive/ and quarantine/. Stop all watchers first."""
    with _refusing():
        counts = operations.rebuild(folder, out, ledger, profile)
    numbers = {verdict: counts.get(verdict, 0) for verdict in ("released", "quarantined")}
    click.echo("the ledger has {released} released and {quarantined} quarantined files".format(**numbers))


@watch.command("rebuild-history")
@_FOLDER
@_LEDGER
def rebuild_history(folder: Path, ledger: Path | None) -> None:
    """Rebuild a lost or damaged history of released claims from archive/ and reports/. Stop all watchers first."""
    from scrubber.x12.errors import counted

    with _refusing():
        found = operations.rebuild_history(folder, ledger)
    click.echo(f"the history knows the claims of {counted(found.files, 'file')}")
    if found.judged_again:
        click.echo(f"judged again, since their JSON report is gone: {found.judged_again}")
    if found.gone:
        click.echo(f"not known, since their original is gone: {found.gone}")


@contextmanager
def _refusing() -> Iterator[None]:
    """A `WatchError` as one message and exit status 2."""
    try:
        yield
    except operations.WatchError as error:
        raise Refused(str(error)) from error
