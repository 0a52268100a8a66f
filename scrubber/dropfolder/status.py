"""The status of a drop folder, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder import held, names
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.held import HeldFile
from scrubber.dropfolder.intake import Intake
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.settings import Settings
from scrubber.outputs.wording import escaped
from scrubber.x12.errors import counted

_LATEST = 10


@attrs.frozen
class FolderStatus:
    """Counts of files by state, the files in work, those in held/, and the last quarantined ones."""

    waiting: int
    refused: int
    counts: dict[str, int]
    unfinished: tuple[Drop, ...]
    quarantined: tuple[Drop, ...]
    held: tuple[HeldFile, ...] = ()

    def as_record(self, *, with_names: bool) -> dict[str, Any]:
        """The status for JSON. File names appear only `with_names`: they may be names of patients."""
        return {
            "schema_version": "1",
            "waiting": self.waiting,
            "refused": self.refused,
            **{name: self.counts.get(name, 0) for name in ("released", "duplicate", "quarantined")},
            **{name: self.counts[name] for name in ("claims", "claims_flagged", "claims_held", "claims_rejected")},
            "released_held": self.counts.get("released_held", 0),
            "held_files": [_held_record(file, with_names) for file in self.held],
            "unfinished": [_record(drop, with_names) for drop in self.unfinished],
            "last_quarantined": [_record(drop, with_names) for drop in self.quarantined],
        }

    def lines(self, *, with_names: bool) -> Iterator[str]:
        """The status as text. File names are shown in the same way."""
        refused = f"; refused: {self.refused} (links, pipes, folders, devices)" if self.refused else ""
        yield f"waiting      {self.waiting}{refused}"
        yield f"in work      {len(self.unfinished)}"
        yield f"released     {self.counts.get('released', 0)}, {self._claims()}"
        yield f"duplicate    {self.counts.get('duplicate', 0)}"
        yield f"quarantined  {self.counts.get('quarantined', 0)}"
        from_held = self.counts.get("released_held", 0)
        yield f"held files   {len(self.held)}" + (f"; released from held: {from_held}" if from_held else "")
        if self.held:
            yield ""
            yield "held, until `scrubber watch release-held` lets them go:"
            yield from (_held_line(file, with_names) for file in self.held)
        for title, drops in (("in work", self.unfinished), ("last quarantined", self.quarantined)):
            if drops:
                yield ""
                yield f"{title}:"
                yield from (_line(drop, with_names) for drop in drops)

    def _claims(self) -> str:
        """The claims of released files, and what became of them."""
        claims, rejected = counted(self.counts["claims"], "claim"), self.counts["claims_rejected"]
        flagged, held = self.counts["claims_flagged"], self.counts["claims_held"]
        where = f" ({held} of them were held)" if held else " (in the clean files)" if flagged else ""
        return f"{claims}: {flagged} flagged{where}, {rejected} rejected"


def status(root: Path, ledger: Ledger) -> FolderStatus:
    """Read folder and ledger. Raises `OSError`."""
    layout = Layout.recorded(root, ledger.layout())
    intake = Intake(layout["in"], Settings.of_record(ledger.stored("settings") or {}))
    intake.scan(time.monotonic(), time.time())
    return FolderStatus(
        intake.depth,
        len(intake.refused),
        ledger.counts(),
        tuple(ledger.unfinished()),
        tuple(ledger.latest("quarantined", _LATEST)),
        tuple(held.files(layout["held"])),
    )


def _record(drop: Drop, with_names: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "sha256": drop.sha256,
        "interchange_control_number": drop.control,
        "state": drop.state,
        "bytes": drop.size,
        "tries": drop.tries,
        "reason": drop.reason,
    }
    return {"name": escaped(drop.name), **record} if with_names else record


def _held_record(file: HeldFile, with_names: bool) -> dict[str, Any]:
    record = {"sha256": file.sha256, "bytes": file.size, "since": round(file.since, 3)}
    return {"name": escaped(file.path.name), **record} if with_names else record


def _held_line(file: HeldFile, with_names: bool) -> str:
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(file.since))
    return f"  {file.digits}  since {since}  {file.size} bytes" + (f"  {escaped(file.path.name)}" if with_names else "")


def _line(drop: Drop, with_names: bool) -> str:
    digits = drop.sha256[: names.HASH_DIGITS] if drop.sha256 else "not read"
    name = f"  {escaped(drop.name)}" if with_names else ""
    tries = f"  tried {'once' if drop.tries == 1 else f'{drop.tries} times'}" if drop.tries else ""
    reason = f"  {drop.reason}" if drop.reason else ""
    return f"  {digits:12}  {drop.control or '-':9}  {drop.state}{tries}{reason}{name}"
