"""Scrub a file anew that was scrubbed before, on somebody's word."""

from __future__ import annotations

import time

from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.names import HASH_DIGITS


def requeue(ledger: Ledger, wanted: str) -> Drop:
    """Queue the content of that SHA-256 (or its beginning), or the one file of that name. Raises `WatchError`."""
    found = ledger.find(wanted)
    if not found:
        raise WatchError("no finished file has that hash or name; a hash needs its first 12 digits or more")
    contents = {drop.sha256 for drop in found}
    if len(contents) > 1:
        hashes = ", ".join(sorted((sha256 or "not read")[:HASH_DIGITS] for sha256 in contents))
        raise WatchError(f"{len(contents)} contents came under that name; name one by its hash: {hashes}")
    kept = next((drop for drop in found if drop.kept_in), None)
    if kept is None:
        raise WatchError("its original is not kept any more: drop the file again, and requeue it then")
    return ledger.requeue(kept, new_token(), time.time())
