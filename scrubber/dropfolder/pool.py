"""Worker processes. One that dies or makes no progress costs one try of one file, and is replaced."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

import attrs

from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.worker import Failure, Result, Task, engine_of, perform
from scrubber.running.options import RunOptions
from scrubber.running.processes import fingerprint, follow_the_parent, signals_waiting

_PROGRESS_EVERY = 1.0
_TO_LOAD = 120.0
"""Seconds that a worker may take at its start. A busy machine loads profile and edits slowly."""


@attrs.frozen
class _Ready:
    """The first message of a worker: the fingerprint of what it has loaded, or the error."""

    fingerprint: str
    error: str = ""


@attrs.define(eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    last_progress: float
    longest: float = math.inf
    assigned: float = 0.0
    ready: bool = False
    key: str | None = None


class Pool:
    """Up to `size` workers, started when there is work. Each loads profile and edits, which must not have changed.

    A worker is killed when it has made no progress for `stuck_after` seconds. It divides a large file over `jobs`
    processes of its own; 0: as many as there are cores, at most 8.
    """

    def __init__(
        self,
        size: int,
        options: RunOptions,
        expected: str,
        context: BaseContext | None = None,
        jobs: int = 1,
        *,
        stuck_after: float,
    ) -> None:
        self._size = size
        self._options = options
        self._jobs = jobs
        self._expected = expected
        self._stuck_after = stuck_after
        self._context = context or multiprocessing.get_context("spawn")  # forking is unsafe beside threads
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """How many more tasks can be assigned."""
        return self._size - sum(worker.key is not None for worker in self._workers)

    @property
    def connections(self) -> Sequence[Connection]:
        """What to wait for: one of them is ready when a worker has sent a message or died."""
        return [worker.connection for worker in self._workers]

    def assign(self, key: str, task: Task, longest: float) -> None:
        """Assign a task to a free worker. It may take at most `longest` seconds, without the worker's start."""
        worker = next((worker for worker in self._workers if worker.key is None), None) or self._start()
        worker.key = key
        worker.last_progress = worker.assigned = time.monotonic()
        worker.longest = longest
        with suppress(OSError):  # it has died; `results` finds that out
            worker.connection.send(task)

    def results(self) -> Iterator[tuple[str, Result]]:
        """The tasks that are done, with their results. Raises `WatchError` where workers cannot start."""
        for worker in list(self._workers):
            try:
                while worker.connection.poll():
                    result = self._receive(worker, worker.connection.recv())
                    if result is not None and worker.key is not None:
                        key, worker.key = worker.key, None
                        yield key, result
            except (EOFError, OSError):
                yield from self._discard(worker, "the worker process died")
                continue
            if worker.key is None:
                continue
            stuck_after = self._stuck_after if worker.ready else max(self._stuck_after, _TO_LOAD)
            if time.monotonic() - worker.last_progress > stuck_after:
                yield from self._discard(worker, f"no progress for {stuck_after:g} seconds")
            elif worker.ready and time.monotonic() - worker.assigned > worker.longest:
                yield from self._discard(worker, f"not done within {worker.longest:.1f} seconds, the most for its size")

    def stop(self) -> None:
        """Kill all workers."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        # no daemons: they must not have processes of their own
        every = min(_PROGRESS_EVERY, self._stuck_after / 4)
        given = (theirs, self._options, self._jobs, every)
        process = self._context.Process(target=serve, args=given)  # type: ignore[attr-defined]
        with signals_waiting():
            process.start()
            worker = _Worker(process, ours, time.monotonic())
            self._workers.append(worker)
        theirs.close()
        return worker

    def _receive(self, worker: _Worker, message: _Ready | Result | None) -> Result | None:
        worker.last_progress = time.monotonic()
        if isinstance(message, _Ready):
            if message.error:
                raise WatchError(message.error)
            worker.ready = True
            worker.assigned = worker.last_progress
            if message.fingerprint != self._expected:
                raise WatchError(
                    "the profile, the edits or the tables have changed since the start; start the watcher again"
                )
            return None
        return message

    def _discard(self, worker: _Worker, reason: str) -> Iterator[tuple[str, Result]]:
        worker.process.kill()
        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        if worker.key is not None:
            yield worker.key, Failure(f"{reason} (exit {worker.process.exitcode})", stalls=not worker.ready)


def serve(connection: Connection, options: RunOptions, jobs: int, every: float) -> None:
    """The main loop of a worker. It reports progress at most once in `every` seconds.

    It ends with its parent process, and ignores the signals meant for the parent.
    """
    follow_the_parent()
    last = time.monotonic()

    def on_progress() -> None:
        nonlocal last
        if time.monotonic() - last > every:
            last = time.monotonic()
            connection.send(None)

    try:
        try:
            engine = engine_of(options)
        except WatchError as error:
            connection.send(_Ready("", f"a worker cannot load profile and edits: {error}"))
            return
        connection.send(_Ready(fingerprint(engine)))
        while True:
            connection.send(perform(connection.recv(), engine, on_progress, options, jobs))
    except (EOFError, OSError):
        return
