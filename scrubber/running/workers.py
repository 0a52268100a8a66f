"""Worker processes for the ranges of files: how they start, get ranges, and scrub them.

Parent and worker send each other short messages. A range is a file in the folder of its job, and so is its fragment.
So no message fills a pipe, and no sender waits for a reader. A worker may also report now and then that it is at work.

A worker is forked where that is safe (`may_fork`). This takes milliseconds, and the worker has the engine. Otherwise it
starts as a new interpreter and makes an engine of its own, which takes as long as scrubbing a thousand claims.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.running import work
from scrubber.running.failures import WorkerError, describe
from scrubber.running.flow import Done, seldom_collecting
from scrubber.running.job import Fragment, Job, read_job
from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.processes import (
    engine_in_worker,
    fingerprint,
    follow_the_parent,
    keep_engine,
)
from scrubber.running.work import FragmentMaker

if TYPE_CHECKING:  # multiprocessing takes time to load
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_READY, _AT_WORK = "ready", "at work"
"""Messages of a worker. All others are results of ranges."""
_BETWEEN_REPORTS = 0.5
"""The least seconds between two reports of a worker that it is at work."""
_THREADS = Path("/proc/self/task")
"""A folder with an entry for each thread of this process."""


@attrs.define(eq=False)
class Task:
    """A range that is to be scrubbed: number `number` of the job in `folder`. `named` names its claims in messages.

    `tries` is 1, and one more for each worker that died on it. When it is `done`, `error` is what went wrong, `None` if
    nothing did. `fragment` is its fragment, `None` if that is in the folder.
    """

    folder: str
    number: int
    named: str
    tries: int = 1
    done: bool = False
    error: Exception | None = None
    fragment: Fragment | None = None

    def result(self, job: Job) -> Fragment:
        """The fragment of the range, which is done. Raises what went wrong with it."""
        if self.error:
            raise self.error
        return self.fragment or job.take_fragment(self.number)

    def do(self, maker: FragmentMaker, given: Range, done: Done) -> None:
        """Scrub the range in this process. Raises `WorkerError` if `done` does."""
        try:
            self.fragment = maker.fragment(given, done)
        except WorkerError:
            raise
        except Exception as error:
            self.error = sendable(error)
        self.done = True


@attrs.define(eq=False)
class Worker:
    """A worker process, as its parent sees it. It does its `tasks` in their order. `ready` says that it has started."""

    process: BaseProcess
    connection: Connection
    ready: bool = False
    tasks: deque[Task] = attrs.field(factory=deque)

    def give(self, task: Task) -> None:
        """Give it one more task."""
        self.tasks.append(task)
        with suppress(OSError):  # it has died, and `take` will find that out
            self.connection.send((task.folder, task.number))

    def take(self) -> None:
        """Read its messages. Raises `EOFError` or `OSError` if it has died."""
        while self.connection.poll():
            message = self.connection.recv()
            if message == _READY:
                self.ready = True
            elif message != _AT_WORK:
                task = self.tasks.popleft()
                task.done, task.error = True, message

    def kill(self) -> None:
        """Kill it, and close the connection to it."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def start(options: RunOptions, engine: Engine, *, fork: bool = True) -> Worker:
    """Start a worker with these options. `engine` is made from them.

    With `fork` the worker is forked if that is safe. Hold the signals back (`signals_waiting`) until it is noted.
    """
    import multiprocessing

    fork = fork and may_fork(engine)
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    ours, theirs = context.Pipe()
    given = (theirs, options, fingerprint(engine), engine if fork else None, engine.on_progress is not None)
    process = context.Process(target=serve, args=given)
    process.start()
    theirs.close()
    return Worker(process, ours)


def may_fork(engine: Engine) -> bool:
    """Whether this process can be forked safely with its engine.

    It must run on Linux and have no other thread: a lock that another thread holds would stay locked in the fork. The
    engine must have no history and no loaded tables: SQLite forbids the use of a connection after a fork.
    """
    if sys.platform != "linux" or engine.history or engine.facts.loaded:
        return False
    try:
        return len(list(_THREADS.iterdir())) == 1
    except OSError:
        return False


def serve(connection: Connection, options: RunOptions, rules: str, engine: Engine | None, reporting: bool) -> None:
    """The main function of a worker process. It does its ranges until it is killed or its parent dies.

    With `reporting` it reports that it is at work while the edits of a range take long.
    """
    os.umask(0o077)
    serving = _Serving()
    follow_the_parent(serving.remove)
    with suppress(OptionsError):  # the first range raises it again, and the parent gets it
        own = engine or engine_in_worker(options, rules)
        keep_engine(options, rules, own.reporting(_AtWork(connection)) if reporting else own)
    gc.freeze()  # the tables do not change, so the garbage collector need not visit them
    try:
        connection.send(_READY)
        with seldom_collecting():
            while True:
                connection.send(serving.done(*connection.recv()))
    except (EOFError, OSError):
        return  # the parent has died


class _AtWork:
    """Reports to the parent that the edits are at work, at most once in `_BETWEEN_REPORTS` seconds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = monotonic()

    def __call__(self) -> None:
        if monotonic() - self._last > _BETWEEN_REPORTS:
            self._last = monotonic()
            self._connection.send(_AT_WORK)


class _Serving:
    """What a worker process remembers: the job that it works on."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._job: Job | None = None

    def remove(self) -> None:
        """Remove the folder of the job, as the parent has died."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def done(self, folder: str, number: int) -> Exception | None:
        """Do a range of the job in a folder. Returns what went wrong, `None` if nothing did."""
        try:
            if self._job is None or self._folder != folder:
                self._folder = folder
                self._job = read_job(folder)
            work.perform(self._job, self._job.read_range(number))
        except Exception as error:
            return sendable(error)
        return None


def sendable(error: Exception) -> Exception:
    """The error. If the parent may not know its class, it is a `WorkerError` that names the class."""
    if type(error).__module__.partition(".")[0] in ("builtins", "scrubber"):
        return error
    return WorkerError(f"a worker process failed: {describe(error)}")


def task_of(job: Job, given: Range) -> Task:
    """A task for a worker. Its range is written into the folder of the job. Raises `OSError`."""
    job.write_range(given)
    return task_of_own(job, given)


def task_of_own(job: Job, given: Range) -> Task:
    """A task for this process."""
    return Task(job.folder, given.number, given.named)
