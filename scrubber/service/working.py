"""What a worker process does: scrub an uploaded file into one output. It keeps its engines.

A result is plain data. Its texts name no file and quote none.
"""

from __future__ import annotations

import os
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import attrs

from scrubber.engine.engine import Engine
from scrubber.outputs import formats
from scrubber.outputs.files import new_text_file
from scrubber.outputs.record import error_record
from scrubber.outputs.summary import Counts
from scrubber.running import calls, manifest, run
from scrubber.running.failures import describe
from scrubber.running.inputs import Moved
from scrubber.running.options import RunOptions
from scrubber.running.processes import follow_the_parent
from scrubber.service.errors import NO_ROOM
from scrubber.service.outputs import OUTPUTS
from scrubber.x12.errors import X12Error, listed

ANSWER = "answer"
"""The name of the file with the answer, in the folder of a request."""

_X12_OUTPUTS = {
    "clean": "clean",
    "held": "held",
    "rejected": "rejected",
    "annotated": "annotated",
    "999": "ack_999",
    "277ca": "ack_277ca",
}
"""The outputs that are X12, and their parameters of `scrub_to`."""
_ANSWERS_TO_SENDERS = ("999", "277ca")
"""These also answer a file that cannot be read, as far as it has an envelope."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of all files in a zip, so that the same claims give the same bytes."""


@attrs.frozen
class Job:
    """Scrub `upload` into the file `answer` of `folder`. `name` is the name of the upload in reports.

    `profile` is one of the service's profiles, as name or path, or `None` for the profile of the service. With `always`
    a file that cannot be read has an answer, too: a report that says so.
    """

    folder: str
    upload: str
    name: str
    output: str
    profile: str | None
    conformance: bool
    always: bool = False


@attrs.frozen
class Done:
    """The answer is written and has `size` bytes. Counts are for the metrics."""

    size: int
    counts: Counts


@attrs.frozen
class Unreadable:
    """The upload is not an 837 that can be read. `errors` are located, as in the JSON report."""

    errors: tuple[dict[str, Any], ...]


@attrs.frozen
class Failed:
    """The job failed: the reason, and whether the disk is full."""

    reason: str
    disk_full: bool = False


Result: TypeAlias = Done | Unreadable | Failed

_OPTIONS: dict[tuple[str | None, bool], RunOptions] = {}
_GIVEN: list[RunOptions] = []


def begin(options: RunOptions) -> None:
    """Prepare a new worker process. It ends with its parent, and leaves signals to it."""
    os.umask(0o077)
    follow_the_parent()
    use(options)


def use(options: RunOptions) -> None:
    """Scrub with these options, those of the service, from now on."""
    _GIVEN[:] = [options]


def ready() -> int:
    """Load the engine of the service, and return the id of the process. Raises `OptionsError`."""
    _engine(None, _GIVEN[0].conformance)
    return os.getpid()


def perform(job: Job) -> Result:
    """Do a job. Any error is its result."""
    try:
        return _performed(job)
    except OSError as error:
        return Failed(describe(error), disk_full=error.errno in NO_ROOM)
    except X12Error as error:
        cause = error.__cause__
        return Failed(describe(cause or error), disk_full=isinstance(cause, OSError) and cause.errno in NO_ROOM)
    except Exception as error:  # a fault of the scrubber must not stop the service
        return Failed(describe(error))


def _performed(job: Job) -> Result:
    if OUTPUTS[job.output].report:
        outcome = _report(job)
    elif job.output == "zip":
        outcome = _zip(job)
    else:
        outcome = _x12(job)
    answer = Path(job.folder, ANSWER)
    size = answer.stat().st_size
    answered = job.always or (size and job.output in _ANSWERS_TO_SENDERS)
    if not outcome.readable and not answered:
        return Unreadable(tuple(error_record(error) for error in listed(outcome.scan.errors)))
    return Done(size, outcome.summary.counts)


def _report(job: Job) -> run.Outcome:
    engine = _engine(job.profile, job.conformance)
    with _answer(job) as out, formats.into(job.output, out, engine) as report:
        return run.check(_input(job), engine, [report], conformance=job.conformance)


def _x12(job: Job) -> run.Outcome:
    options = _options(job.profile, job.conformance)
    with ExitStack() as stack:
        out = stack.enter_context(_answer(job))
        upload = stack.enter_context(Path(job.upload).open("rb"))
        into: dict[str, Any] = {_X12_OUTPUTS[job.output]: out}
        return calls.scrub_to(upload, options=options, name=job.name, **into)


def _zip(job: Job) -> run.Outcome:
    """All that `scrubber scrub` writes, with the manifest."""
    engine, options = _engine(job.profile, job.conformance), _options(job.profile, job.conformance)
    outputs = Path(job.folder, "outputs")
    outputs.mkdir(mode=0o700)
    outcome = run.scrub(_input(job), engine, outputs, conformance=job.conformance)
    with new_text_file(outputs / manifest.NAME) as text:
        text.write(manifest.of_run(engine, options.chosen(), [outcome], outputs).text())
    with _answer(job) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(outputs.iterdir()):
            entry = zipfile.ZipInfo(path.name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with path.open("rb") as file, packed.open(entry, "w", force_zip64=True) as target:
                while block := file.read(1 << 20):
                    target.write(block)
    return outcome


def _answer(job: Job) -> BinaryIO:
    """The file for the answer. Nobody reads it before the job is done, so it needs no other name meanwhile."""
    return Path(job.folder, ANSWER).open("x+b")


def _input(job: Job) -> Moved:
    return Moved(job.name, Path(job.upload))


def _engine(profile: str | None, conformance: bool) -> Engine:
    return calls.kept_engine(_options(profile, conformance))


def _options(profile: str | None, conformance: bool) -> RunOptions:
    """The options, the same object each time: the engine is kept by it."""
    key = (profile, conformance)
    if key not in _OPTIONS:
        chosen = _GIVEN[0] if profile is None else attrs.evolve(_GIVEN[0], profile=profile)
        _OPTIONS[key] = attrs.evolve(chosen, conformance=conformance)
    return _OPTIONS[key]
