"""The log of what runs for long: one JSON object per line on standard error."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import EventDict
from structlog.typing import FilteringBoundLogger as Logger

from scrubber.running import stopping

__all__ = ["Logger", "log_of_libraries", "logger", "stops_in_the_log"]


def logger(**always: Any) -> Logger:
    """A log on standard error; every line has the fields `always`."""
    log: Logger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _event_first,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        **always,
    )
    return log


@contextmanager
def stops_in_the_log() -> Iterator[None]:
    """Write a line of the log if a signal ends the start of a command whose standard error is a log.

    Raises `SystemExit` with the status that a command has after this signal. Other exceptions stay as they are. A
    command loads this module before it listens for signals: what is loaded in part cannot be loaded again.
    """
    try:
        yield
    except BaseException:
        number = stopping.came()
        if number is None:
            raise
        status = 128 + number
        logger(pid=os.getpid()).info("stopped", status=status)
        raise SystemExit(status) from None


def log_of_libraries(log: Logger) -> None:
    """Write a line for each warning of a library: its name alone, since the text may quote a request."""
    logging.getLogger().addHandler(_Libraries(log))


class _Libraries(logging.Handler):
    def __init__(self, log: Logger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        level("library", library=record.name)


def _event_first(_: object, __: str, line: EventDict) -> EventDict:
    """Put the event first, for people who read the raw log."""
    first = {name: line.pop(name) for name in ("timestamp", "level", "event")}
    return {**first, **line}
