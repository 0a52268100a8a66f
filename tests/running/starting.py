"""Worker processes that have started: before that they get no range, so a small file may be done without them."""

from __future__ import annotations

from scrubber import RunOptions
from scrubber.engine.engine import Engine
from scrubber.running.executors import Processes


def with_workers(executor: Processes, options: RunOptions, engine: Engine) -> Processes:
    """The executor, once all its workers have started. Raises `WorkerError` if they cannot."""
    executor.prepare(options, engine)
    pool = executor._pool
    while not all(worker.ready for worker in pool._workers):
        pool.take(wait=True)
    return executor
