"""The work on one file, from claim to verdict. Each step is in the ledger before and after it.

This module keeps no state of its own. After a crash or a failure, the next watcher finds the drop in the ledger.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import attrs

from scrubber.dropfolder import effects, generation, ledger_marker, release
from scrubber.dropfolder.claim_history import ClaimHistory, explained
from scrubber.dropfolder.closing import Ends, PlainFile, ends, is_written
from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import Conclusion, Drop
from scrubber.dropfolder.errors import AlreadyReleasedError, StallError, WatchError
from scrubber.dropfolder.intake import Waiting
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.log import about
from scrubber.dropfolder.metrics import Metrics
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.worker import Contents, Failure, Read, Result, Scrub, Scrubbed, Task
from scrubber.running.failures import describe
from scrubber.running.log import Logger

Assign: TypeAlias = Callable[[Drop, Task], None]
"""Assigns a task to a worker; `Work.handle` gets the result."""

_LONGEST_BACK_OFF = 300.0
_NOT_PLAIN_NOW = (errno.ENOENT, errno.ELOOP, errno.EINVAL)


@attrs.frozen
class Runtime:
    """The parts of a running watcher; `watcher` is its id in the ledger."""

    layout: Layout
    settings: Settings
    ledger: Ledger
    log: Logger
    metrics: Metrics
    watcher: str = attrs.field(factory=new_token)
    history: ClaimHistory = attrs.field(factory=ClaimHistory)


class Work:
    """The work of one watcher.

    Raises `TakenOverError` where another watcher has the drop. Raises `StallError`, `OSError` and
    `sqlite3.OperationalError` where folders, disks or the ledger fail, through no fault of the file.
    """

    def __init__(self, runtime: Runtime, assign: Assign, finished: Callable[[Drop], None]) -> None:
        self._layout, self._settings, self._ledger = runtime.layout, runtime.settings, runtime.ledger
        self._log, self._metrics = runtime.log, runtime.metrics
        self._watcher, self._history = runtime.watcher, runtime.history
        self._assign = assign
        self._finished = finished

    def check_folders(self) -> None:
        """Check that the folders are there, as a share may be away. Raises `WatchError` for those of another ledger."""
        ledger_marker.check(self._layout, self._ledger)

    # -- claiming

    def claim(self, file: Waiting) -> float | None:
        """Take a file into work if it is whole. Otherwise return the seconds before the next look, if any."""
        now = time.time()
        whole_by = now + self._settings.close_limit
        try:
            with PlainFile(self._layout["in"] / file.name) as opened:
                found = ends(opened)
                hopeless = _can_never_be_an_837(opened, found, marked=bool(self._settings.done_marker))
        except OSError as error:
            if error.errno in _NOT_PLAIN_NOW:
                return None
        else:  # a file that cannot be opened is claimed and tried like any other
            if (found.size, found.mtime_ns) != (file.size, file.mtime_ns):
                return None
            if hopeless:
                whole_by = now  # it waits for no IEA
            elif not found.closed:
                since = self._ledger.unclosed_since(file.name, file.size, file.mtime_ns, now)
                whole_by = since + self._settings.close_limit
                if whole_by > now:
                    look_again = max(self._settings.settle, self._settings.scan_every)
                    return whole_by - now if found.beginning == "ISA" else min(whole_by - now, look_again)
        drop = Drop(new_token(), file.name, file.size, file.mtime_ns, file.seen, whole_by, owner=self._watcher)
        return self._rename(drop)

    def _rename(self, drop: Drop) -> float | None:
        """Claim the file by renaming it. Only one watcher can."""
        target = self._layout.original(drop)
        effects.make_folder(target.parent)
        self._ledger.begin(drop)
        try:
            if self._settings.done_marker:  # first, or it would serve the next file of that name
                marker = f"{drop.name}{self._settings.done_marker}"
                effects.rename(self._layout["in"] / marker, target.with_name(marker))
            effects.rename(self._layout["in"] / drop.name, target)
        except OSError as error:
            self._unclaim(drop)
            if isinstance(error, FileNotFoundError):
                return None
            self._log.warning("not claimed", **about(drop), reason=describe(error))
            return _LONGEST_BACK_OFF
        self._log.info("claimed", **about(drop))
        self._read(drop)
        return None

    def _unclaim(self, drop: Drop) -> None:
        """Undo a claim whose file was not renamed. Without its folder, no late rename can succeed."""
        folder = self._layout.original(drop).parent
        with suppress(FileNotFoundError):
            for marker in [path for path in folder.iterdir() if path.name != drop.name]:
                effects.rename(marker, self._layout["in"] / marker.name)
            effects.remove_empty_folder(folder)
        self.check_folders()  # a missing file proves a failed claim only while its share is there
        self._history.withdraw(drop)  # a release of held claims may have got so far
        self._ledger.forget(drop)

    # -- continuing

    def resume(self, drop: Drop) -> None:
        """Continue a drop that this or another watcher began."""
        if drop.state == "releasing":
            if release.in_doubt(self._layout, self._ledger, drop):
                self._history.confirm(drop)  # as long as nobody knows, its claims count as released
                self._quarantine(drop, release.IN_DOUBT)
            else:
                self._carry_out(drop)
        elif drop.state == "claiming" and not release.is_there(self._layout.original(drop)):
            self._unclaim(drop)
        else:
            self._read(drop)

    def _read(self, drop: Drop) -> None:
        original = self._layout.original(drop)
        claimed = (self._layout["in"], self._layout["processing"], original.parent)
        self._assign(drop, Read(original, () if drop.kept_in else claimed))

    def handle(self, drop: Drop, result: Result) -> None:
        """Handle the result of a worker's task."""
        if isinstance(result, Contents):
            self._after_reading(drop, result)
        elif isinstance(result, Scrubbed):
            self._after_scrubbing(drop, result)
        else:
            self._after_failure(drop, result)

    def _after_reading(self, drop: Drop, contents: Contents) -> None:
        changed = (contents.size, contents.mtime_ns) != (drop.size, drop.mtime_ns)
        if drop.kept_in:
            if drop.sha256 not in (None, contents.sha256):
                self._quarantine(drop, f"the file in {drop.kept_in} is not the one that the ledger knows")
                return
        elif changed or not (contents.closed or time.time() >= drop.whole_by):
            self._settle_again(drop, contents, changed=changed)
            return
        drop = self._ledger.identify(drop, contents.sha256, contents.control)
        first = None if drop.run else self._ledger.released(contents.sha256)
        if first:
            self._duplicate(drop, first)
            return
        assert drop.stem is not None
        original, staging = self._layout.original(drop), self._layout.staged(drop)
        self._assign(drop, Scrub(original, drop.name, drop.stem, contents, staging, drop.token))

    def _settle_again(self, drop: Drop, contents: Contents, *, changed: bool) -> None:
        """The file was claimed too early: its writer may still be writing into the renamed file."""
        now = time.time()
        if changed:
            drop = attrs.evolve(drop, whole_by=now + self._settings.close_limit)
        self._log.info("settling again", **about(drop))
        changed_drop = attrs.evolve(drop, size=contents.size, mtime_ns=contents.mtime_ns)
        self._ledger.postpone(changed_drop, now + self._settings.settle)

    def _after_scrubbing(self, drop: Drop, scrubbed: Scrubbed) -> None:
        if not self._history.enter(scrubbed.proposal):
            self._log.info("scrubbed again", **about(drop), reason="a claim was released by another file")
            self._read(drop)
            return
        conclusion = release.released(drop, self._settings.done_marker, scrubbed.outputs, scrubbed.counts)
        conclusion = attrs.evolve(conclusion, released_claims=scrubbed.proposal.claims if scrubbed.proposal else None)
        try:
            concluded = self._conclude(drop, conclusion)
        except AlreadyReleasedError:  # another copy of the same content was first
            first = self._ledger.released(scrubbed.sha256)
            assert first is not None
            self._duplicate(drop, first)
            return
        self._metrics.scrubbed(scrubbed.counts)
        self._carry_out(concluded)

    def _after_failure(self, drop: Drop, failure: Failure) -> None:
        self.check_folders()  # a missing share is not the fault of the file
        if failure.ends:
            raise WatchError(explained(failure.reason, self._layout.root))
        now = time.time()
        if failure.stalls:  # no try is counted, but other files get their turn: they may need less room
            self._ledger.postpone(drop, now + self._pause(drop.attempt))
            raise StallError(failure.reason)
        self._metrics.failed()
        drop = attrs.evolve(drop, tries=drop.tries + 1)
        if failure.final or drop.tries >= self._settings.tries:
            self._quarantine(drop, failure.reason, failure.errors, failure.answers)
            return
        pause = self._pause(drop.tries)
        self._log.warning("failed", **about(drop), reason=failure.reason, tries=drop.tries, again_in=pause)
        self._ledger.postpone(drop, now + pause)

    def _pause(self, times: int) -> float:
        return min(_LONGEST_BACK_OFF, self._settings.back_off * (1 << min(times - 1, 16)))

    # -- verdicts

    def _duplicate(self, drop: Drop, first: Drop) -> None:
        marker = self._settings.done_marker
        self._carry_out(self._conclude(drop, release.duplicate(self._layout, drop, marker, first)))

    def _quarantine(self, drop: Drop, reason: str, errors: Sequence[Any] = (), answers: Sequence[str] = ()) -> None:
        drop = self._ledger.named(drop)
        marker = self._settings.done_marker
        conclusion = release.quarantined(self._layout, drop, marker, reason, errors, answers)
        self._carry_out(self._conclude(drop, conclusion))

    def _conclude(self, drop: Drop, conclusion: Conclusion) -> Drop:
        if conclusion.verdict == "released":
            generation.check(self._layout, self._ledger)
            conclusion = attrs.evolve(conclusion, history=self._history.state)
        concluded = self._ledger.conclude(drop, conclusion, release.boot())
        if conclusion.verdict != "released":
            self._history.withdraw(concluded)
        return concluded

    def _carry_out(self, drop: Drop) -> None:
        if drop.verdict == "released":
            self._history.confirm(drop)
            generation.publish(self._layout, self._ledger)
        release.move_all(self._layout, self._ledger, drop)
        self.check_folders()  # a missing file proves a move only while its share is there
        notify = bool(self._settings.notify.command)
        release.finish(self._layout, self._ledger, drop, time.time(), notify=notify)
        self._finished(drop)


def _can_never_be_an_837(file: PlainFile, found: Ends, *, marked: bool) -> bool:
    """Whether a file can never become an 837.

    One that begins with other bytes than ISA cannot, unless a process is known to write it. An empty one cannot only if
    it is known that no process writes it. With a done marker (`marked`), its writer has ended.
    """
    if found.beginning not in ("nothing", "other"):
        return False
    written = False if marked else is_written(file)
    return written is False or (written is None and found.beginning == "other")
