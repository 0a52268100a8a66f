"""The implementation guides that are read into claims."""

from __future__ import annotations

from typing import Literal, TypeAlias

from scrubber.x12.segments import Segment, element

ClaimType: TypeAlias = Literal["837P", "837I"]

SUPPORTED: dict[str, ClaimType] = {
    "005010X222": "837P",
    "005010X222A1": "837P",
    "005010X222A2": "837P",
    "005010X223": "837I",
    "005010X223A1": "837I",
    "005010X223A2": "837I",
    "005010X223A3": "837I",
}
"""Implementation guide versions (ST03, else GS08) that are read into claims."""

LEVELS = {"20": 1, "22": 2, "23": 3}
"""HL03 of an 837 and its depth: billing provider, subscriber, patient."""

IN_DOUBT = "0"
"""HL02 of a level in a rejected file whose claims are in doubt. No level has this number, so the doubt lasts."""


def claim_type_of(head: Segment, group_version: str) -> ClaimType | None:
    """The claim type of an ST segment, by ST03 or else GS08. `None` for an unsupported transaction."""
    return SUPPORTED.get(element(head, 3) or group_version) if element(head, 1) == "837" else None
