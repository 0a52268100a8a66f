"""One run over files: each is prescanned, scrubbed and handed to whoever writes something of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Protocol

import attrs

from scrubber.edit import SEVERITIES, Severity
from scrubber.engine import Engine, Event, ScrubbedClaim, Scrubbing
from scrubber.inputs import Input
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.files import new_file, new_text_file
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.summary import Summary
from scrubber.outputs.text_report import TextReport
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan, prescan


class Report(Protocol):
    """What every report writer does."""

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """End the file, whose claims the summary has counted."""


Watch = Callable[[int], Callable[[int], None]]
"""Given the size of a file in bytes, takes how many of them are done, step by step."""


def unwatched(_: int) -> Callable[[int], None]:
    """Nobody watches."""
    return lambda _: None


@attrs.frozen
class Outcome:
    """What a run over one file came to."""

    path: str
    scan: Prescan
    summary: Summary

    def reaches(self, severity: Severity) -> bool:
        """Whether there is a finding of that severity or a graver one."""
        grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return any(self.summary.severities[name] for name in grave)


def check(source: Input, engine: Engine, reports: Sequence[Report], watch: Watch = unwatched) -> Outcome:
    """Scrub one input into reports. Raises `OSError` where it cannot be read."""
    with source.open() as stream:
        scan = prescan(stream)
        return _scrub(source, stream, scan, engine, reports, None, watch)


def scrub(source: Input, engine: Engine, folder: Path, watch: Watch = unwatched) -> Outcome:
    """Scrub one input into its annotated copy and reports in `folder`. Raises `OSError`.

    Without claims there is no annotated copy.
    """
    with source.open() as stream, ExitStack() as stack:
        scan = prescan(stream)
        json_report = JsonReport(stack.enter_context(new_text_file(folder / f"{source.name}.report.json")), engine)
        text_report = TextReport(stack.enter_context(new_text_file(folder / f"{source.name}.report.txt")), engine)
        annotator = None
        if scan.claims:
            annotator = Annotator(stack.enter_context(new_file(folder / f"{source.name}.annotated.837")), scan)
        outcome = _scrub(source, stream, scan, engine, [json_report, text_report], annotator, watch)
        json_report.close()
        text_report.close()
        return outcome


OUTPUT_SUFFIXES = (".annotated.837", ".report.json", ".report.txt")
"""What `scrub` writes for an input, behind its name."""


def _scrub(
    source: Input,
    stream: BinaryIO,
    scan: Prescan,
    engine: Engine,
    reports: Sequence[Report],
    annotator: Annotator | None,
    watch: Watch,
) -> Outcome:
    summary = Summary()
    done = watch(scan.size)
    for report in reports:
        report.begin_file(source.path, scan)
    stream.seek(0)
    for event, length in _events(stream, engine):
        if annotator:
            annotator.event(event)
        if isinstance(event, ScrubbedClaim):
            summary.count(event)
            for report in reports:
                report.claim(event)
        done(length)
    for report in reports:
        report.end_file(scan, summary, annotator.notices if annotator else ())
    return Outcome(source.path, scan, summary)


def _events(stream: BinaryIO, engine: Engine) -> Iterator[tuple[Event, int]]:
    for event in Scrubbing(stream, engine):
        piece = event.claim.piece if isinstance(event, ScrubbedClaim) else event
        yield event, len(piece.text)
