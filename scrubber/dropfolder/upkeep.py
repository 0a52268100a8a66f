"""Regular upkeep: removes what dead watchers left behind, and deletes old originals if `retain_days` is set."""

from __future__ import annotations

import re
from contextlib import suppress

from scrubber.dropfolder import effects, names
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.running import run

PRUNED = ".pruned.sha256"
"""In the archive: hashes of deleted originals, for a rebuilt ledger. The format is that of `sha256sum`."""

DAY = 86400.0

_STAGED = re.compile(r"([0-9a-f]{24})-[0-9]+")
_NOT_NEEDED = re.compile(rf"[0-9a-f]{{24}}({re.escape(names.REASON)}|{re.escape(run.HELD)})")


def sweep(layout: Layout, ledger: Ledger) -> int:
    """Remove staged outputs and empty claim folders that no unfinished drop needs. Raises `OSError`.

    Returns the number of entries in processing/ that the ledger does not know. They stay there.
    """
    unknown = 0
    present = {folder: list(layout[folder].iterdir()) for folder in ("staging", "processing")}
    needed = ledger.open_tokens()  # read after the listing, so that newer files are not touched
    for staging in present["staging"]:
        staged = _STAGED.fullmatch(staging.name)
        if staged and staged[1] not in needed:
            effects.discard(staging)
    for path in present["processing"]:
        if path.name.partition(".")[0] in needed:
            continue
        if _NOT_NEEDED.fullmatch(path.name):
            effects.prune(path)  # a reason that no quarantine needed, or a copy of a held file
            continue
        with suppress(OSError):
            effects.remove_empty_folder(path)
        unknown += path.exists()
    return unknown


def prune(layout: Layout, ledger: Ledger, days: float, now: float) -> int:
    """Delete originals archived more than `days` ago; keep their hashes. Raises `OSError`."""
    pruned = 0
    for name, sha256 in ledger.archived_before(now - days * DAY):
        effects.append(layout["archive"] / PRUNED, f"{sha256}  -\n".encode())
        effects.prune(layout["archive"] / name)
        ledger.pruned(name)
        pruned += 1
    return pruned
