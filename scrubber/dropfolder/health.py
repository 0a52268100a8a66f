"""The health file: how a watcher is, for whoever looks after it; whole at any time, and old where it hangs or died."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from scrubber.dropfolder import effects


class HealthFile:
    """Written at every sign of life; `good_for` seconds later it says nothing any more."""

    def __init__(self, path: Path, good_for: float) -> None:
        self._path = path
        self._good_for = good_for

    def write(self, stall: str | None, in_flight: int, waiting: int, oldest: float) -> None:
        """Say how it is; that this cannot be written is no reason to stop."""
        told = {
            "status": "stalled" if stall else "ok",
            "reason": stall,
            "pid": os.getpid(),
            "good_until": round(time.time() + self._good_for, 3),
            "in_flight": in_flight,
            "waiting": waiting,
            "oldest_waiting_seconds": round(oldest, 3),
        }
        with suppress(OSError):
            effects.replace(self._path, (json.dumps(told) + "\n").encode())

    def end(self) -> None:
        """The watcher ends: nothing says that it is well any more."""
        with suppress(OSError):
            effects.prune(self._path)


def default_path(ledger: Path) -> Path:
    """Where a watcher says how it is, unless told otherwise."""
    return ledger.with_name("health.json")


def trouble(path: Path, now: float) -> str | None:
    """What is wrong by the health file; `None` where all is well."""
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return f"{path} is not there: no watcher is running"
    if told["good_until"] < now:
        return "the watcher has died or hangs"
    return str(told["reason"]) if told["status"] != "ok" else None
