"""The JSON report, schema version 1. It is written as a stream: memory does not grow with the claims."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from scrubber.engine.engine import Engine
from scrubber.engine.naming import control_number
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.outputs.breakdown import Breakdowns
from scrubber.outputs.claim_text import claim_text
from scrubber.outputs.json_sums import JsonSums
from scrubber.outputs.record import SCHEMA_VERSION, dates_record, error_record, json_text
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class JsonReport(JsonSums):
    """Writes the report to a text file."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        super().__init__(out, engine)
        self._files = 0
        self._first: bool | None = True
        """Whether the next claim is the first of its file. In a part it is `None`: the number of the claim tells."""
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
        self._first = True

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self.take_batch(Batch([scrubbed]))

    def take_batch(self, batch: Batch) -> None:
        """Write some claims of the file."""
        if not batch.claims:
            return
        first = batch.claims[0].claim.number == 1 if self._first is None else self._first
        self._first = False
        texts = [claim_text(scrubbed, quiet) for scrubbed, quiet in batch.with_quiet]
        self._out.write(("" if first else ",") + "\n  " + ",\n  ".join(texts))
        self._breakdowns.add(batch.counted)

    def begin_part(self, path: str, scan: Prescan, number: int) -> None:
        """Start a part of a file, see `Divisible`."""
        super().begin_part(path, scan, number)
        self._first = None

    def part(self) -> Breakdowns:
        """The counts of the claims so far, see `Divisible`."""
        self._first = None  # a range that is done again may come after later ones
        return super().part()

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._summary.add(summary)
        errors = [error_record(error) for error in (*scan.errors, *notices)]
        self._out.write("]," + json_text({"errors": errors, **self._file_record(scan, summary)})[1:])

    def close(self) -> None:
        """End the report."""
        self._out.write("]," + json_text(self._sums_record())[1:] + "\n")


FORMAT = Format(lambda out, engine, _: JsonReport(out, engine))
