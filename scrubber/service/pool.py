"""Worker processes that scrub. One that dies costs one request, and is replaced."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, suppress

import attrs

from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.processes import signals_waiting
from scrubber.service import working
from scrubber.service.errors import RequestError, ServiceError, busy
from scrubber.service.working import Job, Result

MOST_SECONDS = 900.0
"""A worker that takes longer for a file is killed."""
_WAIT_AFTER_DEATH = 1
"""Seconds after which a client may try again."""


@attrs.define(eq=False)
class _Worker:
    """One process, in an executor of its own: if it dies, no other one is affected."""

    executor: ProcessPoolExecutor
    pid: int = 0


class Pool:
    """`size` workers; `queue` requests may wait for them. `died` is called for each worker that dies."""

    def __init__(self, size: int, queue: int, options: RunOptions, died: Callable[[], None] = lambda: None) -> None:
        self._size = size
        self._queue = queue
        self._options = options
        self._died = died
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()  # the last one has its caches warm
        self._all: set[_Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        self.waiting = 0
        """Requests that wait for a worker."""

    @property
    def alive(self) -> int:
        """How many workers are ready or at work."""
        return len(self._all)

    @property
    def working(self) -> int:
        """How many workers are at work."""
        return len(self._all) - self._idle.qsize()

    @property
    def full(self) -> bool:
        """Whether no further request may wait."""
        return self.waiting >= self._queue and self._idle.empty()

    async def start(self) -> None:
        """Start all workers, and wait until they have loaded their engine. Raises `ServiceError`."""
        try:
            for worker in await asyncio.gather(*(self._started() for _ in range(self._size))):
                self._idle.put_nowait(worker)
        except (OptionsError, BrokenProcessPool) as error:
            self.stop()
            reason = str(error) if isinstance(error, OptionsError) else "a worker process died at its start"
            raise ServiceError(reason) from error

    def stop(self) -> None:
        """Kill all workers, and wait until they have ended: what they share is then given back to the system."""
        for task in self._replacing:
            task.cancel()
        workers = [*self._all]
        for worker in workers:
            self._kill(worker)
        for worker in workers:
            worker.executor.shutdown(wait=worker.pid > 0, cancel_futures=True)

    async def perform(self, job: Job) -> Result:
        """Have a job done. Raises `RequestError` 429 where the queue is full, 503 where the worker died."""
        async with self._worker() as worker:
            try:
                return await asyncio.wait_for(self._run(worker, job), MOST_SECONDS)
            except (BrokenProcessPool, TimeoutError) as error:
                self._died()
                self._replace(worker)
                headers = {"Retry-After": str(_WAIT_AFTER_DEATH)}
                raise RequestError(503, "the worker died; send the file again", headers=headers) from error

    @staticmethod
    async def _run(worker: _Worker, job: Job) -> Result:
        return await asyncio.get_running_loop().run_in_executor(worker.executor, working.perform, job)

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[_Worker]:
        if self.full:
            raise busy("all workers are busy and the queue is full; send the file again later")
        self.waiting += 1
        try:
            worker = await self._idle.get()
        finally:
            self.waiting -= 1
        try:
            yield worker
        finally:
            if worker in self._all:
                self._idle.put_nowait(worker)

    async def _started(self) -> _Worker:
        context = multiprocessing.get_context("spawn")  # forking is unsafe beside threads
        executor = ProcessPoolExecutor(1, context, working.begin, (self._options,))
        worker = _Worker(executor)
        self._all.add(worker)
        try:
            with signals_waiting():  # the executor starts its process at once
                ready = asyncio.get_running_loop().run_in_executor(executor, working.ready)
            worker.pid = await ready
        except BaseException:
            self._discard(worker)
            raise
        return worker

    def _replace(self, worker: _Worker) -> None:
        self._discard(worker)
        task = asyncio.create_task(self._restart())
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _restart(self) -> None:
        """Start a worker in place of one that died, again and again until it is there."""
        while True:
            try:
                self._idle.put_nowait(await self._started())
                return
            except (OptionsError, BrokenProcessPool, OSError):
                self._died()
                await asyncio.sleep(_WAIT_AFTER_DEATH)

    def _discard(self, worker: _Worker) -> None:
        self._kill(worker)
        worker.executor.shutdown(wait=False, cancel_futures=True)

    def _kill(self, worker: _Worker) -> None:
        self._all.discard(worker)
        if worker.pid:
            with suppress(OSError):
                os.kill(worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
