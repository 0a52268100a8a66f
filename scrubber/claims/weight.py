"""The patient's weight on a claim."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from scrubber.claims import values
from scrubber.claims.hi_segments import hi_composites
from scrubber.claims.location import Location, MalformedValue
from scrubber.claims.model import Claim
from scrubber.x12.segments import element

KILOGRAMS_PER_POUND = Decimal("0.453592")
_POUNDS = "01"
_VALUE_CODE, _VALUE_CODE_OF_WEIGHT = "BE", "A8"


def kilograms(claim: Claim) -> Decimal | None:
    """PAT08 in pounds, or value code A8 of an 837I, in kilograms, or `None`. Raises `MalformedValue`."""
    if claim.type == "837I":
        return _from_value_code(claim)
    patient = claim.patient
    pounds = patient.weight if patient and patient.text("weight_unit") == _POUNDS else None
    return None if pounds is None else pounds * KILOGRAMS_PER_POUND


def written(claim: Claim) -> Hashable:
    """The weight as the claim writes it, `None` if it has none. It is the same only where `kilograms` is the same."""
    if claim.type == "837I":
        text, component = claim.event.text, claim.span.delimiters.component
        if f"{_VALUE_CODE}{component}{_VALUE_CODE_OF_WEIGHT}" not in text:
            return None
        return tuple([tuple(segment) for segment in claim.span.segments if segment[0] == "HI"])
    patient = claim.patient
    return patient.text("weight") if patient and patient.text("weight_unit") == _POUNDS else None


def _from_value_code(claim: Claim) -> Decimal | None:
    for index, number, composite in hi_composites(claim):
        parts = composite.split(claim.span.delimiters.component)
        if parts[:2] == [_VALUE_CODE, _VALUE_CODE_OF_WEIGHT] and element(parts, 4):
            try:
                return values.number(parts[4])
            except ValueError:
                location = Location(claim.span, index, "2300", f"HI{number:02d}-5")
                raise MalformedValue(location, "number") from None
    return None
