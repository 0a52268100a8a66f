"""The start of the command `scrubber`, until `scrubber.cli` takes care of signals."""

import _signal  # type: ignore[import-not-found]  # `signal` is made of it; this is loaded already, and that takes a while
import os
import sys


def main() -> None:
    """Load the command line and run it. A signal before it is loaded ends the process, without a traceback.

    What Python itself loads before this line takes longer; Ctrl-C within it ends with Python's own traceback.
    """
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _end)
    from scrubber.running.stopping import end_at_once

    end_at_once(instead_of=_end)
    open_standard_streams()
    from scrubber.cli import main as command

    command()


def _end(number: int, _: object) -> None:
    """End the process at once, as `stopping.end` does."""
    os._exit(128 + number)


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
