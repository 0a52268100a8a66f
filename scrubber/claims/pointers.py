"""Which diagnoses a service line is billed for."""

from __future__ import annotations

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, Diagnosis, ServiceLine

LISTED = frozenset({"ABK", "ABF", "BK", "BF"})
"""HI qualifiers of the diagnoses that pointers count: principal and other."""


@attrs.frozen
class Pointed:
    """A diagnosis that applies to a service line, and the element that says so."""

    diagnosis: Diagnosis
    location: Location


def listed(claim: Claim) -> list[Diagnosis]:
    """Principal and other diagnoses of a claim, in the order that pointers count them."""
    return [diagnosis for diagnosis in claim.diagnoses if diagnosis.qualifier in LISTED]


def pointed(claim: Claim, line: ServiceLine) -> list[Pointed]:
    """The diagnoses of a line: on an 837P those its pointers name, on an 837I all that are listed.

    A pointer that is no number, or points to nothing, is passed over.
    """
    diagnoses = listed(claim)
    if claim.type == "837I":
        return [Pointed(diagnosis, claim.at_diagnosis(diagnosis)) for diagnosis in diagnoses]
    found = []
    for number, pointer in enumerate(line.diagnosis_pointers, start=1):
        if pointer.isascii() and pointer.isdigit() and 1 <= int(pointer[:4]) <= len(diagnoses):
            found.append(Pointed(diagnoses[int(pointer) - 1], line.at("diagnosis_pointers", number)))
    return found
