"""What is done with a range of a file, in any process: its claims are scrubbed, and written as a fragment.

The process that divides the file joins the fragments (`dividing.py`). A fragment has what the sinks need of each claim,
the texts of the reports, and counts.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import IO, Any

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import RangeScrubbing
from scrubber.outputs import formats
from scrubber.outputs.acknowledgements import answer_sink
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.report import Report
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running.entering import ENTER, LEAVE_OUT, HistorySink
from scrubber.running.flow import Done, Sink, flow
from scrubber.running.job import Fragment, Job
from scrubber.running.processes import engine_in_worker
from scrubber.x12.events import Event


def perform(job: Job, given: Range) -> None:
    """Scrub a range, and write its fragment into the folder. Raises `OSError`, `OptionsError`, `FormatError`."""
    job.write_fragment(given.number, _maker_of(job).fragment(given))


@lru_cache(maxsize=1)
def _maker_of(job: Job) -> FragmentMaker:
    """The maker of a job's fragments. That of the latest job of this process is kept."""
    return FragmentMaker(job, engine_in_worker(job.options, job.rules))


class _Digests:
    """The digests of the claims of a range, `by_sink`: for each sink of a run those of all claims, in their order.

    No sink writes a file here. Only the answers see the envelope, as their digests depend on it.
    """

    def __init__(self, job: Job, engine: Engine, scrubbing: RangeScrubbing, headers: Iterable[Event]) -> None:
        nowhere = io.BytesIO()
        scan = attrs.evolve(job.scan, errors=())
        self._answers = answer_sink(engine, scrubbing, scan, None, nowhere)
        history = HistorySink(engine, ENTER if job.entered else LEAVE_OUT)
        self._sinks: Sequence[Sink] = (
            Splitter(nowhere, nowhere),
            Annotator(nowhere, scan),
            self._answers,
            *history.sinks,
        )
        self.by_sink: Sequence[list[Any]] = [[] for _ in self._sinks]
        for header in headers:
            self.event(header)

    def event(self, event: Event) -> None:
        """Follow the envelope."""
        if event.kind != "level":
            self._answers.event(event)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Keep the digests of a claim."""
        for sink, digests in zip(self._sinks, self.by_sink, strict=True):
            digests.append(sink.digest(scrubbed))


class FragmentMaker:
    """Makes the fragments of a job's ranges. It keeps its reports from range to range. Raises `FormatError`."""

    def __init__(self, job: Job, engine: Engine) -> None:
        self.job = job
        self._engine = engine
        self._outs: list[IO[Any]] = []
        self._reports: list[formats.Guarded] = []
        for form in job.forms:
            loaded = formats.load(form.name)
            out: IO[Any] = io.BytesIO() if loaded.binary else io.StringIO(newline="")
            started = loaded.start(out, engine, form.options)
            report = formats.Guarded(form.name, started, form.options, binary=loaded.binary)
            report.begin_part(job.name, job.scan, form.number)
            _emptied(out)
            self._outs.append(out)
            self._reports.append(report)
        if job.baseline:
            job.baseline.begin_part(job.name, job.scan, 1)

    def fragment(self, given: Range, done: Done = lambda _: None) -> Fragment:
        """Scrub a range. `done` is called each time that some of its events are done. Raises `FormatError`."""
        job, engine = self.job, self._engine
        covers = job.baseline.covers if job.baseline else None
        scrubbing = RangeScrubbing(given, engine, conformance=job.conformance, baseline=covers)
        digests = _Digests(job, engine, scrubbing, given.headers) if job.written else None
        summary = Summary()
        reports: list[Report] = [*self._reports, *([job.baseline] if job.baseline else [])]
        flow(scrubbing, [digests] if digests else [], reports, summary, done)
        parts = [report.part() for report in self._reports]
        texts = [_emptied(out) for out in self._outs]
        known = job.baseline.part() if job.baseline else None
        standings = dict(scrubbing.standings)
        by_sink = digests.by_sink if digests else ()
        return Fragment(by_sink, scrubbing.faults.guide, summary, standings, parts, texts, known)


def _emptied(out: IO[Any]) -> str | bytes:
    """What was written so far, text or bytes. The file is then empty."""
    assert isinstance(out, io.BytesIO | io.StringIO)
    written: str | bytes = out.getvalue()
    if isinstance(out, io.StringIO):
        io.StringIO.__init__(out, newline="")  # after a `seek` it would take four bytes for each character
    else:
        out.seek(0)
        out.truncate()
    return written
