"""What several reports write about a run, a claim and an error: made once, as values that JSON can hold."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from scrubber.claims.once import once_per_claim
from scrubber.engine.engine import Engine
from scrubber.engine.judged import Unchecked
from scrubber.engine.record import record
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import FAILED, SuppressionFile
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

SCHEMA_VERSION = "1"
"""The version of the JSON, JSON lines and XML reports."""


json_text = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
"""A record as JSON in ASCII on one line, without blanks between its parts: a report has a million of them."""


claim_record = once_per_claim(record)
"""The record of a scrubbed claim. Several reports need it, so it is kept with the claim."""


def claim_text(scrubbed: ScrubbedClaim) -> str:
    """The record of a claim as JSON, as `json_text` writes it.

    Most claims have neither findings nor anything else that needs a list. Their text is put together here, in a third
    of the time.
    """
    record = claim_record(scrubbed)
    if scrubbed.findings or scrubbed.not_checked or scrubbed.suppressed or scrubbed.price:
        return json_text(record)
    days = ",".join([f'"{day}"' for day in record["service_dates"]])
    return (
        f'{{"claim_id":{_quoted(record["claim_id"])},"type":"{record["type"]}",'
        f'"transaction":{_quoted(record["transaction"])},"group":{_quoted(record["group"])},'
        f'"disposition":"{record["disposition"]}","goes_to":"{record["goes_to"]}",'
        f'"charge":{_or_null(record["charge"])},"service_dates":[{days}],"payer_id":{_or_null(record["payer_id"])},'
        f'"billing_npi":{_or_null(record["billing_npi"])},"clearinghouse_id":{_or_null(record["clearinghouse_id"])},'
        f'"ordinal":{record["ordinal"]},"payer_name":{_or_null(record["payer_name"])},'
        '"lines":[],"findings":[],"not_checked":[]}'
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
