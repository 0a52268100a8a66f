"""`scrubber check --expect`: compares claim files with their sidecars, or writes the sidecars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import click

from scrubber.commands import options
from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import FINDINGS, UNREADABLE, Refused, complain, done_on_each, refusing, say
from scrubber.engine.naming import shown_path

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.expectations.comparison import Judge, SidecarComparison
    from scrubber.expectations.reports import DifferenceReport
    from scrubber.running.inputs import Input, Inputs
    from scrubber.running.options import RunOptions
    from scrubber.running.run import Progress

    Work: TypeAlias = Callable[[Input, Progress], SidecarComparison]


def expect(inputs: Inputs, judge: Judge, form: str, output: Path | None, *, update: bool) -> None:
    """Report the differences between files and sidecars, or with `update` write the sidecars. Ends the program."""
    from scrubber.expectations.comparison import compared
    from scrubber.expectations.reports import DIFFERENCE_FORMATS
    from scrubber.expectations.sidecar import SUFFIX

    if form not in DIFFERENCE_FORMATS:
        raise Refused(f"--expect has the formats {', '.join(DIFFERENCE_FORMATS)}, not {form}")
    if update and (output or form != "text"):
        raise Refused("--update writes sidecars and no report: leave out --output and --format")
    if output and output.name.endswith(SUFFIX):
        raise Refused(f"{output} is the name of a sidecar; nothing was written")
    inputs = _with_sidecars(inputs)

    def work(item: Input, progress: Progress) -> SidecarComparison:
        return compared(item, judge, progress, updating=update)

    if update:
        _update(inputs, work)
    else:
        _report(inputs, work, DIFFERENCE_FORMATS[form], output)


def _report(inputs: Inputs, work: Work, writer: Callable[[TextIO], DifferenceReport], output: Path | None) -> None:
    from scrubber.outputs.files import named_text_file

    named = str(output or "standard output")
    with refusing(named), named_text_file(output) if output else nullcontext(sys.stdout) as out:
        report = writer(out)

        def reported(item: Input, progress: Progress) -> SidecarComparison:
            comparison = work(item, progress)
            with refusing(named):  # ends the run: the report is not whole
                report.file(comparison)
            return comparison

        comparisons = _on_each(inputs, reported, show_progress=output is not None or not sys.stdout.isatty())
        report.close()
    if any(comparison is None or comparison.unread for comparison in comparisons):
        sys.exit(UNREADABLE)
    if any(comparison and comparison.differing for comparison in comparisons):
        sys.exit(FINDINGS)


def _update(inputs: Inputs, work: Work) -> None:
    from scrubber.expectations.sidecar import sidecar_of, write

    def updated(item: Input, progress: Progress) -> SidecarComparison:
        comparison = work(item, progress)
        if comparison.differing:
            write(sidecar_of(item.path), comparison.actual)
        return comparison

    comparisons = _on_each(inputs, updated, show_progress=True)
    read = [comparison for comparison in comparisons if comparison]
    changed = [comparison for comparison in read if comparison.differing]
    for comparison in changed:
        say(f"{shown_path(str(sidecar_of(comparison.path)))}: written")
    say(f"{len(changed)} written, {len(read) - len(changed)} unchanged")
    if len(read) < len(comparisons):
        sys.exit(UNREADABLE)


def judge_of(engine: Engine, chosen: RunOptions) -> Judge:
    """What claim files are judged by, with the engine of the options.

    Codes that they leave out are ignored in sidecars too. Codes that are not those of edits are always compared.
    """
    from scrubber.engine.profile import Profile
    from scrubber.expectations.comparison import Judge

    catalogue = engine.catalogue
    narrowed = Profile().narrowed(chosen.select, chosen.ignore, catalogue)
    return Judge(engine, chosen.conformance, lambda code: code not in catalogue.codes or narrowed.runs(code))


def chosen_by(arguments: Sequence[str]) -> RunOptions:
    """The options of a run by options of `check`, with the scrubber.toml that is found.

    Raises `click.ClickException`.
    """

    @click.command(add_help_option=False)
    @options.CONFORMANCE
    @options.choosing_options
    @takes_found_profile
    @options.TRACEBACKS
    def command(**_: Any) -> None: ...

    return options.options_of(**command.make_context("scrubber", list(arguments)).params)


def judge_by(arguments: Sequence[str]) -> Judge:
    """The judge of claim files by options of `check`. Raises `click.ClickException`."""
    chosen = chosen_by(arguments)
    return judge_of(options.engine_of(chosen), chosen)


def _with_sidecars(inputs: Inputs) -> Inputs:
    """The claim files of the inputs. The path of a sidecar means its claim file. Raises `Refused`."""
    import attrs

    from scrubber.expectations.sidecar import SUFFIX, claim_file_of
    from scrubber.outputs.lines import STANDARD_INPUT
    from scrubber.running.inputs import Input

    paths = [item.path for item in inputs.files]
    if STANDARD_INPUT in paths:
        raise Refused("standard input has no sidecar: --expect needs files")
    paths += [path for path in inputs.passed_over if path.endswith(SUFFIX)]
    files = dict.fromkeys(claim_file_of(path) for path in paths)
    others = tuple(path for path in inputs.passed_over if path not in files and not path.endswith(SUFFIX))
    return attrs.evolve(inputs, files=tuple(map(Input, files)), passed_over=others)


def _on_each(inputs: Inputs, work: Work, *, show_progress: bool) -> list[SidecarComparison | None]:
    """Do the work on each input. A wrong sidecar gives a message and `None`."""
    from scrubber.expectations.sidecar import ExpectationError

    def tried(item: Input, progress: Progress) -> SidecarComparison | None:
        try:
            return work(item, progress)
        except ExpectationError as error:
            complain(str(error))
            return None

    return done_on_each(inputs, tried, show_progress=show_progress)
