"""The manifest of a run: its inputs, rules and outputs. `replay` checks it.

It has no time and no name of a machine, so the same run writes the same manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from scrubber.engine.engine import Engine
from scrubber.reference.plain_text import of_json
from scrubber.running.run import Outcome

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
class Entry:
    """The result of a run for one input. `path` is as the user gave it."""

    path: str
    sha256: str
    size: int
    status: str
    summary: Mapping[str, Any]
    outputs: tuple[Output, ...]


@attrs.frozen
class Manifest:
    """A run. `rules` are the fingerprints of edits, profile and tables, `options` the choices of the user."""

    rules: Mapping[str, Any]
    options: Mapping[str, Any]
    files: tuple[Entry, ...]

    def text(self) -> str:
        """The manifest as it is written."""
        record = {"manifest_version": VERSION, **attrs.asdict(self)}
        return json.dumps(record, indent=2, ensure_ascii=True) + "\n"


def of_run(engine: Engine, options: Mapping[str, Any], outcomes: Iterable[Outcome], folder: Path) -> Manifest:
    """The manifest of a run that wrote into `folder`. Raises `OSError` where an output cannot be read back."""
    return Manifest(engine.fingerprint, options, tuple(_entry(outcome, folder) for outcome in outcomes))


def read(path: Path) -> Manifest:
    """A manifest from its file. Raises `ManifestError` and `OSError`."""
    try:
        record = of_json(path.read_text("utf-8"))
        if record["manifest_version"] != VERSION:
            raise ManifestError(f"manifest version {record['manifest_version']!r} is not {VERSION!r}")
        files = tuple(
            Entry(**{**entry, "outputs": tuple(Output(**output) for output in entry["outputs"])})
            for entry in record["files"]
        )
        return Manifest(record["rules"], record["options"], files)
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError("this is not a manifest of the scrubber") from error


def _entry(outcome: Outcome, folder: Path) -> Entry:
    scan = outcome.scan
    return Entry(
        outcome.path,
        scan.sha256,
        scan.size,
        "ok" if scan.readable else "error",
        outcome.summary.record(),
        tuple(_output(folder / name) for name in outcome.outputs),
    )


def _output(path: Path) -> Output:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Output(path.name, digest, path.stat().st_size)
