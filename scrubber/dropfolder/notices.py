"""Reports what became of each drop: runs the command of `[notify]` with a summary on its standard input.

A notice becomes due when the ledger has the drop as finished. It stays due until the command has ended. So each drop is
reported at least once: if the watcher dies while the command runs, the next watcher runs it again. A command
that fails or takes too long is logged, and not run again. It never holds up a file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from scrubber.dropfolder import names
from scrubber.dropfolder.drop import FROM_HELD, OUTPUT_SIDE, OWN, Drop
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.log import about
from scrubber.dropfolder.settings import Notify
from scrubber.running.failures import describe
from scrubber.running.log import Logger

SCHEMA_VERSION = "1"


class Notices:
    """The notices of one watcher, one at a time. `wake` is called from another thread when a command has ended."""

    def __init__(self, ledger: Ledger, notify: Notify, watcher: str, log: Logger, wake: Callable[[], None]) -> None:
        self._ledger = ledger
        self._notify = notify
        self._watcher = watcher
        self._log = log
        self._wake = wake
        self._running: _Run | None = None

    def step(self) -> None:
        """Note that a command has ended, and start the next one. Raises `sqlite3.Error`."""
        if self._running and self._running.ended:
            drop, failure = self._running.drop, self._running.failure
            self._ledger.notified(drop)
            self._running = None
            if failure:
                self._log.warning("not notified", **about(drop), reason=failure)
        if self._running or not self._notify.command:
            return
        for drop in self._ledger.notices(self._watcher, time.time()):
            if self._ledger.take_notice(drop, self._watcher, time.time()):
                content = (json.dumps(summary(self._ledger, drop)) + "\n").encode()
                self._running = _Run(drop, self._notify, content, self._wake)
                return

    def idle(self) -> bool:
        """Whether no command runs and no notice is due. Raises `sqlite3.Error`."""
        return not self._notify.command or not (self._running or self._ledger.notices(self._watcher, time.time()))

    def stop(self) -> None:
        """Kill the command that runs. Its notice stays due."""
        if self._running:
            self._running.kill()


class _Run:
    """The command at work on one notice. `failure` says what went wrong once it has `ended`."""

    def __init__(self, drop: Drop, notify: Notify, content: bytes, wake: Callable[[], None]) -> None:
        self.drop = drop
        self.failure: str | None = None
        self.ended = False
        self._notify = notify
        self._wake = wake
        nothing = subprocess.DEVNULL  # what it prints could be anything, and the log holds no patient data
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
                notify.command, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing, start_new_session=True
            )
        except (OSError, ValueError) as error:
            self.failure, self.ended = f"the command cannot be run: {describe(error)}", True
            wake()
            return
        self._thread = threading.Thread(target=self._wait, args=(content,), name="notify", daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """End the command, with all that it has started."""
        if not self.ended:
            self._kill()
            self._thread.join()

    def _wait(self, content: bytes) -> None:
        try:
            self._process.communicate(content, timeout=self._notify.timeout)
            status = self._process.returncode
            self.failure = f"the command ended with status {status}" if status else None
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
            self.failure = f"the command did not end within {self._notify.timeout:g} seconds"
        except OSError as error:
            self.failure = describe(error)
        self.ended = True
        self._wake()

    def _kill(self) -> None:
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)


def summary(ledger: Ledger, drop: Drop) -> dict[str, Any]:
    """The notice of a finished drop, as `notice.schema.json` describes it. It names no file and no person."""
    made = Counter(move.to_folder for move in ledger.moves(drop))
    finished = datetime.fromtimestamp(drop.finished or 0, UTC).isoformat(timespec="seconds")
    held = drop.held or 0
    return {
        "schema_version": SCHEMA_VERSION,
        "state": "held" if drop.state == "released" and held else drop.state,
        "drop": drop.token[: names.HASH_DIGITS],
        "sha256": drop.sha256,
        "interchange_control_number": drop.control or None,
        "from_held": drop.run == FROM_HELD,
        "bytes": drop.size,
        "tries": drop.tries,
        "finished": finished,
        "reason": drop.reason,
        "claims": _claims(drop),
        "findings": dict(drop.findings or {}),
        "outputs": {folder: made[folder] for folder in OUTPUT_SIDE if folder not in OWN},
    }


def _claims(drop: Drop) -> dict[str, int] | None:
    """The claims of a released drop by what became of them; flagged ones may be held."""
    if drop.claims is None:
        return None
    of = {name: getattr(drop, name) or 0 for name in ("flagged", "held", "rejected")}
    return {"total": drop.claims, "clean": drop.claims - of["flagged"] - of["rejected"], **of}
