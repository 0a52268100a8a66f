"""The report formats by name, built-in or installed by others.

Formats come through the entry point group `scrubber.formats`. The name of an entry is what `--format` takes, and its
value names a `Format`. The built-in formats are registered in the same way. A format is loaded only when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.metadata import EntryPoint, entry_points
from io import TextIOBase
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, cast

import attrs

from scrubber.outputs.batch import Batch
from scrubber.outputs.files import as_text, named_file, named_text_file
from scrubber.outputs.report import Divisible, Format, Options, Report
from scrubber.x12.errors import listed

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.engine.scrubbed import ScrubbedClaim
    from scrubber.outputs.summary import Summary
    from scrubber.x12.errors import LocatedError
    from scrubber.x12.prescan import Prescan

__all__ = ["FORMATS", "GROUP", "FormatError", "Options", "load", "opened"]

GROUP = "scrubber.formats"

_INSTALLED: Sequence[EntryPoint] = tuple(entry_points(group=GROUP))
"""The entries of all installed formats: looking for them takes milliseconds."""

FORMATS: Sequence[str] = tuple(sorted({entry.name for entry in _INSTALLED}))
"""The names of all installed formats, in alphabetical order."""

_PLAIN = Options()


class FormatError(Exception):
    """A format that is unknown, cannot be loaded or fails. The message names it and shows no patient data."""


class UnwrittenError(OSError):
    """A report that cannot be written to its end, such as on a full disk."""


def load(name: str) -> Format:
    """The format of a name. Raises `FormatError`."""
    entries = [entry for entry in _INSTALLED if entry.name == name]
    if not entries:
        raise FormatError(f"unknown format {name!r}; installed are {', '.join(FORMATS)}")
    if len(entries) > 1:
        values = " and ".join(sorted(entry.value for entry in entries))
        raise FormatError(f"format {name} is registered twice: {values}")
    return _loaded(entries[0])


@contextmanager
def opened(name: str, path: Path | None, engine: Engine, options: Options = _PLAIN) -> Iterator[Report]:
    """A report that is written to a file, or to standard output where `path` is `None`.

    It is closed at the end of the block. Raises `OSError` where it cannot be opened. In the block it raises
    `FormatError` where the format fails, and `UnwrittenError` where the report cannot be written.
    """
    form = load(name)
    with _output(path, binary=form.binary) as out:
        with _failing(name):
            report = form.start(out, engine, options)
        guarded = Guarded(name, report, options, binary=form.binary)
        yield guarded
        guarded.close()


@attrs.define
class Guarded:
    """A report whose failures become a `FormatError`.

    It has the name of its format and its options, and says whether it is written as bytes. `files` counts its files.
    """

    name: str
    report: Report
    options: Options
    binary: bool
    files: int = 0

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file."""
        self.files += 1
        with _failing(self.name):
            self.report.begin_file(path, scan)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""
        try:  # as `_failing` does, without its cost for each claim
            self.report.claim(scrubbed)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise _failure(self.name, error) from error

    def take_batch(self, batch: Batch) -> None:
        """Take the next claims."""
        with _failing(self.name):
            batch.give_claims(self.report)

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """End the file."""
        with _failing(self.name):
            self.report.end_file(attrs.evolve(scan, errors=listed(scan.errors)), summary, listed(notices))

    def close(self) -> None:
        """End the report."""
        with _failing(self.name):
            self.report.close()

    @property
    def is_divisible(self) -> bool:
        """Whether the report can be written in parts. The methods below are for those only."""
        return isinstance(self.report, Divisible)

    def begin_part(self, path: str, scan: Prescan, number: int) -> None:
        """Start a part of a file."""
        with _failing(self.name):
            cast("Divisible", self.report).begin_part(path, scan, number)

    def part(self) -> Any:
        """The counts of the claims so far."""
        with _failing(self.name):
            return cast("Divisible", self.report).part()

    def join(self, text: IO[Any], part: Any) -> None:
        """Take the claims of the next part."""
        with _failing(self.name):
            cast("Divisible", self.report).join(text, part)


@contextmanager
def _failing(name: str) -> Iterator[None]:
    """Turns what a format raises into a `FormatError`. A closed pipe is no fault."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _failure(name, error) from error


def _failure(name: str, error: BaseException) -> Exception:
    """What failed, and where. The text of the error is left out: it may hold patient data."""
    if isinstance(error, BrokenPipeError):  # the reader of our output has closed it; click ends quietly
        return error
    if isinstance(error, OSError):
        return UnwrittenError(error.errno, error.strerror or "it cannot be written", error.filename)
    return FormatError(f"format {name} failed with {type(error).__name__}{_where(error.__traceback__)}")


def _where(traceback: TracebackType | None) -> str:
    """The innermost line of code: ` at clinic_formats.py:12`."""
    frames = extract_tb(traceback)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _loaded(entry: EntryPoint) -> Format:
    try:
        form = entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        message = f"format {entry.name} cannot be loaded from {entry.value}: {type(error).__name__}: {error}"
        raise FormatError(message) from error
    if not isinstance(form, Format):
        raise FormatError(f"format {entry.name}: {entry.value} is not a scrubber.outputs.report.Format")
    return form


@contextmanager
def into(name: str, out: Any, engine: Engine, options: Options = _PLAIN) -> Iterator[Report]:
    """A report that is written to an open file, which stays open.

    Raises `ValueError` for an unknown format, `TypeError` for a text file if the format needs a binary one, and
    `FormatError` if the format cannot be used or fails.
    """
    if name not in FORMATS:
        raise ValueError(f"unknown report format {name!r}; the formats are {', '.join(FORMATS)}")
    form = load(name)
    is_text = isinstance(out, TextIOBase)
    if form.binary and is_text:
        raise TypeError(f"the {name} report needs a binary file: io.BytesIO(), or open(path, 'wb')")
    wrapper = None if form.binary or is_text else as_text(out)
    with _failing(name):
        report = form.start(wrapper or out, engine, options)
    guarded = Guarded(name, report, options, binary=form.binary)
    yield guarded
    guarded.close()
    if wrapper:
        wrapper.flush()
        wrapper.detach()  # else it would close the file


def _output(path: Path | None, *, binary: bool) -> Any:
    if path is None:
        return nullcontext(sys.stdout.buffer if binary else sys.stdout)
    return named_file(path) if binary else named_text_file(path)
