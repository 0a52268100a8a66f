"""Who scrubs the ranges of a file: this process, some worker processes, or both.

The method `run` of an executor gets a job (what to do with the ranges of one file), and the ranges one after the
other. For each range it has `work.perform(job, given)` called, in any process on any machine that sees the folder of
the job, or scrubs it itself (`work.Performing`). It yields the fragments of the ranges in their order. Three rules:

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

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.running import work, workers
from scrubber.running.failures import WorkerError
from scrubber.running.options import RunOptions
from scrubber.running.work import Fragment, Job, Performing
from scrubber.running.workers import Task, Worker

_RANGES_OF_A_WORKER = 2
"""How many ranges a worker has at a time, so that it need not wait for the next one."""
_MOST_TRIES = 2
"""How many workers may begin a range before the run fails."""

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
            work.write_range(job.folder, one)
            work.perform(job, work.read_range(job.folder, one.number))
            yield work.fragment_of(job, one.number)


class Processes:
    """Scrubs the ranges in `jobs` processes: this one, and workers, which end with the `with` block.

    This process scrubs a range when all workers have enough to do and none can be joined. What it scrubs is neither
    pickled nor written. So two jobs keep two cores busy, and no third process takes turns with them. Without `fork`
    workers are started anew, as they are on systems other than Linux.
    """

    def __init__(self, jobs: int, *, fork: bool = True) -> None:
        self.jobs = jobs
        self._most_workers = jobs - 1
        self._most_tasks = jobs * (_RANGES_OF_A_WORKER + 1)
        self._fork = fork
        self._made_from: tuple[RunOptions, Engine] | None = None
        self._workers: list[Worker] = []
        self._died_at_start = 0

    @property
    def pids(self) -> list[int | None]:
        """The ids of the worker processes."""
        return [worker.process.pid for worker in self._workers]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop()

    def prepare(self, options: RunOptions, engine: Engine) -> None:
        """Start the workers that are not running."""
        self._made_from = options, engine
        while len(self._workers) < self._most_workers:
            self._start()

    def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
        """Have each range done by a worker or this process."""
        assert self._made_from
        work.write_job(job)
        ranges = iter(given)
        tasks: deque[Task] = deque()  # in the order of the ranges; some may be done before the first one
        complete = False
        try:
            self._give(job, ranges, tasks)
            own = Performing(job, self._made_from[1])
            while tasks or self._do(own, ranges, tasks):
                if tasks[0].done:
                    first = tasks.popleft()
                    if first.error:
                        raise first.error
                    yield first.fragment or work.fragment_of(job, first.number)
                elif not self._do(own, ranges, tasks):
                    self._take(wait=True)
                self._look_after_workers(job, ranges, tasks)
            complete = True
        finally:
            if not complete:
                self._stop()

    def _look_after_workers(self, job: Job, ranges: Iterator[Range], tasks: deque[Task]) -> None:
        """Read what the workers have done, and give them more."""
        self._take(wait=False)
        self._give(job, ranges, tasks)

    def _give(self, job: Job, ranges: Iterator[Range], tasks: deque[Task]) -> None:
        """Give ranges to the workers that have too few, unless too many ranges wait for the first one."""
        while self._workers and len(tasks) < self._most_tasks:
            worker = self._least_busy()
            if len(worker.tasks) == _RANGES_OF_A_WORKER:
                return
            one = next(ranges, None)
            if one is None:
                return
            tasks.append(workers.task_of(job, one))
            worker.give(tasks[-1])

    def _do(self, own: Performing, ranges: Iterator[Range], tasks: deque[Task]) -> bool:
        """Scrub the next range in this process if it may, and give ranges to workers between its steps (`flow`).

        Returns whether it did.
        """
        if len(tasks) == self._most_tasks:
            return False
        one = next(ranges, None)
        if one is None:
            return False
        task = workers.task_of_own(own.job, one)
        tasks.append(task)
        task.do(own, one, lambda _: self._look_after_workers(own.job, ranges, tasks))
        return True

    def _take(self, *, wait: bool) -> None:
        """Read the messages of workers; with `wait`, wait for the first. Replace the workers that have died.

        Each message is progress, for an engine that reports progress.
        """
        from multiprocessing import connection

        assert self._made_from
        on_progress = self._made_from[1].on_progress
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
        self._died_at_start = 0 if dead.ready else self._died_at_start + 1
        if self._died_at_start > _MOST_TRIES * self._most_workers:
            raise WorkerError("worker processes die at their start")
        if dead.ready and dead.tasks:
            first = dead.tasks[0]  # the one that it worked on
            first.tries += 1
            if first.tries > _MOST_TRIES:
                raise WorkerError(f"a worker process died twice on {first.named}")
        self._start()
        for task in dead.tasks:
            self._least_busy().give(task)

    def _least_busy(self) -> Worker:
        return min(self._workers, key=lambda worker: len(worker.tasks))

    def _start(self) -> None:
        assert self._made_from
        self._workers.append(workers.start(*self._made_from, fork=self._fork))

    def _stop(self) -> None:
        """Kill all workers. They are idle, or their work is not needed."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
