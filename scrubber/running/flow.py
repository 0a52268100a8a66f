"""How the events of a file go from the engine to reports and writers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.report import Report
from scrubber.outputs.summary import Summary
from scrubber.running.wanted import Wanted
from scrubber.x12.events import Event

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class Sink(Protocol):
    """A writer of an 837 or of an answer to it.

    It takes a claim in two steps: `digest` asks nothing about the claims before, so another process may do it. `put`
    takes its result, which can be pickled. `claim` does both.
    """

    def event(self, event: Event) -> None:
        """Take the next event that is not a claim."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""

    def digest(self, scrubbed: ScrubbedClaim) -> Any:
        """What the sink needs to know of a claim."""

    def put(self, event: Event, digest: Any, /) -> None:
        """Take the next claim, given its digest."""


class Taking(Protocol):
    """What takes events and claims in file order."""

    def event(self, event: Event) -> None:
        """Take the next event that is not a claim."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""


Done = Callable[[int], None]
"""Takes the number of bytes of each step done."""


def flow(
    scrubbing: Iterable[Event | ScrubbedClaim],
    sinks: Sequence[Taking],
    reports: Sequence[Report],
    summary: Summary,
    done: Done,
    wanted: Wanted | None = None,
) -> None:
    """Give events and scrubbed claims to all writers, and the claims to all reports; count them in `summary`.

    With `wanted` the other claims are left out.
    """
    with seldom_collecting():
        for item in scrubbing:
            if isinstance(item, ScrubbedClaim):
                done(len(item.claim.piece.text))
                if wanted and not wanted.includes(item.claim, item.naming):
                    continue
                for sink in sinks:
                    sink.claim(item)
                summary.count(item)
                for report in reports:
                    report.claim(item)
            else:
                for sink in sinks:
                    sink.event(item)
                done(len(item.piece.text))


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Makes the garbage collector run less often: thousands of claims are freed, and few objects form cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
