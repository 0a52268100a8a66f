"""Condition, occurrence and value codes of an institutional claim (HI segments)."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.claims import values
from scrubber.claims.hi_segments import hi_composites
from scrubber.claims.location import Location
from scrubber.claims.model import Claim

LISTS = {
    "BG": ("condition", 1),
    "BH": ("occurrence", 3),
    "BI": ("occurrence span", 3),
    "BE": ("value", 1),
}
"""The name of the codes in an HI segment, by qualifier, and how many components after the qualifier make two codes the
same: the code alone, or the code up to its date (the third)."""
CONDITION, VALUE = "BG", "BE"


def coded(claim: Claim) -> Iterator[tuple[str, list[str], Location]]:
    """Condition, occurrence, span and value codes: qualifier, components from the code on, location of the code."""
    source = claim.span
    for index, number, composite in composites_above_lines(claim):
        qualifier, *parts = composite.split(source.delimiters.component)
        if qualifier in LISTS and parts:
            location = Location(source, index, "2300", f"HI{number:02d}-2")
            yield qualifier, [values.code(parts[0]), *parts[1:]], location


def composites_above_lines(claim: Claim) -> Iterator[tuple[int, int, str]]:
    """The composites of the HI segments before the first line, as in `hi_composites`."""
    return hi_composites(claim, claim.lines[0].start if claim.lines else None)
