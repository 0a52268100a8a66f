"""The signals that stop a command: SIGTERM, Ctrl-C and the end of the terminal."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

_came: list[int] = []
_last: list[float] = [-math.inf]
_CLEANING_UP = 3.0
"""Seconds after a signal in which another one changes nothing: the command removes its unfinished files."""
_PAUSE = 0.01
"""Seconds after which a signal is raised again if Python has swallowed its exception."""


def end(number: int, _: object) -> None:
    """End the process at once, with the exit status that a command has after this signal."""
    os._exit(128 + number)


def end_at_once(instead_of: object = None) -> None:
    """Let the signals that end a process call `end`, until `listen`. Nothing has to be cleaned up so early.

    A handler that somebody else has set stays, but for the one that is named.
    """
    for number, handler in _usual():
        found = signal.getsignal(number)
        if found is handler or (found is instead_of and found is not None):
            signal.signal(number, end)


def stop(number: int, _: object) -> None:
    """Raise `KeyboardInterrupt` with the number of the signal, and keep the number.

    What runs at that moment may make another exception of it, as Python 3.11 does while it makes an enumeration. A
    second signal soon after the first one is left out: it would end the removal of files.
    """
    now = monotonic()
    if now - _last[0] < _CLEANING_UP:
        return
    _last[:] = [now]
    _came.append(number)
    raise KeyboardInterrupt(number)


def came() -> int | None:
    """The number of the signal that has come since `listen`, `None` if there was none."""
    return _came[0] if _came else None


def listen() -> list[Callable[[], object]]:
    """Let the signals that end a process call `stop`. Returns what sets them back. Call it in the main thread."""
    _came.clear()
    _last[:] = [-math.inf]
    usual = sys.unraisablehook
    sys.unraisablehook = partial(_stop_again, usual)
    undo: list[Callable[[], object]] = [partial(setattr, sys, "unraisablehook", usual)]
    for number, handler in _usual():
        found = signal.getsignal(number)
        if found is handler or found is end:
            signal.signal(number, stop)
            undo.append(partial(_set_back, number, found))
    return undo


def _stop_again(usual: Callable[[Any], object], left: Any) -> None:
    """Raise the signal again if its exception was raised in a finalizer: Python swallows it there and goes on."""
    if not _came or not isinstance(left.exc_value, KeyboardInterrupt):
        usual(left)
        return
    again = threading.Timer(_PAUSE, _raise_again, _came[:1])
    again.daemon = True
    again.start()


def _raise_again(number: int) -> None:
    if signal.getsignal(number) is stop:
        _last[:] = [-math.inf]
        signal.raise_signal(number)


def _set_back(number: int, found: Any) -> None:
    """Set a handler back. A process that ends because of a signal ignores further ones: the first gives the status."""
    signal.signal(number, signal.SIG_IGN if _came and found is end else found)


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
