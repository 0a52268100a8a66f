"""What commands tell people: complaints, progress, colours; and how they end."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from scrubber.outputs.formats import FormatError

if TYPE_CHECKING:
    from scrubber.outputs.layout import Layout
    from scrubber.running.inputs import Input, Inputs
    from scrubber.running.run import Outcome, Watch

T = TypeVar("T")

UNREADABLE = 2
FINDINGS = 1

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
    "no_claim": "is unused: no claim here is the one it names",
    "unused": "is unused: its claim has no such finding",
    "undated": "does not hold: the file has no date to judge it by; give --as-of",
    "expired": "has expired: its finding counts",
}


class Refused(click.ClickException):
    """The call was wrong."""

    exit_code = UNREADABLE


@contextmanager
def refusing(name: str | None = None) -> Iterator[None]:
    """What the system refuses is told in one line: of which file, and why. A closed pipe is no error."""
    try:
        yield
    except BrokenPipeError:  # whoever reads our output has seen enough; click ends quietly
        raise
    except OSError as error:
        raise Refused(f"{error.filename or name}: {error.strerror}") from error
    except FormatError as error:
        raise Refused(str(error)) from error


def each(inputs: Inputs, work: Callable[[Input, Watch], Outcome], *, watched: bool = True) -> list[Outcome | None]:
    """Do the work on each input; what is wrong with one is told on standard error."""

    def told(source: Input, outcome: Outcome) -> None:
        tell(source.path, (*outcome.scan.errors, *outcome.notices))

    return done_on_each(inputs, work, told, watched=watched)


def done_on_each(
    inputs: Inputs,
    work: Callable[[Input, Watch], T],
    told: Callable[[Input, T], None] = lambda *_: None,
    *,
    watched: bool = True,
) -> list[T | None]:
    """Do the work on each input and tell of it; what cannot be read is told on standard error and gives `None`."""
    outcomes: list[T | None] = [None] * len(inputs.unreadable)
    for complaint in inputs.unreadable:
        complain(complaint)
    for source in inputs.files:
        try:
            with progress(source.path, watched=watched) as watch:
                outcome = work(source, watch)
        except BrokenPipeError:  # whoever reads our output has seen enough; click ends quietly
            raise
        except OSError as error:
            complain(f"{error.filename or source.path}: {error.strerror}")
            outcomes.append(None)
            continue
        told(source, outcome)
        outcomes.append(outcome)
    if inputs.passed_over:
        names = ", ".join(Path(path).name for path in inputs.passed_over)
        complain(f"passed over, not beginning with ISA: {len(inputs.passed_over)} ({names})")
    if not inputs.files and not inputs.unreadable:
        complain("no 837 files there")
        outcomes.append(None)
    return outcomes


def tell(path: str, errors: Iterable[Any]) -> None:
    """One line on standard error for a file that something is wrong with."""
    told = list(errors)
    if told:
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        complain(f"{path}: {told[0]}{more}")


def complain(message: str) -> None:
    """One line, whatever stands in the name of a file."""
    click.echo("scrubber: " + "".join(c if c.isprintable() else "?" for c in message), err=True)


def tell_standings(outcomes: Iterable[Outcome]) -> None:
    """One line on standard error for each suppression that did not do what it is there for."""
    from scrubber.engine.suppressions import Standing, Suppression, merge

    standings: dict[Suppression, Standing] = {}
    for outcome in outcomes:
        merge(standings, outcome.summary.standings)
    for entry, standing in standings.items():
        if standing in _STANDINGS:
            complain(f"{entry.file}: entry {entry.number} {_STANDINGS[standing]}")


def finish(outcomes: Sequence[Outcome | None], fail_on: str) -> None:
    """End with the exit status that the outcomes call for."""
    read = [outcome for outcome in outcomes if outcome]
    tell_standings(read)
    if len(read) < len(outcomes) or not all(outcome.scan.readable for outcome in read):
        sys.exit(UNREADABLE)
    if fail_on != "never" and any(outcome.reaches(fail_on) for outcome in read):  # type: ignore[arg-type]
        sys.exit(FINDINGS)


def layout_for(out: TextIO) -> Layout:
    """As wide as a terminal, and in colour, where `out` is one."""
    from scrubber.outputs.layout import WIDTH, Layout

    if not out.isatty():
        return Layout()
    columns = shutil.get_terminal_size().columns
    return Layout(min(columns, WIDTH), lambda text, kind: click.style(text, **_COLOURS.get(kind, {})))


@contextmanager
def progress(path: str, *, watched: bool) -> Iterator[Watch]:
    """A progress bar on standard error when that is a terminal and somebody watches it, else nothing."""
    from scrubber.running.run import unwatched

    if not watched or not sys.stderr.isatty():
        yield unwatched
        return
    bars: list[Any] = []

    def watch(size: int) -> Callable[[int], None]:
        bar = click.progressbar(length=size, label=Path(path).name, file=sys.stderr, update_min_steps=1 << 16)
        bars.append(bar.__enter__())
        return bar.update

    try:
        yield watch
    finally:
        for bar in bars:
            bar.update_min_steps = 0  # before click 8.5 a bar forgets the last steps at its end
            bar.update(0)
            bar.__exit__(None, None, None)
