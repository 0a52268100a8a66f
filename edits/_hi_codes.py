"""Condition, occurrence and value codes of an institutional claim (HI segments)."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.claims import values
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
    for index, segment in enumerate(source.segments):
        if segment[0] == "LX":
            return
        if segment[0] != "HI":
            continue
        for number, composite in enumerate(segment[1:], start=1):
            qualifier, *parts = composite.split(source.delimiters.component)
            if qualifier in LISTS and parts:
                yield (
                    qualifier,
                    [values.code(parts[0]), *parts[1:]],
                    Location(source, index, "2300", f"HI{number:02d}-2"),
                )
