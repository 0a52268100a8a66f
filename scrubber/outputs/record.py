"""What several reports write about a run, a claim and an error: made once, as values that JSON can hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import attrs

from scrubber.claims.once import once_per_claim
from scrubber.engine.engine import Engine
from scrubber.engine.judged import Unchecked
from scrubber.engine.parties import npi_shown, payer_shown
from scrubber.engine.record import charge_shown, clearinghouse_id, record
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import FAILED, SuppressionFile
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import new_tuple
from scrubber.x12.prescan import Prescan
from scrubber.x12.remembering import remembered

SCHEMA_VERSION = "1"
"""The version of the JSON, JSON lines and XML reports."""


json_text = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
"""A record as JSON in ASCII on one line, without blanks between its parts: a report has a million of them."""


claim_record = once_per_claim(record)
"""The record of a scrubbed claim. Several reports need it, so it is kept with the claim."""


@attrs.frozen(eq=False)
class Shared:
    """The values that many quiet claims of a file share, so that a report can keep the texts that it makes of them.

    The control numbers are those of the file. Payer and provider are `None` where a report shows none. Claims with the
    same values have the same object, so it is looked up by identity, which takes no time.
    """

    type: str
    transaction: str = attrs.field(repr=False)
    group: str = attrs.field(repr=False)
    payer_id: str | None = attrs.field(repr=False)
    billing_npi: str | None = attrs.field(repr=False)
    payer_name: str | None = attrs.field(repr=False)


class QuietClaim(NamedTuple):
    """What reports write of a quiet claim: it has no findings, and nothing else that needs a list.

    Most claims are quiet, and each quiet claim is clean.
    """

    claim_id: str
    shared: Shared
    charge: str | None
    service_dates: Sequence[str]
    clearinghouse_id: str | None
    ordinal: int

    def __repr__(self) -> str:
        """By its number in the file, without patient data."""
        return f"QuietClaim(ordinal={self.ordinal})"


def quiet_claim(scrubbed: ScrubbedClaim) -> QuietClaim | None:
    """The values of a quiet claim, as its record has them; `None` if it is not quiet."""
    if scrubbed.findings or scrubbed.not_checked or scrubbed.suppressed or scrubbed.price:
        return None
    claim, naming = scrubbed.claim, scrubbed.naming
    answered, context = clearinghouse_id(claim), claim.context
    subscriber = context.subscriber
    payer = "", "", "*"
    if subscriber:
        payer = subscriber.text("payer_id"), subscriber.named_text("PR"), subscriber.event.delimiters.element
    values = (
        naming.identifier(claim.claim_id),
        _shared(claim.type, context.transaction_control, context.group_control, claim.billing_npi, *payer),
        charge_shown(claim.total_charge_text),
        naming.days(claim.service_dates),
        (naming.identifier(answered) or None) if answered else None,
        claim.event.number,
    )
    return new_tuple(QuietClaim, values)


@remembered(1024)
def _shared(kind: str, transaction: str, group: str, npi: str, payer_id: str, payer: str, separator: str) -> Shared:
    """What claims share that have these values in the file. `payer` is the NM1 segment of the payer."""
    number, name = payer_shown(payer_id, payer, separator)
    return Shared(kind, transaction, group, number or None, npi_shown(npi) or None, name)


def dates_record(scan: Prescan, engine: Engine) -> dict[str, Any]:
    """The date of a file, and the day that its claims were judged as of; `None` where there is none."""
    days = _day(scan.date), engine.facts.today(scan.date)
    return dict(zip(("file_date", "judged_as_of"), (day and engine.naming.day(day) for day in days), strict=True))


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def unchecked_record(item: Unchecked) -> dict[str, Any]:
    """An edit that could not decide, with the reason."""
    return {"code": item.code, "reason": item.reason}


def error_record(error: LocatedError) -> dict[str, Any]:
    """An error of the file."""
    return {
        "code": error.code,
        "message": error.message,
        "segment": error.segment,
        "file_line": error.file_line,
        "offset": error.offset,
    }


def standing_record(file: SuppressionFile, summary: Summary) -> dict[str, Any]:
    """A file of suppressions, with the numbers of the entries that had no effect."""
    standings = {entry.number: summary.standings.get(entry) for entry in file.entries}
    entry: dict[str, Any] = {"path": file.path, "sha256": file.sha256, "entries": len(file.entries)}
    for standing in FAILED:
        entry[standing] = [number for number, found in standings.items() if found == standing]
    return entry
