"""Releases the accepted claims of a held file once, when an operator asks for it.

The file is copied, scrubbed into staging with the options of the watcher, and entered into the ledger together with its
verdict. From then on it is a drop that is being released: this process or a watcher finishes it. If this process dies
before that, a watcher removes what it left, and the held file stays as it was.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import attrs

from scrubber.claims.earlier import HistoryError
from scrubber.dropfolder import claim_history, effects, generation, held, last_options, ledger_marker, release
from scrubber.dropfolder.closing import PlainFile, ends
from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import FROM_HELD, Conclusion, Drop
from scrubber.dropfolder.errors import AlreadyReleasedError, WatchError
from scrubber.dropfolder.held import HeldFile
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.metrics import Metrics
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.sorting import Sorter
from scrubber.dropfolder.work import Runtime, Work
from scrubber.engine import suppressions
from scrubber.engine.engine import Engine
from scrubber.engine.suppressions import SuppressionError
from scrubber.history.store import HistoryStore, Proposal
from scrubber.outputs.summary import Counts
from scrubber.running import log, run
from scrubber.running.entering import Entering, history_sink
from scrubber.running.options import OptionsError, RunOptions
from scrubber.x12.errors import counted

_CHANGED = "the held file changed while it was read"


@attrs.frozen
class HeldRelease:
    """What became of the claims of a held file. Nothing was released where none of them may go."""

    sha256: str
    control: str
    counts: Counts

    @property
    def released(self) -> int:
        """Claims that went to clean/."""
        return self.counts.dispositions.get("clean", 0)

    @property
    def rejected(self) -> int:
        """Claims that are rejected now."""
        return self.counts.dispositions.get("rejected", 0)


def release_held(root: Path, ledger: Ledger, wanted: str, accepted: Path | None) -> HeldRelease:
    """Release the claims of a held file whose findings are all accepted, by the watcher's suppressions or `accepted`.

    `wanted` is the file's name, its path, or its SHA-256 or the first digits of that. Raises `WatchError`, also where
    the file was released before; `OSError` and `sqlite3.Error`.
    """
    layout = Layout.recorded(root, ledger.layout(), ledger.stored("sharing"))
    ledger_marker.check(layout, ledger)
    generation.check(layout, ledger)
    options = attrs.evolve(claim_history.with_present_path(ledger, last_options.options(ledger)), hold="warn")
    engine = _engine(options, accepted)
    store = cast("HistoryStore | None", engine.history)
    history = claim_history.ClaimHistory(store, root)
    try:
        if store:
            claim_history.check(root, ledger, store.database)
        with _owner(ledger) as (owner, renew):
            settings = Settings.of_record(ledger.stored("settings") or {})
            runtime = Runtime(layout, settings, ledger, log.logger(), Metrics(), owner, history)
            file = _find(runtime, wanted)
            origin = ledger.origin(file.path.name)
            if origin is None or origin.sha256 is None or origin.kept_in != "archive":
                raise WatchError("the original of this file is not in archive/, so its claims cannot be judged again")
            return _Release(runtime, file, origin, Sorter(engine, options.conformance, renew)).run()
    finally:
        history.close()


@attrs.frozen
class _Release:
    """The release of one held file."""

    runtime: Runtime
    file: HeldFile
    origin: Drop
    sorter: Sorter

    def run(self) -> HeldRelease:
        """Sort its claims, and release those that may go."""
        layout, ledger = self.runtime.layout, self.runtime.ledger
        drop = self._begun()
        copy, staging = layout.original(drop), layout.staged(drop)
        ledger.begin(attrs.evolve(drop, kept_in=None, kept_name=None))
        concluded = False
        try:
            effects.copy(self.file.path, copy)
            drop = self._identified(drop, copy)
            effects.make_folder(staging)
            result, proposal = self._sorted(drop, copy, staging)
            if result.released:
                drop = self._concluded(drop, staging, result.counts, proposal)
                concluded = True
        except AlreadyReleasedError:
            raise WatchError("this held file is being released by another process, or was released before") from None
        finally:
            if not concluded:
                effects.discard(staging)
                effects.prune(copy)
                self.runtime.history.withdraw(drop)
                ledger.forget(drop)
        if concluded:
            _work(self.runtime).resume(drop)
        return result

    def _sorted(self, drop: Drop, copy: Path, staging: Path) -> tuple[HeldRelease, Proposal | None]:
        """Write the outputs; returns what may go, and what was proposed of it to the history."""
        assert self.origin.sha256
        original = self.runtime.layout.original(self.origin)
        with history_sink(self.sorter.engine, Entering("propose", drop.token)) as history:
            summary = self.sorter.sort(copy, drop.name, original, self.origin.sha256, staging, release.STAGED, history)
        return HeldRelease(drop.sha256 or "", drop.control or "", summary.counts), history.proposal

    def _begun(self) -> Drop:
        """The drop. Its copy stands beside the folders of claims: nothing else may take it for a claimed file."""
        token, status = new_token(), self.file.path.lstat()
        drop = Drop(token, self.file.path.name, status.st_size, status.st_mtime_ns, time.time())
        copy = f"{token}{run.HELD}"
        drop = attrs.evolve(drop, sha256=self.file.sha256)
        return attrs.evolve(drop, owner=self.runtime.watcher, run=FROM_HELD, kept_in="processing", kept_name=copy)

    def _identified(self, drop: Drop, copy: Path) -> Drop:
        with PlainFile(copy) as file:
            control = ends(file).control
            if hashlib.file_digest(file, "sha256").hexdigest() != drop.sha256:
                raise WatchError(_CHANGED)
        return attrs.evolve(drop, control=control)

    def _concluded(self, drop: Drop, staging: Path, counts: Counts, proposal: Proposal | None) -> Drop:
        layout, ledger = self.runtime.layout, self.runtime.ledger
        outputs = effects.sync_all(staging)
        effects.sync(layout["processing"])
        status = self.file.path.lstat()
        if (status.st_size, status.st_mtime_ns) != (drop.size, drop.mtime_ns):
            raise WatchError(_CHANGED)
        ledger_marker.check(layout, ledger)
        if not self.runtime.history.enter(proposal):
            raise WatchError("another file has released one of these claims meanwhile; give the command again")
        near = f"{self.origin.stem}{Path(self.origin.name).suffix}"
        state = self.runtime.history.state

        def conclusion(named: Drop) -> Conclusion:
            released = proposal.claims if proposal else None
            return attrs.evolve(
                release.released_from_held(named, self.file.path.name, outputs, counts),
                history=state,
                released_claims=released,
            )

        return ledger.release_held(drop, near, conclusion, release.boot())


def _find(runtime: Runtime, wanted: str) -> HeldFile:
    """The held file. A release that was entered is finished first, one that was only begun is undone.

    Raises `WatchError` if it was released.
    """
    folder = runtime.layout["held"]
    name = Path(wanted).name if Path(wanted).absolute().parent.resolve() == folder.resolve() else wanted
    digits = wanted.lower()
    found = [
        file
        for file in held.files(folder)
        if name == file.path.name or (len(digits) >= len(file.digits) and file.sha256.startswith(digits))
    ]
    earlier = runtime.ledger.release_of_held(found[0].sha256 if found else name)
    while earlier and earlier.finished is None:
        taken = runtime.ledger.take(earlier, runtime.watcher, time.time())
        if taken is None:
            raise WatchError("this held file is being released by another process")
        _work(runtime).resume(taken)
        earlier = runtime.ledger.release_of_held(earlier.sha256 or "")
    if earlier:
        raise WatchError(_already(earlier))
    if not found:
        raise WatchError(f"no file in {folder} has that name or hash; give at least 12 digits of a hash")
    if found[0].path.lstat().st_nlink > 1:
        raise WatchError("the held file has a second name (a hard link), so it could be changed meanwhile")
    return found[0]


def _already(earlier: Drop) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(earlier.finished))
    if earlier.verdict != "released":
        return f"this held file was quarantined on {when}: {earlier.reason}"
    claims = (earlier.claims or 0) - (earlier.flagged or 0) - (earlier.rejected or 0)
    return f"this held file was released already, on {when}: {counted(claims, 'claim')} went to clean/"


def _work(runtime: Runtime) -> Work:
    """The work on a drop that is being released: it gives no task to a worker."""

    def no_task(*_: object) -> None:
        raise AssertionError("a release that was entered needs no worker")

    return Work(runtime, no_task, lambda _: None)


def _engine(options: RunOptions, accepted: Path | None) -> Engine:
    """The engine of the options, with further suppressions. Raises `WatchError`."""
    try:
        engine = options.engine()
        if accepted is not None:
            profile = engine.profile.suppressing(suppressions.load(accepted, engine.catalogue))
            if engine.history:
                engine.history.close()
            engine = attrs.evolve(options, profile=profile, suppressions=None).engine()
        return engine.pinned()
    except (HistoryError, OptionsError, SuppressionError) as error:
        raise WatchError(str(error)) from error


@contextmanager
def _owner(ledger: Ledger) -> Iterator[tuple[str, Callable[[], None]]]:
    """An id in the ledger with a lease, and the function that renews the lease where it is due."""
    owner, settings = new_token(), Settings.of_record(ledger.stored("settings") or {})
    next_renewal = 0.0

    def renew() -> None:
        nonlocal next_renewal
        if time.monotonic() >= next_renewal:
            ledger.heartbeat(owner, time.time(), settings.lease)
            next_renewal = time.monotonic() + settings.heartbeat_every

    renew()
    try:
        yield owner, renew
    finally:
        with suppress(sqlite3.Error):
            ledger.sign_off(owner)
