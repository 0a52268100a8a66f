"""`scrubber replay`: scrubs the files of a manifest again and compares the outputs byte by byte."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import FINDINGS, UNREADABLE, Refused, complain, refusing
from scrubber.commands.options import engine_of
from scrubber.x12.errors import X12Error

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.running.manifest import Entry, Manifest
    from scrubber.running.options import RunOptions


def _options(then: Manifest, key: Path | None) -> RunOptions:
    """The options of a manifest. Raises `Refused`, and what `RunOptions.of_record` raises."""
    from scrubber.running.options import RunOptions

    if then.options["no_phi"] != (key is not None):
        how = "without --no-phi: leave it out" if key else "with --no-phi: give its key file"
        raise Refused(f"the reports were written {how}")
    return RunOptions.of_record(then.options, key)


@click.command(short_help="Scrub the files of a manifest again, and compare the bytes.")
@click.argument("manifest_file", metavar="MANIFEST", type=click.Path(path_type=Path))
@click.option(
    "--inputs",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the input files.  [default: their original paths]",
)
@click.option(
    "--no-phi", "key_file", type=click.Path(path_type=Path), metavar="KEYFILE", help="Key file of the original run."
)
def replay(manifest_file: Path, folder: Path | None, key_file: Path | None) -> None:
    """Scrub the files of a manifest again and compare the outputs byte by byte.

    Exit status: 0 the same bytes, 1 different bytes, 2 not possible: version, catalogue, profile or an input has
    changed.
    """
    from scrubber.running import manifest

    try:
        with refusing(str(manifest_file)):
            then = manifest.read(manifest_file)
        engine = engine_of(_options(then, key_file))
    except (manifest.ManifestError, KeyError, TypeError, ValueError) as error:
        raise Refused(f"{manifest_file}: {error}") from error
    changed = sorted(name for name, rule in engine.fingerprint.items() if rule != then.rules.get(name))
    if changed:
        raise Refused(f"{manifest_file}: changed since the original run: {', '.join(changed)}")
    sys.exit(max((_replayed(entry, then, engine, folder) for entry in then.files), default=0))


def _replayed(entry: Entry, then: Manifest, engine: Engine, folder: Path | None) -> int:
    """Scrub one file again; returns the exit status."""
    from scrubber.running import manifest, run
    from scrubber.running.inputs import Moved

    path = folder / Path(entry.path).name if folder else Path(entry.path)
    with TemporaryDirectory() as scratch:
        try:
            moved = Moved(entry.path, path)
            outcome = run.scrub(moved, engine, Path(scratch), conformance=then.options["conformance"])
            now = manifest.of_run(engine, then.options, [outcome], Path(scratch)).files[0]
        except (OSError, X12Error) as error:
            complain(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
            return UNREADABLE
    if now.sha256 != entry.sha256:
        complain(f"{path}: the file has changed since the original run")
        return UNREADABLE
    before, after = ({output.name: output for output in outputs} for outputs in (entry.outputs, now.outputs))
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in different:
        click.echo(f"{name}: different bytes")
    if not different:
        click.echo(f"{entry.path}: the same bytes, {len(after)} files")
    return FINDINGS if different else 0
