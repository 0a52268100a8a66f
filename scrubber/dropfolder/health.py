"""The health file shows monitoring how a watcher is. A watcher that hangs or died no longer renews it."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from scrubber.dropfolder import effects
from scrubber.side_files.plain_file import must_be_plain
from scrubber.side_files.plain_text import content_of, of_json


class HealthFile:
    """Written at every heartbeat; valid for `good_for` seconds. Raises `OSError` for a path that is no plain file."""

    def __init__(self, path: Path, good_for: float) -> None:
        with suppress(FileNotFoundError):
            must_be_plain(path)  # it is replaced at every heartbeat, and a device must not be
        self._path = path
        self._good_for = good_for

    def write(self, stall: str | None, in_flight: int, waiting: int, oldest: float) -> None:
        """Write the state of the watcher. A failure to write it does not stop the watcher."""
        record = {
            "status": "stalled" if stall else "ok",
            "reason": stall,
            "pid": os.getpid(),
            "good_until": round(time.time() + self._good_for, 3),
            "in_flight": in_flight,
            "waiting": waiting,
            "oldest_waiting_seconds": round(oldest, 3),
        }
        with suppress(OSError):
            effects.replace(self._path, (json.dumps(record) + "\n").encode())

    def end(self) -> None:
        """Remove the file when the watcher ends."""
        with suppress(OSError):
            effects.prune(self._path)


def default_path(ledger: Path) -> Path:
    """The default path of the health file."""
    return ledger.with_name("health.json")


def trouble(path: Path, now: float) -> str | None:
    """What is wrong, by the health file; `None` if the watcher is well."""
    try:
        record: dict[str, Any] = of_json(content_of(path))
        good_until, status, reason = float(record["good_until"]), record["status"], record["reason"]
    except OSError:
        return f"{path} is not there: no watcher is running"
    except (ValueError, KeyError, TypeError, OverflowError):
        return f"{path} is damaged: it is not known whether a watcher is running"
    if not good_until >= now:
        return "the watcher has died or hangs"
    return str(reason) if status != "ok" else None
