"""The manifest of a run: its inputs, rules and outputs. `replay` checks it.

It has no time and no name of a machine, so the same run writes the same manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.engine.engine import Engine
from scrubber.running.run import OUTPUT_SUFFIXES, Outcome
from scrubber.side_files.plain_file import open_plain
from scrubber.side_files.plain_text import content_of, of_json

OutputState: TypeAlias = Literal["changed", "missing", "added"]

NAME = "manifest.json"
VERSION = "1"


class ManifestError(Exception):
    """A manifest that cannot be read. The message gives the reason."""


@attrs.frozen
class Output:
    """A file written by a run."""

    name: str
    sha256: str
    size: int


@attrs.frozen
class FileEntry:
    """The result of a run for one input. `path` is as the user gave it."""

    path: str
    sha256: str
    size: int
    status: str
    summary: Mapping[str, Any]
    outputs: tuple[Output, ...]
    history: Mapping[str, Any] | None = None


@attrs.frozen
class Manifest:
    """A run. `rules` are the fingerprints of edits, profile and tables, `options` the choices of the user.

    `history` of a file is the state of the history that judged it, by number and hash.
    """

    rules: Mapping[str, Any]
    options: Mapping[str, Any]
    files: tuple[FileEntry, ...]

    @property
    def outputs(self) -> Iterator[Output]:
        """All files that the run wrote, without the manifest itself."""
        return (output for entry in self.files for output in entry.outputs)

    def text(self) -> str:
        """The manifest as it is written."""
        record = {"manifest_version": VERSION, **attrs.asdict(self)}
        return json.dumps(record, indent=2, ensure_ascii=True) + "\n"


def of_run(engine: Engine, options: Mapping[str, Any], outcomes: Iterable[Outcome], folder: Path) -> Manifest:
    """The manifest of a run that wrote into `folder`. Raises `OSError` where an output cannot be read back."""
    return Manifest(rules_of(engine), options, tuple(_entry(outcome, folder) for outcome in outcomes))


def rules_of(engine: Engine) -> Mapping[str, Any]:
    """What all files of a run are judged by. The state of the history is that of each file."""
    return {name: rule for name, rule in engine.fingerprint.items() if name != "history"}


def read(path: Path) -> Manifest:
    """A manifest from its file. Raises `ManifestError` and `OSError`."""
    try:
        record = of_json(content_of(path).decode("utf-8"))
        if record["manifest_version"] != VERSION:
            raise ManifestError(f"manifest version {record['manifest_version']!r} is not {VERSION!r}")
        files = tuple(
            FileEntry(**{**entry, "outputs": tuple(Output(**output) for output in entry["outputs"])})
            for entry in record["files"]
        )
        if any(Path(output.name).name != output.name for entry in files for output in entry.outputs):
            raise ManifestError("it names an output in another folder")
        return Manifest(dict(record["rules"].items()), dict(record["options"].items()), files)
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError("this is not a manifest of the scrubber") from error


def on_disk(written: Manifest, folder: Path) -> Mapping[str, OutputState]:
    """The outputs of a run that are not as they were written, by name, and what became of them.

    A file counts as added if its name ends as those of outputs do. Raises `OSError` where one cannot be read.
    """
    states: dict[str, OutputState] = {}
    for output in written.outputs:
        path = folder / output.name
        if not path.is_file():
            states[output.name] = "missing"
        elif _output(path) != output:
            states[output.name] = "changed"
    known = {output.name for output in written.outputs} | {Path(entry.path).name for entry in written.files}
    for path in folder.iterdir():
        if path.name.endswith(OUTPUT_SUFFIXES) and path.name not in known:
            states[path.name] = "added"
    return dict(sorted(states.items()))


def _entry(outcome: Outcome, folder: Path) -> FileEntry:
    scan = outcome.scan
    return FileEntry(
        outcome.path,
        scan.sha256,
        scan.size,
        "ok" if scan.readable else "error",
        outcome.summary.record(),
        tuple(_output(folder / name) for name in outcome.outputs),
        outcome.history,
    )


def _output(path: Path) -> Output:
    with open_plain(path) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Output(path.name, digest, path.stat().st_size)
