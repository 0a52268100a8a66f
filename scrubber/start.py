"""The start of the command `scrubber`, until `scrubber.cli` takes care of signals."""

from __future__ import annotations

import os
import sys

from scrubber.running.stopping import end_at_once


def main() -> None:
    """Load the command line and run it. A signal before it is loaded ends the process, without a traceback."""
    end_at_once()
    open_standard_streams()
    from scrubber.cli import main as command

    command()


def open_standard_streams() -> None:
    """Put the null device in place of each standard stream that is closed, as with `>&-`.

    Otherwise the next file that is opened gets its number, and messages are written into that file.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest free number: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False, encoding="utf-8"))  # noqa: SIM115
