"""The worklist of an infusion clinic: a row for each finding, with the claim and the line."""

from collections.abc import Sequence
from typing import TextIO

from scrubber import ScrubbedClaim
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import visible
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class Worklist:
    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin_file(self, path: str, scan: Prescan) -> None:
        self._row("file", path)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        number, claim_id = scrubbed.claim.number, scrubbed.naming.identifier(scrubbed.claim.claim_id)
        for finding in scrubbed.findings:
            at = finding.location
            self._row("finding", number, finding.severity, finding.code, at.service_line, at.element, finding.message)
            self._row("claim id", claim_id, "fix", finding.fix)

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        for error in (*scan.errors, *notices):
            self._row("error", error.code, error.message)
        self._row("claims", summary.claims, "rejected", summary.dispositions["rejected"])

    def close(self) -> None:
        pass

    def _row(self, *cells: object) -> None:
        self._out.write(" | ".join(visible(str(cell)) for cell in cells) + "\n")


FORMAT = Format(lambda out, engine, options: Worklist(out))
