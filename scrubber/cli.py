"""The command line. Exit status: 0 no finding at or above --fail-on, 1 such a finding, 2 a file cannot be read."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from functools import partial
from io import TextIOWrapper
from typing import Any

import click

from scrubber.commands.console import Refused, Stopped, file_and_reason, on_one_line
from scrubber.commands.groups import CommandGroup, Late
from scrubber.running import stopping

_OBJECTS_BETWEEN_COLLECTIONS = 10_000
_COMMANDS = {
    "check": ("checking", "Report the findings in 837 files and folders."),
    "scrub": ("checking", "Write annotated, clean and rejected files, and the reports."),
    "simulate": ("simulating", "Answer test files as a payer would."),
    "suppress": ("suppressing", "Accept a finding of a report, with reason, author and last day."),
    "init": ("configuring", "Write a commented scrubber.toml to start from."),
    "watch": ("watching", "Scrub every file that is dropped into DIR/in."),
    "serve": ("serving", "Scrub 837 files over HTTP, and show pages in a browser."),
    "replay": ("replaying", "Scrub the files of a manifest again, and compare the bytes."),
    "compare": ("comparing", "Compare two runs: claims, findings and charges."),
    "claims": ("reading", "Print the claims of a file, one JSON object per line."),
    "strip": ("reading", "Remove the scrubber's notes from an annotated file."),
    "explain": ("catalogue", "Explain codes: what they check, and how to fix a claim."),
    "edits": ("catalogue", "List all edits."),
    "reference": ("referencing", "Load, list and check the public tables that edits need."),
}
"""The commands, each with its module in `scrubber.commands`, and its line in the list of commands."""


class _Stoppable(CommandGroup):
    """A command that Ctrl-C and SIGTERM end with one line, and status 130 or 143. Unfinished files are removed."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*arguments, **more)
        except click.ClickException as error:  # such as an option that there is not
            _put_on_one_line(error)
            raise
        except OSError as error:  # such as a full disk, where --help and --version write at once
            self._refuse(error)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        _seldom_collecting(ctx)
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Stopped(next((one for one in error.args if isinstance(one, int)), signal.SIGINT)) from None
        except (click.exceptions.Exit, SystemExit):
            raise
        except BaseException as error:
            if number := stopping.came():
                raise Stopped(number) from None
            self._refuse(error)
            raise

    def _refuse(self, error: BaseException) -> None:
        """Make the message harmless; raise `Refused` for an exception that does not end the command in one line."""
        if isinstance(error, click.ClickException):
            _put_on_one_line(error)
        elif isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise Refused(file_and_reason(error)) from error
        elif not isinstance(error, (click.Abort, BrokenPipeError)):
            # 1 would mean findings, and a traceback may quote patient data
            from scrubber.running.failures import describe

            raise Refused(f"the scrubber failed: {describe(error)}. Please report this.") from error


def _put_on_one_line(error: click.ClickException) -> None:
    """Make the message of an error of the call safe to print. `Refused` does so itself: it may have several lines."""
    if not isinstance(error, Refused):
        vars(error)["message"] = on_one_line(error.message)


@click.group(
    cls=_Stoppable,
    late={name: Late(f"scrubber.commands.{module}", does) for name, (module, does) in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="claim-scrubber", prog_name="scrubber")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find the errors for which payers deny 837P and 837I claims, before the claims are sent."""
    _stop_as_by_ctrl_c(ctx)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # escape what the terminal cannot show, instead of failing
            stream.reconfigure(errors="backslashreplace")


def _seldom_collecting(ctx: click.Context) -> None:
    """Let the garbage collector run less often: a command makes thousands of objects at its start, and keeps them.

    At the end of the process it does not look through them. One claim then takes 8% less time.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    ctx.call_on_close(gc.freeze)
    ctx.call_on_close(partial(gc.set_threshold, *usual))


def _stop_as_by_ctrl_c(ctx: click.Context) -> None:
    """Let SIGTERM, and the end of the terminal, stop a command as Ctrl-C does, so that it can clean up."""
    if threading.current_thread() is threading.main_thread():
        for undo in stopping.listen():
            ctx.call_on_close(undo)
