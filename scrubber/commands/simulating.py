"""`scrubber simulate`: answers test files as a payer would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import done_on_each, finish, quiet, report_errors, say
from scrubber.commands.keeping import writing_into
from scrubber.commands.options import INPUT, QUIET, TRACEBACKS, engine_of, judging_options, options_of
from scrubber.engine.naming import shown_path

if TYPE_CHECKING:
    from scrubber.running.inputs import Input
    from scrubber.running.run import Progress
    from scrubber.running.simulation import Simulated


@click.command(short_help="Answer test files as a payer would.")
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@click.option(
    "--out", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for the answers."
)
@judging_options
@takes_found_profile
@TRACEBACKS
@QUIET
def simulate(paths: tuple[str, ...], folder: Path, **choice: Any) -> None:
    """Answer test files as a payer would, offline: 999, 277CA and 835, all marked as tests.

    A reject of a guide check rejects the claim in the 277CA. A reject of an edit denies it in the 835. All other claims
    are paid: at their charge, or at Medicare's payment limits if that table is loaded. No money moves.

    Exit status: 0 all files were answered, 2 a file cannot be read.
    """
    from scrubber.outputs.layout import dollars
    from scrubber.running import simulation
    from scrubber.running.inputs import expand
    from scrubber.x12.errors import counted

    chosen = options_of(**choice)
    engine = engine_of(chosen)
    inputs = expand(paths)

    def work(item: Input, progress: Progress) -> Simulated:
        return simulation.simulate(item, engine, folder, progress)

    def report(item: Input, done: Simulated) -> None:
        report_errors(item.path, done.outcome.errors)

    with writing_into(folder, inputs.files, chosen, simulation.ANSWERS):
        simulated = done_on_each(inputs, work, report)
    for done in () if quiet() else filter(None, simulated):
        counts, outcome = done.counts, done.outcome
        refused = outcome.summary.claims - counts.paid - counts.partly - counts.denied - counts.voids
        files = f"; wrote {', '.join(outcome.outputs)}" if outcome.outputs else ""
        say(
            f"{shown_path(outcome.path)}: {counted(outcome.summary.claims, 'claim')}, {counts.paid} paid, "
            f"{counts.partly} paid in part, {counts.denied} denied, {refused} refused, {dollars(counts.amount)}{files}"
        )
    finish([done.outcome if done else None for done in simulated], "never")
