"""The log of what runs for long: one JSON object per line on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict
from structlog.typing import FilteringBoundLogger as Logger

__all__ = ["Logger", "log_of_libraries", "logger"]


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
