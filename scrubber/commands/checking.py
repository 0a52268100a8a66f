"""`scrubber check` and `scrubber scrub`: findings alone, or all that is written of a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands import expecting
from scrubber.commands.baselining import baseline_of, conclude
from scrubber.commands.console import Refused, each, finish, layout_for, refusing
from scrubber.commands.options import FAIL_ON, TRACEBACKS, choosing, conformance_switch, engine_of, options_of
from scrubber.outputs.formats import FORMATS

if TYPE_CHECKING:
    from scrubber.running.inputs import Input
    from scrubber.running.run import Outcome, Watch


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to standard output.")
@click.option("--expect", is_flag=True, help="Report only what differs from NAME.expected beside each file NAME.")
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Findings that are known and do not count.",
)
@click.option("--update", is_flag=True, help="Write NAME.expected (--expect) or the --baseline from what is found.")
@click.option("--show-source", is_flag=True, help="Say of each finding on whose authority (text).")
@click.option("--statistics", is_flag=True, help="Count findings by code in place of listing claims (text).")
@conformance_switch
@choosing
@TRACEBACKS
@FAIL_ON
def check(
    paths: tuple[str, ...],
    form: str,
    output: Path | None,
    expect: bool,
    baseline_file: Path | None,
    update: bool,
    show_source: bool,
    statistics: bool,
    fail_on: str,
    **choice: Any,
) -> None:
    """Report findings on 837 files, folders of them, or standard input (-)."""
    from scrubber.outputs import formats
    from scrubber.outputs.layout import Layout
    from scrubber.running import run
    from scrubber.running.inputs import expand

    chosen = options_of(**choice)
    engine = engine_of(chosen)
    inputs = expand(paths)
    for written in (output, baseline_file):
        refuse_overwriting(inputs.files, written)
    if expect and baseline_file:
        raise Refused("--expect and --baseline exclude each other: an expected finding is a known one")
    if update and not (expect or baseline_file):
        raise Refused("--update writes what --expect or --baseline compares with: give one of them")
    if expect:
        judge = expecting.judge_of(engine, chosen)
        expecting.expect(inputs, judge, form, output, update=update)
        return
    conformance = chosen.conformance
    baseline = baseline_of(baseline_file, engine, conformance=conformance, update=update) if baseline_file else None
    if (show_source or statistics) and form != "text":
        raise Refused("--show-source and --statistics belong to --format text")
    layout = Layout() if output else layout_for(sys.stdout)
    options = formats.Options(fail_on, layout, show_source, statistics)
    with refusing(str(output)), formats.opened(form, output, engine, options) as report:
        watched = output is not None or not sys.stdout.isatty()  # else a bar would run through the report

        def work(source: Input, watch: Watch) -> Outcome:
            return run.check(source, engine, [report], watch, conformance=conformance, baseline=baseline)

        outcomes = each(inputs, work, watched=watched)
    if baseline:
        conclude(baseline)
    finish(outcomes, fail_on)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where to write.")
@conformance_switch
@choosing
@TRACEBACKS
@FAIL_ON
def scrub(paths: tuple[str, ...], folder: Path, fail_on: str, **choice: Any) -> None:
    """Write into a folder, of each file: an annotated copy, clean and rejected claims, and reports."""
    from scrubber.outputs.files import new_text_file
    from scrubber.running import manifest, run
    from scrubber.running.inputs import expand

    chosen = options_of(**choice)
    engine = engine_of(chosen)
    inputs = expand(paths)
    _refuse_clashes(inputs.files, folder)
    with refusing(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)

    def work(source: Input, watch: Watch) -> Outcome:
        return run.scrub(source, engine, folder, watch, conformance=chosen.conformance)

    outcomes = each(inputs, work)
    for outcome in filter(None, outcomes):
        counts = outcome.summary.dispositions
        split = [name for name in outcome.outputs if name.endswith((run.CLEAN, run.REJECTED))]
        files = f"; wrote {', '.join(split)}" if split else ""
        click.echo(
            f"{outcome.path}: {outcome.summary.claims} claims, {counts['clean']} clean, "
            f"{counts['flagged']} flagged, {counts['rejected']} rejected{files}"
        )
    with refusing(str(folder)):
        of_run = manifest.of_run(engine, chosen.chosen(), filter(None, outcomes), folder)
        with new_text_file(folder / manifest.NAME) as out:
            out.write(of_run.text())
    finish(outcomes, fail_on)


def refuse_overwriting(sources: Iterable[Input], output: Path | None) -> None:
    """An output must not overwrite an input."""
    if output and output.resolve() in {Path(source.path).resolve() for source in sources}:
        raise Refused(f"{output} is one of the inputs; nothing was written")


def _refuse_clashes(sources: Sequence[Input], folder: Path) -> None:
    """Outputs must neither overwrite each other nor an input."""
    from scrubber.running.run import OUTPUT_SUFFIXES

    named: dict[str, str] = {}
    inputs = {Path(source.path).resolve() for source in sources}
    for source in sources:
        if source.name in named:
            raise Refused(f"{named[source.name]} and {source.path} would write the same files; nothing was written")
        named[source.name] = source.path
        for suffix in OUTPUT_SUFFIXES:
            if (folder / f"{source.name}{suffix}").resolve() in inputs:
                raise Refused(f"{source.name}{suffix} in {folder} is one of the inputs; nothing was written")
