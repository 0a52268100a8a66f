"""The command line. Exit status: 0 nothing at or above --fail-on, 1 findings there, 2 a file could not be read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from datetime import datetime

    from scrubber.catalogue import Catalogue
    from scrubber.engine import Engine
    from scrubber.inputs import Input, Inputs
    from scrubber.run import Outcome, Watch
    from scrubber.x12.envelope import ClaimType

UNREADABLE = 2
FINDINGS = 1

_COLOURS: dict[str, dict[str, Any]] = {
    "reject": {"fg": "red", "bold": True},
    "rejected": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow"},
    "flagged": {"fg": "yellow"},
    "info": {"fg": "cyan"},
    "clean": {"fg": "green"},
    "dim": {"dim": True},
}


class Refused(click.ClickException):
    """The call was wrong."""

    exit_code = UNREADABLE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="claim-scrubber", prog_name="scrubber")
def main() -> None:
    """Find what gets 837P and 837I claims denied, before the payer does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever the terminal cannot show is escaped, and stops nothing
            stream.reconfigure(errors="backslashreplace")


def _codes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


_EDITS = click.option(
    "--edits",
    "edit_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Edits of your own, beside the installed ones.",
)
_PROFILE = click.option(
    "--profile",
    "profile_name",
    metavar="NAME|FILE",
    help="Payers and severities to judge by: medicare-ffs, commercial, medicaid, or a file (scrubber.toml).",
)
_DAY = click.DateTime(["%Y-%m-%d"])


def _choosing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which edits run, and how."""
    for option in (
        _EDITS,
        _PROFILE,
        click.option(
            "--ignore",
            multiple=True,
            callback=_codes,
            metavar="CODES",
            help="Edits not to run: codes, or their letters alone, separated by commas.",
        ),
        click.option(
            "--as-of",
            type=_DAY,
            metavar="YYYY-MM-DD",
            help="Take this for today, not the date of each file.",
        ),
        click.option("--select", multiple=True, callback=_codes, metavar="CODES", help="Run these edits only."),
    ):
        command = option(command)
    return command


_FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["reject", "warn", "info", "never"]),
    default="reject",
    show_default=True,
    help="Exit with 1 for findings of this severity or a graver one.",
)


@main.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output.")
@_choosing
@_FAIL_ON
def check(paths: tuple[str, ...], form: str, output: Path | None, fail_on: str, **choice: Any) -> None:
    """Report findings on 837 files, folders of them, or standard input (-)."""
    from scrubber import run
    from scrubber.inputs import expand
    from scrubber.outputs.json_report import JsonReport
    from scrubber.outputs.text_report import TextReport

    engine = _engine(**choice)
    inputs = expand(paths)
    _refuse_overwriting(inputs.files, output)
    try:
        with _text_output(output) as out:
            report = JsonReport(out, engine) if form == "json" else TextReport(out, engine, _style(out))
            watched = output is not None or not sys.stdout.isatty()  # else a bar would run through the report
            outcomes = _each(inputs, lambda source, watch: run.check(source, engine, [report], watch), watched=watched)
            report.close()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused(f"{output}: {error.strerror}") from error
    _exit(outcomes, fail_on)


@main.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where to write.")
@_choosing
@_FAIL_ON
def scrub(paths: tuple[str, ...], folder: Path, fail_on: str, **choice: Any) -> None:
    """Write an annotated copy, a JSON and a text report of each file into a folder."""
    from scrubber import run
    from scrubber.inputs import expand

    engine = _engine(**choice)
    inputs = expand(paths)
    _refuse_clashes(inputs.files, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}") from error
    outcomes = _each(inputs, lambda source, watch: run.scrub(source, engine, folder, watch))
    for outcome in outcomes:
        if outcome:
            counts = outcome.summary.dispositions
            click.echo(
                f"{outcome.path}: {outcome.summary.claims} claims, {counts['clean']} clean, "
                f"{counts['flagged']} flagged, {counts['rejected']} rejected"
            )
    _exit(outcomes, fail_on)


@main.command()
@click.argument("file")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output.")
def strip(file: str, output: Path | None) -> None:
    """Take the scrubber's notes out of an annotated file, giving back the original."""
    from scrubber.inputs import Input
    from scrubber.outputs import annotated
    from scrubber.outputs.files import new_file

    _refuse_overwriting([Input(file)], output)
    try:
        to = new_file(output) if output else nullcontext(sys.stdout.buffer)
        with Input(file).open() as source, to as out:
            scan = annotated.strip(source, out)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused(f"{error.filename or file}: {error.strerror}") from error
    _tell(file, scan.errors)
    sys.exit(0 if scan.readable else UNREADABLE)


@main.command()
@click.argument("file")
def claims(file: str) -> None:
    """Print the claims of a file as JSON lines."""
    import json

    from scrubber.claims.reader import read_claims
    from scrubber.inputs import Input
    from scrubber.outputs.claim_lines import record

    try:
        with Input(file).open() as stream:
            found = read_claims(stream)
            any_claim = False
            for claim in found:
                any_claim = True
                sys.stdout.write(json.dumps(record(claim)) + "\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    _tell(file, found.errors)
    broken = any(error.breaks_envelope for error in found.errors)
    sys.exit(UNREADABLE if broken or (found.errors and not any_claim) else 0)


@main.command()
@click.argument("code")
@_EDITS
def explain(code: str, edit_files: tuple[Path, ...]) -> None:
    """Say what a code means: what is checked, why it is denied, how to fix it, and on whose authority."""
    from scrubber.catalogue import nearest
    from scrubber.codes import TOOL_CODES
    from scrubber.outputs import edit_reference
    from scrubber.x12.errors import FILE_ERRORS

    catalogue = _catalogue(edit_files)
    other = {**FILE_ERRORS, **TOOL_CODES}
    code = code.upper()
    if code in other:
        title, meaning = other[code]
        click.echo(f"{code}  {title}\n\n{meaning}")
        return
    if code not in catalogue.edits:
        raise Refused(f"unknown code {code}{nearest(code, [*catalogue.edits, *other])}")
    click.echo(edit_reference.explanation(catalogue.edits[code]))


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--filing-indicator", metavar="SBR09", help="Show what is in force for a payer: by filing indicator.")
@click.option("--payer-id", metavar="ID", help="Show what is in force for a payer: by its id (loop 2010BB).")
@click.option("--on", "day", type=_DAY, metavar="YYYY-MM-DD", help="Show what is in force on a date of service.")
@click.option("--type", "claim_type", type=click.Choice(["837P", "837I"]), default="837P", show_default=True)
@_PROFILE
@_EDITS
def edits(
    form: str,
    filing_indicator: str | None,
    payer_id: str | None,
    day: datetime | None,
    claim_type: ClaimType,
    profile_name: str | None,
    edit_files: tuple[Path, ...],
) -> None:
    """List the catalogue; with a payer, date or profile what is in force for it, and why."""
    from scrubber.outputs import edit_reference

    if form == "markdown":
        click.echo(edit_reference.markdown(_catalogue(edit_files)), nl=False)
        return
    if not (filing_indicator or payer_id or day or profile_name):
        click.echo("\n".join(edit_reference.overview(_catalogue(edit_files))))
        return
    engine = _engine((), (), profile_name, edit_files, None)
    rules = engine.profile.rules(filing_indicator or "", payer_id or "")
    on = day.date() if day else date.today()
    click.echo("\n".join(edit_reference.in_force(engine, rules, claim_type, on)))


def _catalogue(edit_files: Iterable[Path]) -> Catalogue:
    from scrubber import catalogue

    try:
        return catalogue.load(edit_files)
    except catalogue.CatalogueError as error:
        raise Refused(str(error)) from error


def _engine(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile_name: str | None,
    edit_files: tuple[Path, ...],
    as_of: datetime | None,
) -> Engine:
    import attrs

    from scrubber import profile
    from scrubber.catalogue import CatalogueError
    from scrubber.engine import Engine
    from scrubber.reference import shipped

    catalogue = _catalogue(edit_files)
    try:
        base = profile.load(profile_name, catalogue) if profile_name else profile.Profile()
        facts = attrs.evolve(shipped(), as_of=as_of.date() if as_of else None)
        return Engine(catalogue, base.narrowed(select, ignore, catalogue), facts)
    except (profile.ProfileError, CatalogueError) as error:
        raise Refused(str(error)) from error


def _each(inputs: Inputs, work: Callable[[Input, Watch], Outcome], *, watched: bool = True) -> list[Outcome | None]:
    """Do the work on each input; what cannot be read is told on standard error and gives `None`."""
    outcomes: list[Outcome | None] = [None] * len(inputs.unreadable)
    for complaint in inputs.unreadable:
        _complain(complaint)
    for source in inputs.files:
        try:
            with _progress(source.path, watched=watched) as watch:
                outcome = work(source, watch)
        except BrokenPipeError:  # whoever reads our output has seen enough; click ends quietly
            raise
        except OSError as error:
            _complain(f"{error.filename or source.path}: {error.strerror}")
            outcomes.append(None)
            continue
        _tell(source.path, outcome.scan.errors)
        outcomes.append(outcome)
    if inputs.passed_over:
        names = ", ".join(Path(path).name for path in inputs.passed_over)
        _complain(f"passed over, not beginning with ISA: {len(inputs.passed_over)} ({names})")
    if not inputs.files and not inputs.unreadable:
        _complain("no 837 files there")
        outcomes.append(None)
    return outcomes


def _tell(path: str, errors: Iterable[Any]) -> None:
    """One line on standard error for a file that something is wrong with."""
    told = list(errors)
    if told:
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        _complain(f"{path}: {told[0]}{more}")


def _complain(message: str) -> None:
    """One line, whatever stands in the name of a file."""
    click.echo("scrubber: " + "".join(c if c.isprintable() else "?" for c in message), err=True)


def _exit(outcomes: Sequence[Outcome | None], fail_on: str) -> None:
    read = [outcome for outcome in outcomes if outcome]
    if len(read) < len(outcomes) or not all(outcome.scan.readable for outcome in read):
        sys.exit(UNREADABLE)
    if fail_on != "never" and any(outcome.reaches(fail_on) for outcome in read):  # type: ignore[arg-type]
        sys.exit(FINDINGS)


def _refuse_overwriting(sources: Iterable[Input], output: Path | None) -> None:
    if output and output.resolve() in {Path(source.path).resolve() for source in sources}:
        raise Refused(f"{output} is one of the inputs; nothing was written")


def _refuse_clashes(sources: Sequence[Input], folder: Path) -> None:
    """Outputs must neither overwrite each other nor an input."""
    from scrubber.run import OUTPUT_SUFFIXES

    named: dict[str, str] = {}
    inputs = {Path(source.path).resolve() for source in sources}
    for source in sources:
        if source.name in named:
            raise Refused(f"{named[source.name]} and {source.path} would write the same files; nothing was written")
        named[source.name] = source.path
        for suffix in OUTPUT_SUFFIXES:
            if (folder / f"{source.name}{suffix}").resolve() in inputs:
                raise Refused(f"{source.name}{suffix} in {folder} is one of the inputs; nothing was written")


@contextmanager
def _text_output(path: Path | None) -> Iterator[TextIO]:
    from scrubber.outputs.files import new_text_file

    if path is None:
        yield sys.stdout
        return
    with new_text_file(path) as out:
        yield out


def _style(out: TextIO) -> Callable[[str, str], str]:
    from scrubber.outputs.text_report import plain

    if not out.isatty():
        return plain
    return lambda text, kind: click.style(text, **_COLOURS.get(kind, {}))


@contextmanager
def _progress(path: str, *, watched: bool) -> Iterator[Watch]:
    """A progress bar on standard error when that is a terminal and somebody watches it, else nothing."""
    from scrubber.run import unwatched

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
            bar.__exit__(None, None, None)
