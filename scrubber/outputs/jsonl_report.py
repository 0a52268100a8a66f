"""The report as JSON lines: one object a line, each of which can be read alone. Schema version 1 of the JSON report.

Every object has a `record` that says what it is, and all but the first and the last the `path` of their file:

    report   the tool, catalogue, profile and reference release; the first line
    claim    a claim with its findings, as in the JSON report, and its ordinal in the file
    error    an error of the file
    file     its control number, status, hash, what was not checked, and its summary; behind its claims and errors
    summary  the summary over all files; the last line
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.outputs.json_report import SCHEMA_VERSION, claim_record, error_record
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class JsonlReport:
    """Writes the report to a text file, in this order: `begin_file`, `claim` …, `end_file`, …, `close`."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._unavailable = [{"code": item.code, "reason": item.reason} for item in engine.unavailable]
        self._summary = Summary()
        self._path = ""
        self._write("report", {"schema_version": SCHEMA_VERSION, **engine.fingerprint})

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self._write("claim", {"path": self._path, "ordinal": scrubbed.claim.number, **claim_record(scrubbed)})

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file; `notices` are what the annotator has to say beside the errors of the file."""
        self._summary.add(summary)
        for error in (*scan.errors, *notices):
            self._write("error", {"path": self._path, **error_record(error)})
        self._write(
            "file",
            {
                "path": self._path,
                "interchange_control_number": scan.control,
                "not_checked": self._unavailable,
                "status": "ok" if scan.readable else "error",
                "sha256": scan.sha256,
                "summary": summary.record(),
            },
        )

    def close(self) -> None:
        """End the report."""
        self._write("summary", {"summary": self._summary.record()})

    def _write(self, record: str, content: Mapping[str, Any]) -> None:
        self._out.write(json.dumps({"record": record, **content}, ensure_ascii=True) + "\n")
