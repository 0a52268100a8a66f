"""Plain records: a drop, its verdict, and the folders of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from scrubber.dropfolder import names

if TYPE_CHECKING:  # the command line loads this module for its --help
    from scrubber.outputs.summary import Counts

Verdict: TypeAlias = Literal["released", "duplicate", "quarantined"]
DropState: TypeAlias = Literal["claiming", "claimed", "releasing", Verdict]
Folder: TypeAlias = Literal[
    "in", "processing", "archive", "quarantine", "staging", "clean", "held", "rejected", "reports"
]

INPUT_SIDE: tuple[Folder, ...] = ("in", "processing", "archive", "quarantine")
"""Folders of originals. Files are renamed between them, so they are on one file system."""
OUTPUT_SIDE: tuple[Folder, ...] = ("staging", "clean", "held", "rejected", "reports")
"""Folders of outputs. Files are renamed out of staging, so they are on one file system; it may be another disk."""

OWN: tuple[Folder, ...] = ("processing", "staging")
"""Folders that only the watcher reads. A user may open the others to more people."""

FROM_HELD = -1
"""The `run` of a drop that did not arrive: it releases the accepted claims of a held file, once for a content."""


@attrs.frozen
class Drop:
    """One arrival of a file: a row of the ledger. Times are in seconds since 1970.

    `seen` is when a watcher first saw the file. `whole_by` is the deadline for its IEA; a change of the file moves it.
    `mtime_ns` is the time of the file's last change. `spent` means that this drop released its content, and no other
    may. `run` counts the releases of one content (see `FROM_HELD`). `claims` are those of a released file: some of them
    are `rejected` or `flagged`, and flagged ones may be `held`; `findings` counts by code. `kept_in` and `kept_name`
    are the folder and name of the original after processing; both are `None` before that, and after the original was
    deleted. `notify` means that its end is still to be reported; its `owner` does that.
    """

    token: str
    name: str
    size: int
    mtime_ns: int
    seen: float
    whole_by: float = 0
    state: DropState = "claiming"
    owner: str | None = None
    attempt: int = 1
    tries: int = 0
    not_before: float = 0
    run: int = 0
    sha256: str | None = None
    control: str | None = None
    stem: str | None = None
    verdict: Verdict | None = None
    spent: bool = False
    reason: str | None = None
    boot: str | None = None
    finished: float | None = None
    claims: int | None = None
    rejected: int | None = None
    flagged: int | None = None
    held: int | None = None
    findings: Mapping[str, int] | None = None
    notify: bool = False
    kept_in: Folder | None = None
    kept_name: str | None = None

    @property
    def digits(self) -> str:
        """Digits that keep its outputs apart from those of another file of the same name."""
        return (self.sha256 or self.token)[: names.HASH_DIGITS]

    @property
    def location(self) -> tuple[Folder, str]:
        """Folder of its original, and the path below that folder."""
        if self.kept_in and self.kept_name is not None:
            return self.kept_in, self.kept_name
        return "processing", f"{self.token}/{self.name}"

    @property
    def kept_as(self) -> str:
        """Name of its original in archive or quarantine."""
        assert self.stem is not None
        return names.kept(self.stem, names.split(self.name)[1])


@attrs.frozen
class Move:
    """One rename of a file, from a folder and name (or path) to another."""

    from_folder: Folder
    from_name: str
    to_folder: Folder
    to_name: str


@attrs.frozen
class Conclusion:
    """Verdict of a drop, the moves that carry it out, and what the ledger remembers.

    `released_claims` are the numbers of the released claims in the file, as `scrubber.history.numbers` packs them, and
    `history` is the state of the history that has these claims. Both are `None` without a history.
    """

    verdict: Verdict
    moves: Sequence[Move]
    reason: str | None = None
    counts: Counts | None = None
    history: Mapping[str, Any] | None = None
    released_claims: bytes | None = None
