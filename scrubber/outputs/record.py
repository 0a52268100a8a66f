"""What several reports write about a run, a claim and an error: made once, as values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from scrubber import version
from scrubber.claims.values import money
from scrubber.edit import Finding
from scrubber.engine.engine import Engine, ScrubbedClaim, Unchecked
from scrubber.engine.naming import Naming
from scrubber.engine.suppressions import FAILED, Suppressed, SuppressionFile
from scrubber.outputs.summary import Summary, charge_of
from scrubber.x12.errors import LocatedError

SCHEMA_VERSION = "1"
"""Of the JSON, JSON lines and XML reports."""


def run_record(engine: Engine) -> dict[str, dict[str, Any]]:
    """What decides the findings: the tool, the edits, the profile and the reference tables, with fingerprints."""
    return {
        "tool": {"name": "scrubber", "version": version()},
        "catalogue": {"sha256": engine.catalogue.sha256},
        "profile": {"name": engine.profile.name, "sha256": engine.profile.sha256},
        "reference": {"release": engine.facts.release},
    }


@lru_cache(maxsize=1)  # several reports take a claim one after the other
def claim_record(scrubbed: ScrubbedClaim) -> Mapping[str, Any]:
    """A scrubbed claim. Ids and dates are as `scrubbed.naming` shows them, amounts are strings in US dollars."""
    claim, naming = scrubbed.claim, scrubbed.naming
    charge = charge_of(claim)
    record = {
        "claim_id": naming.identifier(claim.claim_id),
        "type": claim.type,
        "transaction": claim.context.transaction_control,
        "group": claim.context.group_control,
        "disposition": scrubbed.disposition,
        "charge": None if charge is None else money(charge),
        "service_dates": [naming.day(day) for day in claim.service_dates],
        "payer_id": claim.payer_id or None,
        "billing_npi": claim.billing_npi or None,
        "clearinghouse_id": naming.identifier(claim.text("clearinghouse_id")) or None,
        "findings": [_finding_record(finding, naming) for finding in scrubbed.findings],
        "not_checked": [unchecked_record(item) for item in scrubbed.not_checked],
    }
    if scrubbed.suppressed:
        record["suppressed"] = [_suppressed_record(item, naming) for item in scrubbed.suppressed]
    return record


def unchecked_record(item: Unchecked) -> dict[str, Any]:
    """An edit that could not decide, with the reason."""
    return {"code": item.code, "reason": item.reason}


def error_record(error: LocatedError) -> dict[str, Any]:
    """An error of the file."""
    return {"code": error.code, "message": error.message, "segment": error.segment, "offset": error.offset}


def standing_record(file: SuppressionFile, summary: Summary) -> dict[str, Any]:
    """A file of suppressions, with the numbers of the entries that had no effect."""
    standings = {entry.number: summary.standings.get(entry) for entry in file.entries}
    record: dict[str, Any] = {"path": file.path, "sha256": file.sha256, "entries": len(file.entries)}
    for standing in FAILED:
        record[standing] = [number for number, found in standings.items() if found == standing]
    return record


def _finding_record(finding: Finding, naming: Naming) -> dict[str, Any]:
    location = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity,
        "service_line": location.service_line,
        "line_control_number": naming.identifier(location.line_control_number or "") or None,
        "loop": location.loop,
        "segment": location.segment,
        "offset": location.offset,
        "segment_id": location.segment_id,
        "element": location.element,
        "message": finding.message,
        "fix": finding.fix,
        "carc": finding.carc,
        "rarc": finding.rarc,
        "claim_status": finding.claim_status,
    }


def _suppressed_record(suppressed: Suppressed, naming: Naming) -> dict[str, Any]:
    by = suppressed.by
    return {
        **_finding_record(suppressed.finding, naming),
        "by": "suppression" if by else "baseline",
        "reason": by and by.reason,
        "author": by and by.author,
        "expires": by and by.expires.isoformat(),
    }
