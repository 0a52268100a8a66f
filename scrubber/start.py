"""The start of the command `scrubber`, until `scrubber.cli` takes care of signals."""

from __future__ import annotations

from scrubber.running.stopping import end_at_once


def main() -> None:
    """Load the command line and run it. A signal before it is loaded ends the process, without a traceback."""
    end_at_once()
    from scrubber.cli import main as command

    command()
