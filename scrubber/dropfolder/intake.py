"""Which files of in/ may be taken, and in which order.

A file is ready when size and time have stood still for the settle time, by this process's own clock, and its done
marker is there where markers are used. Whether its ISA is closed is looked at only when its turn comes. What is known
here is only a hint: once a file is claimed, everything is looked at again.
"""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from fnmatch import translate
from pathlib import Path

import attrs

from scrubber.dropfolder.settings import Settings

LEFT_ALONE = (".*", "*.tmp", "*.part")
"""Names that are never taken; case does not matter."""


@attrs.frozen
class Waiting:
    """A file in in/: its size in bytes and the time of its last change (ns), and since when it is so.

    `still_since` is by the monotonic clock, `seen` in seconds since 1970: when it was first looked at.
    """

    name: str
    size: int
    mtime_ns: int
    still_since: float
    seen: float

    def same(self, status: os.stat_result) -> bool:
        """Whether the file has not changed since."""
        return (self.size, self.mtime_ns) == (status.st_size, status.st_mtime_ns)


class Intake:
    """The files that wait in a folder, as the last scan has found them.

    `refused` are the names of links, pipes, folders and devices: they are never taken, opened or followed.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settle = settings.settle
        self._huge = settings.huge
        self._marker = settings.done_marker
        patterns = [*LEFT_ALONE, *settings.leave]
        self._leave = re.compile("|".join(translate(pattern.lower()) for pattern in patterns), re.DOTALL)
        self._files: dict[str, Waiting] = {}
        self._set_aside: dict[str, tuple[Waiting, float]] = {}
        self._settles_at: float | None = None
        self._small: deque[Waiting] = deque()
        self._large: deque[Waiting] = deque()
        self.refused: frozenset[str] = frozenset()

    def scan(self, clock: float, now: float) -> None:
        """Look at all names in the folder; `clock` is monotonic, `now` in seconds since 1970. Raises `OSError`."""
        found: dict[str, Waiting] = {}
        refused: set[str] = set()
        markers: set[str] = set()
        for name, status in self._entries():
            if self._marker and name.endswith(self._marker):
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
        ready = [
            file
            for file in found.values()
            if self._settled(file, clock)
            and file.name not in self._set_aside
            and (not self._marker or file.name + self._marker in markers)
        ]
        ready.sort(key=_age)
        self._small = deque(file for file in ready if file.size < self._huge)
        self._large = deque(file for file in ready if file.size >= self._huge)

    def next(self, *, huge: bool, room: int | None) -> Waiting | None:
        """Take the oldest ready file off the list.

        Huge ones only where `huge` says so. Where the oldest has more bytes than there is `room` for it keeps its
        turn, and there is none now: else small files could keep it out for ever.
        """
        lines = [line for line in (self._small, self._large if huge else None) if line]
        if not lines:
            return None
        line = min(lines, key=lambda line: _age(line[0]))
        if room is not None and line[0].size > room:
            return None
        file = line.popleft()
        del self._files[file.name]
        return file

    def set_aside(self, file: Waiting, until: float) -> None:
        """Do not offer the file again before `until`, by the monotonic clock, unless it changes."""
        self._files[file.name] = file
        self._set_aside[file.name] = (file, until)

    @property
    def settles_at(self) -> float | None:
        """When, by the monotonic clock, the next file will have settled if it does not change; `None` for none."""
        return self._settles_at

    @property
    def names(self) -> Iterable[str]:
        """The files that wait."""
        return self._files.keys()

    @property
    def ready(self) -> bool:
        """Whether there is a file that may be taken."""
        return bool(self._small or self._large)

    @property
    def depth(self) -> int:
        """How many files wait."""
        return len(self._files)

    def oldest(self, now: float) -> float:
        """For how many seconds the oldest has been waiting here."""
        return max((now - file.seen for file in self._files.values()), default=0.0)

    def _entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """What is there and not left alone; what vanishes meanwhile is passed over."""
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
    """Sorts the oldest first; what is equally old by name."""
    return file.mtime_ns, file.name
