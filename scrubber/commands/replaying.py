"""`scrubber replay`: scrubs the files of a manifest again, and compares the bytes and the files on disk."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs
import click

from scrubber.commands.console import FINDINGS, UNREADABLE, Refused, complain, quiet, refusing, say
from scrubber.commands.keeping import files_of
from scrubber.commands.options import QUIET, engine_of
from scrubber.engine.naming import shown_path
from scrubber.side_files.plain_file import open_plain
from scrubber.x12.errors import X12Error

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.running.manifest import FileEntry, Manifest
    from scrubber.running.options import RunOptions


def _options(then: Manifest, key: Path | None, history: Path | None) -> RunOptions:
    """The options of a manifest, with key and history where they are now.

    Raises `Refused`, and what `RunOptions.of_record` raises.
    """
    from scrubber.running.options import RunOptions

    if then.options["no_phi"] != (key is not None):
        how = "without --no-phi: leave it out" if key else "with --no-phi: give its key file"
        raise Refused(f"the reports were written {how}")
    if history and not any(entry.history for entry in then.files):
        raise Refused("the original run had no history: leave out --history")
    options = RunOptions.of_record(then.options, key)
    return attrs.evolve(options, history=history) if history else options


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
@click.option(
    "--trust-edits",
    is_flag=True,
    help="Run the Python files with edits that the manifest names. Such a file can do all that you can do.",
)
@click.option(
    "--trust-paths",
    is_flag=True,
    help="Read files that are not below the folder of the manifest or the current folder.",
)
@click.option(
    "--history",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Path of the history that the original run looked at.  [default: its original path]",
)
@QUIET
def replay(
    manifest_file: Path,
    folder: Path | None,
    key_file: Path | None,
    trust_edits: bool,
    trust_paths: bool,
    history: Path | None,
) -> None:
    """Scrub the files of a manifest again, and compare the outputs byte by byte.

    It also compares the files beside the manifest with the manifest, and names outputs that were changed, removed or
    added. It uses the profile that the manifest names, and no other scrubber.toml.

    Exit status: 0 the same bytes, 1 different bytes or files, 2 not possible: version, catalogue, profile or an input
    has changed.
    """
    from scrubber.running import manifest

    try:
        with refusing(str(manifest_file)):
            then = manifest.read(manifest_file)
            status = _compared_on_disk(then, manifest_file.parent)
        options = _options(then, key_file, history)
        if not trust_edits:
            _refuse_edits(options)
        if not trust_paths:
            inputs = [] if folder else [Path(entry.path) for entry in then.files]
            named = (path for path in files_of(options) if path not in (key_file, history, _found()))
            _refuse_elsewhere([*inputs, *named], (manifest_file.parent, Path()))
        engine = engine_of(options)
    except (manifest.ManifestError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(f"{manifest_file}: {error}") from error
    changed = sorted(name for name, rule in manifest.rules_of(engine).items() if rule != then.rules.get(name))
    if changed:
        raise Refused(f"{manifest_file}: changed since the original run: {', '.join(changed)}")
    with refusing():
        sys.exit(max([status, *(_replayed(entry, then, engine, folder) for entry in then.files)]))


def _compared_on_disk(then: Manifest, folder: Path) -> int:
    """Compare the outputs in a folder with their manifest; returns the exit status. Raises `OSError`."""
    from scrubber.running import manifest

    states = manifest.on_disk(then, folder)
    wrote = {output.name for output in then.outputs}
    if wrote and all(states.get(name) == "missing" for name in wrote):
        complain(f"{folder}: none of the {len(wrote)} outputs is there, so no file on disk is compared")
        return 0
    for name, state in states.items():
        what = "is missing" if state == "missing" else f"{state} since the original run"
        say(f"{shown_path(str(folder / name))}: {what}")
    if not states and not quiet():
        say(f"{shown_path(str(folder))}: the outputs are as the original run wrote them")
    return FINDINGS if states else 0


def _found() -> Path | None:
    """The scrubber.toml that other commands would take here: a manifest may name it, though it is in another folder."""
    from scrubber.running import found_profile

    try:
        return found_profile.find(Path())
    except found_profile.UntrustedError:
        return None


def _refuse_edits(options: RunOptions) -> None:
    """Raise `Refused` if a manifest names Python to run. Somebody else may have written the manifest."""
    if options.edits:
        raise Refused(f"the manifest runs {options.edits[0]}: look at the file, then give --trust-edits")


def _refuse_elsewhere(paths: Iterable[str | Path], folders: Iterable[Path]) -> None:
    """Raise `Refused` for the first path that is below none of the folders, links followed."""
    known = [folder.resolve() for folder in folders]
    for path in paths:
        if not any(Path(path).resolve().is_relative_to(folder) for folder in known):
            raise Refused(f"the manifest names {path}, in another folder: give --inputs or --trust-paths")


def _replayed(entry: FileEntry, then: Manifest, engine: Engine, folder: Path | None) -> int:
    """Scrub one file again; returns the exit status."""
    from scrubber.running import manifest, run
    from scrubber.running.entering import LEAVE_OUT
    from scrubber.running.inputs import Moved
    from scrubber.x12.errors import counted

    path = folder / Path(entry.path).name if folder else Path(entry.path)
    with TemporaryDirectory() as scratch:
        try:
            if _sha256(path) != entry.sha256:
                complain(f"{path}: the file has changed since the original run")
                return UNREADABLE
            moved, conformance = Moved(entry.path, path), then.options["conformance"]
            engine = engine.pinned(entry.history) if engine.history else engine
            outcome = run.scrub(moved, engine, Path(scratch), conformance=conformance, entering=LEAVE_OUT)
            now = manifest.of_run(engine, then.options, [outcome], Path(scratch)).files[0]
        except (OSError, X12Error) as error:
            complain(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
            return UNREADABLE
    before, after = ({output.name: output for output in outputs} for outputs in (entry.outputs, now.outputs))
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in different:
        say(f"{shown_path(name)}: different bytes")
    if not different and not quiet():
        say(f"{shown_path(entry.path)}: the same bytes, {counted(len(after), 'file')}")
    return FINDINGS if different else 0


def _sha256(path: Path) -> str:
    """The hash of an input. Raises `OSError`."""
    with open_plain(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
