"""The service: looks into the folder, sets workers to work, hears what they come to. Made to be killed at any time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from scrubber.dropfolder import bond, upkeep
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import CorruptLedgerError, PlaceError, TakenOverError
from scrubber.dropfolder.health import HealthFile
from scrubber.dropfolder.intake import Intake
from scrubber.dropfolder.log import about
from scrubber.dropfolder.pool import Pool
from scrubber.dropfolder.work import Means, Work
from scrubber.dropfolder.worker import Task, told

OK, FAILED = 0, 2

_UPKEEP_EVERY = 3600.0
_SHORTEST_STALL, _LONGEST_STALL = 1.0, 30.0
_SCAN_PAUSE = 10  # times as long as a scan took
_LEAST_SCAN_PAUSE = 0.05


class Service:
    """One watcher of a folder. `once` ends it when all is done that was there at the start."""

    def __init__(self, means: Means, pool: Pool, health: HealthFile, *, once: bool = False) -> None:
        self._means = means
        self._pool = pool
        self._health = health
        self._once = once
        self._intake = Intake(means.layout["in"], means.settings)
        self._work = Work(means, self._give, self._finished)
        self._working: dict[str, Drop] = {}
        self._refused: frozenset[str] = frozenset()
        self._next_beat = self._next_scan = self._earliest_scan = self._next_upkeep = 0.0
        self._first_scan: float | None = None
        self._stalled_for: str | None = None
        self._stalled_until = 0.0
        self._stall_seconds = _SHORTEST_STALL
        self._stop_by: float | None = None
        self._ended = False
        self._awake, self._waker = Pipe(duplex=False)
        self._woken = False

    # -- what a signal handler and the thread of the hints may call

    def stop(self) -> None:
        """Take nothing new, and end when what is in work is done, at the latest after the grace time."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + self._means.settings.grace
        self._wake()

    def hint(self) -> None:
        """Something has changed in the folder: look at it soon."""
        self._next_scan = 0.0
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            self._waker.send_bytes(b"!")

    # -- the loop

    def run(self) -> int:
        """Watch until stopped, and return the exit status. Raises `WatchError` where it cannot go on."""
        try:
            while True:
                self._turn()
                if self._ended:
                    break
                self._wait()
        finally:
            self._pool.stop()
            self._health.end()
            with suppress(sqlite3.Error):
                self._means.ledger.leave(self._means.me)
        return FAILED if self._once and self._stalled_for else OK

    def _turn(self) -> None:
        with self._guard("ledger"):
            self._beat()
        for token, result in self._pool.results(self._means.settings.stuck_after):
            drop = self._working.pop(token)
            with self._guard("outputs", drop):
                self._work.heard(drop, result)
        if self._stop_by is None and not self._stalled:
            with self._guard("folder"):
                self._scan()
                self._upkeep()
                if self._go_on():
                    self._take_new()
                self._recover()
        self._means.metrics.working(len(self._working), self._bytes_in_work)
        with self._guard("ledger"):
            self._ended = self._is_done()

    def _is_done(self) -> bool:
        if self._stop_by is not None:
            return not self._working or time.monotonic() >= self._stop_by
        if not self._once or self._working:
            return False
        if self._stalled_for:
            return True
        if self._first_scan is None:
            return False
        settles_at = self._intake.settles_at  # what stands still since the first scan is waited for
        settling = settles_at is not None and settles_at <= self._first_scan + self._means.settings.settle
        return not settling and not self._intake.ready and not self._due()

    def _wait(self) -> None:
        """Wait for a worker, a hint, a signal, or the time of the next thing to do."""
        clock = time.monotonic()
        times = [self._next_beat]
        if self._working:
            times.append(clock + self._means.settings.stuck_after / 4)
        if self._stop_by is not None:
            times.append(self._stop_by)
        elif self._stalled:
            times.append(self._stalled_until)
        else:
            times.append(max(self._next_scan, self._earliest_scan))
            with self._guard("ledger"):
                now = time.time()
                due = self._means.ledger.next_due(self._means.me, now) if self._pool.free else None
                times.append(clock + due - now if due else self._next_beat)
        wait([self._awake, *self._pool.connections], max(0.0, min(times) - clock))
        if self._awake.poll():
            self._woken = False
            self._awake.recv_bytes()

    # -- signs of life, and what is done now and then

    def _beat(self) -> None:
        clock = time.monotonic()
        if clock < self._next_beat:
            return
        self._next_beat = clock + self._means.settings.beat_every
        waiting, oldest = self._intake.depth, self._intake.oldest(time.time())
        self._health.write(self._stalled_for, len(self._working), waiting, oldest)
        self._means.ledger.beat(self._means.me, time.time(), self._means.settings.lease)

    def _upkeep(self) -> None:
        clock = time.monotonic()
        if clock < self._next_upkeep:
            return
        self._next_upkeep = clock + _UPKEEP_EVERY
        strays = upkeep.sweep(self._means.layout, self._means.ledger)
        if strays:
            self._means.log.warning("strays", count=strays, advice="processing/ holds what the ledger does not know")
        if self._means.settings.retain_days:
            pruned = upkeep.prune(self._means.layout, self._means.ledger, self._means.settings.retain_days, time.time())
            if pruned:
                self._means.log.info("pruned", count=pruned)

    def _scan(self) -> None:
        begun = time.monotonic()
        if begun < max(self._next_scan, self._earliest_scan):
            return
        self._next_scan = begun + self._means.settings.scan_every
        self._work.check_folders()
        self._intake.scan(begun, time.time())
        self._means.ledger.keep_unclosed(self._intake.names)
        self._first_scan = begun if self._first_scan is None else self._first_scan
        new = self._intake.refused - self._refused
        if new:
            self._means.log.warning("refused", count=len(new), advice="links, pipes, folders and devices are not taken")
        self._refused = self._intake.refused
        self._means.metrics.waiting(self._intake.depth, self._intake.oldest(time.time()))
        ended = time.monotonic()
        self._earliest_scan = ended + max(_LEAST_SCAN_PAUSE, _SCAN_PAUSE * (ended - begun))
        if self._intake.settles_at is not None:
            self._next_scan = min(self._next_scan, self._intake.settles_at)

    # -- taking files into work

    def _due(self) -> list[Drop]:
        due = self._means.ledger.due(self._means.me, time.time())
        return [drop for drop in due if drop.token not in self._working]

    def _go_on(self) -> bool:
        """Go on with drops that were begun, by whoever it was; false where one waits for room, before all new ones."""
        waits = False
        for found in self._due():
            if found.state != "releasing":
                if not self._has_worker(found):
                    continue
                waits = waits or not self._has_room(found)
                if waits:
                    continue
            drop = self._means.ledger.take(found, self._means.me, time.time())
            if drop is None:
                continue
            if found.owner not in (None, self._means.me):
                self._means.log.warning("taken over", **about(drop), state=drop.state)
            with self._guard("outputs", drop):
                self._work.go_on(drop)
        return not waits

    def _take_new(self) -> None:
        while self._pool.free and self._stop_by is None:
            if time.monotonic() >= self._next_beat:
                self._wake()  # the others follow after a sign of life
                return
            file = self._intake.next(huge=self._huge_allowed, room=self._room)
            if file is None:
                return
            seconds = self._work.claim(file)
            if seconds is not None:
                self._intake.set_aside(file, time.monotonic() + seconds)

    def _give(self, drop: Drop, task: Task) -> None:
        self._pool.give(drop.token, task)
        self._working[drop.token] = drop

    @property
    def _bytes_in_work(self) -> int:
        return sum(drop.size for drop in self._working.values())

    @property
    def _room(self) -> int | None:
        """Bytes that may be added to those in work; `None` for any, when nothing is."""
        return self._means.settings.in_flight - self._bytes_in_work if self._working else None

    @property
    def _huge_allowed(self) -> bool:
        """One worker of several is kept for the files that are not huge."""
        huge = sum(drop.size >= self._means.settings.huge for drop in self._working.values())
        return self._means.settings.workers == 1 or huge < self._means.settings.workers - 1

    def _has_worker(self, drop: Drop) -> bool:
        return bool(self._pool.free) and (self._huge_allowed or drop.size < self._means.settings.huge)

    def _has_room(self, drop: Drop) -> bool:
        return self._room is None or drop.size <= self._room

    def _finished(self, drop: Drop) -> None:
        self._clear()
        seconds = time.time() - drop.seen
        verdict = drop.verdict or ""
        self._means.metrics.finished(verdict, seconds)
        told: dict[str, Any] = {**about(drop), "seconds": round(seconds, 3)}
        if drop.verdict == "released":
            told |= {"claims": drop.claims, "rejected": drop.rejected}
        if drop.reason:
            told["reason"] = drop.reason
        log: Callable[..., Any] = self._means.log.warning if drop.verdict == "quarantined" else self._means.log.info
        log(verdict, **told)

    # -- trouble that is no file's fault

    @contextmanager
    def _guard(self, what: str, drop: Drop | None = None) -> Iterator[None]:
        """Such trouble makes the watcher wait a while; the drop is met again as one that is due."""
        try:
            yield
        except TakenOverError:
            self._means.log.warning("lost to another watcher", **(about(drop) if drop else {}))
        except PlaceError as error:
            self._stall(f"{what}: {error}")
        except OSError as error:
            self._stall(f"{what}: {told(error)}")
        except sqlite3.OperationalError as error:
            self._stall(f"ledger: {error}")
        except sqlite3.DatabaseError as error:
            hint = bond.rebuild_hint(self._means.layout.root)
            raise CorruptLedgerError(f"the ledger {self._means.ledger.path} is damaged ({error}): {hint}") from error

    @property
    def _stalled(self) -> bool:
        return self._stalled_for is not None and time.monotonic() < self._stalled_until

    def _stall(self, trouble: str) -> None:
        """Begin nothing for a while, longer each time."""
        if trouble != self._stalled_for:
            self._means.log.error("stalled", reason=trouble)
        if self._stalled:
            return
        self._stalled_for = trouble
        self._stalled_until = time.monotonic() + self._stall_seconds
        self._stall_seconds = min(_LONGEST_STALL, self._stall_seconds * 2)
        self._means.metrics.stalled(stalled=True)

    def _clear(self) -> None:
        if self._stalled_for is not None:
            self._means.log.info("going on")
        self._stalled_for, self._stall_seconds = None, _SHORTEST_STALL
        self._means.metrics.stalled(stalled=False)

    def _recover(self) -> None:
        """Trouble is over when there is nothing left that it could come back with."""
        if self._stalled_for is not None and not self._working and not self._due():
            self._clear()
