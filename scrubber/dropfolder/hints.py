"""Events of the file system, as hints to look into the folder now. None is needed: the periodic scan is the truth."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

_STEP_MS = 200
_TIMEOUT_MS = 60_000


class Hints:
    """Calls `wake` from a thread of its own when something changes in a folder.

    Raises `ImportError` without watchfiles.
    Whatever goes wrong later (no events there, too many watches) ends the hints, and is told by `failed`.
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
        except Exception as error:  # a hint less is no harm
            self._failed(type(error).__name__)
