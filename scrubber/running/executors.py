"""Who scrubs the ranges of a file: this process, some worker processes, or both.

The method `run` of an executor gets a job (what to do with the ranges of one file), and the ranges one after the
other. For each range it has `work.perform(job, given)` called, in any process on any machine that sees the folder of
the job, or scrubs it itself (`work.FragmentMaker`). It yields the fragments of the ranges in their order. Three rules:

- It takes few ranges ahead of those that are done, as each holds the bytes of its claims.
- If a worker dies on a range, the range may be done again: its last fragment counts. If a second worker dies on it,
  the executor raises `WorkerError`.
- When `run` is closed, no worker writes into the folder any more.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.running import work, workers
from scrubber.running.job import Fragment, Job
from scrubber.running.options import RunOptions
from scrubber.running.pool import RANGES_OF_A_WORKER, Pool
from scrubber.running.work import FragmentMaker
from scrubber.running.workers import Task

USUAL_MOST = 8
"""The most processes if the user gives no number. The process that divides a file cannot keep more of them busy."""


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Executor(Protocol):
    """Has the ranges of files scrubbed. The docstring of the module has the rules."""

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """Start the workers that are not running. A large file is about to be read or scrubbed.

        `engine` is made from the options. This is called before `run`, and may be called several times.
        """

    def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
        """Have each range done. Yields their fragments in their order. Raises `WorkerError`."""


class Serial:
    """Scrubs the ranges in this process as a worker does, for tests."""

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """This does nothing, as there are no workers."""

    def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
        """Do each range."""
        for one in given:
            job.write_range(one)
            work.perform(job, job.read_range(one.number))
            yield job.take_fragment(one.number)


class Processes:
    """Scrubs the ranges in `jobs` processes: this one, and workers, which end with the `with` block.

    This process scrubs a range when all workers have enough to do, or have not started, and none can be joined. What it
    scrubs is neither pickled nor written. So two jobs keep two cores busy, and no third process takes turns with them.
    Without `fork` workers are new interpreters, as they are on systems other than Linux.
    """

    def __init__(self, jobs: int, *, fork: bool = True) -> None:
        self.jobs = jobs
        self._pool = Pool(jobs - 1, fork=fork)
        self._engine: Engine | None = None

    @property
    def pids(self) -> list[int | None]:
        """The ids of the worker processes."""
        return self._pool.pids

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._pool.stop()

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """Start the workers that are not running."""
        self._engine = engine
        self._pool.fill(options, engine)

    def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
        """Have each range done by a worker or this process."""
        assert self._engine
        most = self.jobs * (RANGES_OF_A_WORKER + 1)
        job = attrs.evolve(job, ahead=most)
        job.write()
        complete = False
        try:
            yield from _Run(job, given, self._pool, self._engine, most).fragments()
            complete = True
        finally:
            if not complete:
                self._pool.stop()


class _Run:
    """The ranges of a job, each a task of a worker or of this process.

    `tasks` are in the order of the ranges, at most `most` of them. Some may be done before the first one.
    """

    def __init__(self, job: Job, given: Iterable[Range], pool: Pool, engine: Engine, most: int) -> None:
        self._job = job
        self._ranges = iter(given)
        self._pool = pool
        self._engine = engine
        self._most = most
        self._tasks: deque[Task] = deque()

    def fragments(self) -> Iterator[Fragment]:
        """The fragments in the order of the ranges. Raises `WorkerError`, and what went wrong with a range."""
        self._look_after_workers()
        own = FragmentMaker(self._job, self._engine)
        while True:
            if self._tasks and self._tasks[0].done:
                yield self._tasks.popleft().result(self._job)
            elif one := self._next():
                self._do(own, one)
            elif self._tasks:
                self._pool.take(wait=True)
            else:
                return
            self._look_after_workers()

    def _next(self) -> Range | None:
        """The next range, `None` at the end and where too many wait for the first one."""
        return next(self._ranges, None) if len(self._tasks) < self._most else None

    def _do(self, own: FragmentMaker, one: Range) -> None:
        """Scrub a range in this process, and look after the workers between its steps (`flow`)."""
        task = workers.task_of_own(self._job, one)
        self._tasks.append(task)
        task.do(own, one, lambda _: self._look_after_workers())

    def _look_after_workers(self) -> None:
        """Read what the workers have done, and give them more."""
        self._pool.take(wait=False)
        while (worker := self._pool.with_room()) and (one := self._next()):
            self._tasks.append(workers.task_of(self._job, one))
            worker.give(self._tasks[-1])
