"""ISA, GS and ST for another file: copied, corrected, or made up if they are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from scrubber.x12.delimiters import ISA_WIDTHS, WHITE_SPACE, Delimiters, line_break
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element

_CONTROL = {"ISA": 13, "GS": 6, "ST": 2}
_REPETITION, _COMPONENT, _VERSION = 11, 16, 8
_LIKE_A_TERMINATOR = re.compile(r"[^A-Za-z0-9\s]")
"""Matches what a reader would take for the terminator, where the segments after GS end like it, too."""
_UNKNOWN, _NO_DATE, _NO_TIME, _DEFAULT_VERSION = "UNKNOWN", "20000101", "0000", "005010X222A1"


@attrs.frozen
class Header:
    """A header segment, and `rest`: its terminator and the text that is written after it.

    `counted` is the number of segments that it adds to SE01; it is 0 for ISA and GS. `unfinished` is true if the last
    segment lacks its terminator. A made-up header has no control number yet.
    """

    tag: str
    elements: Segment
    rest: str
    delimiters: Delimiters
    counted: int = 0
    unfinished: bool = False

    @property
    def control(self) -> str:
        """The control number, empty if there is none."""
        return element(self.elements, _CONTROL[self.tag]).strip("\r\n")

    @property
    def gap(self) -> str:
        """The text between segments: empty, or a line break."""
        return line_break(self.rest[1:])

    def text(self, control: str) -> str:
        """The header and `rest`, with a control number."""
        elements = list(self.elements)
        number = _CONTROL[self.tag]
        elements += [""] * (number + 1 - len(elements))
        elements[number] = control
        return self.delimiters.element.join(elements) + self.rest


def header(piece: Piece) -> Header:
    """The header that a piece begins with.

    TA1 segments after ISA are kept; nothing after GS is. An ISA of the wrong length gets its fixed widths. A GS
    ends before what looks like a terminator in its version.
    """
    delimiters = piece.delimiters
    assert delimiters is not None
    if piece.tag == "ISA":
        return _isa(piece.text, delimiters)
    segment, end, rest = piece.text.partition(delimiters.terminator)
    elements = segment.split(delimiters.element)
    if piece.tag == "GS":
        if len(elements) > _VERSION and (odd := _LIKE_A_TERMINATOR.search(elements[_VERSION])):
            elements[_VERSION:] = [elements[_VERSION][: odd.start()]]
        return _alone("GS", elements, line_break(rest), delimiters)
    if piece.fault and not piece.passed_over:
        rest = without_empty_segments(rest, delimiters)
    return Header("ST", elements, end + rest, delimiters, piece.segments + 1, piece.ends_inside_segment)


def _isa(text: str, delimiters: Delimiters) -> Header:
    elements = text.split(delimiters.element, 16)
    if len(elements) < len(ISA_WIDTHS):  # a terminator and a tag stand within
        return _made_up_isa((), "", delimiters)
    rest = elements[-1].partition(delimiters.terminator)[2]
    elements[_COMPONENT] = delimiters.component
    wrong_width = any(len(value) != width for value, width in zip(elements, ISA_WIDTHS, strict=True))
    control = _CONTROL["ISA"]
    broken = "\r" in elements[control] or "\n" in elements[control]
    if wrong_width or broken or any(delimiters.terminator in value for value in elements):
        bare = [value.replace(delimiters.terminator, "").strip() for value in elements]
        bare[control] = "".join(bare[control].splitlines()).zfill(ISA_WIDTHS[control])
        bare[_REPETITION], bare[_COMPONENT] = delimiters.repetition, delimiters.component  # they may be white space
        elements = _fixed(bare)
    separator, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    acknowledgements = re.findall(rf"TA1{separator}[^{end}]*{end}\s*", rest, re.ASCII)
    return _alone("ISA", elements, line_break(rest) + "".join(acknowledgements), delimiters)


def _alone(tag: str, elements: Segment, after: str, delimiters: Delimiters, counted: int = 0) -> Header:
    return Header(tag, elements, delimiters.terminator + after, delimiters, counted)


def _fixed(values: Iterable[str]) -> list[str]:
    return [value.ljust(width)[:width] for value, width in zip(values, ISA_WIDTHS, strict=True)]


def made_up_isa(inner: Header) -> Header:
    """An ISA for a GS or ST without one. Sender, receiver and date come from GS; ISA15 marks a test file."""
    return _made_up_isa(inner.elements if inner.tag == "GS" else (), inner.gap, inner.delimiters)


def _made_up_isa(gs: Segment, gap: str, delimiters: Delimiters) -> Header:
    day, time = element(gs, 4), element(gs, 5)[:4]
    values = (
        *("ISA", "00", "", "00", "", "ZZ", element(gs, 2) or _UNKNOWN, "ZZ", element(gs, 3) or _UNKNOWN),
        *((day if _is_number(day, 8) else _NO_DATE)[2:], time if _is_number(time, 4) else _NO_TIME),
        *(delimiters.repetition, "00501", "", "0", "T", delimiters.component),
    )
    elements = _fixed(values)
    elements[_CONTROL["ISA"]] = ""
    return _alone("ISA", elements, gap, delimiters)


def made_up_gs(isa: Header, st: Header) -> Header:
    """A GS for an ST without one. Sender, receiver and date come from ISA, the version from ST."""
    sender, receiver = (element(isa.elements, number).strip() or _UNKNOWN for number in (6, 8))
    day, time = element(isa.elements, 9), element(isa.elements, 10)
    elements = ("GS", "HC", sender, receiver, f"20{day}", time, "", "X", _version(element(st.elements, 3)))
    return _alone("GS", elements, isa.gap, isa.delimiters)


def made_up_st(outer: Header | None, delimiters: Delimiters) -> Header:
    """An ST for claims without one. Its version comes from the GS around it, if there is one."""
    version = element(outer.elements, 8) if outer and outer.tag == "GS" else ""
    return _alone("ST", ("ST", "837", "", _version(version)), outer.gap if outer else "", delimiters, 2)


def _version(given: str) -> str:
    """The version of a made-up header. The end of an odd one could look like a terminator."""
    return given if given.isascii() and given.isalnum() else _DEFAULT_VERSION


def without_empty_segments(text: str, delimiters: Delimiters) -> str:
    """The text after a terminator, with one terminator for several in a row.

    If the terminator is white space, several in a row are blank lines, which stay.
    """
    if delimiters.terminator in WHITE_SPACE:
        return text
    end = re.escape(delimiters.terminator)
    text = re.sub(rf"(?:{end}\s*)+({end}\s*)", r"\1", text, flags=re.ASCII)
    return re.sub(rf"\A\s*{end}", "", text, flags=re.ASCII)


def _is_number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()
