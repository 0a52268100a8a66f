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

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from scrubber.engine.engine import Engine
from scrubber.engine.naming import control_number
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.outputs.claim_text import claim_text
from scrubber.outputs.json_sums import JsonSums
from scrubber.outputs.record import SCHEMA_VERSION, dates_record, error_record, json_text
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class JsonlReport(JsonSums):
    """Writes the report to a text file."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        super().__init__(out, engine)
        self._path = ""
        self._write("report", {"schema_version": SCHEMA_VERSION, **engine.fingerprint})

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self.take_batch(Batch([scrubbed]))

    def take_batch(self, batch: Batch) -> None:
        """Write some claims of the file."""
        head = json_text({"record": "claim", "path": self._path})[:-1]
        texts = [f"{head},{claim_text(scrubbed, quiet)[1:]}\n" for scrubbed, quiet in batch.with_quiet]
        self._out.write("".join(texts))
        self._breakdowns.add(batch.counted)

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
                **self._file_record(scan, summary),
            },
        )

    def close(self) -> None:
        """End the report."""
        self._write("summary", self._sums_record())

    def _write(self, record: str, content: Mapping[str, Any]) -> None:
        self._out.write(json_text({"record": record, **content}) + "\n")


FORMAT = Format(lambda out, engine, _: JsonlReport(out, engine))
