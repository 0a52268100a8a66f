"""The operations on a drop folder: watch it, show its status, scrub a file again, release held claims, rebuild it.

This is the only module of the drop folder that commands and the service import. Every function raises `WatchError`,
with the reason and the remedy, where it cannot do its work. Most modules are imported late, so that `scrubber --help`
stays quick.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrubber.dropfolder.errors import StallError, TakenOverError, WatchError
from scrubber.dropfolder.names import HASH_DIGITS
from scrubber.dropfolder.settings import OPTIONS, SHARED_FOLDERS, Settings, load

if TYPE_CHECKING:
    from scrubber.dropfolder.drop import Drop
    from scrubber.dropfolder.rebuild_history import Rebuilt
    from scrubber.dropfolder.release_held import HeldRelease
    from scrubber.dropfolder.released import Released
    from scrubber.dropfolder.status import FolderStatus
    from scrubber.running.options import RunOptions
    from scrubber.running.sharing import Sharing

__all__ = [
    "HASH_DIGITS",
    "OPTIONS",
    "SHARED_FOLDERS",
    "WatchError",
    "rebuild",
    "rebuild_history",
    "release_held",
    "released",
    "requeue",
    "settings",
    "status",
    "trouble",
    "watch",
]


def settings(profile: str | None, options: Mapping[str, Any]) -> Settings:
    """The settings of a profile file; options that are not `None` or empty override them."""
    return load(profile, {name: value for name, value in options.items() if value not in (None, ())})


def watch(
    folder: Path,
    settings: Settings,
    options: RunOptions,
    *,
    out: Path | None = None,
    ledger: Path | None = None,
    health: Path | None = None,
    once: bool = False,
    sharing: Sharing | None = None,
) -> int:
    """Run a watcher until a signal stops it; returns the exit status. `once` ends it when all files are done.

    `sharing` says who may read the folders and what is written into them.
    """
    from scrubber.dropfolder.start import Start, start
    from scrubber.running.sharing import Sharing

    with _as_watch_errors():
        return start(Start(folder, settings, options, out, ledger, health, once, sharing or Sharing()))


def status(folder: Path, ledger: Path | None) -> FolderStatus:
    """The status of a drop folder."""
    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder import status as statuses

    with _as_watch_errors():
        return statuses.status(folder, ledger_marker.open_ledger(folder, ledger, create=False))


@contextmanager
def released(folder: Path) -> Iterator[Released]:
    """The files that a drop folder has released, as long as its ledger is open."""
    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder.layout import Layout
    from scrubber.dropfolder.released import Released

    with _as_watch_errors(), closing(ledger_marker.open_ledger(folder, None, create=False)) as opened:
        yield Released(opened, Layout.recorded(folder, opened.layout()))


def trouble(folder: Path, ledger: Path | None, health: Path | None) -> str | None:
    """What is wrong with the watcher of a folder; `None` if one runs and is well."""
    from scrubber.dropfolder import health as healths
    from scrubber.dropfolder import ledger_marker

    with _as_watch_errors():
        path = health or healths.default_path(ledger_marker.ledger_path(folder, ledger))
        return healths.trouble(path, time.time())


def requeue(folder: Path, wanted: str, ledger: Path | None) -> Drop:
    """Queue a finished file, named by its SHA-256 or its file name, to be scrubbed again."""
    from scrubber.dropfolder import generation, ledger_marker
    from scrubber.dropfolder import requeue as requeuing
    from scrubber.dropfolder.layout import Layout

    with _as_watch_errors(), closing(ledger_marker.open_ledger(folder, ledger, create=False)) as opened:
        layout = Layout.recorded(folder, opened.layout())
        generation.check(layout, opened)
        return requeuing.requeue(layout, opened, wanted)


def release_held(folder: Path, wanted: str, suppressions: Path | None, ledger: Path | None) -> HeldRelease:
    """Release the accepted claims of a held file, named by its file name, its path or its SHA-256."""
    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder import release_held as releasing

    with _as_watch_errors(), closing(ledger_marker.open_ledger(folder, ledger, create=False)) as opened:
        return releasing.release_held(folder, opened, wanted, suppressions)


def rebuild(folder: Path, out: Path | None, ledger: Path | None, profile: str | None) -> dict[str, int]:
    """Rebuild a lost or damaged ledger; returns the number of drops in each state."""
    from scrubber.dropfolder import rebuild as rebuilding
    from scrubber.dropfolder.layout import Layout

    with _as_watch_errors():
        layout = Layout.of(folder, out, settings(profile, {}).folders)
        layout.prepare()
        return rebuilding.rebuild(layout, ledger).counts()


def rebuild_history(folder: Path, ledger: Path | None) -> Rebuilt:
    """Rebuild a lost or damaged history of released claims; returns the numbers of files."""
    from scrubber.dropfolder import ledger_marker
    from scrubber.dropfolder import rebuild_history as rebuilding

    with _as_watch_errors(), closing(ledger_marker.open_ledger(folder, ledger, create=False)) as opened:
        return rebuilding.rebuild_history(folder.absolute(), opened)


@contextmanager
def _as_watch_errors() -> Iterator[None]:
    """Errors of the ledger and of the system as `WatchError`."""
    try:
        yield
    except TakenOverError as error:
        raise WatchError("a watcher took this over, since it took too long; try again") from error
    except StallError as error:
        raise WatchError(str(error)) from error
    except sqlite3.Error as error:
        raise WatchError(f"the ledger: {error}") from error
    except OSError as error:
        raise WatchError(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
