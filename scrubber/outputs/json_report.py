"""The JSON report, schema version 1, written as a stream: memory does not grow with the claims."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TextIO

from scrubber import version
from scrubber.claims.values import money
from scrubber.edit import Finding
from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.engine.naming import Naming
from scrubber.engine.suppressions import FAILED, Suppressed, SuppressionFile
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary, charge_of
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

SCHEMA_VERSION = "1"


class JsonReport:
    """Writes the report to a text file, in this order: `begin_file`, `claim` …, `end_file`, …, `close`."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._summary = Summary()
        self._files = 0
        self._claims = 0
        self._unavailable = engine.unavailable
        self._suppressions = engine.profile.suppressions
        header = {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "scrubber", "version": version()},
            "catalogue": {"sha256": engine.catalogue.sha256},
            "profile": {"name": engine.profile.name, "sha256": engine.profile.sha256},
            "reference": {"release": engine.facts.release},
        }
        self._out.write(_json(header)[:-1] + ', "files": [')

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._claims = 0
        head = {"path": path, "interchange_control_number": scan.control}
        self._out.write(("," if self._files else "") + "\n" + _json(head)[:-1] + ', "claims": [')
        self._files += 1

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self._out.write(("," if self._claims else "") + "\n  " + _json(claim_record(scrubbed)))
        self._claims += 1

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file; `notices` are what the annotator has to say beside the errors of the file."""
        self._summary.add(summary)
        tail = {
            "errors": [error_record(error) for error in (*scan.errors, *notices)],
            "not_checked": [{"code": item.code, "reason": item.reason} for item in self._unavailable],
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
            "summary": summary.record(),
        }
        self._out.write("], " + _json(tail)[1:])

    def close(self) -> None:
        """End the report."""
        tail: dict[str, Any] = {"summary": self._summary.record()}
        if self._suppressions:
            tail["suppressions"] = [standing_record(file, self._summary) for file in self._suppressions]
        self._out.write("], " + _json(tail)[1:] + "\n")


FORMAT = Format(lambda out, engine, _: JsonReport(out, engine))


@lru_cache(maxsize=1)  # several reports are told of a claim one after the other
def claim_record(scrubbed: ScrubbedClaim) -> Mapping[str, Any]:
    """A scrubbed claim as the report writes it."""
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
        "not_checked": [{"code": item.code, "reason": item.reason} for item in scrubbed.not_checked],
    }
    if scrubbed.suppressed:
        record["suppressed"] = [_suppressed_record(item, naming) for item in scrubbed.suppressed]
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


def standing_record(file: SuppressionFile, summary: Summary) -> dict[str, Any]:
    """A file of suppressions, with the numbers of its entries that did not do what they are there for."""
    standings = {entry.number: summary.standings.get(entry) for entry in file.entries}
    record: dict[str, Any] = {"path": file.path, "sha256": file.sha256, "entries": len(file.entries)}
    for standing in FAILED:
        record[standing] = [number for number, found in standings.items() if found == standing]
    return record


def error_record(error: LocatedError) -> dict[str, Any]:
    """A located error as the report writes it."""
    return {"code": error.code, "message": error.message, "segment": error.segment, "offset": error.offset}


_json = json.JSONEncoder(ensure_ascii=True).encode
