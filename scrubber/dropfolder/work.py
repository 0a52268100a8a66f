"""What is done with one file, from its claim to its verdict. What becomes of it is in the ledger before and after.

Nothing is kept here that a restart could not find: what fails half-way is met again as a drop that is due.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import attrs

from scrubber.dropfolder import bond, effects, release
from scrubber.dropfolder.closing import PlainFile, ends
from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import Conclusion, Drop
from scrubber.dropfolder.errors import AlreadyReleasedError, PlaceError
from scrubber.dropfolder.intake import Waiting
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.log import Logger, about
from scrubber.dropfolder.metrics import Metrics
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.worker import Contents, Failure, Read, Result, Scrub, Scrubbed, Task, told

Give: TypeAlias = Callable[[Drop, Task], None]
"""Sets a worker to a task; its result comes to `Work.heard`."""

_LONGEST_BACK_OFF = 300.0
_NOT_PLAIN_NOW = (errno.ENOENT, errno.ELOOP, errno.EINVAL)


@attrs.frozen
class Means:
    """What a watcher works with; `me` is what the ledger knows it by."""

    layout: Layout
    settings: Settings
    ledger: Ledger
    log: Logger
    metrics: Metrics
    me: str = attrs.field(factory=new_token)


class Work:
    """The work of one watcher.

    Raises `TakenOverError` where another watcher has the drop, `PlaceError`, `OSError` and `sqlite3.OperationalError`
    where something is wrong that is no file's fault: folders, disks, the ledger.
    """

    def __init__(self, means: Means, give: Give, finished: Callable[[Drop], None]) -> None:
        self._means = means
        self._give = give
        self._finished = finished

    def check_folders(self) -> None:
        """See that the folders are there: a share may be unmounted. Raises `WatchError` where they are not ours."""
        bond.check(self._means.layout, self._means.ledger)

    # -- claiming

    def claim(self, file: Waiting) -> float | None:
        """Take a file into work if it is whole; else gives the seconds after which to look at it again, if any."""
        now = time.time()
        whole_by = now + self._means.settings.close_limit
        try:
            with PlainFile(self._means.layout["in"] / file.name) as opened:
                found = ends(opened)
        except OSError as error:
            if error.errno in _NOT_PLAIN_NOW:
                return None
        else:  # what cannot be opened is claimed all the same, and tried as any other file
            if (found.size, found.mtime_ns) != (file.size, file.mtime_ns):
                return None
            if not found.closed:
                since = self._means.ledger.unclosed_since(file.name, file.size, file.mtime_ns, now)
                whole_by = since + self._means.settings.close_limit
                if whole_by > now:
                    return whole_by - now
        drop = Drop(new_token(), file.name, file.size, file.mtime_ns, file.seen, whole_by, owner=self._means.me)
        return self._rename(drop)

    def _rename(self, drop: Drop) -> float | None:
        """Make the file this watcher's by renaming it; whoever comes second finds nothing to rename."""
        target = self._means.layout.original(drop)
        effects.make_folder(target.parent)
        self._means.ledger.begin(drop)
        try:
            if self._means.settings.done_marker:  # first, so that a marker never waits for the next file of that name
                marker = f"{drop.name}{self._means.settings.done_marker}"
                effects.rename(self._means.layout["in"] / marker, target.with_name(marker))
            effects.rename(self._means.layout["in"] / drop.name, target)
        except OSError as error:
            self._unclaim(drop)
            if isinstance(error, FileNotFoundError):
                return None
            self._means.log.warning("not claimed", **about(drop), reason=told(error))
            return _LONGEST_BACK_OFF
        self._means.log.info("claimed", **about(drop))
        self._read(drop)
        return None

    def _unclaim(self, drop: Drop) -> None:
        """Undo a claim whose file was not renamed. Without its folder, no rename that comes late can succeed."""
        folder = self._means.layout.original(drop).parent
        with suppress(FileNotFoundError):
            for marker in [path for path in folder.iterdir() if path.name != drop.name]:
                effects.rename(marker, self._means.layout["in"] / marker.name)
            effects.remove_empty_folder(folder)
        self.check_folders()  # a claim that is not there came to nothing only where its share is not away
        self._means.ledger.forget(drop)

    # -- going on

    def go_on(self, drop: Drop) -> None:
        """Go on with a drop that was begun, by whoever it was."""
        if drop.state == "releasing":
            if release.in_doubt(self._means.layout, self._means.ledger, drop):
                self._quarantine(drop, release.IN_DOUBT)
            else:
                self._carry_out(drop)
        elif drop.state == "claiming" and not release.is_there(self._means.layout.original(drop)):
            self._unclaim(drop)
        else:
            self._read(drop)

    def _read(self, drop: Drop) -> None:
        original = self._means.layout.original(drop)
        claimed = (self._means.layout["in"], self._means.layout["processing"], original.parent)
        self._give(drop, Read(original, () if drop.kept_in else claimed))

    def heard(self, drop: Drop, result: Result) -> None:
        """A worker has done its task."""
        if isinstance(result, Contents):
            self._has_read(drop, result)
        elif isinstance(result, Scrubbed):
            self._has_scrubbed(drop, result)
        else:
            self._has_failed(drop, result)

    def _has_read(self, drop: Drop, contents: Contents) -> None:
        changed = (contents.size, contents.mtime_ns) != (drop.size, drop.mtime_ns)
        if drop.kept_in:
            if drop.sha256 not in (None, contents.sha256):
                self._quarantine(drop, f"the file in {drop.kept_in} is not what the ledger knows it to be")
                return
        elif changed or not contents.closed:
            self._settle_again(drop, contents, changed=changed)
            return
        drop = self._means.ledger.identify(drop, contents.sha256, contents.control)
        first = None if drop.run else self._means.ledger.released(contents.sha256)
        if first:
            self._duplicate(drop, first)
            return
        assert drop.stem is not None
        original, staging = self._means.layout.original(drop), self._means.layout.staged(drop)
        self._give(drop, Scrub(original, drop.name, drop.stem, contents, staging))

    def _settle_again(self, drop: Drop, contents: Contents, *, changed: bool) -> None:
        """A file that was claimed too early: somebody may still be writing, into the file that was renamed."""
        now = time.time()
        if changed:
            drop = attrs.evolve(drop, whole_by=now + self._means.settings.close_limit)
        elif now >= drop.whole_by:
            drop = self._means.ledger.identify(drop, contents.sha256, contents.control)
            self._quarantine(drop, "its ISA is not closed by an IEA at its end")
            return
        self._means.log.info("settling again", **about(drop))
        changed_drop = attrs.evolve(drop, size=contents.size, mtime_ns=contents.mtime_ns)
        self._means.ledger.postpone(changed_drop, now + self._means.settings.settle)

    def _has_scrubbed(self, drop: Drop, scrubbed: Scrubbed) -> None:
        conclusion = release.released(drop, self._means.settings.done_marker, scrubbed.outputs, scrubbed.dispositions)
        try:
            concluded = self._conclude(drop, conclusion)
        except AlreadyReleasedError:  # another copy of the same content was quicker
            first = self._means.ledger.released(scrubbed.sha256)
            assert first is not None
            self._duplicate(drop, first)
            return
        self._means.metrics.scrubbed(scrubbed.dispositions, scrubbed.findings)
        self._carry_out(concluded)

    def _has_failed(self, drop: Drop, failure: Failure) -> None:
        self.check_folders()  # a file is not to blame for a share that is away
        now = time.time()
        if failure.place:  # no try is counted, but others get their turn: this one may need more room than they do
            self._means.ledger.postpone(drop, now + self._pause(drop.attempt))
            raise PlaceError(failure.reason)
        self._means.metrics.failed()
        drop = attrs.evolve(drop, tries=drop.tries + 1)
        if drop.tries >= self._means.settings.tries:
            self._quarantine(drop, failure.reason, failure.errors)
            return
        pause = self._pause(drop.tries)
        self._means.log.warning("failed", **about(drop), reason=failure.reason, tries=drop.tries, again_in=pause)
        self._means.ledger.postpone(drop, now + pause)

    def _pause(self, times: int) -> float:
        return min(_LONGEST_BACK_OFF, self._means.settings.back_off * (1 << min(times - 1, 16)))

    # -- verdicts

    def _duplicate(self, drop: Drop, first: Drop) -> None:
        marker = self._means.settings.done_marker
        self._carry_out(self._conclude(drop, release.duplicate(self._means.layout, drop, marker, first)))

    def _quarantine(self, drop: Drop, reason: str, errors: Sequence[Any] = ()) -> None:
        drop = self._means.ledger.named(drop)
        marker = self._means.settings.done_marker
        self._carry_out(self._conclude(drop, release.quarantined(self._means.layout, drop, marker, reason, errors)))

    def _conclude(self, drop: Drop, conclusion: Conclusion) -> Drop:
        return self._means.ledger.conclude(drop, conclusion, release.boot())

    def _carry_out(self, drop: Drop) -> None:
        release.move_all(self._means.layout, self._means.ledger, drop)
        self.check_folders()  # a file that is not there was moved only where its share is not away
        release.finish(self._means.layout, self._means.ledger, drop, time.time())
        self._finished(drop)
