"""Worker processes. One that dies, or makes no progress, costs one try of one file and is replaced."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

import attrs

from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.worker import Failure, Result, Task, engine_of, fingerprint, perform
from scrubber.running.options import RunOptions

_HEARD_EVERY = 1.0


@attrs.frozen
class _Ready:
    """The first word of a worker: the rules that it has loaded, or why it could not."""

    fingerprint: str
    trouble: str = ""


@attrs.define(eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    heard: float
    ready: bool = False
    key: str | None = None


class Pool:
    """Up to `size` workers, started when there is work. Each loads the rules anew, which must not have changed."""

    def __init__(self, size: int, rules: RunOptions, expected: str, context: BaseContext | None = None) -> None:
        self._size = size
        self._rules = rules
        self._expected = expected
        self._context = context or multiprocessing.get_context("spawn")  # forking is unsafe beside threads
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """How many more tasks can be given."""
        return self._size - sum(worker.key is not None for worker in self._workers)

    @property
    def connections(self) -> Sequence[Connection]:
        """What to wait for: one of them is ready when a worker has something to say, or has died."""
        return [worker.connection for worker in self._workers]

    def give(self, key: str, task: Task) -> None:
        """Set a free worker to a task."""
        worker = next((worker for worker in self._workers if worker.key is None), None) or self._start()
        worker.key = key
        worker.heard = time.monotonic()
        with suppress(OSError):  # it has died; its connection says so next
            worker.connection.send(task)

    def results(self, stuck_after: float) -> Iterator[tuple[str, Result]]:
        """The tasks that are done by now, with their results. Raises `WatchError` where workers cannot do any."""
        for worker in list(self._workers):
            try:
                while worker.connection.poll():
                    result = self._hear(worker, worker.connection.recv())
                    if result is not None and worker.key is not None:
                        key, worker.key = worker.key, None
                        yield key, result
            except (EOFError, OSError):
                yield from self._buried(worker, "the worker process died")
                continue
            if worker.key is not None and time.monotonic() - worker.heard > stuck_after:
                yield from self._buried(worker, f"no progress for {stuck_after:g} seconds")

    def stop(self) -> None:
        """End all workers, at once."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, self._rules), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        worker = _Worker(process, ours, time.monotonic())
        self._workers.append(worker)
        return worker

    def _hear(self, worker: _Worker, said: _Ready | Result | None) -> Result | None:
        worker.heard = time.monotonic()
        if isinstance(said, _Ready):
            if said.trouble:
                raise WatchError(said.trouble)
            worker.ready = True
            if said.fingerprint != self._expected:
                raise WatchError("the profile or the edits have changed since the start; start again to use them")
            return None
        return said

    def _buried(self, worker: _Worker, reason: str) -> Iterator[tuple[str, Result]]:
        worker.process.kill()
        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        if worker.key is not None:
            yield worker.key, Failure(f"{reason} (exit {worker.process.exitcode})", place=not worker.ready)


def serve(connection: Connection, rules: RunOptions) -> None:
    """The life of a worker: it ends with the process that started it, and not by the signals meant for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    last = time.monotonic()

    def heard() -> None:
        nonlocal last
        if time.monotonic() - last > _HEARD_EVERY:
            last = time.monotonic()
            connection.send(None)

    try:
        try:
            engine = engine_of(rules)
        except WatchError as error:
            connection.send(_Ready("", f"a worker cannot load the rules: {error}"))
            return
        connection.send(_Ready(fingerprint(engine)))
        while True:
            connection.send(perform(connection.recv(), engine, heard, conformance=rules.conformance))
    except (EOFError, OSError):
        return


def _end_with_the_parent() -> None:
    """Wait until the process that started this one has died, by whatever, and end at once, whatever is in work."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
