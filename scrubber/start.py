"""The start of the command `scrubber`, until Ctrl-C is taken care of by `scrubber.cli`."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command line and run it. Ctrl-C before it is loaded ends the process without a traceback."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from scrubber.cli import main as command

    signal.signal(signal.SIGINT, usual)
    command()
