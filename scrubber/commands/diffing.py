"""`scrubber reference diff`: what two states of the public tables change on claims."""

from __future__ import annotations

import sys
from typing import Any

import click

from scrubber.commands.comparing import written
from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import FINDINGS, UNREADABLE, Refused, complain, refusing, report_errors
from scrubber.commands.options import CONFORMANCE, INPUT, TEXT_OR_JSON, choosing_options, options_of


@click.command(short_help="Judge files by two states of the tables, and compare.")
@click.argument("old", type=INPUT)
@click.argument("new", type=INPUT)
@click.option(
    "--on",
    "paths",
    multiple=True,
    required=True,
    type=INPUT,
    metavar="FILE",
    help="837 file, or folder of 837 files, to judge by both; may be repeated.",
)
@TEXT_OR_JSON
@CONFORMANCE
@choosing_options
@takes_found_profile
def diff(old: str, new: str, paths: tuple[str, ...], form: str, **choice: Any) -> None:
    """Judge files by two states of the public tables, and show which claims change disposition, and why.

    OLD and NEW are stores, days (2026-10-01) or releases ("2026 Q4"). With a store, claims are judged by their dates of
    service, as always. With a day, the tables of that day judge all claims, whatever their dates of service are. With a
    release, the tables of its first day do. So the claims of last month show what the next quarter changes.

    Exit status: 0 no difference, 1 a difference, 2 a file cannot be read, or OLD or NEW does not exist.
    """
    from scrubber.comparison.editions import EditionError, engine_for, judged_twice
    from scrubber.outputs.lines import STANDARD_INPUT
    from scrubber.running.inputs import expand
    from scrubber.running.options import OptionsError

    options = options_of(**choice)
    try:
        engines = engine_for(old, options), engine_for(new, options)
    except (EditionError, OptionsError) as error:
        raise Refused(str(error)) from error
    if STANDARD_INPUT in paths:
        raise Refused("standard input cannot be read twice: give a file")
    inputs = expand(paths)
    for complaint in inputs.unreadable:
        complain(complaint)
    if not inputs.files:
        raise Refused("no 837 files found")
    with refusing(), judged_twice(inputs.files, engines, (old, new), conformance=options.conformance) as judged:
        pairing, outcomes = judged
        differs = written(pairing, form)
    for outcome in outcomes:
        report_errors(outcome.path, outcome.errors)
    if inputs.unreadable or not all(outcome.readable for outcome in outcomes):
        sys.exit(UNREADABLE)
    sys.exit(FINDINGS if differs else 0)
