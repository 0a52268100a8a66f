"""Scrubs a finished file again, at an operator's request."""

from __future__ import annotations

import time

from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.names import HASH_DIGITS


def requeue(layout: Layout, ledger: Ledger, wanted: str) -> Drop:
    """Queue a file by its SHA-256, the first digits of that, or its name. Raises `WatchError`."""
    found = ledger.find(wanted)
    if not found:
        raise WatchError("no finished file has that hash or name; give at least 12 digits of a hash")
    contents = {drop.sha256 for drop in found}
    if len(contents) > 1:
        hashes = ", ".join(sorted((sha256 or "not read")[:HASH_DIGITS] for sha256 in contents))
        raise WatchError(f"{len(contents)} contents had that name; choose one by its hash: {hashes}")
    kept = next((drop for drop in found if drop.kept_in and layout.original(drop).is_file()), None)
    if kept is None:
        raise WatchError("its original was deleted: drop the file again, then requeue it")
    return ledger.requeue(kept, new_token(), time.time())
