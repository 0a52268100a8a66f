"""The open loops of the envelope: interchange, group and transaction.

Their `repr` shows no value of the file: elements may have shifted, so that one of a person stands in its place.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from scrubber.x12.control import ControlNumbers, latest_day
from scrubber.x12.errors import LocatedError
from scrubber.x12.guides import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import first_element

TRAILERS = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
"""Each trailer with the header that it closes."""
HEADERS = {header: trailer for trailer, header in TRAILERS.items()}
"""Each header with the trailer that closes it."""


@attrs.define
class Interchange:
    """An open ISA: its control number (ISA13), its offset in the file, its date (ISA09) and the groups so far.

    `fault` is the first fault of the interchange itself. It makes every claim in the interchange doubtful. Groups and
    transactions have such a fault, too. `miscounted` is the fault for which the contents cannot be counted: a header or
    trailer within is missing or misplaced. A wrong count follows from it.
    """

    control: str = attrs.field(repr=False)
    offset: int
    date: str = attrs.field(default="", repr=False)
    fault: LocatedError | None = None
    miscounted: LocatedError | None = None
    groups: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Group:
    """An open GS: its control number (GS06), date (GS04, as written), version (GS08), the transactions so far."""

    control: str = attrs.field(repr=False)
    date: str = attrs.field(repr=False)
    version: str = attrs.field(repr=False)
    offset: int
    fault: LocatedError | None = None
    miscounted: LocatedError | None = None
    transactions: int = 0
    controls: ControlNumbers = attrs.field(factory=ControlNumbers)


@attrs.define
class Transaction:
    """An open ST. `type` is `None` for a transaction that is not read into claims.

    `group_control` is GS06. `date` is the latest readable date of ISA09, GS04 and BHT04 as CCYYMMDD, else empty.
    `segments` counts the segments so far, the current piece included. It leaves out the scrubber's own notes, which
    have no ordinal; `notes` counts these. `readable` turns false when a piece is passed over that later claims need.
    """

    control: str = attrs.field(repr=False)
    type: ClaimType | None
    offset: int
    group_control: str = attrs.field(default="", repr=False)
    date: str = attrs.field(default="", repr=False)
    fault: LocatedError | None = None
    segments: int = 0
    notes: int = 0
    readable: bool = True

    @property
    def reads_claims(self) -> bool:
        """Whether its claims are read."""
        return self.readable and self.type is not None


Loop: TypeAlias = Interchange | Group | Transaction
"""A loop that a header opens and its trailer closes."""


def file_date(interchange: Interchange | None, group: Group | None, header: Piece) -> str:
    """The latest readable date of ISA09, GS04 and BHT04, empty if there is none. `header` begins with ST."""
    assert header.delimiters is not None
    written = [
        interchange.date if interchange else "",
        group.date if group else "",
        first_element(header.text, header.delimiters, "BHT", 4),
    ]
    return latest_day(written)
