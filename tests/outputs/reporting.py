"""What tests of reports share: reports as text, of files that need not be on disk."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Results, finding
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.report import Report
from scrubber.reference import Facts
from scrubber.running import run
from scrubber.running.inputs import Input
from tests.scrubbing import made, of_edits

TextWriter = Callable[[TextIO, Engine], Report]
"""Makes a report that is written to a text file."""


@attrs.frozen
class InMemory(Input):
    """An input that is nowhere on disk."""

    text: str

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.text.encode("latin-1"))


def written(folder: Path, text: str, name: str = "claims.837") -> Input:
    """A file on disk."""
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return Input(str(path))


def fill(report: Report, sources: Iterable[Input], with_engine: Engine) -> None:
    """Scrub files into a report and end it."""
    for source in sources:
        run.check(source, with_engine, [report])
    report.close()


def reported(writer: TextWriter, with_engine: Engine, *sources: Input) -> str:
    """The report on files."""
    out = io.StringIO(newline="")
    fill(writer(out, with_engine), sources, with_engine)
    return out.getvalue()


def always_finding(message: str, fix: str = "a fix", severity: str = "reject") -> Engine:
    """An engine that makes the same finding on every claim."""

    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), message, fix)

    return Engine(of_edits(made(check, severity=severity)), Profile())
