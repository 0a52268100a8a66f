"""The report as JSON lines: one object a line. Each line can be read alone. Schema version 1 of the JSON report.

The key `record` names the kind of an object. All kinds but `report` and `summary` have the `path` of their file:

    report   the tool, catalogue, profile and reference release; the first line
    claim    a claim with its findings, as in the JSON report
    error    an error of the file
    file     its control number, status, hash, what was not checked, and its summary; after its claims and errors
    summary  the summary over all files, the counts by edit, payer and provider, and what became of the suppressions;
             the last line
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, TextIO

from scrubber.engine.engine import Engine
from scrubber.engine.naming import control_number
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.breakdown import Breakdowns
from scrubber.outputs.record import (
    SCHEMA_VERSION,
    claim_text,
    dates_record,
    error_record,
    json_text,
    standing_record,
    unchecked_record,
)
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class JsonlReport:
    """Writes the report to a text file."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._unavailable = [unchecked_record(item) for item in engine.unavailable]
        self._engine = engine
        self._suppressions = engine.profile.suppressions
        self._summary = Summary()
        self._breakdowns = Breakdowns()
        self._path = ""
        self._write("report", {"schema_version": SCHEMA_VERSION, **engine.fingerprint})

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        head = json_text({"record": "claim", "path": self._path})
        self._out.write(f"{head[:-1]},{claim_text(scrubbed)[1:]}\n")
        self._breakdowns.count(scrubbed)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._breakdowns = Breakdowns(inf)

    def part(self) -> Breakdowns:
        """The counts of the claims so far, see `Divisible`."""
        part, self._breakdowns = self._breakdowns, Breakdowns(inf)
        return part

    def join(self, text: TextIO, part: Breakdowns) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)
        self._breakdowns.add(part)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._summary.add(summary)
        for error in (*scan.errors, *notices):
            self._write("error", {"path": self._path, **error_record(error)})
        self._write(
            "file",
            {
                "path": self._path,
                "interchange_control_number": control_number(scan.control),
                **dates_record(scan, self._engine),
                "not_checked": self._unavailable,
                "status": "ok" if scan.readable else "error",
                "sha256": scan.sha256,
                "summary": summary.record(),
            },
        )

    def close(self) -> None:
        """End the report."""
        tail: dict[str, Any] = {"summary": self._summary.record(), "breakdowns": self._breakdowns.record()}
        if self._suppressions:
            tail["suppressions"] = [standing_record(file, self._summary) for file in self._suppressions]
        self._write("summary", tail)

    def _write(self, record: str, content: Mapping[str, Any]) -> None:
        self._out.write(json_text({"record": record, **content}) + "\n")


FORMAT = Format(lambda out, engine, _: JsonlReport(out, engine))
