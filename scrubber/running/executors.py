"""Who scrubs the ranges of a file: this process, or some worker processes.

An executor has one method, `run`. It is given a job (what to do with the ranges of one file), and the ranges one after
the other. It has `work.perform(job, given)` done for each, in any process on any machine that sees the job's folder,
and yields once for each range, in their order, when the range is done. The outputs of a range are then in the folder
(`work.Fragment`). Three rules:

- It takes few ranges ahead of those that are done, as each holds the bytes of its claims.
- It may do a range again, if a worker dies: the last fragment of a range counts. If the worker dies on the same range
  again, it raises `WorkerError`.
- When `run` is closed, no worker writes into the folder any more.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.running import work, workers
from scrubber.running.failures import WorkerError
from scrubber.running.options import RunOptions
from scrubber.running.work import Job
from scrubber.running.workers import Task, Worker

_EACH = 2
"""How many ranges a worker is given at once, so that it need not wait for the next one."""
_MOST_TRIES = 2


USUAL_MOST = 8
"""The most processes that are used where a user does not choose: the one that divides a file keeps no more busy."""


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Executor(Protocol):
    """Has the ranges of files scrubbed; see the module."""

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """A large file is about to be read, or to be scrubbed: workers are started if they are not there.

        The engine is that of the options. It comes before `run`, and may come several times.
        """

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Have each range done. Yields once for each, in their order. Raises `WorkerError`."""


class Serial:
    """Scrubs the ranges in this process, for tests."""

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """There is nothing to prepare."""

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Do each range."""
        for one in given:
            work.perform(job, one)
            yield


class Processes:
    """Scrubs the ranges in `jobs` worker processes. They start with the first file, and end with the `with` block.

    Without `fork` they are started anew, as on other systems than Linux.
    """

    def __init__(self, jobs: int, *, fork: bool = True) -> None:
        self.jobs = jobs
        self._fork = fork
        self._by: tuple[RunOptions, Engine] | None = None
        self._workers: list[Worker] = []
        self._stillborn = 0

    @property
    def pids(self) -> list[int | None]:
        """The ids of the worker processes."""
        return [worker.process.pid for worker in self._workers]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop()

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """Start the workers that are not there."""
        self._by = options, engine
        while len(self._workers) < self.jobs:
            self._start()

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Have each range done by a worker."""
        work.write_job(job)
        ranges = iter(given)
        tasks: deque[Task] = deque()  # in the order of the ranges; some may be done before the first one
        complete = False
        try:
            self._give(job, ranges, tasks)
            while tasks:
                self._take(wait=not tasks[0].done)
                self._give(job, ranges, tasks)
                if tasks[0].done:
                    first = tasks.popleft()
                    if first.error:
                        raise first.error
                    yield
            complete = True
        finally:
            if not complete:
                self._stop()

    def _give(self, job: Job, ranges: Iterator[Range], tasks: deque[Task]) -> None:
        """Give each worker ranges that has too few, as long as not too many wait for the first one."""
        while len(tasks) < self.jobs * (_EACH + 1):
            worker = self._least_busy()
            if len(worker.tasks) == _EACH:
                return
            one = next(ranges, None)
            if one is None:
                return
            tasks.append(workers.task_of(job, one))
            worker.give(tasks[-1])

    def _take(self, *, wait: bool) -> None:
        """Take what workers have sent; with `wait`, wait until one of them has. Replace those that have died.

        Whatever they send is progress, for an engine that reports it.
        """
        from multiprocessing import connection

        assert self._by
        on_progress = self._by[1].on_progress
        by_connection = {worker.connection: worker for worker in self._workers}
        for ready in connection.wait(by_connection, None if wait else 0):
            worker = by_connection[ready]  # type: ignore[index]
            try:
                worker.take()
            except (EOFError, OSError):
                self._replace(worker)
            else:
                if on_progress:
                    on_progress()

    def _replace(self, dead: Worker) -> None:
        """Start a worker for one that has died, and give its tasks to the others. Raises `WorkerError`."""
        self._workers.remove(dead)
        dead.kill()
        self._stillborn = 0 if dead.ready else self._stillborn + 1
        if self._stillborn > _MOST_TRIES * self.jobs:
            raise WorkerError("worker processes die at their start")
        if dead.ready and dead.tasks:
            first = dead.tasks[0]  # it was on this one
            first.tries += 1
            if first.tries > _MOST_TRIES:
                raise WorkerError(f"a worker process died twice on {first.named}")
        self._start()
        for task in dead.tasks:
            self._least_busy().give(task)

    def _least_busy(self) -> Worker:
        return min(self._workers, key=lambda worker: len(worker.tasks))

    def _start(self) -> None:
        assert self._by
        self._workers.append(workers.start(*self._by, fork=self._fork))

    def _stop(self) -> None:
        """Kill all workers: what they do is not needed, or they are idle."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
