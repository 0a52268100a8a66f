"""What worker processes have in common."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from scrubber.engine.engine import Engine
from scrubber.running.options import OptionsError, RunOptions


def fingerprint(engine: Engine) -> str:
    """A hash of profile, suppressions, edits, shipped and loaded tables, and how reports name claims."""
    facts = engine.facts
    tables = facts.loaded.get("sha256", "")
    rules = (engine.profile.sha256, engine.catalogue.sha256, facts.release, tables, engine.naming.identifier("?"))
    return hashlib.sha256("/".join(rules).encode()).hexdigest()


class _Kept(NamedTuple):
    options: RunOptions
    expected: str  # its fingerprint
    engine: Engine


_kept: list[_Kept] = []
"""The engine that this process used last, if any."""


def engine_in_worker(options: RunOptions, expected: str) -> Engine:
    """The engine of some options in a worker process, which makes it once and keeps it for the next call.

    `expected` is its fingerprint in the process that hands out the work. Raises `OptionsError` where this process has
    other edits, another profile or other tables.
    """
    for kept in _kept:
        if kept.expected == expected and kept.options == options:
            return kept.engine
    kept = _keep(options)
    if kept.expected != expected:
        raise OptionsError("this worker has other edits, another profile, other tables or another key than its caller")
    return kept.engine


def keep_engine(options: RunOptions, expected: str, engine: Engine) -> None:
    """Let `engine_in_worker` give an engine of these options, which this process got from its parent."""
    _kept[:] = [_Kept(options, expected, engine)]


def expected_of(options: RunOptions) -> str:
    """The fingerprint of the engine of some options, for `engine_in_worker`. Raises `OptionsError`."""
    return _keep(options).expected


def _keep(options: RunOptions) -> _Kept:
    engine = options.engine()
    _kept[:] = [_Kept(options, fingerprint(engine), engine)]
    return _kept[0]


_STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def signals_waiting() -> Iterator[None]:
    """Holds Ctrl-C, SIGTERM and the end of the terminal back while a worker process starts or ends.

    A worker ignores them (`follow_the_parent`), but not from its first moment: a terminal sends Ctrl-C to all, and a
    worker that still loads its modules would print a traceback. It begins with the signals that this thread holds back.
    The parent must note the worker before it lets them through: nobody ends a worker that is not in its list, and
    Python waits for it at the end of the process.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # slow, and most processes start no workers

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        # Python's own helper process ignores the other two; the end of the terminal would end it, with a warning
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
        resource_tracker.ensure_running()  # its start lets the other two through again
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)  # raises what a signal just before it raises
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow_the_parent(at_end: Callable[[], None] = lambda: None) -> None:
    """Make a new worker process end with its parent, and leave the signals that stop a program to the parent.

    If the parent dies, `at_end` is called first.
    """
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)  # they waited, see `signals_waiting`
    threading.Thread(target=_end_with_the_parent, args=(at_end,), daemon=True).start()


def _end_with_the_parent(at_end: Callable[[], None]) -> None:
    """Wait until the parent process has died, then end at once, even in the middle of a task."""
    import multiprocessing  # slow, and most processes are no workers
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    at_end()
    os._exit(1)
