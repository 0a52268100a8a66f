"""What every report writer does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class Report(Protocol):
    """A report over one or more files, in this order: `begin_file`, `claim` …, `end_file`, …, `close`."""

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """End the file, whose claims the summary has counted.

        `notices` are faults found beside those of the first pass: against the guide, and what was not annotated.
        """

    def close(self) -> None:
        """End the report."""
