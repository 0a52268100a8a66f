"""Reads an 837 into events in file order: pieces of envelope and hierarchy, and whole claims.

Joined, the events' raw bytes are the input. What is not an 837P or 837I of version 5010, or cannot be read
safely, comes as pieces and never as claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from scrubber.claims import places
from scrubber.claims.location import Source
from scrubber.claims.model import Claim, Context, Level
from scrubber.x12.envelope import Envelope, Transaction
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import Piece, Readable, cut

Event: TypeAlias = Piece | Claim

_PLACES = {1: places.BILLING, 2: places.SUBSCRIBER, 3: places.PATIENT}
"""The fields of each depth of the hierarchy."""
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
            if transaction is None or transaction.type is None or not transaction.readable or piece.passed_over:
                yield piece
            elif piece.tag == "CLM":
                yield Claim(_source(piece, transaction, envelope), context)
            else:
                if piece.tag == "ST":
                    context = _outermost(transaction, envelope)
                elif piece.tag == "HL":
                    context = _enter(context, _source(piece, transaction, envelope), len(transaction.levels))
                yield piece
        envelope.finish()


def _outermost(transaction: Transaction, envelope: Envelope) -> Context:
    group = envelope.group
    return Context(
        None, None, None, group.control if group else "", transaction.control, group.date if group else ""
    )


def _enter(outer: Context, source: Source, depth: int) -> Context:
    """The context inside of the level that `source` begins: those at its depth and below it are left."""
    if not depth:
        return outer
    level = Level(source, _PLACES[depth])
    return Context(
        level if depth == 1 else outer.billing,
        level if depth == 2 else outer.subscriber if depth > 2 else None,
        level if depth == 3 else None,
        outer.group_control,
        outer.transaction_control,
        outer.file_date,
    )


def _source(piece: Piece, transaction: Transaction, envelope: Envelope) -> Source:
    assert piece.delimiters is not None and transaction.type is not None and envelope.ordinal is not None
    return Source(transaction.type, piece.text, piece.offset, envelope.ordinal, piece.delimiters)


class Claims:
    """The claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable) -> None:
        self._events = Events(stream)

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._events.errors

    def __iter__(self) -> Iterator[Claim]:
        return self

    def __next__(self) -> Claim:
        for event in self._events:
            if isinstance(event, Claim):
                return event
        raise StopIteration


def read_claims(stream: Readable) -> Claims:
    """The claims of an 837P or 837I, read from a binary `stream` as they are asked for.

    What is wrong with the file is in the result's `errors` once it is exhausted; claims before and after it that
    can be read are read.
    """
    return Claims(stream)
