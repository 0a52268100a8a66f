"""The log: one JSON object a line on standard error. It names a file by its hash and ISA13, never by its name."""

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
    """A log on standard error; `always` stands in every line."""
    log: Logger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _what_happened_first,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        **always,
    )
    return log


def _what_happened_first(_: object, __: str, line: EventDict) -> EventDict:
    """For people who read the log as it is."""
    first = {name: line.pop(name) for name in ("timestamp", "level", "event")}
    return {**first, **line}


def about(drop: Drop) -> dict[str, Any]:
    """What a log line may say of a drop. A file name may be a patient's, so there is none."""
    told = {"drop": drop.token[: names.HASH_DIGITS], "bytes": drop.size, "attempt": drop.attempt}
    if drop.sha256:
        told |= {"sha256": drop.sha256[: names.HASH_DIGITS], "control": drop.control}
    return told
