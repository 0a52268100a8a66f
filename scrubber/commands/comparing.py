"""`scrubber compare`: what changed between two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import FINDINGS, Refused, layout_for, refusing
from scrubber.commands.options import TEXT_OR_JSON

if TYPE_CHECKING:
    from scrubber.comparison.pairing import Pairing


@click.command(short_help="Compare two runs: claims, findings and charges.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@TEXT_OR_JSON
def compare(old: Path, new: Path, form: str) -> None:
    """Compare two runs: the claims that changed disposition, the findings that came and went, and the charges at stake.

    OLD and NEW are JSON reports, JSON lines reports, manifests of `scrubber scrub`, or folders with a manifest.

    Exit status: 0 no difference, 1 a difference, 2 a report cannot be read.
    """
    from scrubber.comparison.pairing import Pairing
    from scrubber.comparison.reading import ReportError

    try:
        with refusing():
            pairing = Pairing(old, new)
    except ReportError as error:
        raise Refused(str(error)) from error
    differs = written(pairing, form)
    pairing.close()
    sys.exit(FINDINGS if differs else 0)


def written(pairing: Pairing, form: str) -> bool:
    """Write a comparison to standard output. Returns whether the runs differ."""
    from scrubber.comparison.changes import RunComparison
    from scrubber.comparison.writing import TextComparison, write_json

    comparison = RunComparison(pairing)
    with refusing():
        if form == "json":
            write_json(comparison, sys.stdout)
        else:
            TextComparison(sys.stdout, layout_for(sys.stdout)).write(comparison)
    return comparison.differs
