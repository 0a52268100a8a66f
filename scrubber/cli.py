"""The command line. Exit status: 0 nothing at or above --fail-on, 1 findings there, 2 a file could not be read."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from scrubber.commands import catalogue, checking, reading, replaying
from scrubber.commands.watching import watch


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="claim-scrubber", prog_name="scrubber")
def main() -> None:
    """Find what gets 837P and 837I claims denied, before the payer does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever the terminal cannot show is escaped, and stops nothing
            stream.reconfigure(errors="backslashreplace")


for command in (
    checking.check,
    checking.scrub,
    watch,
    replaying.replay,
    reading.claims,
    reading.strip,
    catalogue.explain,
    catalogue.edits,
):
    main.add_command(command)
