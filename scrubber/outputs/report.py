"""What a report format is: the methods of a report, the options it may use, and the record that registers it.

A format of your own needs only this module; `docs/formats.md` shows how to write and install one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

from scrubber.outputs.layout import Layout

if TYPE_CHECKING:  # the command line loads this module for its --help
    from scrubber.engine.engine import Engine
    from scrubber.engine.scrubbed import ScrubbedClaim
    from scrubber.outputs.summary import Summary
    from scrubber.x12.errors import LocatedError
    from scrubber.x12.prescan import Prescan


class Report(Protocol):
    """A report on one or more files.

    The scrubber calls its methods in this order: `begin_file`, `claim` …, `end_file`, …, `close`.
    Claims come one by one, in file order. A report should not keep them: a file may hold millions.
    """

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file. `path` is as the user gave it, `-` for standard input."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim of the file."""

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """End the file. `summary` counts its claims, `scan.errors` are the errors of the file.

        `notices` are further errors: against the guide, of the hierarchy, and notes that could not be written.
        """

    def close(self) -> None:
        """End the report. The file it writes to stays open."""


@runtime_checkable
class Divisible(Report, Protocol):
    """A report whose claims can be written in parts, by several processes. All shipped formats are divisible.

    For each part of a file another report of the same format is begun with `begin_part` instead of `begin_file`. It
    takes the claims of the part. What it has written since `begin_part` is the text of the part, and `part` gives its
    counts. The report itself takes both with `join`, in file order, in place of the claims.
    """

    def begin_part(self, path: str, scan: Prescan, number: int) -> None:
        """Start a part of a file, which is file `number` of the report, from 1."""

    def part(self) -> Any:
        """The counts of the claims so far, as values that can be pickled. They are then counted from zero again."""

    def join(self, text: IO[Any], part: Any) -> None:
        """Take the claims of the next part: its text, a file of the kind that the report writes to, and its counts."""


@attrs.frozen
class Options:
    """What a user may ask of a report beside its format. Each format uses what it needs and ignores the rest.

    `fail_on` is the mildest severity that fails a claim, or `never`. The others are for text: `layout` (width and
    colours), `show_source` (print the source of each rule) and `statistics` (count by code, list no claims).
    """

    fail_on: str = "reject"
    layout: Layout = attrs.field(factory=Layout)
    show_source: bool = False
    statistics: bool = False


@attrs.frozen
class Format:
    """A report format. An entry point of the group `scrubber.formats` names one.

    `start` makes a report. It gets the open output file, the engine and the options. The file takes text, or bytes
    where `binary` is true.
    """

    start: Callable[[Any, Engine, Options], Report]
    binary: bool = False
