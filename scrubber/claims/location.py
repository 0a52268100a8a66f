"""Positions in a file, down to the element."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import attrs

from scrubber.x12 import segments
from scrubber.x12.content import tag_shown
from scrubber.x12.delimiters import WHITE_SPACE, Delimiters
from scrubber.x12.events import Event
from scrubber.x12.guides import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment


class Span(NamedTuple):
    """The piece of a file that a claim, or a level of its hierarchy, was read from, split into segments.

    `ordinal` is the ordinal of its first segment in the transaction set. `parts` are the segments as text, `segments`
    are the same segments split into elements. Both are without the scrubber's own notes. `begins` is where each begins
    in the text of the piece; it is empty until `starts` is used.
    """

    type: ClaimType
    piece: Piece
    delimiters: Delimiters
    ordinal: int
    parts: list[str]
    segments: list[list[str]]
    begins: list[int]

    @property
    def starts(self) -> Sequence[int]:
        """Where each segment begins in the text of the piece. They are worked out once, at the first use.

        If nothing stands between the segments, as in most files, their lengths give the positions.
        """
        if not self.begins:
            text, lengths = self.piece.text, [*accumulate(map(len, self.parts), initial=0)]
            whole = lengths.pop() + len(self.parts) == len(text) and text[:1] not in WHITE_SPACE
            if whole and not self.delimiters.gap.search(text):
                self.begins.extend([length + terminators for terminators, length in enumerate(lengths)])
            else:
                self.begins.extend(segments.starts(text, self.delimiters))
        return self.begins

    def __repr__(self) -> str:
        """Without its text, which holds patient data."""
        return f"Span(type={self.type!r}, ordinal={self.ordinal}, piece={self.piece!r})"


def span(claim_type: ClaimType, event: Event) -> Span:
    """The segments of an event within an interchange, split into elements."""
    delimiters = event.piece.delimiters
    assert delimiters is not None
    parts, split = segments.parts_and_segments(event.text, delimiters)
    return Span(claim_type, event.piece, delimiters, event.ordinal or 1, parts, split, [])


@attrs.frozen
class Field:
    """The position of a field by the implementation guide.

    `key` is the segment's tag, with its qualifier where the tag alone is not enough (`DTP*472`). `component` counts
    from 1. It is `None` for a simple element.
    """

    loop: str
    key: str
    element: int
    component: int | None = None
    tag: str = attrs.field(init=False)
    qualifier: str = attrs.field(init=False)

    @tag.default
    def _tag_of_key(self) -> str:
        return self.key.partition("*")[0]

    @qualifier.default
    def _qualifier_of_key(self) -> str:
        return self.key.partition("*")[2]

    def name(self, number: int = 1) -> str:
        """The element's name, such as `SV101-3`; `number` is the number of a value in a list of components."""
        simple = f"{self.tag}{self.element:02d}"
        return simple if self.component is None else f"{simple}-{self.component + number - 1}"


@attrs.frozen
class Location:
    """A position in the file: loop, segment and element.

    If an element is missing with its whole segment, it is the segment where a reader would look for it.
    """

    span: Span = attrs.field(repr=False)
    index: int = attrs.field(repr=False)
    loop: str
    element: str
    service_line: int | None = None
    line_control_number: str | None = attrs.field(default=None, repr=False)

    @property
    def elements(self) -> Segment:
        """The segment itself."""
        return self.span.segments[self.index]

    @property
    def segment_id(self) -> str:
        """Tag of the segment. It may be a value that has shifted: reports show `tag_shown`."""
        return self.elements[0]

    @property
    def tag_shown(self) -> str:
        """Tag of the segment as reports may show it: an unknown one may be a name."""
        return tag_shown(self.segment_id)

    @property
    def segment(self) -> int:
        """Ordinal of the segment within its transaction set; ST is 1."""
        return self.span.ordinal + self.index

    @property
    def offset(self) -> int:
        """Byte offset of the segment in the file."""
        return self.span.piece.offset + self.span.starts[self.index]

    @property
    def file_line(self) -> int | None:
        """Line of the file, from 1, in which the segment begins; `None` if the claim or level has no line ends."""
        return self.span.piece.file_line(self.span.starts[self.index])


class MalformedValue(Exception):  # noqa: N818 - names a fault in the file, not in the program
    """A value that its element cannot hold. The message never quotes the value."""

    def __init__(self, location: Location, kind: str) -> None:
        super().__init__(f"{location.element} is not a {kind}")
        self.location = location
        self.kind = kind
