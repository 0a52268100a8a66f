"""Rebuilds the history of a drop folder from the files that its ledger knows as released.

The ledger has the numbers of the claims of a file that went out. Ledgers of older versions lack them, and then the JSON
report of the file gives them. If the report is gone, too, the original is judged again with the options of the last
watcher. Originals that were deleted from archive/ cannot be entered.
"""

from __future__ import annotations

import time
from contextlib import closing
from math import ceil
from pathlib import Path

import attrs
import ijson

from scrubber.claims.earlier import HistoryError
from scrubber.dropfolder import claim_history, effects, last_options, names
from scrubber.dropfolder.closing import PlainFile
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.released import Released
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.history.entering import Collector
from scrubber.history.key import path_of as key_of
from scrubber.history.numbers import ClaimNumbers
from scrubber.history.store import HistoryStore
from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.run import REPORTS
from scrubber.side_files.plain_file import open_plain
from scrubber.x12.prescan import prescan

_PARTS = ("", "-wal", "-shm", ".key")


@attrs.define
class Rebuilt:
    """How many files a rebuilt history has, how many of them were judged again, and how many are gone."""

    files: int = 0
    judged_again: int = 0
    gone: int = 0


def rebuild_history(root: Path, ledger: Ledger) -> Rebuilt:
    """Make the history of a folder again. The old one is kept under another name. Raises `OSError` and `WatchError`."""
    lease = ledger.longest_lease(time.time())
    if lease:
        raise WatchError(
            "a watcher runs on this folder: stop all watchers first; "
            f"if none runs, one was killed, and its lease is over in {ceil(lease)} seconds"
        )
    layout = Layout.recorded(root, ledger.layout())
    options = claim_history.with_present_path(ledger, last_options.options(ledger))
    if not options.history:
        raise WatchError("the last watcher of this folder had no history (--no-remember)")
    _put_aside(options.history)
    try:
        engine = attrs.evolve(options, origin=ledger.id).engine(entering=True)
    except OptionsError as error:
        raise WatchError(str(error)) from error
    assert isinstance(engine.history, HistoryStore)
    claim_history.record(ledger, engine.history.database)
    with closing(engine.history) as history:
        try:
            return _filled(history, engine, options, Released(ledger, layout))
        except HistoryError as error:
            raise WatchError(str(error)) from error


def _put_aside(path: Path) -> None:
    """Give the old history and its key another name."""
    taken = (f"{path.name}.old", "again")
    aside = next(name for name in names.stems(*taken) if not path.with_name(name).exists())
    for part in _PARTS:
        old = path.with_name(path.name + part)
        if old.exists():
            effects.rename(old, path.with_name(aside + part))
    assert not key_of(path).exists()


def _filled(history: HistoryStore, engine: Engine, options: RunOptions, released: Released) -> Rebuilt:
    """Enter every released file, the oldest first."""
    rebuilt = Rebuilt()
    for drop in released.ledger.all_released():
        path = released.layout.original(drop) if drop.kept_in else None
        if path is None or not path.is_file() or drop.sha256 is None:
            rebuilt.gone += 1
            continue
        numbers = _known(released.ledger.released_claims(drop)) or _reported(released.report(drop, REPORTS["json"]))
        rebuilt.judged_again += numbers is None
        _enter(history, engine, options, drop, path, numbers)
        rebuilt.files += 1
    return rebuilt


def _enter(
    history: HistoryStore, engine: Engine, options: RunOptions, drop: Drop, path: Path, numbers: ClaimNumbers | None
) -> None:
    collector: Collector = history.collector(engine.facts)
    with PlainFile(path) as file, closing(collector):
        scan = prescan(file)
        file.seek(0)
        for item in Scrubbing(file, engine, scan, conformance=options.conformance and numbers is None):
            if not isinstance(item, ScrubbedClaim):
                collector.event(item)
            elif _probably_went_out(item, drop) if numbers is None else item.ordinal in numbers:
                collector.enter(item.claim)
        history.enter(history.propose(scan.sha256, collector, drop.token), again=True)
        history.confirm(scan.sha256, drop.token)


def _probably_went_out(scrubbed: ScrubbedClaim, drop: Drop) -> bool:
    """Whether a claim that was judged again went to the clean file.

    Flagged claims went out unless the drop held claims: the last watcher may hold them though the earlier one did not.
    Ledgers of older versions do not know whether the drop held claims.
    """
    if drop.held is None:
        return scrubbed.goes_to == "clean"
    return scrubbed.disposition == "clean" or (scrubbed.disposition == "flagged" and not drop.held)


def _known(packed: bytes | None) -> ClaimNumbers | None:
    """The claims that went to the clean file, as the ledger has them."""
    try:
        return None if packed is None else ClaimNumbers.of(packed)
    except ValueError:
        return None


def _reported(report: Path) -> ClaimNumbers | None:
    """The claims that went to the clean file, from a JSON report; `None` where that is gone."""
    try:
        with open_plain(report) as file:
            claims = ijson.items(file, "files.item.claims.item")
            return ClaimNumbers(int(claim["ordinal"]) for claim in claims if claim["goes_to"] == "clean")
    except (OSError, ijson.JSONError, KeyError, TypeError, ValueError):
        return None
