"""What an answer needs of the file that it answers: the interchange, groups and transactions as they were received."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from scrubber.outputs.acknowledgements.writing import day
from scrubber.x12.control import latest_day
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.headers import header
from scrubber.x12.loops import Transaction
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element, first_segment, split

_NO_DAY, _NO_TIME = "20000101", "0000"
_HOURS, _MINUTES = 24, 60


@attrs.frozen
class ReceivedInterchange:
    """An interchange: its ISA with fixed widths, its delimiters, the line break after its segments.

    `day` is the date of the answer, CCYYMMDD: the day of the run if there is one, else ISA09. `time` is ISA10, HHMM.
    """

    isa: Segment = attrs.field(repr=False)
    delimiters: Delimiters
    gap: str
    offset: int
    day: str
    time: str

    @property
    def control(self) -> str:
        """ISA13."""
        return element(self.isa, 13).strip()

    @property
    def wants_answer(self) -> bool:
        """Whether the sender asks for a TA1 (ISA14)."""
        return element(self.isa, 14) == "1"


@attrs.frozen
class ReceivedGroup:
    """A functional group: its GS, its offset, and the date of its answers: that of the interchange, or a later GS04."""

    interchange: ReceivedInterchange
    gs: Segment = attrs.field(repr=False)
    offset: int
    day: str

    @property
    def control(self) -> str:
        """GS06."""
        return element(self.gs, 6)

    @property
    def version(self) -> str:
        """GS08."""
        return element(self.gs, 8)


@attrs.frozen
class ReceivedTransaction:
    """A transaction: its segments from ST to the first level, where it stands, and the date of its answers."""

    group: ReceivedGroup
    transaction: Transaction
    header: Sequence[Segment] = attrs.field(repr=False)
    offset: int
    day: str

    @property
    def identifier(self) -> str:
        """ST01."""
        return element(self.header[0], 1)

    @property
    def version(self) -> str:
        """ST03."""
        return element(self.header[0], 3)

    def first(self, tag: str, qualifier: str = "") -> Segment:
        """The first segment of the header with a tag, and with a qualifier in element 01; empty if there is none."""
        for segment in self.header:
            if segment[0] == tag and (not qualifier or element(segment, 1) == qualifier):
                return segment
        return ()


def interchange_of(piece: Piece, as_of: date | None) -> ReceivedInterchange:
    """The interchange that an ISA begins."""
    read = header(piece)
    assert piece.delimiters is not None
    written = latest_day([f"20{element(read.elements, 9)}"])
    time = element(read.elements, 10)
    return ReceivedInterchange(
        read.elements,
        piece.delimiters,
        read.gap,
        piece.offset,
        day(as_of) if as_of else written or _NO_DAY,
        time if _is_time(time) else _NO_TIME,
    )


def group_of(piece: Piece, interchange: ReceivedInterchange, as_of: date | None) -> ReceivedGroup:
    """The group that a GS begins."""
    gs = first_segment(piece.text, interchange.delimiters)
    return ReceivedGroup(interchange, gs, piece.offset, _latest(interchange.day, element(gs, 4), as_of))


def transaction_of(
    piece: Piece, transaction: Transaction, group: ReceivedGroup, as_of: date | None
) -> ReceivedTransaction:
    """The transaction that an ST begins."""
    segments = split(piece.text, group.interchange.delimiters)
    return ReceivedTransaction(group, transaction, segments, piece.offset, _latest(group.day, transaction.date, as_of))


def _latest(outer: str, own: str, as_of: date | None) -> str:
    return outer if as_of else latest_day([outer, own])


def _is_time(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and int(text[:2]) < _HOURS and int(text[2:]) < _MINUTES
