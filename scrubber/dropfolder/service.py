"""The service: scans the folder, assigns tasks to workers, handles their results. It may be killed at any time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from scrubber.dropfolder import upkeep
from scrubber.dropfolder.drop import Drop
from scrubber.dropfolder.errors import CorruptLedgerError, StallError, TakenOverError
from scrubber.dropfolder.generation import rebuild_hint
from scrubber.dropfolder.health import HealthFile
from scrubber.dropfolder.intake import Intake
from scrubber.dropfolder.log import about
from scrubber.dropfolder.notices import Notices
from scrubber.dropfolder.pool import Pool
from scrubber.dropfolder.work import Runtime, Work
from scrubber.dropfolder.worker import Task
from scrubber.running.failures import describe

OK, FAILED = 0, 2

_UPKEEP_EVERY = 3600.0
_SHORTEST_STALL, _LONGEST_STALL = 1.0, 30.0
_SCAN_PAUSE = 10  # times as long as a scan took
_LEAST_SCAN_PAUSE = 0.05


class Service:
    """One watcher of a folder.

    With `once` it ends when all files that were there at the start are done, or wait for their next try.
    """

    def __init__(self, runtime: Runtime, pool: Pool, health: HealthFile, *, once: bool = False) -> None:
        self._layout, self._settings, self._ledger = runtime.layout, runtime.settings, runtime.ledger
        self._log, self._metrics, self._watcher = runtime.log, runtime.metrics, runtime.watcher
        self._pool = pool
        self._health = health
        self._once = once
        self._intake = Intake(runtime.layout["in"], runtime.settings)
        self._work = Work(runtime, self._assign, self._finished)
        self._notices = Notices(runtime.ledger, runtime.settings.notify, runtime.watcher, runtime.log, self._wake)
        self._working: dict[str, Drop] = {}
        self._refused: frozenset[str] = frozenset()
        self._next_heartbeat = self._next_scan = self._earliest_scan = self._next_upkeep = 0.0
        self._first_scan: float | None = None
        self._stalled_for: str | None = None
        self._stalled_until = 0.0
        self._stall_seconds = _SHORTEST_STALL
        self._stop_by: float | None = None
        self._ended = False
        self._awake, self._waker = Pipe(duplex=False)
        self._woken = False

    # -- calls from signal handlers and the thread of the hints

    def stop(self) -> None:
        """Take no new file. End when the files in work are done, at the latest after the grace time."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + self._settings.grace
        self._wake()

    def hint(self) -> None:
        """Something changed in the folder: scan it soon."""
        self._next_scan = 0.0
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            self._waker.send_bytes(b"!")

    # -- the loop

    def run(self) -> int:
        """Watch until stopped, and return the exit status. Raises `WatchError` where it cannot continue."""
        left = 0
        try:
            while True:
                self._step()
                if self._ended:
                    break
                self._wait()
            if self._once and self._stop_by is None:
                left = self._say_what_is_left()
        finally:
            self._pool.stop()
            self._notices.stop()
            self._health.end()
            with suppress(sqlite3.Error):
                self._ledger.sign_off(self._watcher)
        return FAILED if left or (self._once and self._stalled_for) else OK

    def _say_what_is_left(self) -> int:
        """Log how many files are not done, and return the number."""
        left = 0
        with self._guard("ledger"):
            left = self._ledger.left(self._watcher, time.time())
        if left:
            self._log.warning("not done", files=left, advice="the next watcher tries them again")
        return left

    def _step(self) -> None:
        with self._guard("ledger"):
            self._heartbeat()
        for token, result in self._pool.results():
            drop = self._working.pop(token)
            with self._guard("outputs", drop):
                self._work.handle(drop, result)
        if self._stop_by is None and not self._stalled:
            with self._guard("folder"):
                self._scan()
                self._upkeep()
                if self._resume_due():
                    self._take_new()
                self._recover()
        self._metrics.working(len(self._working), self._bytes_in_work)
        with self._guard("ledger"):
            self._notices.step()
            self._ended = self._is_done()

    def _is_done(self) -> bool:
        if self._stop_by is not None:
            return (not self._working and self._notices.idle()) or time.monotonic() >= self._stop_by
        if not self._once or self._working or not self._notices.idle():
            return False
        if self._stalled_for:
            return True
        if self._first_scan is None:
            return False
        settles_at = self._intake.settles_at  # wait for files that have not changed since the first scan
        settling = settles_at is not None and settles_at <= self._first_scan + self._settings.settle
        return not settling and not self._intake.ready and not self._due()

    def _wait(self) -> None:
        """Wait for a worker, a hint, a signal, or the next scheduled step."""
        clock = time.monotonic()
        times = [self._next_heartbeat]
        if self._working:
            times.append(clock + self._settings.stuck_after / 4)
        if self._stop_by is not None:
            times.append(self._stop_by)
        elif self._stalled:
            times.append(self._stalled_until)
        else:
            times.append(max(self._next_scan, self._earliest_scan))
            with self._guard("ledger"):
                now = time.time()
                due = self._ledger.next_due(self._watcher, now) if self._pool.free else None
                times.append(clock + due - now if due else self._next_heartbeat)
        wait([self._awake, *self._pool.connections], max(0.0, min(times) - clock))
        if self._awake.poll():
            self._woken = False
            self._awake.recv_bytes()

    # -- heartbeat, upkeep and scan

    def _heartbeat(self) -> None:
        clock = time.monotonic()
        if clock < self._next_heartbeat:
            return
        self._next_heartbeat = clock + self._settings.heartbeat_every
        waiting, oldest = self._intake.depth, self._intake.oldest(time.time())
        self._health.write(self._stalled_for, len(self._working), waiting, oldest)
        self._ledger.heartbeat(self._watcher, time.time(), self._settings.lease)

    def _upkeep(self) -> None:
        clock = time.monotonic()
        if clock < self._next_upkeep:
            return
        self._next_upkeep = clock + _UPKEEP_EVERY
        unknown = upkeep.sweep(self._layout, self._ledger)
        if unknown:
            advice = "processing/ has entries that the ledger does not know; they stay there"
            self._log.warning("unknown files", count=unknown, advice=advice)
        if self._settings.retain_days:
            days = self._settings.retain_days
            pruned = upkeep.prune(self._layout, self._ledger, days, time.time())
            if pruned:
                self._log.info("pruned", count=pruned)

    def _scan(self) -> None:
        begun = time.monotonic()
        if begun < max(self._next_scan, self._earliest_scan):
            return
        self._next_scan = begun + self._settings.scan_every
        self._work.check_folders()
        self._intake.scan(begun, time.time())
        self._ledger.forget_unclosed_except(self._intake.names)
        self._first_scan = begun if self._first_scan is None else self._first_scan
        new = self._intake.refused - self._refused
        if new:
            advice = "links, pipes, folders and devices are not taken"
            self._log.warning("refused", count=len(new), advice=advice)
        self._refused = self._intake.refused
        self._metrics.waiting(self._intake.depth, self._intake.oldest(time.time()))
        ended = time.monotonic()
        self._earliest_scan = ended + max(_LEAST_SCAN_PAUSE, _SCAN_PAUSE * (ended - begun))
        if self._intake.settles_at is not None:
            self._next_scan = min(self._next_scan, self._intake.settles_at)

    # -- taking files into work

    def _due(self) -> list[Drop]:
        due = self._ledger.due(self._watcher, time.time())
        return [drop for drop in due if drop.token not in self._working]

    def _resume_due(self) -> bool:
        """Continue drops that this or another watcher began. False if one of them waits for room: it comes first."""
        waits = False
        for found in self._due():
            if found.state != "releasing":
                if not self._has_worker(found):
                    continue
                waits = waits or not self._has_room(found)
                if waits:
                    continue
            drop = self._ledger.take(found, self._watcher, time.time())
            if drop is None:
                continue
            if found.owner not in (None, self._watcher):
                self._log.warning("taken over", **about(drop), state=drop.state)
            with self._guard("outputs", drop):
                self._work.resume(drop)
        return not waits

    def _take_new(self) -> None:
        while self._pool.free and self._stop_by is None:
            if time.monotonic() >= self._next_heartbeat:
                self._wake()  # the next files follow after a heartbeat
                return
            file = self._intake.next(huge=self._huge_allowed, room=self._room)
            if file is None:
                return
            seconds = self._work.claim(file)
            if seconds is not None:
                self._intake.set_aside(file, time.monotonic() + seconds)

    def _assign(self, drop: Drop, task: Task) -> None:
        self._pool.assign(drop.token, task, self._settings.longest(drop.size))
        self._working[drop.token] = drop

    @property
    def _bytes_in_work(self) -> int:
        return sum(drop.size for drop in self._working.values())

    @property
    def _room(self) -> int | None:
        """Bytes that may be added to those in work; `None`, for any number, when nothing is in work."""
        return self._settings.in_flight - self._bytes_in_work if self._working else None

    @property
    def _huge_allowed(self) -> bool:
        """Whether a huge file may start: it never takes the last free worker of several."""
        huge = sum(drop.size >= self._settings.huge for drop in self._working.values())
        return self._settings.workers == 1 or huge < self._settings.workers - 1

    def _has_worker(self, drop: Drop) -> bool:
        return bool(self._pool.free) and (self._huge_allowed or drop.size < self._settings.huge)

    def _has_room(self, drop: Drop) -> bool:
        return self._room is None or drop.size <= self._room

    def _finished(self, drop: Drop) -> None:
        self._end_stall()
        seconds = time.time() - drop.seen
        verdict = drop.verdict or ""
        self._metrics.finished(verdict, seconds)
        fields: dict[str, Any] = {**about(drop), "seconds": round(seconds, 3)}
        if drop.verdict == "released":
            fields |= {"claims": drop.claims, "flagged": drop.flagged, "held": drop.held, "rejected": drop.rejected}
        if drop.reason:
            fields["reason"] = drop.reason
        log: Callable[..., Any] = self._log.warning if drop.verdict == "quarantined" else self._log.info
        log(verdict, **fields)

    # -- stalls: trouble that is not the fault of a file

    @contextmanager
    def _guard(self, what: str, drop: Drop | None = None) -> Iterator[None]:
        """Stall on such trouble. The drop stays due, so the watcher finds it again."""
        try:
            yield
        except TakenOverError:
            self._log.warning("lost to another watcher", **(about(drop) if drop else {}))
        except StallError as error:
            self._stall(f"{what}: {error}")
        except OSError as error:
            self._stall(f"{what}: {describe(error)}")
        except sqlite3.OperationalError as error:
            self._stall(f"ledger: {error}")
        except sqlite3.DatabaseError as error:
            hint = rebuild_hint(self._layout.root)
            raise CorruptLedgerError(f"the ledger {self._ledger.path} is damaged ({error}): {hint}") from error

    @property
    def _stalled(self) -> bool:
        return self._stalled_for is not None and time.monotonic() < self._stalled_until

    def _stall(self, trouble: str) -> None:
        """Start nothing for a while, each time for longer."""
        if trouble != self._stalled_for:
            self._log.error("stalled", reason=trouble)
        if self._stalled:
            return
        self._stalled_for = trouble
        self._stalled_until = time.monotonic() + self._stall_seconds
        self._stall_seconds = min(_LONGEST_STALL, self._stall_seconds * 2)
        self._metrics.stalled(stalled=True)

    def _end_stall(self) -> None:
        if self._stalled_for is not None:
            self._log.info("recovered")
        self._stalled_for, self._stall_seconds = None, _SHORTEST_STALL
        self._metrics.stalled(stalled=False)

    def _recover(self) -> None:
        """End the stall when no drop is left that could fail again."""
        if self._stalled_for is not None and not self._working and not self._due():
            self._end_stall()
