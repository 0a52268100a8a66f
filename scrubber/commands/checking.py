"""`scrubber check` and `scrubber scrub`: the findings of files, or all outputs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands import expecting
from scrubber.commands.baselining import baseline_of, conclude
from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import Refused, each, ending_the_run, finish, layout_for, quiet, refusing, say
from scrubber.commands.keeping import files_of, mention_earlier_run, refuse_overwriting, writing_into
from scrubber.commands.options import (
    CLAIM,
    CONFORMANCE,
    FAIL_ON,
    HISTORY,
    HISTORY_DAYS,
    HOLD,
    INPUT,
    QUIET,
    TRACEBACKS,
    choosing_options,
    dividing,
    dividing_options,
    engine_of,
    options_of,
    refuse_unmet,
    sharing_of,
    sharing_options,
)
from scrubber.engine.naming import shown_path
from scrubber.outputs.formats import FORMATS

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.outputs.formats import Options
    from scrubber.outputs.report import Report
    from scrubber.running.inputs import Input, Inputs
    from scrubber.running.options import RunOptions
    from scrubber.running.run import Outcome, Progress
    from scrubber.running.wanted import Wanted


@click.command(short_help="Report the findings in 837 files and folders.")
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Format of the report.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of standard output."
)
@click.option(
    "--expect", is_flag=True, help="Compare each file NAME with its sidecar NAME.expected; report only differences."
)
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File of known findings; they don't affect the result.",
)
@click.option("--update", is_flag=True, help="Write the sidecars (--expect) or the --baseline file from the findings.")
@click.option("--show-source", is_flag=True, help="Show the source of each finding (text format).")
@click.option("--statistics", is_flag=True, help="Count findings by code instead of listing claims (text format).")
@CLAIM
@HISTORY
@CONFORMANCE
@choosing_options
@takes_found_profile
@TRACEBACKS
@dividing_options
@FAIL_ON
@QUIET
def check(
    paths: tuple[str, ...],
    form: str,
    output: Path | None,
    expect: bool,
    baseline_file: Path | None,
    update: bool,
    show_source: bool,
    statistics: bool,
    wanted: Wanted | None,
    jobs: int | None,
    executor: str,
    address: str | None,
    fail_on: str,
    **choice: Any,
) -> None:
    """Report the findings in 837 files, folders of 837 files, or standard input (-).

    Exit status: 0 no finding at or above --fail-on, 1 such a finding, 2 a file cannot be read.
    """
    from scrubber.outputs import formats
    from scrubber.outputs.layout import Layout
    from scrubber.running import run
    from scrubber.running.inputs import expand

    chosen = options_of(**choice)
    engine = engine_of(chosen)
    inputs = expand(paths)
    refuse_overwriting([*inputs.paths, *files_of(chosen)], output, baseline_file)
    refuse_overwriting([baseline_file] if baseline_file else [], output)
    _refuse_contradictions(baseline_file, expect=expect, update=update, one_claim=wanted is not None)
    if (show_source or statistics) and form != "text":
        raise Refused("--show-source and --statistics need --format text")
    if expect:
        judge = expecting.judge_of(engine, chosen)
        expecting.expect(inputs, judge, form, output, update=update)
        return
    conformance = chosen.conformance
    baseline = baseline_of(baseline_file, engine, conformance=conformance, update=update) if baseline_file else None
    layout = Layout() if output else layout_for(sys.stdout)
    options = formats.Options(fail_on, layout, show_source, statistics)
    with refusing():
        engine = engine.pinned()
    with dividing(chosen, jobs, executor, address) as division:
        judge_one = partial(run.check, conformance=conformance, baseline=baseline, wanted=wanted, division=division)
        outcomes = _reported(inputs, engine, judge_one, form, output, options)
    if baseline:
        conclude(baseline)
    refuse_unmet(wanted)
    finish(outcomes, fail_on)


def _reported(
    inputs: Inputs,
    engine: Engine,
    judge_one: Callable[[Input, Engine, Sequence[Report], Progress], Outcome],
    form: str,
    output: Path | None,
    options: Options,
) -> list[Outcome | None]:
    """Judge each input and write the report. What cannot be read has no outcome."""
    from scrubber.outputs import formats

    named = str(output or "standard output")
    with refusing(named), formats.opened(form, output, engine, options) as report:
        show_progress = output is not None or not sys.stdout.isatty()  # or the bar would be in the report

        def work(item: Input, progress: Progress) -> Outcome:
            with ending_the_run(named):
                return judge_one(item, engine, [report], progress)

        return each(inputs, work, show_progress=show_progress)


@click.command(short_help="Write annotated, clean and rejected files, and the reports.")
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@click.option(
    "--out", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for the outputs."
)
@HOLD
@HISTORY
@HISTORY_DAYS
@sharing_options
@CONFORMANCE
@choosing_options
@takes_found_profile
@TRACEBACKS
@dividing_options
@FAIL_ON
@QUIET
def scrub(
    paths: tuple[str, ...],
    folder: Path,
    jobs: int | None,
    executor: str,
    address: str | None,
    mode: str | None,
    group: str | None,
    fail_on: str,
    **choice: Any,
) -> None:
    """Scrub files into a folder: annotated copy, clean and rejected claims, 999, 277CA, reports, and a manifest.

    Flagged claims go to the clean file, or with --hold warn to NAME.held.837. With --history, the claims of the clean
    file are remembered.

    Exit status: 0 no finding at or above --fail-on, 1 such a finding or a held claim, 2 a file cannot be read.
    """
    from scrubber.running import manifest, run
    from scrubber.running.inputs import expand

    chosen = options_of(**choice)
    engine = engine_of(chosen, entering=True)
    inputs = expand(paths)

    access = sharing_of(chosen.profile, mode, group).usual
    writing = writing_into(folder, inputs.files, chosen, run.OUTPUT_SUFFIXES, access)
    with writing, dividing(chosen, jobs, executor, address, folder) as division:

        def work(item: Input, progress: Progress) -> Outcome:
            return run.scrub(item, engine, folder, progress, conformance=chosen.conformance, division=division)

        mention_earlier_run(folder, inputs.files)
        (folder / manifest.NAME).unlink(missing_ok=True)  # it is that of other files now
        outcomes = each(inputs, work)
        _write_manifest(engine, chosen, outcomes, folder)
    if not quiet():
        _summarize([outcome for outcome in outcomes if outcome], folder)
    finish(outcomes, fail_on, wrote=True)


def _summarize(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Print a line for each file with what became of its claims, and one that names the other outputs."""
    from scrubber.running import manifest, run
    from scrubber.x12.errors import counted

    to_send = (run.CLEAN, run.HELD, run.REJECTED)
    for outcome in outcomes:
        counts = outcome.summary.dispositions
        split = [name for name in outcome.outputs if name.endswith(to_send)]
        files = f"; wrote {', '.join(split)}" if split else ""
        say(
            f"{shown_path(outcome.path)}: {counted(outcome.summary.claims, 'claim')}, {counts['clean']} clean, "
            f"{outcome.summary.flagged}, {counts['rejected']} rejected{files}"
        )
    names = [name for outcome in outcomes for name in outcome.outputs if not name.endswith(to_send)]
    if len(outcomes) > 1:
        names = [f"NAME{ending}" for ending in run.OUTPUT_SUFFIXES if any(name.endswith(ending) for name in names)]
    if outcomes:
        say(f"{shown_path(str(folder))}: also {', '.join([*names, manifest.NAME])}")


def _write_manifest(engine: Engine, chosen: RunOptions, outcomes: Iterable[Outcome | None], folder: Path) -> None:
    from scrubber.outputs.files import new_text_file
    from scrubber.running import manifest

    of_run = manifest.of_run(engine, chosen.chosen(), filter(None, outcomes), folder)
    with new_text_file(folder / manifest.NAME) as out:
        out.write(of_run.text())


def _refuse_contradictions(baseline_file: Path | None, *, expect: bool, update: bool, one_claim: bool) -> None:
    if expect and baseline_file:
        raise Refused("give --expect or --baseline, not both")
    if one_claim and (expect or baseline_file):
        raise Refused("--claim reports one claim; --expect and --baseline compare whole files")
    if update and not (expect or baseline_file):
        raise Refused("--update needs --expect or --baseline")
