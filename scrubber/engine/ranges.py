"""Ranges of a file: events that follow each other, with all that one must know to scrub them without those before.

A range may begin at any event. What stands above it are the open headers and levels; they are given as events. What
file edits say of its claims depends on all claims before, so their answers are given, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from scrubber.claims.model import Claim, Level
from scrubber.claims.reader import Item
from scrubber.engine.comparing import Sent
from scrubber.engine.engine import Engine
from scrubber.x12.events import Event
from scrubber.x12.guides import LEVELS

CLAIMS = 200
"""The claims of a range. A range is scrubbed in some tenths of a second, and its outputs take a few megabytes."""
_CHARACTERS = 1 << 20
_EVENTS = 2_000
"""A range also ends when it has this size or so many events."""


@attrs.frozen
class Above:
    """An open level: its event, how many claims stand right beneath it, and how many in all."""

    event: Event
    claims: int
    all_claims: int


@attrs.define
class _Open:
    """An open level: how many claims of the file stand before it, and how many right beneath it."""

    event: Event
    before: int
    claims: int = 0


@attrs.frozen
class Range:
    """A range of a file; `number` counts from 1.

    `envelopes` counts the segments ISA, GS, GE and IEA before it. `headers` are the last ISA and GS, and the ST of the
    open transaction. `levels` are its open levels. `compared` are the answers of file edits, by the numbers of claims.
    `last` says that the file ends behind it.
    """

    number: int
    envelopes: int
    headers: tuple[Event, ...] = attrs.field(repr=False)
    levels: tuple[Above, ...] = attrs.field(repr=False)
    events: Sequence[Event] = attrs.field(repr=False)
    compared: Mapping[int, Sent] = attrs.field(repr=False)
    last: bool

    @property
    def named(self) -> str:
        """Its claims by their numbers: `claims 201 to 400`."""
        numbers = [event.number for event in self.events if event.kind == "claim"]
        return f"claims {numbers[0]:,} to {numbers[-1]:,}" if numbers else f"part {self.number:,} of the file"

    @property
    def known_levels(self) -> Sequence[Above]:
        """The open levels without those of an unknown kind."""
        return [above for above in self.levels if above.event.depth]


class Opened:
    """Follows headers and levels through the events of a file, as the reader of claims and the guide checks do."""

    def __init__(self) -> None:
        self._envelope: dict[str, Event] = {}
        self._transaction: Event | None = None
        self._levels: list[_Open] = []
        self._claims = 0
        self._counted = 0  # of them, those that are counted for the level that they stand under
        self.envelopes = 0
        """How many segments ISA, GS, GE and IEA there were."""

    @property
    def headers(self) -> tuple[Event, ...]:
        """The last ISA and GS, and the ST of the open transaction."""
        return (*self._envelope.values(), *([self._transaction] if self._transaction else []))

    @property
    def levels(self) -> tuple[Above, ...]:
        """The open levels of the transaction, as they are now."""
        self._count()
        return tuple(Above(level.event, level.claims, self._claims - level.before) for level in self._levels)

    def take(self, event: Event) -> None:
        """Take the next event."""
        if event.kind == "claim":
            self._claims += 1
        elif event.kind == "level":
            if event.transaction and event.transaction.type:
                self._enter(event)
        elif event.kind in ("header", "trailer"):
            self._transaction, self._levels = None, []
            self._counted = self._claims
            self.envelopes += event.piece.tag not in ("ST", "SE")
            if event.piece.tag == "ST":
                self._transaction = event
            elif event.kind == "header":
                self._envelope.pop(event.piece.tag, None)
                self._envelope[event.piece.tag] = event

    def _enter(self, event: Event) -> None:
        """Open a level; close those that it ends.

        A level of an unknown kind closes none. It hides subscriber and patient from the claims behind it, up to the
        next level of provider or subscriber.
        """
        self._count()
        known = [level for level in self._levels if level.event.depth]
        if event.depth:
            unknown = [level for level in self._levels if not level.event.depth]
            known = known[: event.depth - 1] + (unknown[-1:] if event.depth == LEVELS["23"] else [])
        self._levels = [*known, _Open(event, self._claims)]

    def _count(self) -> None:
        """Count the claims since the last level for the innermost one of a known kind."""
        innermost = next((level for level in reversed(self._levels) if level.event.depth), None)
        if innermost:
            innermost.claims += self._claims - self._counted
        self._counted = self._claims


def ranges(items: Iterator[Item], engine: Engine, claims: int = CLAIMS) -> Iterator[Range]:
    """The ranges of a file, given its items in file order, each of at most so many `claims`.

    The file edits of `engine` are run here; it must be one for this file (`Engine.for_file`). If reading fails, the
    items read until then are a range first.
    """
    opened, number = Opened(), 0
    while True:
        number += 1
        envelopes, headers, levels = opened.envelopes, opened.headers, opened.levels
        some, failure = _next(items, claims, opened.take)
        compared = engine.compare([item for item in some if isinstance(item, Claim) and engine.may_compare(item)])
        last = len(some) == 0
        yield Range(number, envelopes, headers, levels, [_event(item) for item in some], compared, last)
        if failure:
            raise failure
        if last:
            return


def _next(items: Iterator[Item], claims: int, taking: Callable[[Event], None]) -> tuple[list[Item], Exception | None]:
    """The items of the next range, none at the end of the file, and the error with which reading failed."""
    some: list[Item] = []
    found = characters = 0
    try:
        for item in items:
            some.append(item)
            taking(_event(item))
            found += isinstance(item, Claim)
            characters += len(item.piece.text)
            if found == claims or len(some) == _EVENTS or characters > _CHARACTERS:
                break
    except Exception as error:
        return some, error
    return some, None


def _event(item: Item) -> Event:
    return item.event if isinstance(item, Claim | Level) else item
