"""Ranges of a file: events that follow each other, with all that is needed to scrub them without those before.

A range may begin at any event. What stands above it are the open headers and levels; they are given as events. The
answers of file edits on its claims depend on all claims before, so they are part of the range.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.reader import Item, items
from scrubber.engine.comparing import Sent
from scrubber.engine.engine import Engine
from scrubber.x12.events import Event
from scrubber.x12.guides import LEVELS
from scrubber.x12.pieces import Piece, new_tuple

CLAIMS = 200
"""The most claims of a range. It is scrubbed in a tenth of a second, and its outputs take some megabytes at most.

Each range costs about as much time as ten claims, to send it and what becomes of it.
"""
_SHARE_OF_REST = 4
_FEWEST = 20
"""The last ranges are smaller, so that no process has much to do when the others are done."""
_FIRST = 50
"""The first range is smaller, and the next ones grow: until they are read, no worker has anything to do."""
_CHARACTERS = 1 << 20
_EVENTS = 2_000
"""The characters and the number of events after which a range ends, whatever its claims."""


@attrs.frozen
class Above:
    """An open level: its event, how many claims stand right beneath it, and how many in all."""

    event: Event
    claims: int
    all_claims: int


@attrs.define
class _Open:
    """An open level: how many claims of the file stand before it, and before the next level of a known kind."""

    event: Event
    before: int
    before_next: int | None = None


@attrs.frozen
class Range:
    """A range of a file; `number` counts from 1.

    `envelopes` counts the segments ISA, GS, GE and IEA before it. `headers` are the last ISA and GS, and the ST of the
    open transaction. `levels` are its open levels. `compared` are the answers of file edits, by the numbers of claims.
    `last` is true if the file ends after it.

    `items` are what was read of the events, with what was parsed of them. Scrubbing takes them away, so that claims do
    not stay in memory. They are not pickled: another process makes them again.
    """

    number: int
    envelopes: int
    headers: tuple[Event, ...] = attrs.field(repr=False)
    levels: tuple[Above, ...] = attrs.field(repr=False)
    events: Sequence[Event] = attrs.field(repr=False)
    compared: Mapping[int, Sent] = attrs.field(repr=False)
    last: bool
    items: deque[Item] = attrs.field(factory=deque, eq=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the events as columns."""
        columns = _columns(self.events)
        return _unpacked, (
            self.number,
            self.envelopes,
            self.headers,
            self.levels,
            columns,
            self.compared,
            self.last,
        )

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
        self._innermost: _Open | None = None  # the innermost one of a known kind
        self._unknown: _Open | None = None  # the one of an unknown kind, if it is open
        self.claims = 0
        """How many claims there were."""
        self.envelopes = 0
        """How many segments ISA, GS, GE and IEA there were."""

    @property
    def headers(self) -> tuple[Event, ...]:
        """The last ISA and GS, and the ST of the open transaction."""
        return (*self._envelope.values(), *([self._transaction] if self._transaction else []))

    @property
    def levels(self) -> tuple[Above, ...]:
        """The open levels of the transaction, as they are now."""
        return tuple(self._above(level) for level in self._levels)

    def _above(self, level: _Open) -> Above:
        end = self.claims if level.before_next is None else level.before_next
        return Above(level.event, end - level.before, self.claims - level.before)

    def take(self, event: Event) -> None:
        """Take the next event."""
        kind = event.kind
        if kind == "claim":
            self.claims += 1
        elif kind == "level":
            if event.transaction and event.transaction.type:
                self._enter(event)
        elif kind in ("header", "trailer"):
            self._transaction, self._levels = None, []
            self._innermost = self._unknown = None
            self.envelopes += event.piece.tag not in ("ST", "SE")
            if event.piece.tag == "ST":
                self._transaction = event
            elif kind == "header":
                self._envelope.pop(event.piece.tag, None)
                self._envelope[event.piece.tag] = event

    def _enter(self, event: Event) -> None:
        """Open a level; close those that it ends.

        A level of an unknown kind closes none. It hides subscriber and patient from the claims after it, up to the
        next level of provider or subscriber.
        """
        depth, levels, unknown = event.depth, self._levels, self._unknown
        opened = _Open(event, self.claims)
        if unknown:
            levels.remove(unknown)
        if not depth:
            self._unknown = opened
        else:
            if self._innermost:
                self._innermost.before_next = self.claims
            self._innermost = opened
            del levels[depth - 1 :]
            if unknown and depth == LEVELS["23"]:
                levels.append(unknown)
            else:
                self._unknown = None
        levels.append(opened)


def ranges(
    events: Iterable[Event],
    engine: Engine,
    expected: int,
    goes_out: Callable[[Range], bool],
    claims: int = CLAIMS,
) -> Iterator[Range]:
    """The ranges of a file, given its events in file order. Each range has at most `claims` claims.

    `expected` is the likely number of claims of the file; another number does no harm. The file edits of `engine` are
    run here; it must be one for this file (`Engine.for_file`). `goes_out` returns whether the claim of a range of one
    claim goes to the clean file: voids and replacements that do count for the claims after them. If reading fails, the
    events read until then are a range first.
    """
    opened, number = Opened(), 0
    read = items(events)
    while True:
        number += 1
        seen: list[Event] = []
        envelopes, headers, levels = opened.envelopes, opened.headers, opened.levels
        most = min(claims, max((expected - opened.claims) // _SHARE_OF_REST, _FEWEST), number * _FIRST)
        found = _Found()
        failure = _next(read, seen, opened, engine, most, found)
        last = not seen
        compared = engine.compare(found.compared, partial(found.goes_out, goes_out))
        yield Range(number, envelopes, headers, levels, seen, compared, last, found.items)
        if failure:
            raise failure
        if last:
            return


@attrs.define
class _Found:
    """What was read of a range: its items, its claims that are to be compared, and those that end others, each as a
    range of its own."""

    items: deque[Item] = attrs.field(factory=deque)
    compared: list[Claim] = attrs.field(factory=list)
    alone: dict[int, Range] = attrs.field(factory=dict)

    def goes_out(self, asked: Callable[[Range], bool], claim: Claim, answers: Sent) -> bool:
        """Whether a claim that ends others goes to the clean file, given the answers of file edits."""
        return asked(attrs.evolve(self.alone[claim.number], compared={claim.number: answers}))


def _next(
    read: Iterator[Item], seen: list[Event], opened: Opened, engine: Engine, claims: int, into: _Found
) -> Exception | None:
    """Read a range into `seen` and `into`. Returns the error with which reading failed."""
    may_compare, take = engine.may_compare, opened.take
    see, keep = seen.append, into.items.append
    found = characters = 0
    try:
        for item in read:
            keep(item)
            event = item if isinstance(item, Event) else item.event
            see(event)
            characters += len(event.piece.text)
            if isinstance(item, Claim):
                found += 1
                if may_compare(item):
                    into.compared.append(item)
                    if engine.is_ending(item):
                        into.alone[item.number] = _alone(event, opened)
            take(event)
            if found == claims or characters > _CHARACTERS or len(seen) == _EVENTS:
                break
    except Exception as error:
        return error
    return None


def _alone(event: Event, opened: Opened) -> Range:
    """A range of one claim, the next event after those that were taken."""
    return Range(0, opened.envelopes, opened.headers, opened.levels, (event,), {}, last=False)


def _columns(events: Sequence[Event]) -> tuple[Any, ...]:
    """A column for each field of events; instead of their pieces, the columns of those.

    Columns are pickled and made events again in half the time that it takes event by event.
    """
    if not events:
        return ()
    kinds, pieces, *others = zip(*events, strict=True)
    return kinds, tuple(zip(*pieces, strict=True)), *others


def _unpacked(number: int, envelopes: int, headers: Any, levels: Any, columns: Any, compared: Any, last: bool) -> Range:
    """A range that was pickled."""
    events: list[Event] = []
    if columns:
        kinds, of_pieces, *others = columns
        pieces = map(partial(new_tuple, Piece), zip(*of_pieces, strict=True))
        events = list(map(partial(new_tuple, Event), zip(kinds, pieces, *others, strict=True)))
    return Range(number, envelopes, headers, levels, events, compared, last)
