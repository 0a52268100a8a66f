"""The command line. Exit status: 0 no finding at or above --fail-on, 1 such a finding, 2 a file cannot be read."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from scrubber.commands import catalogue, checking, comparing, reading, referencing, replaying
from scrubber.commands.watching import watch


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="claim-scrubber", prog_name="scrubber")
def main() -> None:
    """Find the errors for which payers deny 837P and 837I claims, before the claims are sent."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # escape what the terminal cannot show, instead of failing
            stream.reconfigure(errors="backslashreplace")


for command in (
    checking.check,
    checking.scrub,
    watch,
    replaying.replay,
    comparing.compare,
    reading.claims,
    reading.strip,
    catalogue.explain,
    catalogue.edits,
    referencing.reference,
):
    main.add_command(command)
