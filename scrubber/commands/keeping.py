"""Keeps the files that a command reads: an output never replaces one of them, nor that of another run."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from scrubber.commands.console import Refused, mention, refusing

if TYPE_CHECKING:
    from scrubber.outputs.access import Access
    from scrubber.running.inputs import Input
    from scrubber.running.options import RunOptions

_MOST_NAMED = 5


def refuse_overwriting(read: Iterable[str | Path], *written: Path | None) -> None:
    """Raise `Refused` if an output would overwrite a file that is read, whatever name or link it has."""
    read_files = {key for path in read for key in _keys(Path(path))}
    for output in filter(None, written):
        if not read_files.isdisjoint(_keys(output)):
            raise Refused(f"{output} is one of the inputs; nothing was written")


def _keys(path: Path) -> Iterator[object]:
    """What tells a plain file from all others: its path without links, and its number on the disk.

    A device or a pipe has none: it may be read and written.
    """
    try:
        status = path.stat()
    except OSError:
        yield path.resolve()
        return
    if stat.S_ISREG(status.st_mode):
        yield path.resolve()
        yield status.st_dev, status.st_ino


def files_of(options: RunOptions) -> Iterator[str | Path]:
    """The files that options name."""
    if isinstance(options.profile, str | PathLike):
        yield Path(options.profile)
    named = (options.suppressions, options.key, options.facts, options.reference, options.history)
    yield from filter(None, (*options.edits, *named))


@contextmanager
def writing_into(
    folder: Path, inputs: Sequence[Input], chosen: RunOptions, suffixes: Iterable[str], access: Access | None = None
) -> Iterator[None]:
    """Make a folder of outputs, and let no other run write into it meanwhile.

    `suffixes` are the endings of the files that are written for an input, after its name. `access` says who may read
    the files, and the folder if it is new. Raises `Refused` if outputs would overwrite each other or a file that is
    read, and for an `OSError` within.
    """
    from scrubber.outputs.access import PRIVATE, grant_folder
    from scrubber.outputs.files import only_run, shared

    _refuse_clashes(inputs, chosen, folder, suffixes)

    def wait() -> None:
        mention(f"{folder}: waiting for another run that writes into this folder")

    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is not a folder")
    with refusing(str(folder)):
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if is_new and access:
            grant_folder(folder, access)
        with only_run(folder, wait), shared(access or PRIVATE):
            yield


def _refuse_clashes(inputs: Sequence[Input], chosen: RunOptions, folder: Path, suffixes: Iterable[str]) -> None:
    """Raise `Refused` if outputs would overwrite each other or a file that is read."""
    from scrubber.running import manifest

    named: dict[str, str] = {}
    for item in inputs:
        if item.name in named:
            raise Refused(f"{named[item.name]} and {item.path} would write the same files; nothing was written")
        named[item.name] = item.path
    outputs = (folder / f"{name}{suffix}" for suffix in suffixes for name in named)
    refuse_overwriting([*named.values(), *files_of(chosen)], folder / manifest.NAME, *outputs)


def mention_earlier_run(folder: Path, inputs: Sequence[Input]) -> None:
    """Say what becomes of the outputs of an earlier run on other files: the manifest will not name them any more."""
    from scrubber.running import manifest
    from scrubber.running.inputs import Input

    path = folder / manifest.NAME
    if not path.exists():
        return
    try:
        earlier = manifest.read(path).files
    except (OSError, manifest.ManifestError):
        mention(f"{path}: replaced; it is no manifest that can be read")
        return
    now, names = {Path(item.path).absolute() for item in inputs}, {item.name for item in inputs}
    others = [str(entry.path) for entry in earlier if Path(str(entry.path)).absolute() not in now]
    for overwritten, what in (
        (True, "outputs of another file of that name are overwritten"),
        (False, "outputs of an earlier run stay, and the manifest does not name them any more"),
    ):
        some = [other for other in others if (Input(other).name in names) == overwritten]
        if some:
            more = f" and {len(some) - _MOST_NAMED} more" if len(some) > _MOST_NAMED else ""
            mention(f"{folder}: {what}: {', '.join(some[:_MOST_NAMED])}{more}")
