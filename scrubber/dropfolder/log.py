"""The log: one JSON object per line on standard error. It identifies a file by hash and ISA13, never by name."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from structlog.typing import EventDict
from structlog.typing import FilteringBoundLogger as Logger

from scrubber.dropfolder import names
from scrubber.dropfolder.drop import Drop

__all__ = ["Logger", "about", "logger"]


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


def _event_first(_: object, __: str, line: EventDict) -> EventDict:
    """Put the event first, for people who read the raw log."""
    first = {name: line.pop(name) for name in ("timestamp", "level", "event")}
    return {**first, **line}


def about(drop: Drop) -> dict[str, Any]:
    """The fields of a drop in a log line. There is no file name, since it may be a patient's name."""
    fields = {"drop": drop.token[: names.HASH_DIGITS], "bytes": drop.size, "attempt": drop.attempt}
    if drop.sha256:
        fields |= {"sha256": drop.sha256[: names.HASH_DIGITS], "control": drop.control}
    return fields
