"""`scrubber serve`: the service over HTTP. Exit status: 0 it was stopped, 2 it cannot run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scrubber.commands.console import Refused
from scrubber.commands.options import choosing, conformance_switch, options_of

_PATH = click.Path(path_type=Path)


@click.command(short_help="Answer 837 files over HTTP, with pages for people.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; others need --tokens.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8837,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option("--workers", type=click.IntRange(1), help="Number of processes that scrub.  [default: one for each core]")
@click.option(
    "--queue", type=click.IntRange(1), default=64, show_default=True, help="Number of requests that may wait."
)
@click.option("--max-mb", type=click.IntRange(1), default=64, show_default=True, help="Largest body, in megabytes.")
@click.option("--tokens", type=_PATH, metavar="FILE", help="Bearer tokens, one on a line; a request needs one of them.")
@click.option("--profiles", type=_PATH, metavar="DIR", help="Folder of profiles that requests may name.")
@click.option("--drop", type=_PATH, metavar="DIR", help="Drop folder of `scrubber watch` to show on the pages.")
@click.option(
    "--state",
    type=_PATH,
    metavar="DIR",
    help="Private folder for uploads in work and kept answers.  [default: in your own state folder]",
)
@conformance_switch
@choosing
def serve(**chosen: Any) -> None:
    """Answer 837 files over HTTP until SIGTERM or Ctrl-C: reports, 999, 277CA, clean and rejected files.

    It listens on this machine only, unless --host names another address. For TLS, put a proxy in front
    (docs/service.md). A scrubber.toml is not found by itself here: give --profile scrubber.toml.
    """
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
