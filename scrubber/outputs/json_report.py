"""The JSON report, schema version 1. It is written as a stream: memory does not grow with the claims."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
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


class JsonReport:
    """Writes the report to a text file."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._summary = Summary()
        self._breakdowns = Breakdowns()
        self._files = 0
        self._engine = engine
        self._unavailable = engine.unavailable
        self._suppressions = engine.profile.suppressions
        header = {"schema_version": SCHEMA_VERSION, **engine.fingerprint}
        self._out.write(json_text(header)[:-1] + ',"files":[')

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        head = {
            "path": path,
            "interchange_control_number": control_number(scan.control),
            **dates_record(scan, self._engine),
        }
        self._out.write(("," if self._files else "") + "\n" + json_text(head)[:-1] + ',"claims":[')
        self._files += 1
        self._first: bool | None = True  # whether the next claim is the first of the file; its number says it if `None`

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        first = scrubbed.claim.number == 1 if self._first is None else self._first
        self._first = False
        self._out.write(("" if first else ",") + "\n  " + claim_text(scrubbed))
        self._breakdowns.count(scrubbed)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._first = None
        self._breakdowns = Breakdowns(inf)

    def part(self) -> Breakdowns:
        """The counts of the claims so far, see `Divisible`."""
        part, self._breakdowns = self._breakdowns, Breakdowns(inf)
        self._first = None  # a range that is done again may come behind later ones
        return part

    def join(self, text: TextIO, part: Breakdowns) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)
        self._breakdowns.add(part)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._summary.add(summary)
        tail = {
            "errors": [error_record(error) for error in (*scan.errors, *notices)],
            "not_checked": [unchecked_record(item) for item in self._unavailable],
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
            "summary": summary.record(),
        }
        self._out.write("]," + json_text(tail)[1:])

    def close(self) -> None:
        """End the report."""
        tail: dict[str, Any] = {"summary": self._summary.record(), "breakdowns": self._breakdowns.record()}
        if self._suppressions:
            tail["suppressions"] = [standing_record(file, self._summary) for file in self._suppressions]
        self._out.write("]," + json_text(tail)[1:] + "\n")


FORMAT = Format(lambda out, engine, _: JsonReport(out, engine))
