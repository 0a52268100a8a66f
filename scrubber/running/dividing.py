"""A file that is divided over processes: its ranges, and what becomes of their fragments.

This process reads the file and cuts it into ranges; it runs the edits that compare claims, and all writers of 837 files
and answers. Everything else that is done with a claim is done by an executor (`executors.py`, `work.py`): in worker
processes, and in this one while it has nothing else to do. The outputs are those of one process, to the byte.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.faults import Faults, WithFaults
from scrubber.engine.ranges import CLAIMS, Range, ranges
from scrubber.engine.scrubbing import goes_out
from scrubber.engine.suppressions import Covers, merge
from scrubber.history.entering import Collector
from scrubber.outputs.files import private_folder
from scrubber.outputs.formats import Guarded
from scrubber.outputs.report import Report
from scrubber.outputs.summary import Summary
from scrubber.running.baseline import Baseline
from scrubber.running.executors import USUAL_MOST, Executor, Processes, cores
from scrubber.running.failures import WorkerError
from scrubber.running.flow import Done, PutsAll, Sink
from scrubber.running.job import Form, Fragment, Job
from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.processes import fingerprint
from scrubber.x12.bounded import Errors
from scrubber.x12.events import Event, Events
from scrubber.x12.prescan import Prescan

FROM_CLAIMS = 5_000
"""The least number of claims of a file that is divided, unless a user chooses the number of processes."""

_USUAL_SIZE = 700
"""Most claims are longer, in bytes, with their levels."""


@attrs.frozen
class Division:
    """How files are divided: by whom their ranges are done, from how many claims on, and the claims of a range.

    `options` make the engine of the run. Fragments are kept in `folder` meanwhile, by default in that for temporary
    files; there they have a folder of their own, which only the user can read.
    """

    options: RunOptions
    executor: Executor
    from_claims: int = FROM_CLAIMS
    claims: int = CLAIMS
    folder: Path | None = None

    def prepare(self, engine: Engine, stream: BinaryIO) -> None:
        """Let workers load their engines while a file is read that seems to have enough claims."""
        size = stream.seek(0, io.SEEK_END)
        if size >= _USUAL_SIZE * max(self.from_claims, self.claims + 1):
            self.executor.prepare(self.options, engine)

    def divides(self, scan: Prescan, reports: Iterable[Report]) -> bool:
        """Whether a file is divided: if it has enough claims, and all reports can be written in parts."""
        return scan.claims >= max(self.from_claims, self.claims + 1) and all(map(_is_divisible, reports))


@contextmanager
def dividing(options: RunOptions, jobs: int | None = None, *, always: bool = False) -> Iterator[Division | None]:
    """How large files are divided over `jobs` processes, which end with the block; `None` if one is to scrub all.

    By default there are as many as cores, at most `USUAL_MOST`. With `always` files with less than `FROM_CLAIMS` claims
    are divided, too.
    """
    number = jobs or min(cores(), USUAL_MOST)
    if number == 1:
        yield None
        return
    with Processes(number) as executor:
        yield Division(options, executor, 1 if always else FROM_CLAIMS)


class Divided(WithFaults):
    """The events of a file, divided. It gives its faults outside of claims as `Scrubbing` does."""

    def __init__(
        self, stream: BinaryIO, engine: Engine, scan: Prescan, division: Division, *, conformance: bool
    ) -> None:
        self._events = Events(stream, scan)
        self._engine = engine
        self._scan = scan
        self._division = division
        self._conformance = conformance
        self._guide = Errors()
        self._faults = Faults(self._events.misplaced, self._guide, engine.profile)

    def flow(self, name: str, sinks: Sequence[Sink], reports: Sequence[Report], summary: Summary, done: Done) -> None:
        """Have all claims scrubbed, and give them to sinks and reports. `sinks` are those of `run.scrub`, or none.

        Raises `X12Error`, `OSError` and `WorkerError`.
        """
        held: deque[Sequence[Event]] = deque()
        failures: list[Exception] = []
        self._division.executor.prepare(self._division.options, self._engine)
        with self._job(name, reports, sinks) as job:
            covers = job.baseline.covers if job.baseline else None
            results = self._division.executor.run(job, self._ranges(held, failures, covers))
            try:
                for fragment in results:
                    self._join(held.popleft(), fragment, sinks, reports, summary, done)
                    del fragment  # it takes megabytes, and this process may scrub a range before the next one is there
            except OptionsError as error:
                raise WorkerError(f"{error}; what a run judges by must not change while it goes on") from error
            finally:
                results.close()
        for failure in failures:
            raise failure

    def _ranges(
        self, held: deque[Sequence[Event]], failures: list[Exception], covers: Covers | None
    ) -> Iterator[Range]:
        """The ranges of the file. The events of each are held until it is joined.

        Where reading fails, they end, and the error is put into `failures`: an executor is some ranges ahead, and those
        are joined first.
        """
        try:
            engine = self._engine.for_file(self._scan.sha256)
            out = partial(goes_out, engine=self._engine, conformance=self._conformance, baseline=covers)
            for given in ranges(self._events, engine, self._scan.claims, out, self._division.claims):
                held.append(given.events)
                yield given
        except Exception as failure:
            failures.append(failure)

    @contextmanager
    def _job(self, name: str, reports: Sequence[Report], sinks: Sequence[Sink]) -> Iterator[Job]:
        """The job for the executor, and its folder, which is removed at the end."""
        guarded = [report for report in reports if isinstance(report, Guarded)]
        forms = tuple(Form(report.name, report.options, report.files) for report in guarded)
        baseline = next((report.for_parts() for report in reports if isinstance(report, Baseline)), None)
        options = self._division.options
        with private_folder(self._division.folder) as folder:
            yield Job(
                str(folder),
                options,
                fingerprint(self._engine),
                name,
                self._scan,
                self._conformance,
                forms,
                baseline,
                written=bool(sinks),
                entered=any(isinstance(sink, Collector) for sink in sinks),
            )

    def _join(
        self,
        events: Sequence[Event],
        fragment: Fragment,
        sinks: Sequence[Sink],
        reports: Sequence[Report],
        summary: Summary,
        done: Done,
    ) -> None:
        """Give the events of a range, and its fragment, to sinks and reports."""
        self._guide.extend(fragment.guide)
        _put(events, fragment, sinks)
        summary.add(fragment.summary)
        merge(summary.standings, fragment.standings)
        guarded = [report for report in reports if isinstance(report, Guarded)]
        for report, part, text in zip(guarded, fragment.parts, fragment.texts, strict=True):
            report.join(_opened(text), part)
        for baseline in reports:
            if isinstance(baseline, Baseline):
                baseline.join(None, fragment.known)
        done(sum([len(event.piece.text) for event in events]))


def _put(events: Sequence[Event], fragment: Fragment, sinks: Sequence[Sink]) -> None:
    """Give the events of a range to sinks, and the digests of their claims."""
    for sink, digests in zip(sinks, fragment.digests, strict=True):
        if isinstance(sink, PutsAll):
            sink.put_all(events, digests)
            continue
        of_claims = iter(digests)
        for event in events:
            if event.kind == "claim":
                sink.put(event, next(of_claims))
            else:
                sink.event(event)


def _opened(text: str | bytes) -> IO[Any]:
    """What a report wrote, as a file."""
    return io.BytesIO(text) if isinstance(text, bytes) else cast("TextIO", _Text(text))


class _Text(io.TextIOBase):
    """A text as a file. It takes no copy, unlike `io.StringIO`, which needs four bytes for each character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int | None = -1) -> str:
        """Return at most `size` characters, and none at the end."""
        return self._until(len(self._text) if size is None or size < 0 else self._at + size)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # in the stubs its base reads bytes
        """Return the next line, or at most `size` characters of it."""
        end = self._text.find("\n", self._at) + 1 or len(self._text)
        return self._until(end if size < 0 else min(end, self._at + size))

    def _until(self, end: int) -> str:
        begin, self._at = self._at, min(end, len(self._text))
        return self._text[begin : self._at]


def _is_divisible(report: Report) -> bool:
    return isinstance(report, Baseline) or (isinstance(report, Guarded) and report.is_divisible)
