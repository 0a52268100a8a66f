"""The worker processes of a run: they are started, and those that die are replaced."""

from __future__ import annotations

from scrubber.engine.engine import Engine
from scrubber.running import workers
from scrubber.running.failures import WorkerError
from scrubber.running.options import RunOptions
from scrubber.running.processes import signals_waiting
from scrubber.running.workers import Worker

RANGES_OF_A_WORKER = 3
"""How many ranges a worker has at a time, so that it need not wait for the next one.

While the parent scrubs a range itself and makes the next ones, a worker does more than two.
"""
_MOST_TRIES = 2
"""How many workers may begin a range before the run fails."""


class Pool:
    """At most so many worker processes. Without `fork` they are new interpreters, as on systems other than Linux."""

    def __init__(self, most: int, *, fork: bool = True) -> None:
        self._most = most
        self._fork = fork
        self._made_from: tuple[RunOptions, Engine] | None = None
        self._workers: list[Worker] = []
        self._died_at_start = 0

    @property
    def pids(self) -> list[int | None]:
        """The ids of the worker processes."""
        return [worker.process.pid for worker in self._workers]

    def fill(self, options: RunOptions, engine: Engine) -> None:
        """Start the workers that are not running. `engine` is made from the options."""
        self._made_from = options, engine
        while len(self._workers) < self._most:
            self._start()

    def with_room(self) -> Worker | None:
        """A worker that has started and may get one more range, `None` if there is none."""
        worker = min((worker for worker in self._workers if worker.ready), key=_tasks, default=None)
        return worker if worker and _tasks(worker) < RANGES_OF_A_WORKER else None

    def take(self, *, wait: bool) -> None:
        """Read what the workers have done; with `wait`, wait for the first of them. Replace those that have died.

        Each message is progress, for an engine that reports progress. Raises `WorkerError`.
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

    def stop(self) -> None:
        """Kill all workers. They are idle, or their work is not needed."""
        if self._workers:
            with signals_waiting():
                for worker in self._workers:
                    worker.kill()
                self._workers.clear()

    def _start(self) -> None:
        assert self._made_from
        with signals_waiting():
            self._workers.append(workers.start(*self._made_from, fork=self._fork))

    def _replace(self, dead: Worker) -> None:
        """Start a worker for one that has died, and share out its tasks. Raises `WorkerError`."""
        dead.kill()
        self._workers.remove(dead)
        self._died_at_start = 0 if dead.ready else self._died_at_start + 1
        if self._died_at_start > _MOST_TRIES * self._most:
            raise WorkerError("worker processes die at their start")
        if dead.ready and dead.tasks:
            first = dead.tasks[0]  # the one that it worked on
            first.tries += 1
            if first.tries > _MOST_TRIES:
                raise WorkerError(f"a worker process died twice on {first.named}")
        self._start()
        for task in dead.tasks:
            min(self._workers, key=_tasks).give(task)


def _tasks(worker: Worker) -> int:
    return len(worker.tasks)
