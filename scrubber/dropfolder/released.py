"""The files that a drop folder has released, and where their reports are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger


@attrs.frozen
class Released:
    """A drop folder's ledger, opened for a look at what was released."""

    ledger: Ledger
    layout: Layout

    def latest(self, most: int) -> Sequence[Drop]:
        """The drops that were released last, the latest first."""
        return self.ledger.latest("released", most)

    def report(self, drop: Drop, suffix: str) -> Path:
        """The path of a report: where its move has brought it. It may be gone."""
        moves = self.ledger.moves(drop)
        moved = [move.to_name for move in moves if move.to_folder == "reports" and move.to_name.endswith(suffix)]
        return self.layout["reports"] / (moved[0] if moved else f"{drop.stem}{suffix}")
