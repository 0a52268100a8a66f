"""Providers and the patient's member id: who bills for whom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.edit import Finding, Results, edit, finding
from scrubber.reference import Facts

Segment: TypeAlias = Sequence[str]

_PREFIX = "80840"
_NAMES = {
    "85": "billing",
    "82": "rendering",
    "77": "service facility",
    "DN": "referring",
    "P3": "primary care",
    "DQ": "supervising",
    "DK": "ordering",
    "71": "attending",
    "72": "operating",
    "QB": "purchased service",
    "ZZ": "other operating",
}
_RENDERING = "82"
_NEXT_LOOP = frozenset({"NM1", "SBR", "SVD", "LX", "LQ"})


@lru_cache(maxsize=4096)
def _is_npi(number: str) -> bool:
    """Ten digits whose check digit is right: Luhn, counted with the prefix of health identifiers."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(_PREFIX + number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_bad_npi(name: Segment) -> bool:
    """Whether an NM1 gives an NPI (NM108 is XX) that is none."""
    return len(name) > 8 and name[8] == "XX" and not _is_npi(name[9] if len(name) > 9 else "")


@edit(
    "NPI01",
    "NPI that cannot be right",
    severity="reject",
    concerns=None,
    on_voids=True,
    claim_status="A7:562",
    carc="206",
    source="NPI check digit: Luhn over the number with the prefix 80840 (45 CFR 162.406)",
    confidence=0.99,
)
def impossible_npi(claim: Claim, _: Facts) -> Results:
    """What it checks: the NPI of billing provider, claim and lines, wherever one is given (qualifier XX), has ten
    digits, the last of which is the right check digit.

    Why it is denied: no provider has that number.

    How to fix: copy the NPI from the NPPES registry; most often two digits are swapped or one is missing.
    """
    billing = claim.context.billing
    if billing and any(map(_is_bad_npi, billing.names)):
        location = billing.at("npi")
        if location.segment_id == "NM1" and _is_bad_npi(location.elements):
            yield _bad_npi("85", location)
    providers = [*claim.providers]
    for line in claim.lines:
        providers += line.providers
    for provider in providers:
        if _is_bad_npi(provider.name):
            yield _bad_npi(provider.entity, provider.location)


def _bad_npi(entity: str, location: Location) -> Finding:
    name = _NAMES.get(entity, "")
    return finding(
        location,
        f"the {name + ' ' if name else ''}provider's NPI is not ten digits with a right check digit",
        "copy the NPI from the registry; digits may be swapped or missing",
    )


@edit(
    "ENT01",
    "Member id or rendering provider's taxonomy missing",
    severity="info",
    concerns=None,
    claim_status="A6:21",
    source="Guides 005010X222 and 005010X223; own knowledge of payers' requirements",
    confidence=0.7,
)
def missing_entity(claim: Claim, _: Facts) -> Results:
    """What it checks: the subscriber has a member id; on an 837P the claim's rendering provider has a taxonomy code
    (PRV). An 837I has no place for the latter.

    Why it is denied: without member id no patient is found. Some payers choose the contract by the taxonomy.

    How to fix: add the member id from the card, and PRV*PE with the taxonomy that the provider is enrolled under.
    """
    subscriber = claim.context.subscriber
    if subscriber and not subscriber.text("member_id"):
        yield finding(
            subscriber.at("member_id"),
            "the member id is missing",
            "add the member id from the patient's insurance card",
        )
    for provider in claim.providers if claim.type == "837P" else ():
        if provider.entity == _RENDERING and not _has_taxonomy(claim.source.segments, provider.position):
            yield finding(
                attrs.evolve(provider.location, element="PRV03"),
                "the rendering provider has no taxonomy code",
                "add PRV*PE with the taxonomy, if the payer asks for it",
            )


def _has_taxonomy(segments: Sequence[Segment], name: int) -> bool:
    """Whether a PRV stands in the loop of the provider whose NM1 is `segments[name]`."""
    for segment in segments[name + 1 :]:
        if segment[0] == "PRV":
            return True
        if segment[0] in _NEXT_LOOP:
            return False
    return False
