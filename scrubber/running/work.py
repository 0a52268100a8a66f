"""What is done with a range of a file, in any process: its claims are scrubbed, and written as a fragment.

The process that divides the file joins the fragments (`dividing.py`). A fragment is a file in the job's folder, under
the number of its range: what the sinks need of each claim, the texts of the reports, and counts. Nobody else can read
the folder, as its files hold patient data. A range that the dividing process scrubs itself needs no file.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import RangeScrubbing
from scrubber.engine.suppressions import Standing, Suppression
from scrubber.outputs import formats
from scrubber.outputs.acknowledgements import acknowledging
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.files import owner_only
from scrubber.outputs.report import Options, Report
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running.baseline import Baseline
from scrubber.running.entering import ENTER, LEAVE_OUT, HistorySink
from scrubber.running.flow import Done, Sink, flow
from scrubber.running.options import RunOptions
from scrubber.running.processes import engine_in_worker
from scrubber.x12.bounded import Errors
from scrubber.x12.events import Event
from scrubber.x12.prescan import Prescan


class Form(NamedTuple):
    """A report that a run writes: its format, its options, and which of its files this is, from 1."""

    name: str
    options: Options
    number: int


@attrs.frozen(eq=False)
class Job:
    """What is done with the ranges of one file. It can be pickled. Two jobs are equal if they have the same folder.

    `rules` is the fingerprint that the engine of `options` must have. `name` is the file's name in reports. With
    `written`, 837 files and answers are written beside the reports. With `entered`, claims go into the history.
    Fragments go to `folder`.
    """

    folder: str
    options: RunOptions
    rules: str
    name: str
    scan: Prescan
    conformance: bool
    forms: tuple[Form, ...]
    baseline: Baseline | None
    written: bool
    entered: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)


class Fragment(NamedTuple):
    """The outputs of a range.

    `digests` has for each claim what each sink needs. `guide` are the faults against the guide outside of claims.
    `standings` says which suppressions took effect. `parts` are the counts of each report, and `texts` what it wrote.
    `known` is the part of the baseline, `None` without one.
    """

    digests: Sequence[tuple[Any, ...]]
    guide: Errors
    summary: Summary
    standings: dict[Suppression, Standing]
    parts: Sequence[Any]
    texts: Sequence[bytes]
    known: Any


def write_job(job: Job) -> None:
    """Write the job into its folder, for workers. Raises `OSError`."""
    _write(Path(job.folder, _JOB), job)


def read_job(folder: str) -> Job:
    """The job in a folder. Raises `OSError`."""
    job: Job = _read(Path(folder, _JOB))
    return job


def write_range(folder: str, given: Range) -> None:
    """Write a range into the folder of its job, for a worker. Raises `OSError`."""
    _write(_range_path(folder, given.number), given)


def read_range(folder: str, number: int) -> Range:
    """A range in the folder of its job. It stays there, as it may be done again. Raises `OSError`."""
    given: Range = _read(_range_path(folder, number))
    return given


def perform(job: Job, given: Range) -> None:
    """Scrub a range, and write its fragment into the folder. Raises `OSError`, `OptionsError`, `FormatError`."""
    partial = Path(job.folder, f"{given.number}.{os.getpid()}")
    _write(partial, _performing(job).fragment(given))
    partial.replace(Path(job.folder, str(given.number)))


def fragment_of(job: Job, number: int) -> Fragment:
    """The fragment of a range in the folder. All files of the range are removed from there. Raises `OSError`."""
    path = Path(job.folder, str(number))
    fragment: Fragment = _read(path)
    path.unlink()
    _range_path(job.folder, number).unlink(missing_ok=True)
    return fragment


_JOB = "job"


def _range_path(folder: str, number: int) -> Path:
    return Path(folder, f"{number}.range")


def _write(path: Path, what: Job | Range | Fragment) -> None:
    with owner_only(path) as out:
        pickle.dump(what, out, pickle.HIGHEST_PROTOCOL)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - in a folder that nobody else can write into


@lru_cache(maxsize=1)
def _performing(job: Job) -> Performing:
    """What does the ranges of a job. That of the latest job of this process is kept."""
    return Performing(job, engine_in_worker(job.options, job.rules))


class _Digesting:
    """Takes the claims of a range for the sinks of a run, in their order, and keeps the digests.

    No sink writes a file here. Only the answers see the envelope, as their digests depend on it.
    """

    def __init__(self, job: Job, engine: Engine, scrubbing: RangeScrubbing) -> None:
        nowhere = io.BytesIO()
        scan = attrs.evolve(job.scan, errors=())
        self._answers = acknowledging(engine, scrubbing, scan, None, nowhere)
        history = HistorySink(engine, ENTER if job.entered else LEAVE_OUT)
        self._sinks: Sequence[Sink] = (
            Splitter(nowhere, nowhere),
            Annotator(nowhere, scan),
            self._answers,
            *history.sinks,
        )
        self.digests: list[tuple[Any, ...]] = []

    def event(self, event: Event) -> None:
        """Follow the envelope."""
        self._answers.event(event)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Keep the digests of a claim."""
        self.digests.append(tuple([sink.digest(scrubbed) for sink in self._sinks]))


class Performing:
    """Does the ranges of a job with an engine. Its reports are kept from range to range. Raises `FormatError`."""

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
        """Scrub a range; `done` is called after some of its events each. Raises `FormatError`."""
        job, engine = self.job, self._engine
        covers = job.baseline.covers if job.baseline else None
        scrubbing = RangeScrubbing(given, engine, conformance=job.conformance, baseline=covers)
        digesting = _Digesting(job, engine, scrubbing) if job.written else None
        if digesting:
            for header in given.headers:
                digesting.event(header)
        summary = Summary()
        reports: list[Report] = [*self._reports, *([job.baseline] if job.baseline else [])]
        flow(scrubbing, [digesting] if digesting else [], reports, summary, done)
        parts = [report.part() for report in self._reports]
        texts = [_emptied(out) for out in self._outs]
        known = job.baseline.part() if job.baseline else None
        standings = dict(scrubbing.standings)
        digests = digesting.digests if digesting else []
        return Fragment(digests, scrubbing.faults.guide, summary, standings, parts, texts, known)


def _emptied(out: IO[Any]) -> bytes:
    """What was written so far, as bytes. The file is then empty."""
    assert isinstance(out, io.BytesIO | io.StringIO)
    written = out.getvalue()
    out.seek(0)
    out.truncate()
    return written if isinstance(written, bytes) else written.encode("utf-8", "surrogatepass")
