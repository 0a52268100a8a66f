"""What several reports write about a run, a claim and an error: made once, as values that JSON can hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from scrubber.claims.once import once_per_claim
from scrubber.engine.engine import Engine
from scrubber.engine.judged import Unchecked
from scrubber.engine.naming import control_number
from scrubber.engine.parties import billing_npi, payer
from scrubber.engine.record import charge_shown, clearinghouse_id, record
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import FAILED, SuppressionFile
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan
from scrubber.x12.remembering import remembered

SCHEMA_VERSION = "1"
"""The version of the JSON, JSON lines and XML reports."""


json_text = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
"""A record as JSON in ASCII on one line, without blanks between its parts: a report has a million of them."""


claim_record = once_per_claim(record)
"""The record of a scrubbed claim. Several reports need it, so it is kept with the claim."""


class QuietClaim(NamedTuple):
    """What JSON and XML reports write of a quiet claim: it has no findings, and nothing else that needs a list.

    Most claims are quiet, and each quiet claim is clean. `common` are the values that many claims of a file share, so
    that a report can keep the texts that it makes of them: type, control numbers of transaction and group as the file
    has them, payer id, NPI of the billing provider and name of the payer.
    """

    claim_id: str
    common: tuple[str, str, str, str | None, str | None, str | None]
    charge: str | None
    service_dates: Sequence[str]
    clearinghouse_id: str | None
    ordinal: int

    def __repr__(self) -> str:
        """By its number in the file, without patient data."""
        return f"QuietClaim(ordinal={self.ordinal})"


@once_per_claim
def quiet_claim(scrubbed: ScrubbedClaim) -> QuietClaim | None:
    """The values of a quiet claim, as its record has them; `None` if it is not quiet."""
    if scrubbed.findings or scrubbed.not_checked or scrubbed.suppressed or scrubbed.price:
        return None
    claim, naming = scrubbed.claim, scrubbed.naming
    context, answered = claim.context, clearinghouse_id(claim)
    number, name = payer(claim)
    return QuietClaim(
        naming.identifier(claim.claim_id),
        (
            claim.type,
            context.transaction_control,
            context.group_control,
            number or None,
            billing_npi(claim) or None,
            name,
        ),
        charge_shown(claim.total_charge_text),
        naming.days(claim.service_dates),
        (naming.identifier(answered) or None) if answered else None,
        claim.number,
    )


def claim_text(scrubbed: ScrubbedClaim) -> str:
    """The record of a claim as JSON, as `json_text` writes it. That of a quiet claim takes a fifth of the time."""
    quiet = quiet_claim(scrubbed)
    if quiet is None:
        return json_text(claim_record(scrubbed))
    claim_id, common, charge, service_dates, clearinghouse_id, ordinal = quiet
    head, parties, tail = _common(*common)
    days = '"' + '","'.join(service_dates) + '"' if service_dates else ""
    return (
        f'{{"claim_id":{_quoted(claim_id)}{head}{_or_null(charge)},"service_dates":[{days}]{parties}'
        f'{_or_null(clearinghouse_id)},"ordinal":{ordinal}{tail}'
    )


@remembered(1024)
def _common(
    kind: str, transaction: str, group: str, payer_id: str | None, billing_npi: str | None, payer_name: str | None
) -> tuple[str, str, str]:
    """The parts of a quiet claim's text: before its charge, between days and clearinghouse id, after its ordinal."""
    transaction, group = control_number(transaction), control_number(group)
    head = f',"type":"{kind}","transaction":{_quoted(transaction)},"group":{_quoted(group)}'
    return (
        f'{head},"disposition":"clean","goes_to":"clean","charge":',
        f',"payer_id":{_or_null(payer_id)},"billing_npi":{_or_null(billing_npi)},"clearinghouse_id":',
        f',"payer_name":{_or_null(payer_name)},"lines":[],"findings":[],"not_checked":[]}}',
    )


_quoted = json.encoder.encode_basestring_ascii


def _or_null(text: str | None) -> str:
    return "null" if text is None else _quoted(text)


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
