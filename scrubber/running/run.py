"""A run over files: prescan and scrub each file, and give the results to all writers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from scrubber.edit import SEVERITIES, Severity
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs import formats
from scrubber.outputs.acknowledgements import answer_sink
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.files import new_file, together
from scrubber.outputs.report import Report
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running.baseline import Baseline
from scrubber.running.dividing import Divided, Division
from scrubber.running.entering import ENTER, Entering, history_sink
from scrubber.running.flow import Sink, flow, seldom_collecting
from scrubber.running.inputs import Input
from scrubber.running.wanted import Wanted
from scrubber.x12.errors import NOT_READ_TO_THE_END, LocatedError, X12Error
from scrubber.x12.prescan import Prescan, prescan

if TYPE_CHECKING:
    from scrubber.history.store import Proposal

ANNOTATED, CLEAN, HELD, REJECTED = ".annotated.837", ".clean.837", ".held.837", ".rejected.837"
REPORTS = {"text": ".report.txt", "json": ".report.json", "xml": ".report.xml", "html": ".report.html"}
ACK_999, ACK_277CA = ".999", ".277ca"
OUTPUT_SUFFIXES = (ANNOTATED, CLEAN, HELD, REJECTED, *REPORTS.values(), ACK_999, ACK_277CA)
"""The endings of the files that `scrub` writes for an input, after its name."""


Progress = Callable[[int], Callable[[int], None]]
"""Takes the size of a file in bytes, and returns a function that takes the number of bytes of each step done."""


def no_progress(_: int) -> Callable[[int], None]:
    """Progress that is not shown."""
    return lambda _: None


@attrs.frozen
class Outcome:
    """The result of a run over one file.

    `notices` are the faults of the hierarchy, and those against the guide outside of claims. `outputs` are the names of
    the written files. `history` is the state of the history that judged the file, `proposal` what was added to it.
    """

    path: str
    scan: Prescan
    summary: Summary
    notices: tuple[LocatedError, ...] = ()
    outputs: tuple[str, ...] = ()
    history: Mapping[str, Any] | None = None
    proposal: Proposal | None = None

    @property
    def errors(self) -> tuple[LocatedError, ...]:
        """The errors of the file: of its envelope, of its hierarchy, and against the guide outside of claims."""
        return (*self.scan.errors, *self.notices)

    @property
    def readable(self) -> bool:
        """Whether the file as a whole can be trusted. If it cannot, send nothing."""
        return self.scan.readable

    def reaches(self, severity: Severity) -> bool:
        """Whether there is a finding, or a fault outside of claims, with this severity or a higher one."""
        these = SEVERITIES[: SEVERITIES.index(severity) + 1]
        found = {notice.severity for notice in self.notices} | {name for name in these if self.summary.severities[name]}
        return not found.isdisjoint(these)


@seldom_collecting()
def check(
    given: Input,
    engine: Engine,
    reports: Sequence[Report],
    progress: Progress = no_progress,
    *,
    conformance: bool = False,
    baseline: Baseline | None = None,
    wanted: Wanted | None = None,
    division: Division | None = None,
) -> Outcome:
    """Scrub one input into reports. Findings in the baseline do not count.

    With `wanted` all claims are judged, and only the wanted ones are reported and counted. A `division` lets several
    processes scrub a large file; it must have the options of the engine. Raises `OSError` if the input cannot be read,
    and `WorkerError`. A file that changes meanwhile has the error READ43.
    """
    if baseline:
        reports = [*reports, baseline]
    with given.open() as stream:
        division = None if wanted else division
        scan = _prescan(stream, engine, division)
        stream.seek(0)
        scrubbing = _scrubbing(stream, engine, scan, reports, division, conformance=conformance, baseline=baseline)
        summary = Summary()
        try:
            feed(given.path, scrubbing, scan, reports, (), summary, progress, wanted)
        except X12Error as error:
            failure = LocatedError(NOT_READ_TO_THE_END, str(error), None, error.offset)
            scan = attrs.evolve(scan, errors=(*scan.errors, failure))
        notices = tuple(scrubbing.notices)
        end(reports, scan, summary, notices)
        return Outcome(given.path, scan, summary, notices)


@seldom_collecting()
def scrub(
    given: Input,
    engine: Engine,
    folder: Path,
    progress: Progress = no_progress,
    *,
    conformance: bool = True,
    entering: Entering = ENTER,
    division: Division | None = None,
) -> Outcome:
    """Scrub one input into `folder`: annotated copy, clean, held and rejected claims, reports, answers to the sender.

    An 837 without claims is not written, and no answer that says nothing. Those of an earlier run are removed first, so
    that nobody sends an old one. What goes to the clean file is entered into the engine's history, or only proposed to
    it, for a caller who releases the file later. A `division` lets several processes scrub a large file; it must have
    the options of the engine. Raises `OSError`, `HistoryError`, `WorkerError`, and `X12Error` where the file changes
    meanwhile. Then nothing is written.
    """
    engine = engine.pinned()
    with given.open() as stream, ExitStack() as stack:
        scan = _prescan(stream, engine, division)
        named = _named(folder, given.name)
        history = stack.enter_context(history_sink(engine, entering))
        stack.enter_context(together())
        # the file to transmit is opened first, so that it gets its name last
        clean = stack.enter_context(new_file(named[CLEAN], even_empty=False))
        splitter = Splitter(clean, *_others(stack, named, engine))
        reports = [stack.enter_context(formats.opened(form, named[suffix], engine)) for form, suffix in REPORTS.items()]
        annotator = None
        if scan.claims:
            annotator = Annotator(stack.enter_context(new_file(named[ANNOTATED])), scan)
        stream.seek(0)
        scrubbing = _scrubbing(stream, engine, scan, reports, division, conformance=conformance)
        out_999, out_277ca = (
            stack.enter_context(new_file(named[suffix], even_empty=False)) for suffix in (ACK_999, ACK_277CA)
        )
        answers = answer_sink(engine, scrubbing, scan, out_999, out_277ca)
        sinks: list[Sink] = [splitter, *([annotator] if annotator else ()), answers, *history.sinks]
        summary = Summary()
        feed(given.path, scrubbing, scan, reports, sinks, summary, progress)
        splitter.close()
        answers.close()
        notices = tuple(scrubbing.notices)
        end(reports, scan, summary, (*notices, *(annotator.notices if annotator else ())))
        history.close(scan)
    history.confirm(scan)
    written = tuple(path.name for path in named.values() if path.exists())
    return Outcome(given.path, scan, summary, notices, written, engine.history_state, history.proposal)


def _named(folder: Path, name: str) -> Mapping[str, Path]:
    """The paths of the outputs of an input by their endings. Files of an earlier run are removed, except reports."""
    named = {suffix: folder / f"{name}{suffix}" for suffix in OUTPUT_SUFFIXES}
    for suffix, path in named.items():
        if suffix not in REPORTS.values() or path.is_symlink():
            path.unlink(missing_ok=True)
    return named


def _others(stack: ExitStack, named: Mapping[str, Path], engine: Engine) -> Sequence[BinaryIO]:
    """The rejected file, and the held one if flagged claims are held."""
    suffixes = (REJECTED, HELD) if engine.profile.hold else (REJECTED,)
    return [stack.enter_context(new_file(named[suffix], even_empty=False)) for suffix in suffixes]


def _prescan(stream: BinaryIO, engine: Engine, division: Division | None) -> Prescan:
    if division:
        division.prepare(engine, stream)
    return prescan(stream)


def _scrubbing(
    stream: BinaryIO,
    engine: Engine,
    scan: Prescan,
    reports: Sequence[Report],
    division: Division | None,
    *,
    conformance: bool,
    baseline: Baseline | None = None,
) -> Scrubbing | Divided:
    """What scrubs a file: this process, or several if it is large enough."""
    if division and division.divides(scan, reports):
        return Divided(stream, engine, scan, division, conformance=conformance)
    return Scrubbing(stream, engine, scan, conformance=conformance, baseline=baseline.covers if baseline else None)


def feed(
    name: str,
    scrubbing: Scrubbing | Divided,
    scan: Prescan,
    reports: Sequence[Report],
    sinks: Sequence[Sink],
    summary: Summary,
    progress: Progress = no_progress,
    wanted: Wanted | None = None,
) -> None:
    """Give the events of a file to all reports and writers, and count them in `summary`.

    `name` is the name of the file in reports. With `wanted` the other claims are left out. Raises `X12Error`.
    """
    done = progress(scan.size)
    for report in reports:
        report.begin_file(name, scan)
    if isinstance(scrubbing, Divided):
        scrubbing.flow(name, sinks, reports, summary, done)
    else:
        flow(scrubbing, sinks, reports, summary, done, wanted)
        summary.standings.update(scrubbing.standings)
    summary.shadow.update(scrubbing.shadow)


def end(reports: Sequence[Report], scan: Prescan, summary: Summary, notices: Sequence[LocatedError]) -> None:
    """End a file in all reports."""
    for report in reports:
        report.end_file(scan, summary, notices)
