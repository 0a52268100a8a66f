"""Reads an 837 into claims, each with the levels above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from scrubber.claims.model import Claim, Context, Level, claim_at
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Event, Events
from scrubber.x12.loops import Transaction
from scrubber.x12.pieces import new_tuple
from scrubber.x12.remembering import read
from scrubber.x12.streams import Readable, must_be_binary

Item: TypeAlias = Event | Level | Claim
"""An item of a file: a claim, a level, or an event that is neither."""

_NOWHERE = Context(None, None, None, "", "", "")


def items(events: Iterable[Event]) -> Iterator[Item]:
    """The items of a file in file order: a level or claim for each such event, and all other events as they are."""
    context = _NOWHERE
    for event in events:
        read(len(event.text))
        kind, transaction = event.kind, event.transaction
        if transaction is None or transaction.type is None:
            yield event
        elif kind == "claim":
            yield claim_at(event, transaction.type, context)
        elif kind == "level":
            level = Level(transaction.type, event, event.depth)
            context = _enter(context, level)
            yield level
        else:
            if kind == "header":
                context = _outermost(transaction)
            yield event


_CLAIMS = 128
_ITEMS = 1024
_CHARACTERS = 1 << 16
"""The most claims and items of a batch, and the characters after which it ends."""


def batches(read: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in file order, in batches of at most 128 claims and 1,024 items. Batches of long claims are smaller.

    If reading fails, the items read until then come first.
    """
    batch: list[Item] = []
    claims = characters = 0
    try:
        for item in read:
            batch.append(item)
            claims += isinstance(item, Claim)
            characters += len(item.piece.text)
            if claims == _CLAIMS or len(batch) == _ITEMS or characters > _CHARACTERS:
                yield batch
                batch, claims, characters = [], 0, 0
    except Exception:
        yield batch
        raise
    yield batch


def _outermost(transaction: Transaction) -> Context:
    return Context(None, None, None, transaction.group_control, transaction.control, transaction.date)


def _enter(outer: Context, level: Level) -> Context:
    """The context inside of `level`. It replaces levels of its own depth and deeper."""
    depth = level.depth
    billing = level if depth == 1 else outer.billing
    subscriber = level if depth == 2 else outer.subscriber if depth == 3 else None
    patient = level if depth == 3 else None
    _, _, _, *envelope = outer
    return new_tuple(Context, (billing, subscriber, patient, *envelope))


class Claims:
    """The claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable) -> None:
        self._events = Events(stream)
        self._iterator = (item for item in items(self._events) if isinstance(item, Claim))

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._events.errors

    def __iter__(self) -> Iterator[Claim]:
        return self._iterator

    def __next__(self) -> Claim:
        return next(self._iterator)


def read_claims(stream: Readable) -> Claims:
    """The claims of an 837P or 837I, read from a binary `stream` as the caller takes them.

    The errors of the file are in the result's `errors` once it is exhausted. All claims that can be read are read, also
    those after an error. Raises `TypeError` for a text file or a path.
    """
    must_be_binary(stream)
    return Claims(stream)
