"""Why a watcher stops."""

from __future__ import annotations


class WatchError(Exception):
    """The service cannot run, or go on; the message says why and what to do. Nothing is lost."""


class CorruptLedgerError(WatchError):
    """The ledger is no sound database."""


class PlaceError(Exception):
    """Folders or disks are not as they should be: no file's fault, and worth trying again."""


class TakenOverError(Exception):
    """Another watcher has taken this file over: what this one knows of it counts no more."""


class AlreadyReleasedError(Exception):
    """This content was released before, or is being released."""
