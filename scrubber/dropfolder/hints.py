"""File system events: hints to scan the folder now. Events may be lost; the periodic scan finds every file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

_STEP_MS = 200
_TIMEOUT_MS = 60_000


class Hints:
    """Calls `wake` from its own thread when something changes in a folder.

    Raises `ImportError` without watchfiles. A later error (no events on this file system, too many watches) ends the
    hints; `failed` gets its name.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], failed: Callable[[str], None]) -> None:
        import watchfiles

        self._watchfiles = watchfiles
        self._folder = folder
        self._wake = wake
        self._failed = failed
        self._stop = threading.Event()
        threading.Thread(target=self._listen, name="hints", daemon=True).start()

    def stop(self) -> None:
        """End the hints."""
        self._stop.set()

    def _listen(self) -> None:
        try:
            for _ in self._watchfiles.watch(
                self._folder,
                watch_filter=None,
                step=_STEP_MS,
                rust_timeout=_TIMEOUT_MS,
                stop_event=self._stop,
                recursive=False,
                raise_interrupt=False,
            ):
                self._wake()
        except Exception as error:  # the scan finds the files without hints
            self._failed(type(error).__name__)
