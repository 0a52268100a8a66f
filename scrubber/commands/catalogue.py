"""`scrubber explain` and `scrubber edits`: the meaning of a code, and the list of edits."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.console import Refused, harmless, layout_for
from scrubber.commands.options import DAY, EDITS, PROFILE, catalogue_of, engine_of, options_of, renamed

if TYPE_CHECKING:
    from datetime import datetime

    from scrubber.x12.guides import ClaimType


@click.command(short_help="Explain a code: what it checks, and how to fix a claim.")
@click.argument("code")
@PROFILE
@EDITS
def explain(code: str, **choice: Any) -> None:
    """Explain a code: what it checks, why claims are denied, how to fix them, and its source.

    For a rule of a profile, name the profile with --profile.
    """
    from scrubber.engine.catalogue import CatalogueError
    from scrubber.outputs.explanation import explanation

    try:
        click.echo(harmless(explanation(code.upper(), catalogue_of(options_of(**choice)), layout_for(sys.stdout))))
    except CatalogueError as error:
        message = str(error)
        end = "" if message.endswith("?") else "."
        raise Refused(message if choice["profile"] else f"{message}{end} Rules of a profile need --profile.") from error


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Format of the list.",
)
@click.option(
    "--payer",
    "payers",
    multiple=True,
    metavar="SBR09|ID|NAME",
    help="Show the edits in force for a payer: filing indicator (MB), id or name (loop 2010BB); may be repeated.",
)
@click.option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help="Show the edits in force on a date of service.")
@click.option(
    "--type",
    "claim_type",
    type=click.Choice(["837P", "837I"]),
    help="Show the edits in force for a claim type.  [default: 837P]",
)
@renamed("--filing-indicator", "--payer")
@renamed("--payer-id", "--payer")
@renamed("--on", "--date")
@PROFILE
@EDITS
def edits(
    form: str,
    payers: tuple[str, ...],
    day: datetime | None,
    claim_type: ClaimType | None,
    **choice: Any,
) -> None:
    """List all edits. With --payer, --date, --type or --profile: the edits in force there, and why."""
    from scrubber.outputs import edit_reference
    from scrubber.outputs.in_force import Case, in_force, payer_of

    chosen = options_of(**choice)
    if form == "markdown":
        click.echo(harmless(edit_reference.markdown(catalogue_of(chosen))), nl=False)
        return
    layout = layout_for(sys.stdout)
    if not (payers or day or claim_type or chosen.profile):
        click.echo(harmless("\n".join(edit_reference.overview(catalogue_of(chosen), layout))))
        return
    engine = engine_of(chosen)
    try:
        indicator, payer_id = payer_of(payers, engine.profile)
    except ValueError as error:
        raise Refused(str(error)) from error
    case = Case(claim_type or "837P", indicator, payer_id, day.date() if day else date.today())
    click.echo(harmless("\n".join(in_force(engine, case, layout))))
