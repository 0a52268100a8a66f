"""GitHub workflow commands: an annotation for each finding, and a summary as plain text.

GitHub shows ten annotations of each kind for a step. The others stay in the log, where line and column are lost. So
each message names the claim, the line and the element.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TextIO

from scrubber.edit import Severity
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.explanation import explained
from scrubber.outputs.layout import dollars
from scrubber.outputs.lines import STANDARD_INPUT, Lines
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Allowed, Summary
from scrubber.outputs.wording import (
    Undecided,
    described,
    error_severity,
    inert,
    private_of,
    shown_path,
    suppressions,
    visible,
)
from scrubber.outputs.workflow_commands import workflow_command
from scrubber.x12.errors import LocatedError, counted
from scrubber.x12.prescan import Prescan

COMMANDS: Mapping[Severity, str] = MappingProxyType({"reject": "error", "warn": "warning", "info": "notice"})
"""The workflow command of each severity."""


class GithubReport:
    """Writes the report to a text file.

    Each line begins with a command or a word of the scrubber. So text from a file can neither begin nor end a command.
    """

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._engine = engine
        self._summary = Summary()
        self._files = 0
        self._path = ""
        self._lines = Lines(STANDARD_INPUT)
        self._undecided = Undecided()

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path
        self._lines = Lines(path)
        self._files += 1
        self._undecided = Undecided()

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the findings of one claim."""
        if scrubbed.not_checked:
            self._undecided.count(scrubbed, f"claim {scrubbed.claim.number}")
        if not scrubbed.findings:
            return
        hiding = private_of(scrubbed)
        for finding in scrubbed.findings:
            text = described(scrubbed.claim.number, finding, hiding)
            self._annotate(finding.severity or "info", finding.code, finding.location.offset, text)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)

    def part(self) -> Undecided:
        """The counts of the claims so far, see `Divisible`."""
        part, self._undecided = self._undecided, Undecided()
        return part

    def join(self, text: TextIO, part: Undecided) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)
        self._undecided.add(part)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._summary.add(summary)
        for error in (*scan.errors, *notices):
            self._annotate(error_severity(error), error.code, error.offset, visible(str(error)))
        self._line(f"{shown_path(self._path)}: {_totals(summary)}")
        for _, text in self._undecided.described():
            self._line(text)
        for _, text in suppressions(summary):
            self._line(visible(text))

    def close(self) -> None:
        """End the report."""
        for item in self._engine.unavailable:
            self._line(f"not checked {item.code}: {visible(item.reason)}")
        if self._files > 1:
            self._line(f"{self._files} files: {_totals(self._summary)}")

    def _annotate(self, severity: Severity, code: str, offset: int, text: str) -> None:
        title = explained(code, self._engine.catalogue).title
        properties = {"title": f"{code} {visible(title)}"}
        if self._path != STANDARD_INPUT:
            properties = {"file": visible(self._path), **self._position(offset), **properties}
        self._out.write(workflow_command(COMMANDS[severity], properties, text))

    def _position(self, offset: int) -> dict[str, str]:
        position = self._lines.at(offset)
        return {"line": str(position.line), "col": str(position.column)} if position else {}

    def _line(self, text: str) -> None:
        """Write a line of plain text."""
        self._out.write(inert(f"scrubber: {text}\n"))


FORMAT = Format(lambda out, engine, _: GithubReport(out, engine))


def _totals(summary: Summary) -> str:
    counts, severities = summary.dispositions, summary.severities
    allowed = summary.allowed
    return (
        f"{counted(summary.claims, 'claim')}: {counts['clean']} clean, {counts['flagged']} flagged, "
        f"{counts['rejected']} rejected, {dollars(summary.charge_at_stake)} of {dollars(summary.charge)} at stake; "
        f"findings: {severities['reject']} reject, {severities['warn']} warn, {severities['info']} info"
        + (_amounts(allowed) if allowed and not allowed.no_price else "")
    )


def _amounts(allowed: Allowed) -> str:
    return f"; Medicare allows {dollars(allowed.allowed)}, {dollars(allowed.allowed_at_stake)} of it at stake"
