"""The JSON report, schema version 1, written as a stream: memory does not grow with the claims."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TextIO

from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.engine.record import record
from scrubber.engine.suppressions import FAILED, SuppressionFile
from scrubber.outputs.summary import Summary
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
        header = {"schema_version": SCHEMA_VERSION, **engine.fingerprint}
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


claim_record = lru_cache(maxsize=1)(record)
"""A scrubbed claim as the report writes it; several reports ask for the same claim one after the other."""


def standing_record(file: SuppressionFile, summary: Summary) -> dict[str, Any]:
    """A file of suppressions, with the numbers of its entries that did not do what they are there for."""
    standings = {entry.number: summary.standings.get(entry) for entry in file.entries}
    standing: dict[str, Any] = {"path": file.path, "sha256": file.sha256, "entries": len(file.entries)}
    for failed in FAILED:
        standing[failed] = [number for number, found in standings.items() if found == failed]
    return standing


def error_record(error: LocatedError) -> dict[str, Any]:
    """A located error as the report writes it."""
    return {"code": error.code, "message": error.message, "segment": error.segment, "offset": error.offset}


_json = json.JSONEncoder(ensure_ascii=True).encode
