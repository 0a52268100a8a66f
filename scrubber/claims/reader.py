"""Reads an 837 into events in file order: pieces of envelope and hierarchy, and whole claims.

Joined, the events' raw bytes are the input. What is not an 837P or 837I of version 5010, or cannot be read
safely, comes as pieces and never as claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from scrubber.claims.model import Claim, Context, Level
from scrubber.x12.envelope import Envelope, Transaction
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import Piece, Readable, cut

Event: TypeAlias = Piece | Claim

_NOWHERE = Context(None, None, None, "", "", "")


class Events:
    """The events of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable) -> None:
        self._envelope = Envelope()
        self._iterator = self._read(stream)

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._envelope.errors

    def __iter__(self) -> Iterator[Event]:
        return self._iterator

    def __next__(self) -> Event:
        return next(self._iterator)

    def _read(self, stream: Readable) -> Iterator[Event]:
        envelope = self._envelope
        context = _NOWHERE
        for piece in cut(stream):
            envelope.feed(piece)
            transaction = envelope.transaction
            if transaction and transaction.type and transaction.readable and not (piece.fault and piece.passed_over):
                ordinal = envelope.ordinal or 1
                if piece.tag == "CLM":
                    yield Claim(transaction.type, piece, ordinal, context)
                    continue
                if piece.tag == "HL":
                    context = _enter(context, Level(transaction.type, piece, ordinal, len(transaction.levels)))
                elif piece.tag == "ST":
                    context = _outermost(transaction, envelope)
            yield piece
        envelope.finish()


_CLAIMS = 32
_CHARACTERS = 1 << 16
"""A batch ends with so many claims, or beyond so many characters."""


def batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events in file order, some claims at a time: at most 32, and fewer where they are long.

    Where reading fails, what was read until then comes first.
    """
    batch: list[Event] = []
    claims = characters = 0
    try:
        for event in events:
            batch.append(event)
            if isinstance(event, Claim):
                claims += 1
                characters += len(event.piece.text)
            else:
                characters += len(event.text)
            if claims == _CLAIMS or characters > _CHARACTERS:
                yield batch
                batch, claims, characters = [], 0, 0
    except Exception:
        yield batch
        raise
    yield batch


def _outermost(transaction: Transaction, envelope: Envelope) -> Context:
    group = envelope.group
    return Context(None, None, None, group.control if group else "", transaction.control, group.date if group else "")


def _enter(outer: Context, level: Level) -> Context:
    """The context inside of `level`; those at its depth and below it are left."""
    return Context(
        level if level.depth == 1 else outer.billing,
        level if level.depth == 2 else outer.subscriber if level.depth == 3 else None,
        level if level.depth == 3 else None,
        outer.group_control,
        outer.transaction_control,
        outer.file_date,
    )


class Claims:
    """The claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable) -> None:
        self._events = Events(stream)
        self._iterator = (event for event in self._events if isinstance(event, Claim))

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._events.errors

    def __iter__(self) -> Iterator[Claim]:
        return self._iterator

    def __next__(self) -> Claim:
        return next(self._iterator)


def read_claims(stream: Readable) -> Claims:
    """The claims of an 837P or 837I, read from a binary `stream` as they are asked for.

    What is wrong with the file is in the result's `errors` once it is exhausted; claims before and after it that
    can be read are read.
    """
    return Claims(stream)
