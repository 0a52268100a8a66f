"""The functions for Python programs: scrub claims one by one, or write all outputs of a file in one pass."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs import formats
from scrubber.outputs.acknowledgements import answer_sink
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.lines import STANDARD_INPUT
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running.entering import ENTER, LEAVE_OUT, history_sink
from scrubber.running.flow import Sink
from scrubber.running.inputs import copy_pipe
from scrubber.running.options import RunOptions
from scrubber.running.run import Outcome, end, feed
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan, prescan
from scrubber.x12.streams import Readable, must_be_binary


def scrub(
    stream: Readable,
    profile: str | Path | Profile | None = None,
    *,
    options: RunOptions | None = None,
    conformance: bool | None = None,
) -> ScrubbedClaims:
    """Scrub the claims of an 837, one by one on demand.

    `stream` is a binary file. A seekable file is read twice from its start. The first pass finds the errors of its
    envelope, so that claims in a transaction that cannot be trusted are rejected (`READ03`). For any other stream the
    caller has to check the errors. Give either a `profile` or `options`. `conformance` overrides the options. The
    engine of an options object is made at its first use and kept: use the same object for many small files.

    The result is an iterator of `ScrubbedClaim`. Its `errors` are the located errors of the file, complete once it is
    exhausted. It raises `X12Error` where the file changes meanwhile; do not use its claims then. Raises `OptionsError`,
    and `TypeError` for a text file or a profile of another type.
    """
    must_be_binary(stream)
    return ScrubbedClaims(stream, _chosen(profile, options), conformance)


class ScrubbedClaims:
    """The scrubbed claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable, options: RunOptions, conformance: bool | None = None) -> None:
        checked = options.conformance if conformance is None else conformance
        self._scrubbing = Scrubbing(stream, kept_engine(options), _scanned(stream), conformance=checked)
        self._claims = (event for event in self._scrubbing if isinstance(event, ScrubbedClaim))

    @property
    def errors(self) -> list[LocatedError]:
        """The errors of the file, as far as it has been read."""
        return self._scrubbing.errors

    def __iter__(self) -> Iterator[ScrubbedClaim]:
        return self

    def __next__(self) -> ScrubbedClaim:
        return next(self._claims)


def scrub_to(
    stream: Readable,
    profile: str | Path | Profile | None = None,
    *,
    options: RunOptions | None = None,
    clean: BinaryIO | None = None,
    rejected: BinaryIO | None = None,
    held: BinaryIO | None = None,
    annotated: BinaryIO | None = None,
    ack_999: BinaryIO | None = None,
    ack_277ca: BinaryIO | None = None,
    reports: Mapping[str, BinaryIO | TextIO] | None = None,
    name: str = STANDARD_INPUT,
) -> Outcome:
    """Scrub an 837 into open files in one pass: clean, held and rejected claims, an annotated copy, answers, reports.

    Only the given files are written. `clean`, `held` (see `RunOptions.hold`), `rejected` and `annotated` are binary
    files. A file that would hold no claim stays empty. `ack_999` and `ack_277ca` are binary files for the answers to
    the sender. `reports` has a file by format: text, json, jsonl, xml, html, csv, sarif, junit, github; that of xml and
    html is binary. `name` names the input in reports. The files stay open.

    A stream that is not seekable is copied to a temporary file first. Send the clean file only if the outcome is
    `readable`. The claims in `clean` are entered into `RunOptions.history`. Raises `OptionsError`, `HistoryError`,
    `OSError`, `ValueError` for an unknown format or a file that is not empty or not seekable, `TypeError` for a text
    file where a binary one is needed, and `X12Error` where `stream` changes meanwhile. After an error the 837 outputs
    and acknowledgements are empty again.
    """
    must_be_binary(stream)
    outputs = (clean, rejected, held, annotated, ack_999, ack_277ca)
    _must_be_empty(*outputs)
    chosen = _chosen(profile, options)
    engine = kept_engine(chosen, entering=True).pinned()
    with _emptied_on_failure(*outputs), _seekable(stream) as file, ExitStack() as stack:
        history = stack.enter_context(history_sink(engine, ENTER if clean else LEAVE_OUT))
        scan = prescan(file)
        writers = [stack.enter_context(formats.into(form, out, engine)) for form, out in (reports or {}).items()]
        splitter = _splitter(stack, clean, rejected, *((held,) if engine.profile.hold else ()))
        annotator = Annotator(annotated, scan) if annotated and scan.claims else None
        file.seek(0)
        scrubbing = Scrubbing(file, engine, scan, conformance=chosen.conformance)
        answers = answer_sink(engine, scrubbing, scan, ack_999, ack_277ca)
        sinks: list[Sink] = [splitter, *([annotator] if annotator else ()), answers, *history.sinks]
        feed(name, scrubbing, scan, writers, sinks, summary := Summary())
        splitter.close()
        answers.close()
        notices = tuple(scrubbing.notices)
        end(writers, scan, summary, (*notices, *(annotator.notices if annotator else ())))
        history.close(scan)
    history.confirm(scan)
    return Outcome(name, scan, summary, notices, history=engine.history_state)


def _splitter(stack: ExitStack, *outputs: BinaryIO | None) -> Splitter:
    """A splitter into these files. What was not asked for goes to a temporary file."""
    return Splitter(*(out or stack.enter_context(tempfile.TemporaryFile()) for out in outputs))


@contextmanager
def _emptied_on_failure(*files: BinaryIO | None) -> Iterator[None]:
    """Leaves nothing in files that are not complete, so that nobody sends them."""
    try:
        yield
    except BaseException:
        for out in filter(None, files):
            out.seek(0)
            out.truncate()
        raise


def _must_be_empty(*files: BinaryIO | None) -> None:
    """Raises `ValueError` for a file that cannot take an 837 or an answer, and `TypeError` for a text file."""
    for out in filter(None, files):
        must_be_binary(out)
        if not out.seekable() or out.seek(0, SEEK_END):
            raise ValueError("837 outputs and acknowledgements must be empty files that are seekable")


_KEPT: dict[int, Engine] = {}
"""The engines of options that are in use, by the identity of the options."""


def kept_engine(options: RunOptions, *, entering: bool = False) -> Engine:
    """The engine of some options. It is made at the first call with them and kept as long as they are.

    To make it takes more time than a claim. With `entering` a history that is not there is made. Raises `OptionsError`.
    """
    key = id(options)
    if key not in _KEPT:
        _KEPT[key] = options.engine(entering=entering)
        weakref.finalize(options, _KEPT.pop, key, None)
    return _KEPT[key]


def _chosen(profile: str | Path | Profile | None, options: RunOptions | None) -> RunOptions:
    if isinstance(profile, RunOptions):
        raise TypeError("give options by name: options=RunOptions(...)")
    if options is not None and not isinstance(options, RunOptions):
        raise TypeError(f"options must be a scrubber.RunOptions, not {type(options).__name__}")
    if options is None:
        options = RunOptions(profile=profile)
    elif profile is not None:
        raise TypeError("give either a profile or options; options hold a profile, too")
    return options


def _scanned(stream: Readable) -> Prescan | None:
    """The result of a first pass over a stream, which is then back at its start. `None` if it cannot be read twice."""
    if not _is_seekable(stream):
        return None
    file = cast("BinaryIO", stream)
    scan = prescan(file)
    file.seek(0)
    return scan


def _is_seekable(stream: Readable) -> bool:
    seekable = getattr(stream, "seekable", None)
    return seekable is not None and bool(seekable())


@contextmanager
def _seekable(stream: Readable) -> Iterator[BinaryIO]:
    """The stream itself, or a copy in a temporary file without a name if it cannot be read twice."""
    if _is_seekable(stream):
        yield cast("BinaryIO", stream)
        return
    with tempfile.TemporaryFile() as spool:
        copy_pipe(stream, cast("BinaryIO", spool))
        spool.seek(0)
        yield spool
