"""An X12 file of answers: for each input interchange one interchange, with sender and receiver swapped.

Dates and times are those of the input, or of the run. Control numbers follow from those of the input, so two runs give
the same bytes, and answers of different kinds to one interchange have different numbers.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

import attrs

from scrubber.outputs.acknowledgements.received import ReceivedGroup, ReceivedInterchange
from scrubber.outputs.acknowledgements.writing import Element, Segments, Spool, delimiters_for
from scrubber.x12.control import ControlNumbers, is_control_number, is_count
from scrubber.x12.delimiters import ISA_WIDTHS, Delimiters
from scrubber.x12.segments import Segment, element

_QUALIFIERS = frozenset({"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"})
"""Codes of ISA05 and ISA07, by the guides."""
_MUTUALLY_DEFINED = "ZZ"
_UNKNOWN = "UNKNOWN"
_KINDS = 3
_CONTROLS = 10**9


@attrs.frozen
class AnswerKind:
    """A kind of answer: GS01, ST01, the version in GS08, and in ST03 if `in_header`. `number` tells the kinds apart."""

    group: str
    transaction: str
    version: str
    number: int
    in_header: bool = True


class AnswerFile:
    """Writes answers of a kind. A header is written when something stands beneath it, so nothing empty is written.

    With `test` each interchange is marked as a test (ISA15), else ISA15 is that of the input.
    """

    def __init__(self, out: BinaryIO, kind: AnswerKind, *, test: bool = False) -> None:
        self._out = out
        self._kind = kind
        self._test = test
        self._controls = ControlNumbers()
        self._received: ReceivedInterchange | None = None
        self._segments: Segments | None = None
        self._control = ""
        self._groups = 0
        self._group: ReceivedGroup | None = None
        self._group_controls = ControlNumbers()
        self._group_control = ""
        self._transactions = 0

    def begin_interchange(self, received: ReceivedInterchange) -> None:
        """An interchange begins."""
        self._received = received
        self._groups = 0
        self._group_controls = ControlNumbers()

    def begin_group(self, group: ReceivedGroup) -> None:
        """A group begins."""
        self._group = group
        self._transactions = 0

    def spool(self) -> Spool:
        """A spool with the delimiters of the current interchange."""
        assert self._received is not None
        return Spool(delimiters_for(self._received.delimiters), self._gap)

    def interchange_segment(self, tag: str, *elements: Element) -> None:
        """Write a segment between ISA and the first GS, such as TA1."""
        self._opened().write(tag, *elements)

    def transaction(self, body: Spool) -> None:
        """Write a transaction with the segments of a spool, which is then empty."""
        segments = self._opened()
        if not self._transactions:
            self._write_gs(segments)
        self._transactions += 1
        control = f"{self._transactions:04}"
        version = [self._kind.version] if self._kind.in_header else []
        segments.write("ST", self._kind.transaction, control, *version)
        count = body.count + 2
        segments.append(body)
        segments.write("SE", str(count), control)

    def end_group(self) -> None:
        """The group ends."""
        if self._transactions and self._segments:
            self._segments.write("GE", str(self._transactions), self._group_control)
        self._group, self._transactions = None, 0

    def end_interchange(self) -> None:
        """The interchange ends."""
        if self._segments:
            self._segments.write("IEA", str(self._groups), self._control)
        self._received = self._segments = None

    @property
    def _gap(self) -> str:
        assert self._received is not None
        return self._received.gap

    def _opened(self) -> Segments:
        """The writer of the current interchange. Its ISA is written first."""
        if self._segments is None:
            received = self._received
            assert received is not None
            delimiters = delimiters_for(received.delimiters)
            self._segments = Segments(self._out, delimiters, received.gap)
            self._control = self._interchange_control(received.control)
            self._write_isa(self._segments, received, delimiters)
        return self._segments

    def _write_isa(self, segments: Segments, received: ReceivedInterchange, delimiters: Delimiters) -> None:
        isa = received.isa
        usage = "T" if self._test or element(isa, 15) != "P" else "P"
        values = (
            *("ISA", "00", "", "00", ""),
            *(_qualifier(isa, 7), _party(isa, 8), _qualifier(isa, 5), _party(isa, 6)),
            *(received.day[2:], received.time, delimiters.repetition, "00501", self._control, "0", usage),
            delimiters.component,
        )
        cleaned = [segments.cleaned(value) for value in values[:11]]
        padded = [value.ljust(width)[:width] for value, width in zip(cleaned, ISA_WIDTHS, strict=False)]
        segments.raw(delimiters.element.join([*padded, *values[11:]]))

    def _write_gs(self, segments: Segments) -> None:
        group = self._group
        assert group is not None
        self._groups += 1
        self._group_control = self._new_group_control(group.control)
        sender, receiver = element(group.gs, 3), element(group.gs, 2)
        segments.write(
            "GS",
            self._kind.group,
            _application(sender),
            _application(receiver),
            group.day,
            group.interchange.time,
            self._group_control,
            "X",
            self._kind.version,
        )

    def _interchange_control(self, given: str) -> str:
        """ISA13: by that of the input and the kind of answer, so that the numbers of a sender do not collide."""
        number = int(given) if is_count(given) else int.from_bytes(hashlib.sha256(given.encode()).digest()[:4])
        control = f"{(number * _KINDS + self._kind.number + 1) % _CONTROLS:09}"
        return control if self._controls.add(control) else self._controls.spare()

    def _new_group_control(self, given: str) -> str:
        control = given.lstrip("0")
        usable = is_control_number(control)
        return control if usable and self._group_controls.add(control) else self._group_controls.spare()


def _qualifier(isa: Segment, number: int) -> str:
    given = element(isa, number).strip()
    return given if given in _QUALIFIERS else _MUTUALLY_DEFINED


def _party(isa: Segment, number: int) -> str:
    return element(isa, number).strip() or _UNKNOWN


def _application(text: str) -> str:
    """A code of GS02 or GS03, 2 to 15 characters."""
    return text.strip()[:15].strip() if len(text.strip()) > 1 else _UNKNOWN
