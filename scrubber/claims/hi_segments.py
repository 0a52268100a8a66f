"""The composites of a claim's HI segments: diagnoses, and other codes of an 837I."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.claims.model import Claim


def hi_composites(claim: Claim, stop: int | None = None) -> Iterator[tuple[int, int, str]]:
    """Each composite: the index of its segment in the claim, its number in the segment from 1, and its text.

    Only the segments before the index `stop` are read, if it is given.
    """
    for index, segment in enumerate(claim.span.segments[:stop]):
        if segment[0] == "HI":
            for number, composite in enumerate(segment[1:], start=1):
                yield index, number, composite
