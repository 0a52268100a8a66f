"""An error as text without patient data: the message of an error may quote a claim or a file name."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class WorkerError(Exception):
    """Worker processes that cannot do their work. The message is one line and shows no patient data."""


def describe(error: BaseException) -> str:
    """An error as text that names no file and quotes none."""
    if isinstance(error, WorkerError):
        return str(error)
    if isinstance(error, OSError):
        code = errno.errorcode.get(error.errno or 0, "unknown")
        return f"{os.strerror(error.errno) if error.errno else 'input or output failed'} ({code})"
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
