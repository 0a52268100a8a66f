"""Which diagnoses a service line is billed for."""

from __future__ import annotations

from typing import NamedTuple

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, Diagnosis, ServiceLine
from scrubber.x12.control import is_count


class Pointed(NamedTuple):
    """A diagnosis that applies to a service line; `number` is the pointer's number on the line, `None` on an 837I."""

    claim: Claim
    line: ServiceLine
    number: int | None
    diagnosis: Diagnosis

    @property
    def location(self) -> Location:
        """The pointer, or on an 837I the diagnosis itself."""
        if self.number is None:
            return self.claim.at_diagnosis(self.diagnosis)
        return self.line.at("diagnosis_pointers", self.number)


def pointed(claim: Claim, line: ServiceLine) -> list[Pointed]:
    """The diagnoses of a line: on an 837P those that its pointers name, on an 837I all on the claim.

    A pointer that is no number, or that names no diagnosis, is skipped.
    """
    diagnoses = claim.listed_diagnoses
    if claim.type == "837I":
        return [Pointed(claim, line, None, diagnosis) for diagnosis in diagnoses]
    found = []
    for number, pointer in enumerate(line.diagnosis_pointers, start=1):
        if is_count(pointer) and pointer and 1 <= int(pointer) <= len(diagnoses):
            found.append(Pointed(claim, line, number, diagnoses[int(pointer) - 1]))
    return found
