"""`scrubber serve`: the service over HTTP. Exit status: 0 it was stopped, 2 it cannot run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scrubber.commands.console import Refused
from scrubber.commands.options import CONFORMANCE, choosing_options, options_of
from scrubber.running.log import stops_in_the_log

_PATH = click.Path(path_type=Path)


@click.command(short_help="Scrub 837 files over HTTP, and show pages in a browser.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at. An address that other machines can reach needs --tokens.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8837,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option("--workers", type=click.IntRange(1), help="Number of processes that scrub.  [default: one for each core]")
@click.option(
    "--queue",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="Number of requests that can wait for a process.",
)
@click.option("--max-mb", type=click.IntRange(1), default=64, show_default=True, help="Largest upload, in megabytes.")
@click.option(
    "--tokens",
    type=_PATH,
    metavar="FILE",
    help="File with bearer tokens, one on each line. Each request needs one of them.",
)
@click.option("--profiles", type=_PATH, metavar="DIR", help="Folder of profiles that requests may name.")
@click.option("--drop", type=_PATH, metavar="DIR", help="Drop folder of `scrubber watch` to show on the pages.")
@click.option(
    "--state",
    type=_PATH,
    metavar="DIR",
    help="Private folder for uploads and kept answers.  [default: in your own state folder]",
)
@CONFORMANCE
@choosing_options
def serve(**chosen: Any) -> None:
    """Scrub 837 files over HTTP until SIGTERM or Ctrl-C. The answers are reports, 999, 277CA, clean and rejected files.

    It listens on this machine only, unless --host names another address. For TLS, put a proxy in front
    (docs/service.md). This command does not look for a scrubber.toml: give --profile scrubber.toml.
    """
    with stops_in_the_log():
        _serve(chosen)


def _serve(chosen: dict[str, Any]) -> None:
    import attrs

    from scrubber.running.options import RunOptions
    from scrubber.service import operations
    from scrubber.service.settings import Settings

    named = [field.name for field in attrs.fields(RunOptions) if field.name in chosen]
    options = options_of(**{name: chosen.pop(name) for name in named})
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        operations.serve(Settings(options, **given))
    except operations.ServiceError as error:
        raise Refused(str(error)) from error
