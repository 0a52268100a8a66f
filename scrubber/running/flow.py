"""How the events of a file go from the engine to reports and writers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch, Consumer
from scrubber.outputs.report import Report
from scrubber.outputs.summary import Summary
from scrubber.running.wanted import Wanted
from scrubber.x12.events import Event

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class Sink(Consumer, Protocol):
    """A writer of an 837 or of an answer to it.

    It can take a claim in two steps. `digest` does not depend on the claims before, so another process may do it. `put`
    takes its result, which can be pickled. `claim` does both.
    """

    def digest(self, scrubbed: ScrubbedClaim) -> Any:
        """What the sink needs of a claim."""

    def put(self, event: Event, digest: Any, /) -> None:
        """Take the next claim, given its digest."""


@runtime_checkable
class PutsAll(Protocol):
    """A sink that takes many events faster together."""

    def put_all(self, events: Sequence[Event], digests: Iterable[Any], /) -> None:
        """Take the next events, given the digests of the claims among them."""


Done = Callable[[int], None]
"""Takes the number of bytes of each step done."""


_ITEMS = 256
_CHARACTERS = 1 << 16
"""The most events that writers take at a time, and the characters after which they take no more."""


def flow(
    scrubbing: Iterable[Event | ScrubbedClaim],
    sinks: Sequence[Consumer],
    reports: Sequence[Report],
    summary: Summary,
    done: Done,
    wanted: Wanted | None = None,
) -> None:
    """Give events and scrubbed claims to all writers, and the claims to all reports; count them in `summary`.

    With `wanted` the other claims are left out. Each writer takes some events before the next one does. Its code and
    data then stay in the processor's caches, which saves a quarter of the time of all writers.
    """
    with seldom_collecting():
        for some, characters in _in_steps(scrubbing):
            if wanted:
                some = [item for item in some if not isinstance(item, ScrubbedClaim) or _is_wanted(item, wanted)]
            batch = Batch(some)
            for sink in sinks:
                batch.give(sink)
            summary.count_all(batch.claims)
            for report in reports:
                batch.give_claims(report)
            done(characters)


def _in_steps(scrubbing: Iterable[Event | ScrubbedClaim]) -> Iterator[tuple[list[Event | ScrubbedClaim], int]]:
    """The events, some at a time, and how many characters they have.

    If reading fails, those that were read until then come first.
    """
    some: list[Event | ScrubbedClaim] = []
    characters = 0
    try:
        for item in scrubbing:
            some.append(item)
            event = item.claim.event if isinstance(item, ScrubbedClaim) else item
            characters += len(event.piece.text)
            if len(some) == _ITEMS or characters > _CHARACTERS:
                yield some, characters
                some, characters = [], 0
    except Exception:
        yield some, characters
        raise
    yield some, characters


def _is_wanted(scrubbed: ScrubbedClaim, wanted: Wanted) -> bool:
    return wanted.includes(scrubbed.claim, scrubbed.naming)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Makes the garbage collector run less often: thousands of claims are freed, and few objects form cycles.

    It runs once at the end, over all that is left. So a function that scrubs a file has this as its decorator: what it
    keeps of the file is freed by then.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
