"""Which files of in/ a watcher may take, and in which order.

A file is ready when its size and time have not changed for the settle time, by this process's own clock, and when its
done marker is there, if done markers are used. Whether its last interchange is closed is checked when its turn comes.
After the claim everything is checked again.
"""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Container, Iterable, Iterator
from fnmatch import translate
from pathlib import Path

import attrs

from scrubber.dropfolder.settings import Settings

LEFT_ALONE = (".*", "*.tmp", "*.part")
"""Patterns of names that are never taken; case does not matter."""


@attrs.frozen
class Waiting:
    """A file in in/: its size in bytes and the time of its last change (ns).

    It has not changed since `still_since` (monotonic clock). `seen` is when a scan first found it (seconds since 1970).
    """

    name: str
    size: int
    mtime_ns: int
    still_since: float
    seen: float

    def same(self, status: os.stat_result) -> bool:
        """Whether the file has this size and time still."""
        return (self.size, self.mtime_ns) == (status.st_size, status.st_mtime_ns)


class Intake:
    """The files that wait in a folder, as of the last scan.

    `refused` names links, pipes, folders and devices. They are never taken, opened or followed.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settle = settings.settle
        self._huge = settings.huge
        self._done_marker = settings.done_marker
        patterns = [*LEFT_ALONE, *settings.leave]
        self._leave = re.compile("|".join(translate(pattern.lower()) for pattern in patterns), re.DOTALL)
        self._files: dict[str, Waiting] = {}
        self._set_aside: dict[str, tuple[Waiting, float]] = {}
        self._settles_at: float | None = None
        self._small: deque[Waiting] = deque()
        self._large: deque[Waiting] = deque()
        self.refused: frozenset[str] = frozenset()

    def scan(self, clock: float, now: float) -> None:
        """List the folder. `clock` is monotonic, `now` in seconds since 1970. Raises `OSError`."""
        found: dict[str, Waiting] = {}
        refused: set[str] = set()
        markers: set[str] = set()
        for name, status in self._entries():
            if self._done_marker and name.endswith(self._done_marker):
                markers.add(name)
            elif not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                refused.add(name)
            else:
                known = self._files.get(name)
                since = known.still_since if known and known.same(status) else clock
                seen = known.seen if known else now
                found[name] = Waiting(name, status.st_size, status.st_mtime_ns, since, seen)
        self._files = found
        self.refused = frozenset(refused)
        self._set_aside = {
            name: (file, until)
            for name, (file, until) in self._set_aside.items()
            if found.get(name) == file and until > clock
        }
        settling = [file.still_since + self._settle for file in found.values() if not self._settled(file, clock)]
        self._settles_at = min(settling, default=None)
        self._queue_ready(markers, clock)

    def _queue_ready(self, markers: Container[str], clock: float) -> None:
        """Queue the files that are ready, the oldest first, small and huge ones apart. `markers` are done markers."""
        ready = [
            file
            for file in self._files.values()
            if self._settled(file, clock)
            and file.name not in self._set_aside
            and (not self._done_marker or file.name + self._done_marker in markers)
        ]
        ready.sort(key=_age)
        self._small = deque(file for file in ready if file.size < self._huge)
        self._large = deque(file for file in ready if file.size >= self._huge)

    def next(self, *, huge: bool, room: int | None) -> Waiting | None:
        """Take the oldest ready file off the list; huge files only with `huge`.

        `None` if the oldest has more bytes than there is `room` for. It keeps its turn: otherwise small files could
        hold it back without end.
        """
        queues = [queue for queue in (self._small, self._large if huge else None) if queue]
        if not queues:
            return None
        queue = min(queues, key=lambda queue: _age(queue[0]))
        if room is not None and queue[0].size > room:
            return None
        file = queue.popleft()
        del self._files[file.name]
        return file

    def set_aside(self, file: Waiting, until: float) -> None:
        """Do not offer the file again before `until` (monotonic clock), unless it changes."""
        self._files[file.name] = file
        self._set_aside[file.name] = (file, until)

    @property
    def settles_at(self) -> float | None:
        """When the next file settles if it does not change (monotonic clock); `None` if no file is settling."""
        return self._settles_at

    @property
    def names(self) -> Iterable[str]:
        """Names of the files that wait."""
        return self._files.keys()

    @property
    def ready(self) -> bool:
        """Whether a file may be taken."""
        return bool(self._small or self._large)

    @property
    def depth(self) -> int:
        """How many files wait."""
        return len(self._files)

    def oldest(self, now: float) -> float:
        """Seconds for which the oldest file has waited."""
        return max((now - file.seen for file in self._files.values()), default=0.0)

    def _entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Names in the folder, without those to leave alone. A file that vanishes meanwhile is skipped."""
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if self._leave.fullmatch(entry.name.lower()):
                    continue
                try:
                    yield entry.name, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue

    def _settled(self, file: Waiting, clock: float) -> bool:
        return clock - file.still_since >= self._settle


def _age(file: Waiting) -> tuple[int, str]:
    """Sort key: the oldest first, then by name."""
    return file.mtime_ns, file.name
