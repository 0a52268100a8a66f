"""What the server of `tests/processes.py` has loaded before its first command: all that scrubbing a file needs."""

from __future__ import annotations

import contextlib
import gc
import io
import tempfile

import click

import tests.scrubbing
from scrubber.cli import main

FILES = [str(tests.scrubbing.FIXTURES / f"ordinary-{claim_type}.837") for claim_type in ("837p", "837i")]

with (
    tempfile.TemporaryDirectory() as folder,
    contextlib.redirect_stdout(io.StringIO()),
    contextlib.suppress(SystemExit),
):
    main(["scrub", "--out", folder, *FILES])
for name in main.list_commands(click.Context(main)):
    main.get_command(click.Context(main), name)
gc.freeze()
