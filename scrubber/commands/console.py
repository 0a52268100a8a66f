"""Messages, progress bars, colours and exit statuses of commands."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from scrubber.engine.naming import inert, visible
from scrubber.side_files.plain_text import FaultsError
from scrubber.x12.errors import X12Error

if TYPE_CHECKING:
    from scrubber.outputs.layout import Layout
    from scrubber.running.inputs import Input, Inputs
    from scrubber.running.run import Outcome, Progress

T = TypeVar("T")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""No room on the disk, none for this user, or none in a file of this size."""

UNREADABLE = 2
FINDINGS = 1

QUIET_KEY = "scrubber.quiet"
"""The key of `click.Context.meta` for `--quiet`."""

_COLOURS: dict[str, dict[str, Any]] = {
    "reject": {"fg": "red", "bold": True},
    "rejected": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow"},
    "flagged": {"fg": "yellow"},
    "info": {"fg": "cyan"},
    "clean": {"fg": "green"},
    "strong": {"bold": True},
    "dim": {"dim": True},
}


_STANDINGS = {
    "no_claim": "is unused: no claim matches it",
    "unused": "is unused: its claim has no such finding",
    "undated": "has no effect: the file has no date; give --as-of",
    "expired": "has expired: its finding counts",
}
_MOST_STANDINGS = 20


class Refused(click.ClickException):
    """The command cannot run as it was called."""

    exit_code = UNREADABLE

    def format_message(self) -> str:
        """The message on one line, made harmless. The faults of a file have a line each."""
        cause = self.__cause__
        while cause:
            if isinstance(cause, FaultsError) and str(cause) == self.message:
                return inert(self.message)
            cause = cause.__cause__
        return on_one_line(self.message)


class Stopped(Refused):
    """A signal has stopped the command. The exit status is the one of shells: 128 and the number of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__("stopped; files that were not complete are not written")
        vars(self)["exit_code"] = 128 + number


@contextmanager
def refusing(name: str | None = None) -> Iterator[None]:
    """Report an `OSError` or `X12Error` in one line, with file and reason. A closed pipe is no error."""
    try:
        yield
    except BrokenPipeError:  # the reader of our output has closed it; click ends quietly
        raise
    except OSError as error:
        raise Refused(file_and_reason(error, name)) from error
    except X12Error as error:
        raise Refused(f"{name}: {error}") from error
    except Exception as error:
        if _says_all(error):
            raise Refused(str(error)) from error
        raise


def _says_all(error: Exception) -> bool:
    """Whether the message of an error is all that a user needs. The modules of such errors are slow to load."""
    from scrubber.claims.earlier import HistoryError
    from scrubber.outputs.formats import FormatError
    from scrubber.running.failures import WorkerError

    return isinstance(error, (FormatError, HistoryError, WorkerError))


@contextmanager
def ending_the_run(name: str) -> Iterator[None]:
    """Raise `Refused` if a report cannot be written. No other file is read then: the report would not be whole."""
    try:
        yield
    except OSError as error:
        from scrubber.outputs.formats import UnwrittenError  # slow to load

        if isinstance(error, UnwrittenError):
            raise Refused(file_and_reason(error, name)) from error
        raise


def each(
    inputs: Inputs, work: Callable[[Input, Progress], Outcome], *, show_progress: bool = True
) -> list[Outcome | None]:
    """Do the work on each input. Report the errors of each file on standard error."""

    def report(item: Input, outcome: Outcome) -> None:
        report_errors(item.path, (*outcome.scan.errors, *outcome.notices))

    return done_on_each(inputs, work, report, show_progress=show_progress)


def done_on_each(
    inputs: Inputs,
    work: Callable[[Input, Progress], T],
    report: Callable[[Input, T], None] = lambda *_: None,
    *,
    show_progress: bool = True,
) -> list[T | None]:
    """Do the work on each input and report its result. An input that cannot be read gives a message and `None`."""
    outcomes: list[T | None] = [None] * len(inputs.unreadable)
    for complaint in inputs.unreadable:
        complain(complaint)
    for item in inputs.files:
        try:
            with progress_bar(item.path, shown=show_progress) as progress:
                outcome = work(item, progress)
        except BrokenPipeError:  # the reader of our output has closed it; click ends quietly
            raise
        except OSError as error:
            complain(file_and_reason(error, item.path))
            outcomes.append(None)
            continue
        except X12Error as error:
            complain(f"{item.path}: {error}; nothing was written")
            outcomes.append(None)
            continue
        report(item, outcome)
        outcomes.append(outcome)
    if inputs.passed_over:
        names = ", ".join(Path(path).name for path in inputs.passed_over)
        mention(f"skipped, since they do not begin with ISA: {len(inputs.passed_over)} ({names})")
    if inputs.inner:
        names = ", ".join(Path(path).name for path in inputs.inner)
        mention(f"folders in a folder are not searched: {len(inputs.inner)} ({names})")
    if not inputs.files and not inputs.unreadable:
        complain("no 837 files found")
        outcomes.append(None)
    return outcomes


def report_errors(path: str, errors: Iterable[Any]) -> None:
    """Write one line on standard error for a file with errors."""
    found = list(errors)
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        complain(f"{path}: {found[0]}{more}")


def complain(message: str) -> None:
    """Write one line on standard error. Unprintable characters, as in names of files, become `?`."""
    say(f"scrubber: {message}", err=True)


def mention(message: str) -> None:
    """Write one line on standard error that is no error, unless the user asked for quiet."""
    if not quiet():
        complain(message)


def quiet() -> bool:
    """Whether the command was called with `--quiet`."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET_KEY))


def say(message: str, *, err: bool = False) -> None:
    """Print one line. Unprintable characters, as in names of files, become `?`; a build system finds no command."""
    click.echo(on_one_line(message), err=err)


def harmless(text: str) -> str:
    """Text of several lines from outside, made safe to print.

    Colours stay. Other control characters become `?`, and a build system finds no command.
    """
    return inert("\n".join(_COLOUR.sub(lambda found: found[0] if found[1] else "?", line) for line in text.split("\n")))


def file_and_reason(error: OSError, name: str | None = None) -> str:
    """The file and the reason of an error. `name` is the file if the error has none.

    What is written under a name says it itself. So a full disk without one is below temporary files, which have no
    name, or below standard output.
    """
    if error.filename is None and error.errno in _FULL:
        name = f"a temporary file in {tempfile.gettempdir()}"
        if not _cannot_be_full(sys.stdout):
            name = f"standard output or {name}"
    return f"{error.filename or name or 'the scrubber failed'}: {error.strerror}"


def _cannot_be_full(out: TextIO) -> bool:
    """Whether an output is a terminal or a pipe."""
    try:
        return out.isatty() or stat.S_ISFIFO(os.fstat(out.fileno()).st_mode)
    except (OSError, ValueError):  # such as one in memory
        return True


def on_one_line(text: str) -> str:
    """Text from outside on one line, made safe to print."""
    return inert(visible(text))


_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def report_standings(outcomes: Iterable[Outcome]) -> None:
    """Write one line on standard error for each suppression without effect, the first 20, and how many more."""
    from scrubber.engine.suppressions import Standing, Suppression, merge

    standings: dict[Suppression, Standing] = {}
    for outcome in outcomes:
        merge(standings, outcome.summary.standings)
    without_effect = [(entry, standing) for entry, standing in standings.items() if standing in _STANDINGS]
    for entry, standing in without_effect[:_MOST_STANDINGS]:
        mention(f"{entry.file}: entry {entry.number} {_STANDINGS[standing]}")
    if len(without_effect) > _MOST_STANDINGS:
        mention(f"suppressions without effect: and {len(without_effect) - _MOST_STANDINGS:,} more")


def finish(outcomes: Sequence[Outcome | None], fail_on: str, *, wrote: bool = False) -> None:
    """End with the exit status of the outcomes. A claim that a command held counts like a finding."""
    read = [outcome for outcome in outcomes if outcome]
    report_standings(read)
    if len(read) < len(outcomes) or not all(outcome.scan.readable for outcome in read):
        sys.exit(UNREADABLE)
    held = wrote and any(outcome.summary.held for outcome in read)
    if fail_on != "never" and (held or any(outcome.reaches(fail_on) for outcome in read)):  # type: ignore[arg-type]
        sys.exit(FINDINGS)


def layout_for(out: TextIO) -> Layout:
    """The layout for an output: width and colours of the terminal, if it is one."""
    from scrubber.outputs.layout import WIDTH, Layout

    if not out.isatty():
        return Layout()
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        return Layout(min(shutil.get_terminal_size().columns, WIDTH))
    columns = shutil.get_terminal_size().columns
    return Layout(min(columns, WIDTH), coloured)


def coloured(text: str, kind: str) -> str:
    """The text in the colour of its kind, for a terminal."""
    return click.style(text, **_COLOURS.get(kind, {}))


@contextmanager
def progress_bar(path: str, *, shown: bool) -> Iterator[Progress]:
    """A progress bar on standard error, if it is to be shown and standard error is a terminal."""
    from scrubber.running.run import no_progress

    if not shown or quiet() or not sys.stderr.isatty():
        yield no_progress
        return
    bars: list[Any] = []

    def progress(size: int) -> Callable[[int], None]:
        bar = click.progressbar(length=size, label=Path(path).name, file=sys.stderr, update_min_steps=1 << 16)
        bars.append(bar.__enter__())
        return bar.update

    try:
        yield progress
    finally:
        for bar in bars:
            bar.update_min_steps = 0  # before click 8.5 a bar forgets the last steps at its end
            bar.update(0)
            bar.__exit__(None, None, None)
