"""What is done now and then: leavings of watchers that died are cleared up; where asked for, the archive is pruned."""

from __future__ import annotations

import re
from contextlib import suppress

from scrubber.dropfolder import effects, names
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger

PRUNED = ".pruned.sha256"
"""In the archive: what was there once, so that a ledger made from the archive still knows it. As `sha256sum` writes."""

DAY = 86400.0

_STAGED = re.compile(r"([0-9a-f]{24})-[0-9]+")
_NOT_NEEDED = re.compile(rf"[0-9a-f]{{24}}{re.escape(names.REASON)}")


def sweep(layout: Layout, ledger: Ledger) -> int:
    """Remove what no unfinished drop needs: staged outputs, empty claim folders. Raises `OSError`.

    Returns how many things in processing/ are of no drop that the ledger knows; they are left where they are.
    """
    strays = 0
    present = {folder: list(layout[folder].iterdir()) for folder in ("staging", "processing")}
    needed = ledger.open_tokens()  # asked for after the look: whatever comes later is not touched
    for staging in present["staging"]:
        staged = _STAGED.fullmatch(staging.name)
        if staged and staged[1] not in needed:
            effects.discard(staging)
    for path in present["processing"]:
        if path.name.partition(".")[0] in needed:
            continue
        if _NOT_NEEDED.fullmatch(path.name):
            effects.prune(path)  # a reason that was written, but not needed in the end
            continue
        with suppress(OSError):
            effects.remove_empty_folder(path)
        strays += path.exists()
    return strays


def prune(layout: Layout, ledger: Ledger, days: float, now: float) -> int:
    """Delete originals archived more than `days` ago; their hashes are kept. Raises `OSError`."""
    pruned = 0
    for name, sha256 in ledger.archived_before(now - days * DAY):
        effects.append(layout["archive"] / PRUNED, f"{sha256}  -\n".encode())
        effects.prune(layout["archive"] / name)
        ledger.pruned(name)
        pruned += 1
    return pruned
