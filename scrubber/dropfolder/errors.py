"""Errors of the drop folder."""

from __future__ import annotations


class WatchError(Exception):
    """The watcher cannot start or continue. The message gives the reason and the remedy. Nothing is lost."""


class CorruptLedgerError(WatchError):
    """The ledger is not a sound database."""


class StallError(Exception):
    """Folders, disks or worker processes fail, through no fault of a file. The watcher stalls and tries again."""


class TakenOverError(Exception):
    """Another watcher has taken this file over. This one must not touch it any more."""


class AlreadyReleasedError(Exception):
    """This content was already released, or is being released."""
