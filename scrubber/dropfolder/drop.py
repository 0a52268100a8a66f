"""A drop, what it comes to, and the folders that its files lie in: plain records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from scrubber.dropfolder import names

Verdict: TypeAlias = Literal["released", "duplicate", "quarantined"]
State: TypeAlias = Literal["claiming", "claimed", "releasing", Verdict]
Folder: TypeAlias = Literal["in", "processing", "archive", "quarantine", "staging", "clean", "rejected", "reports"]

INPUT_SIDE: tuple[Folder, ...] = ("in", "processing", "archive", "quarantine")
"""Where originals lie: renamed from one into the other, so on one file system."""
OUTPUT_SIDE: tuple[Folder, ...] = ("staging", "clean", "rejected", "reports")
"""Where outputs lie: renamed out of staging, so on one file system, which may be another one."""


@attrs.frozen
class Drop:
    """One arrival of a file: a row of the ledger. Times are seconds since 1970; `mtime_ns` is the file's own.

    `seen` is when a watcher first saw it, `whole_by` when it must be whole at the latest if it does not change.
    `kept_in` and `kept_name` say where the original lies, once it is out of processing; both are `None` before that,
    and when it is gone.
    """

    token: str
    name: str
    size: int
    mtime_ns: int
    seen: float
    whole_by: float = 0
    state: State = "claiming"
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
    kept_in: Folder | None = None
    kept_name: str | None = None

    @property
    def digits(self) -> str:
        """What tells its outputs from those of another file of the same name."""
        return (self.sha256 or self.token)[: names.HASH_DIGITS]

    @property
    def lies(self) -> tuple[Folder, str]:
        """The folder that its original lies in, and its path in there."""
        if self.kept_in and self.kept_name is not None:
            return self.kept_in, self.kept_name
        return "processing", f"{self.token}/{self.name}"

    @property
    def keeps(self) -> str:
        """The name that its original is kept under."""
        assert self.stem is not None
        return names.kept(self.stem, names.split(self.name)[1])


@attrs.frozen
class Move:
    """A file on its way: from a folder and a name (or path) in it to another."""

    from_folder: Folder
    from_name: str
    to_folder: Folder
    to_name: str


@attrs.frozen
class Conclusion:
    """What a drop comes to: its verdict, the moves that carry it out, and what is remembered of it."""

    verdict: Verdict
    moves: Sequence[Move]
    reason: str | None = None
    claims: int | None = None
    rejected: int | None = None
