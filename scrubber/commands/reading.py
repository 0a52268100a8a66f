"""`scrubber claims` and `scrubber strip`: the claims of a file, and an annotated file without its notes."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.commands.console import UNREADABLE, refusing, report_errors
from scrubber.commands.keeping import refuse_overwriting
from scrubber.commands.options import CLAIM, INPUT, refuse_unmet

if TYPE_CHECKING:
    from scrubber.running.wanted import Wanted


@click.command(short_help="Remove the scrubber's notes from an annotated file.")
@click.argument("file", type=INPUT)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of standard output."
)
def strip(file: str, output: Path | None) -> None:
    """Remove the scrubber's notes from an annotated file; the result is the original file."""
    from scrubber.outputs import annotated
    from scrubber.outputs.files import named_file
    from scrubber.running.inputs import Input

    refuse_overwriting([file], output)
    to = named_file(output) if output else nullcontext(sys.stdout.buffer)
    with refusing(file), Input(file).open() as stream, to as out:
        scan = annotated.strip(stream, out)
    report_errors(file, scan.errors)
    sys.exit(0 if scan.readable else UNREADABLE)


@click.command()
@click.argument("file", type=INPUT)
@CLAIM
def claims(file: str, wanted: Wanted | None) -> None:
    """Print the claims of a file, one JSON object per line."""
    import json

    from scrubber.claims.reader import read_claims
    from scrubber.outputs.claim_lines import record
    from scrubber.running.inputs import Input

    with refusing(file), Input(file).open() as stream:
        found = read_claims(stream)
        any_claim = False
        for claim in found:
            any_claim = True
            if wanted and not wanted.includes(claim):
                continue
            sys.stdout.write(json.dumps(record(claim)) + "\n")
    report_errors(file, found.errors)
    refuse_unmet(wanted)
    broken = any(error.breaks_envelope for error in found.errors)
    sys.exit(UNREADABLE if broken or (found.errors and not any_claim) else 0)
