"""The signals that stop a command: SIGTERM, Ctrl-C and the end of the terminal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

_came: list[int] = []


def end(number: int, _: object) -> None:
    """End the process at once, with the exit status that a command has after this signal."""
    os._exit(128 + number)


def end_at_once() -> None:
    """Let the signals that end a process call `end`, until `listen`. Nothing has to be cleaned up so early."""
    for number, handler in _usual():
        if signal.getsignal(number) is handler:
            signal.signal(number, end)


def stop(number: int, _: object) -> None:
    """Raise `KeyboardInterrupt` with the number of the signal, and keep the number.

    What runs at that moment may make another exception of it, as Python 3.11 does while it makes an enumeration, or
    may swallow it.
    """
    _came.append(number)
    raise KeyboardInterrupt(number)


def came() -> int | None:
    """The number of the signal that has come since `listen`, `None` if there was none."""
    return _came[0] if _came else None


def listen() -> list[Callable[[], object]]:
    """Let the signals that end a process call `stop`. Returns what sets them back. Call it in the main thread."""
    _came.clear()
    undo: list[Callable[[], object]] = []
    for number, handler in _usual():
        found = signal.getsignal(number)
        if found is handler or found is end:
            signal.signal(number, stop)
            undo.append(partial(signal.signal, number, found))
    return undo


def hand_over(handler: Callable[[int, Any], object]) -> int | None:
    """Let SIGTERM and Ctrl-C call `handler` from now on, for what stops in its own way; in the main thread only.

    Returns the number of a signal that came before and was swallowed, `None` if there was none.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
    return came()


def _usual() -> list[tuple[int, object]]:
    """The signals that end a process, and what Python does at them where nobody has said otherwise."""
    usual = {"SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL, "SIGINT": signal.default_int_handler}
    return [(getattr(signal, name), handler) for name, handler in usual.items() if hasattr(signal, name)]
