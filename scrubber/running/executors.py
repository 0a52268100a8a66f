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
from collections.abc import Generator, Iterable
from concurrent import futures  # its parts are loaded when they are used
from types import TracebackType
from typing import Any, Protocol, Self

import attrs

from scrubber.engine.ranges import Range
from scrubber.running import work
from scrubber.running.failures import WorkerError
from scrubber.running.options import RunOptions
from scrubber.running.work import Job

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

    def prepare(self, options: RunOptions, rules: str) -> None:
        """A large file is about to be read: workers can load their engines meanwhile. It may do nothing."""

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Have each range done. Yields once for each, in their order. Raises `WorkerError`."""


class Serial:
    """Scrubs the ranges in this process, for tests."""

    def prepare(self, options: RunOptions, rules: str) -> None:
        """There is nothing to prepare."""

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Do each range."""
        for one in given:
            work.perform(job, one)
            yield


@attrs.define(eq=False)
class _Worker:
    """One process, in a pool of its own: if it dies, no other one is affected.

    `number` is shared with the process: the number of the range that it does. `given` counts the ranges that it has.
    """

    pool: futures.ProcessPoolExecutor
    number: Any
    given: int = 0


@attrs.define(eq=False)
class _Doing:
    """A range that is being done."""

    range: Range
    worker: _Worker
    future: futures.Future[None]
    tries: int = 1


class Processes:
    """Scrubs the ranges in `jobs` worker processes. They start with the first file, and end with the `with` block."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._workers: list[_Worker] = []
        self._stillborn = 0

    @property
    def pids(self) -> list[int]:
        """The ids of the worker processes that have been started."""
        return [pid for worker in self._workers for pid in (worker.pool._processes or {})]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop()

    def prepare(self, options: RunOptions, rules: str) -> None:
        """Start the workers."""
        while len(self._workers) < self.jobs:
            self._start(options, rules)

    def run(self, job: Job, given: Iterable[Range]) -> Generator[None, None, None]:
        """Have each range done by a worker."""
        work.write_job(job)
        doing: deque[_Doing] = deque()
        ranges = iter(given)
        more, done = True, False
        try:
            while more or doing:
                while more and len(doing) < self.jobs * (_EACH + 1) and (worker := self._free(job)):
                    one = next(ranges, None)
                    if one is None:
                        more = False
                    else:
                        doing.append(_Doing(one, worker, self._submit(worker, job, one)))
                if doing and doing[0].future.done() and not _failed(doing[0].future):
                    doing.popleft().future.result()
                    yield
                elif doing:
                    self._wait(job, doing)
            done = True
        finally:
            if not done:
                self._stop()

    def _wait(self, job: Job, doing: Iterable[_Doing]) -> None:
        """Wait until a range is done, and do those again on which a worker died. Raises `WorkerError`."""
        futures.wait([one.future for one in doing if not one.future.done()], return_when=futures.FIRST_COMPLETED)
        for dead in {one.worker for one in doing if one.future.done() and _failed(one.future)}:
            number = dead.number.value
            self._discard(dead)
            self._stillborn = 0 if number else self._stillborn + 1
            if self._stillborn > _MOST_TRIES * self.jobs:
                raise WorkerError("worker processes die at their start")
            for one in doing:
                if one.worker is dead and (not one.future.done() or _failed(one.future)):
                    one.tries += one.range.number == number
                    if one.tries > _MOST_TRIES:
                        raise WorkerError(f"a worker process died twice on {one.range.named}")
                    one.worker = self._free(job, even_busy=True) or self._start(job.options, job.rules)
                    one.future = self._submit(one.worker, job, one.range)

    def _submit(self, worker: _Worker, job: Job, given: Range) -> futures.Future[None]:
        worker.given += 1
        try:
            future = worker.pool.submit(work.perform_in_worker, job.folder, given)
        except futures.BrokenExecutor as error:  # it has died meanwhile
            future = futures.Future()
            future.set_exception(error)

        def count(_: futures.Future[None]) -> None:
            worker.given -= 1

        future.add_done_callback(count)
        return future

    def _free(self, job: Job, *, even_busy: bool = False) -> _Worker | None:
        """The worker with the least work, a new one if there are too few, `None` if all have enough."""
        if len(self._workers) < self.jobs:
            return self._start(job.options, job.rules)
        least = min(self._workers, key=lambda worker: worker.given)
        return least if even_busy or least.given < _EACH else None

    def _start(self, options: RunOptions, rules: str) -> _Worker:
        import multiprocessing

        context = multiprocessing.get_context("spawn")  # forking is unsafe beside threads
        number = context.Value("q", 0, lock=False)
        worker = _Worker(futures.ProcessPoolExecutor(1, context, work.begin_worker, (number,)), number)
        self._workers.append(worker)
        worker.pool.submit(work.prepare_worker, options, rules)
        return worker

    def _discard(self, worker: _Worker) -> None:
        """Kill a worker."""
        self._workers.remove(worker)
        for process in list((worker.pool._processes or {}).values()):
            process.kill()
        worker.pool.shutdown(cancel_futures=True)

    def _stop(self) -> None:
        """Kill all workers: what they do is not needed, or they are idle."""
        for worker in list(self._workers):
            self._discard(worker)


def _failed(future: futures.Future[None]) -> bool:
    """Whether the worker of a range has died. Any other error is one of the range."""
    return isinstance(future.exception(), futures.BrokenExecutor)
