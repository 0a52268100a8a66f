"""`scrubber replay`: scrubs again what a manifest names, and proves that the same bytes come out."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import FINDINGS, UNREADABLE, Refused, complain, refusing
from scrubber.commands.options import engine_of

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.running.manifest import Entry, Manifest
    from scrubber.running.options import RunOptions


def _options(then: Manifest, key: Path | None) -> RunOptions:
    """The options of a manifest. Raises `Refused`, and what `RunOptions.of_record` raises."""
    from scrubber.running.options import RunOptions

    if then.options["no_phi"] != (key is not None):
        how = "openly" if key else "with --no-phi: give its key file"
        raise Refused(f"the reports were written {how}")
    return RunOptions.of_record(then.options, key)


@click.command()
@click.argument("manifest_file", metavar="MANIFEST", type=click.Path(path_type=Path))
@click.option(
    "--inputs",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the input files are now; else where they were.",
)
@click.option("--no-phi", "key_file", type=click.Path(path_type=Path), metavar="KEYFILE", help="The key used then.")
def replay(manifest_file: Path, folder: Path | None, key_file: Path | None) -> None:
    """Scrub the files of a manifest again and compare.

    Exit status: 0 the same bytes, 1 other bytes, 2 it could not be tried: another version, catalogue, profile or
    input than then.
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
        raise Refused(f"{manifest_file}: not the same {' and '.join(changed)} as then")
    sys.exit(max((_replayed(entry, then, engine, folder) for entry in then.files), default=0))


def _replayed(entry: Entry, then: Manifest, engine: Engine, folder: Path | None) -> int:
    """Scrub one file again; the exit status that it calls for."""
    from scrubber.running import manifest, run
    from scrubber.running.inputs import Moved

    path = folder / Path(entry.path).name if folder else Path(entry.path)
    with TemporaryDirectory() as scratch:
        try:
            moved = Moved(entry.path, path)
            outcome = run.scrub(moved, engine, Path(scratch), conformance=then.options["conformance"])
            now = manifest.of_run(engine, then.options, [outcome], Path(scratch)).files[0]
        except OSError as error:
            complain(f"{path}: {error.strerror}")
            return UNREADABLE
    if now.sha256 != entry.sha256:
        complain(f"{path}: not the file that was scrubbed then")
        return UNREADABLE
    before, after = ({output.name: output for output in outputs} for outputs in (entry.outputs, now.outputs))
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in different:
        click.echo(f"{name}: other bytes than then")
    if not different:
        click.echo(f"{entry.path}: the same bytes, {len(after)} files")
    return FINDINGS if different else 0
