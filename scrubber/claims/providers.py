"""The providers of a claim or line, loops 2310 and 2420."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scrubber.claims.location import Location, Span
from scrubber.x12.segments import Segment, element

RENDERING = "82"
"""Entity code of rendering providers, NM101."""


class Provider(NamedTuple):
    """A provider of a claim or a line: its NM1 segment, which is `span.segments[position]`, and its loop.

    `specialty` is the index of the PRV segment after the name, `None` without one.
    """

    span: Span
    position: int
    name: Segment
    loop: str
    service_line: int | None
    specialty: int | None

    def __repr__(self) -> str:
        """Without its name."""
        return f"Provider(loop={self.loop!r}, service_line={self.service_line})"

    @property
    def entity(self) -> str:
        """Entity code, NM101, such as 82."""
        return self.name[1]

    @property
    def npi(self) -> str:
        """NM109 under qualifier XX."""
        name = self.name
        return name[9] if len(name) > 9 and name[8] == "XX" else ""

    @property
    def taxonomy(self) -> str:
        """Taxonomy code, PRV03 after the NM1, empty without one."""
        following = self.span.segments[self.position + 1 : self.position + 2]
        return element(following[0], 3) if following and following[0][0] == "PRV" else ""

    @property
    def location(self) -> Location:
        """Where the NPI stands."""
        return Location(self.span, self.position, self.loop, "NM109", self.service_line)


def providers_in(
    span: Span, start: int, stop: int, end_tag: str, loops: Mapping[str, str], line: int | None
) -> Sequence[Provider]:
    """The providers in `segments[start:stop]`, up to the first `end_tag` or LX. `loops` are by entity code."""
    found = []
    segments = span.segments
    for index in range(start, stop):
        segment = segments[index]
        tag = segment[0]
        if tag == end_tag or tag == "LX":
            break
        if tag == "NM1" and element(segment, 1) in loops:
            found.append(Provider(span, index, segment, loops[segment[1]], line, _specialty_after(segments, index)))
    return found


_NEXT_LOOP = frozenset({"NM1", "SBR", "SVD", "LX", "LQ"})


def _specialty_after(segments: Sequence[Segment], name: int) -> int | None:
    """The index of the PRV that belongs to the NM1 at `segments[name]`; `None` if there is none."""
    for index in range(name + 1, len(segments)):
        tag = segments[index][0]
        if tag == "PRV":
            return index
        if tag in _NEXT_LOOP:
            return None
    return None


def rendering_npi(providers: Sequence[Provider]) -> str:
    """The NPI of the first rendering provider that has one, empty if none has."""
    for provider in providers:
        if provider.entity == RENDERING and provider.npi:
            return provider.npi
    return ""
