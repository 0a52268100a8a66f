"""The history of a drop folder: what its files have released, claim by claim.

It is beside the ledger, unless an option names another file. A worker proposes the claims of a file. The watcher enters
them before the ledger concludes the release, and confirms them after. So the history never lacks a claim that was
released.
If a release fails, what was entered for it is withdrawn. After a crash in between, the drop is continued: the ledger
says how far it came.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from scrubber.claims.earlier import HistoryBusyError, HistoryError
from scrubber.dropfolder import effects, ledger_marker
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import StallError, WatchError
from scrubber.dropfolder.ledger import LAST_STATE, Ledger
from scrubber.dropfolder.settings import Settings
from scrubber.history.database import Database, State
from scrubber.history.store import HistoryStore, Proposal
from scrubber.running.options import RunOptions

FILE_NAME = "history.sqlite3"
_RECORD = "history"


@attrs.frozen
class ClaimHistory:
    """The history in the process of a watcher. Without one (`None`) nothing is done.

    Methods raise `WatchError` where the history cannot be used, and `StallError` where it cannot be used now.
    """

    history: HistoryStore | None = None
    root: Path = Path()

    def enter(self, proposal: Proposal | None) -> bool:
        """Make the claims of a drop count. False if one of them was released meanwhile: scrub the drop again."""
        history = self.history
        if history is None or proposal is None:
            return True
        with self._guarded():
            if not history.database.is_still_there():
                raise HistoryError(f"the history {history.database.path} is not there any more")
            return effects.enter(history, proposal)

    @property
    def state(self) -> Mapping[str, Any] | None:
        """The latest state, for the ledger; `None` without a history."""
        with self._guarded():
            return self.history.latest() if self.history else None

    def confirm(self, drop: Drop) -> None:
        """The ledger has concluded the release of a drop."""
        if self.history and drop.sha256:
            with self._guarded():
                effects.confirm(self.history, drop.sha256, drop.token)

    def withdraw(self, drop: Drop) -> None:
        """The ledger has concluded a drop without a release: what was entered for it no longer counts."""
        if self.history and drop.sha256:
            with self._guarded():
                effects.withdraw(self.history, drop.sha256, drop.token)

    def close(self) -> None:
        """Close the history."""
        if self.history:
            self.history.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Errors of the history as those of the drop folder."""
        try:
            yield
        except HistoryBusyError as error:
            raise StallError(str(error)) from error
        except HistoryError as error:
            raise WatchError(explained(error.reason, self.root)) from error


def explained(reason: str, root: Path) -> str:
    """What is wrong with the history of a folder, and what to do."""
    return f"{reason}: bring it back, or {rebuild_hint(root)}"


def rebuild_hint(root: Path) -> str:
    """What to do about a lost history."""
    return f"stop all watchers, then rebuild the history from the archive with: scrubber watch rebuild-history {root}"


def path_of(ledger: Ledger, options: RunOptions, of_profile: Path | None) -> Path:
    """The path of a folder's history: that of the options, of the profile, else the default beside the ledger."""
    return (options.history or of_profile or ledger.path.with_name(FILE_NAME)).absolute()


def opened(
    root: Path, ledger: Ledger, settings: Settings, options: RunOptions, of_profile: Path | None
) -> tuple[ClaimHistory, RunOptions]:
    """The history of a folder, made where the folder has none yet, and the options that make workers look at it.

    Raises `WatchError` where it is lost, damaged, or not that of the ledger.
    """
    if options.history is False or not settings.remember:
        return ClaimHistory(), attrs.evolve(options, history=False, releasing=True)
    path = path_of(ledger, options, of_profile)
    share = ledger_marker.network_share(path)
    if share:
        raise WatchError(f"{path} is on a network share ({share}): name a file on a local disk with --history")
    is_known = _known_id(ledger, path) is not None
    try:
        database = Database(path, create=not is_known)
    except HistoryBusyError as error:
        raise WatchError(str(error)) from error
    except HistoryError as error:
        raise WatchError(explained(error.reason, root)) from error
    if is_known:
        check(root, ledger, database)
    else:
        ledger.store(**{LAST_STATE: {}})
    record(ledger, database)
    chosen = attrs.evolve(options, history=path, origin=ledger.id, releasing=True)
    return ClaimHistory(HistoryStore(database, ledger.id), root), chosen


def check(root: Path, ledger: Ledger, database: Database) -> None:
    """Raise `WatchError` where this is not the history that the ledger knows, or one that lacks its last release.

    Such a history is a backup, or a copy: with it, claims would be released twice.
    """
    if database.id != _known_id(ledger, database.path):
        raise WatchError(explained(f"{database.path} is not the history of {root}", root))
    last = ledger.stored(LAST_STATE)
    if last and database.state_at(int(last["state"])) != State(int(last["state"]), str(last["sha256"])):
        reason = f"the history {database.path} is older than its folder, or a copy: it does not know the last release"
        raise WatchError(f"{reason}; {rebuild_hint(root)}")


def _known_id(ledger: Ledger, path: Path) -> str | None:
    """The id of the history at a path, as the ledger knows it; `None` if it knows none there."""
    known = ledger.stored(_RECORD)
    return str(known["id"]) if known and known["path"] == _relative(path, ledger) else None


def lacks_releases(ledger: Ledger, known: ClaimHistory) -> bool:
    """Whether the folder has released files, and its history knows none of them."""
    return known.history is not None and known.history.state.number == 0 and ledger.counts().get("released", 0) > 0


def rebind(ledger: Ledger, former_id: str) -> None:
    """Bind the history of the folder to a rebuilt ledger. A history that cannot be used stays as it is."""
    path = ledger.path.with_name(FILE_NAME)
    if not path.exists() or former_id in ("", ledger.id):
        return
    with suppress(HistoryError):
        database = Database(path)
        HistoryStore(database, ledger.id).adopt(former_id)
        record(ledger, database)
        database.close()


def with_present_path(ledger: Ledger, options: RunOptions) -> RunOptions:
    """The options of the last watcher with the present path of the history, which may have moved with its ledger."""
    known = ledger.stored(_RECORD)
    if not options.history or known is None:
        return options
    return attrs.evolve(options, history=Path(os.path.normpath(ledger.path.absolute().parent / known["path"])))


def record(ledger: Ledger, database: Database) -> None:
    """Store in the ledger which history is that of the folder."""
    known = {"path": _relative(database.path, ledger), "id": database.id}
    if ledger.stored(_RECORD) != known:
        ledger.store(**{_RECORD: known, LAST_STATE: {}})


def _relative(path: Path, ledger: Ledger) -> str:
    """The path from the folder of the ledger, so that both can move together."""
    return os.path.relpath(path, ledger.path.absolute().parent)
