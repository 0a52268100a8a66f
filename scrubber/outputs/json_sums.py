"""What the JSON report and the report as JSON lines have in common: their sums, and how parts of them are joined."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from math import inf
from typing import Any, TextIO

from scrubber.engine.engine import Engine
from scrubber.outputs.breakdown import Breakdowns
from scrubber.outputs.record import standing_record, unchecked_record
from scrubber.outputs.summary import Summary
from scrubber.x12.prescan import Prescan


class JsonSums(ABC):
    """A report in JSON to a text file. It keeps the summary over all files, and the counts by edit, payer, provider."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._engine = engine
        self._unavailable = [unchecked_record(item) for item in engine.unavailable]
        self._summary = Summary()
        self._breakdowns = Breakdowns()

    @abstractmethod
    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""

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

    def _file_record(self, scan: Prescan, summary: Summary) -> dict[str, Any]:
        """What both reports write at the end of a file, after its claims and errors."""
        return {
            "not_checked": self._unavailable,
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
            "summary": summary.record(),
        }

    def _sums_record(self) -> dict[str, Any]:
        """What both reports end with: the sums over all files, and what became of the suppressions."""
        record: dict[str, Any] = {"summary": self._summary.record(), "breakdowns": self._breakdowns.record()}
        if suppressions := self._engine.profile.suppressions:
            record["suppressions"] = [standing_record(file, self._summary) for file in suppressions]
        return record
