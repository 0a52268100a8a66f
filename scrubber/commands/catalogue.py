"""`scrubber explain` and `scrubber edits`: what a code means, and which edits there are and are in force."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.console import Refused, layout_for
from scrubber.commands.options import DAY, EDITS, PROFILE, catalogue_of, engine_of, options_of

if TYPE_CHECKING:
    from datetime import datetime

    from scrubber.x12.guides import ClaimType


@click.command()
@click.argument("code")
@PROFILE
@EDITS
def explain(code: str, **choice: Any) -> None:
    """Say what a code means: what is checked, why it is denied, how to fix it, and on whose authority.

    A rule of a profile needs the profile: --profile.
    """
    from scrubber.engine.catalogue import CatalogueError
    from scrubber.outputs.explanation import explanation

    try:
        click.echo(explanation(code.upper(), catalogue_of(options_of(**choice)), layout_for(sys.stdout)))
    except CatalogueError as error:
        told = str(error)
        end = "" if told.endswith("?") else "."
        raise Refused(told if choice["profile"] else f"{told}{end} Rules of a profile need --profile.") from error


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option(
    "--payer",
    "payers",
    multiple=True,
    metavar="SBR09|ID|NAME",
    help="Show what is in force for a payer: its filing indicator (MB), its id or name (loop 2010BB), or both.",
)
@click.option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help="Show what is in force on a date of service.")
@click.option("--type", "claim_type", type=click.Choice(["837P", "837I"]), help="837P unless told.")
@PROFILE
@EDITS
def edits(
    form: str,
    payers: tuple[str, ...],
    day: datetime | None,
    claim_type: ClaimType | None,
    **choice: Any,
) -> None:
    """List the catalogue; with a payer, date, type or profile what is in force for it, and why."""
    from scrubber.outputs import edit_reference
    from scrubber.outputs.in_force import Case, in_force, payer_of

    chosen = options_of(**choice)
    if form == "markdown":
        click.echo(edit_reference.markdown(catalogue_of(chosen)), nl=False)
        return
    layout = layout_for(sys.stdout)
    if not (payers or day or claim_type or chosen.profile):
        click.echo("\n".join(edit_reference.overview(catalogue_of(chosen), layout)))
        return
    engine = engine_of(chosen)
    try:
        indicator, payer_id = payer_of(payers, engine.profile)
    except ValueError as error:
        raise Refused(str(error)) from error
    case = Case(claim_type or "837P", indicator, payer_id, day.date() if day else date.today())
    click.echo("\n".join(in_force(engine, case, layout)))
