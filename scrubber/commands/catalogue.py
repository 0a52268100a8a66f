"""`scrubber explain` and `scrubber edits`: the meaning of a code, and the list of edits."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import Refused, harmless, layout_for
from scrubber.commands.options import DAY, EDITS, PROFILE, catalogue_of, engine_of, options_of, renamed

if TYPE_CHECKING:
    from datetime import datetime

    from scrubber.engine.catalogue import Catalogue
    from scrubber.x12.guides import ClaimType


@click.command(short_help="Explain codes: what they check, and how to fix a claim.")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@PROFILE
@takes_found_profile
@EDITS
def explain(codes: tuple[str, ...], **choice: Any) -> None:
    """Explain codes: what they check, why claims are denied, how to fix them, and the source.

    CODE is a code (JWJZ01), the letters of several (JWJZ), or a denial code: a RARC (N822) or a CARC (CARC 16). For
    a denial code the edits that find its cause are listed. For a rule of a profile, name the profile with --profile.
    """
    catalogue = catalogue_of(options_of(**choice))
    pages = [page for given in _given(codes) for page in _pages(given, catalogue, with_profile=bool(choice["profile"]))]
    click.echo(harmless("\n\n".join(pages)))


def _given(codes: tuple[str, ...]) -> list[str]:
    """The codes in capitals; `CARC 16` is one, in quotes or not."""
    return re.sub(r"\bCARC\s+", "CARC_", " ".join(codes).upper()).split()


def _pages(given: str, catalogue: Catalogue, *, with_profile: bool) -> list[str]:
    """The pages for what a user gives. Raises `Refused`."""
    from scrubber.engine.catalogue import CatalogueError
    from scrubber.outputs.explanation import codes_named_by, edits_for_denial, explanation

    given = given.replace("CARC_", "CARC ")
    if edits := edits_for_denial(given, catalogue):
        return ["\n".join([f"{given} is the likely denial for what these edits find:", *edits])]
    try:
        return [explanation(code, catalogue, layout_for(sys.stdout)) for code in codes_named_by(given, catalogue)]
    except CatalogueError as error:
        message = str(error)
        end = "" if message.endswith("?") else "."
        raise Refused(message if with_profile else f"{message}{end} Rules of a profile need --profile.") from error


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
@takes_found_profile
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
    if not (payers or day or claim_type or _is_given("profile")):
        click.echo(harmless("\n".join(edit_reference.overview(catalogue_of(chosen), layout))))
        return
    engine = engine_of(chosen)
    try:
        indicator, payer_id = payer_of(payers, engine.profile)
    except ValueError as error:
        raise Refused(str(error)) from error
    case = Case(claim_type or "837P", indicator, payer_id, day.date() if day else date.today())
    click.echo(harmless("\n".join(in_force(engine, case, layout))))


def _is_given(name: str) -> bool:
    """Whether an option stands on the command line: a profile may also have been found."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
