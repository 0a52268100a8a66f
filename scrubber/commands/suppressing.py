"""`scrubber suppress`: accepts a finding of a report, as an entry in a suppressions file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.commands.configuring import takes_found_profile
from scrubber.commands.console import Refused, refusing, say
from scrubber.commands.options import DAY, EDITS, PROFILE, catalogue_of, options_of
from scrubber.engine.naming import shown_path

if TYPE_CHECKING:
    from scrubber.engine.suppressions import Suppression

_DEFAULT = Path("suppressions.toml")


@click.command(short_help="Accept a finding of a report, with reason, author and last day.")
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--claim", required=True, metavar="ID", help="Claim id (CLM01). The entry covers all claims with this id."
)
@click.option("--code", required=True, metavar="CODE", help="Code of the finding, such as JWJZ01.")
@click.option("--line", type=click.IntRange(min=1), metavar="N", help="Accept it on this service line (LX01) only.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the finding is accepted.")
@click.option("--author", required=True, metavar="NAME", help="Who accepts it.")
@click.option(
    "--until",
    required=True,
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Last day on which it is accepted, by the date of the file.",
)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    default=_DEFAULT,
    show_default=True,
    metavar="FILE",
    help="Suppressions file. If it does not exist, it is made.",
)
@PROFILE
@takes_found_profile
@EDITS
def suppress(
    report: Path,
    claim: str,
    code: str,
    line: int | None,
    reason: str,
    author: str,
    until: datetime,
    path: Path,
    **choice: Any,
) -> None:
    """Accept a finding of REPORT: add an entry to a suppressions file.

    REPORT is a JSON or JSON lines report, a manifest, or a folder of `scrub`. A finding that is not in the report is
    refused.

    Exit status: 0 the entry was added, 2 it was refused.
    """
    from scrubber.engine import suppressions
    from scrubber.outputs.files import named_text_file

    catalogue = catalogue_of(options_of(**choice))
    try:
        known = suppressions.load(path, catalogue).entries if path.exists() else ()
        number = len(known) + 1
        accepted = suppressions.Suppression(
            str(path), number, code.upper(), reason, author, until.date(), claim, line=line
        )
        _must_be_reported(report, accepted)
        _must_be_new(known, accepted)
        with refusing(str(path)):
            text = suppressions.with_entry(path, accepted, catalogue)
            with named_text_file(path) as out:
                out.write(text)
    except suppressions.SuppressionError as error:
        raise Refused(str(error)) from error
    say(f"{shown_path(str(path))}: entry {number} added; give the file as --suppressions, or name it in the profile")


def _must_be_reported(report: Path, accepted: Suppression) -> None:
    """Raise `Refused` unless the report has such a finding."""
    from scrubber.comparison.reading import Reported, ReportError, parts

    found: set[tuple[str, int | None]] = set()
    any_claim = False
    try:
        with refusing(str(report)):
            for part in parts(report):
                if isinstance(part, Reported) and part.record["claim_id"] == accepted.claim:
                    any_claim = True
                    found |= {(item["code"], item["service_line"]) for item in part.record["findings"]}
    except ReportError as error:
        raise Refused(str(error)) from error
    except (KeyError, TypeError) as error:
        raise Refused(f"{report}: this is not a report of the scrubber") from error
    if not any_claim:
        raise Refused(f"{report} has no claim with that id; nothing was written")
    if not any(code == accepted.code and accepted.line in (None, line) for code, line in found):
        has = ", ".join(sorted({code for code, _ in found})) or "no findings that count"
        where = "" if accepted.line is None else f" on line {accepted.line}"
        raise Refused(f"the claim has no finding {accepted.code}{where} in {report}; it has {has}; nothing was written")


def _must_be_new(known: tuple[Suppression, ...], accepted: Suppression) -> None:
    """Raise `Refused` if an entry accepts the finding at least as long."""
    for entry in known:
        same = (entry.claim, entry.code) == (accepted.claim, accepted.code) and entry.line in (None, accepted.line)
        if same and entry.expires >= accepted.expires:
            until = entry.expires.isoformat()
            raise Refused(f"entry {entry.number} of {entry.file} accepts it until {until}; nothing was written")
