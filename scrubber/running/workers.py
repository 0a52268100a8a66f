"""Worker processes for the ranges of files: how one is started, is given ranges, and does them.

Parent and worker send each other a few words. A range is a file in the folder of its job, and so is its fragment: what
is sent never fills a pipe, and nobody waits for a reader. A worker may also say now and then that it goes on.

A worker is forked if nothing speaks against it: it takes milliseconds, and the engine is there. Else it is started anew
and makes an engine of its own, which takes as long as scrubbing a thousand claims.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.running import work
from scrubber.running.failures import WorkerError, describe
from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.processes import engine_in_worker, fingerprint, follow_the_parent, keep_engine
from scrubber.running.work import Job

if TYPE_CHECKING:  # multiprocessing takes time to load
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_READY, _GOING_ON = "ready", "going on"
_SAID_EVERY = 0.5
"""Seconds after which a worker says again that it goes on, if anybody wants to know."""
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_THREADS = Path("/proc/self/task")


@attrs.define(eq=False)
class Task:
    """A range that a worker is to do. `tries` counts the workers that were given it and began; `error` is of the last.

    `number` is that of the range in the job with this folder, and `named` names its claims.
    """

    folder: str
    number: int
    named: str
    tries: int = 1
    done: bool = False
    error: Exception | None = None


@attrs.define(eq=False)
class Worker:
    """A worker process, as its parent sees it. It does its `tasks` one after the other; `ready` says that it began."""

    process: BaseProcess
    connection: Connection
    ready: bool = False
    tasks: deque[Task] = attrs.field(factory=deque)

    def give(self, task: Task) -> None:
        """Give it a task more."""
        self.tasks.append(task)
        with suppress(OSError):  # it has died, and `take` will find that out
            self.connection.send((task.folder, task.number))

    def take(self) -> None:
        """Take what it has sent. Raises `EOFError` or `OSError` where it has died."""
        while self.connection.poll():
            message = self.connection.recv()
            if message == _READY:
                self.ready = True
            elif message != _GOING_ON:
                task = self.tasks.popleft()
                task.done, task.error = True, message

    def kill(self) -> None:
        """Kill it. What it does is not needed."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def start(options: RunOptions, engine: Engine, *, fork: bool = True) -> Worker:
    """Start a worker that scrubs by `engine`, which is that of the options. It is forked if it may be."""
    import multiprocessing

    fork = fork and may_fork(engine)
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    ours, theirs = context.Pipe()
    given = (theirs, options, fingerprint(engine), engine if fork else None, engine.on_progress is not None)
    process = context.Process(target=serve, args=given)
    with _signals_waiting() if fork else nullcontext():
        process.start()
    theirs.close()
    return Worker(process, ours)


def may_fork(engine: Engine) -> bool:
    """Whether this process may be forked with its engine.

    Only on Linux, only without other threads, as a lock that one of them holds would stay locked, and only without a
    history or a store of tables: SQLite forbids to use a connection behind a fork.
    """
    if sys.platform != "linux" or engine.history or engine.facts.loaded:
        return False
    try:
        return len(list(_THREADS.iterdir())) == 1
    except OSError:
        return False


@contextmanager
def _signals_waiting() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM wait, so that they do not reach a worker that does not ignore them yet."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(connection: Connection, options: RunOptions, rules: str, engine: Engine | None, reporting: bool) -> None:
    """The life of a worker process: it does the ranges that it is given, until it is killed or its parent dies.

    With `reporting` it says that it goes on while the edits of a range take long.
    """
    os.umask(0o077)
    serving = _Serving()
    follow_the_parent(serving.remove)
    with suppress(OptionsError):  # the first range raises it again, and somebody waits for that
        own = engine or engine_in_worker(options, rules)
        keep_engine(options, rules, own.reporting(_GoingOn(connection)) if reporting else own)
    gc.freeze()  # the tables stay as they are: the garbage collector need not walk over them
    try:
        connection.send(_READY)
        while True:
            connection.send(serving.done(*connection.recv()))
    except (EOFError, OSError):
        return  # the parent has died


class _GoingOn:
    """Tells the parent that the edits go on, but not each time that it is called."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = monotonic()

    def __call__(self) -> None:
        if monotonic() - self._last > _SAID_EVERY:
            self._last = monotonic()
            self._connection.send(_GOING_ON)


class _Serving:
    """A worker process from within. It remembers the job that it works on."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._job: Job | None = None

    def remove(self) -> None:
        """Remove the folder of the job, as the parent has died."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def done(self, folder: str, number: int) -> Exception | None:
        """Do a range of the job in a folder. Returns what went wrong."""
        try:
            if self._job is None or self._folder != folder:
                self._folder = folder
                self._job = work.read_job(folder)
            work.perform(self._job, work.read_range(folder, number))
        except Exception as error:
            return sendable(error)
        return None


def sendable(error: Exception) -> Exception:
    """The error, or one with its name if it is of a class that the parent may not know."""
    if type(error).__module__.partition(".")[0] in ("builtins", "scrubber"):
        return error
    return WorkerError(f"a worker process failed: {describe(error)}")


def task_of(job: Job, given: Range) -> Task:
    """A task for a worker: the range is written into the folder of the job. Raises `OSError`."""
    work.write_range(job.folder, given)
    return Task(job.folder, given.number, given.named)
