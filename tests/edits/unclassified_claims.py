"""Claims with an unclassified drug."""

from typing import Any

import attrs

from scrubber.testing import ClaimSpec, ClaimType, LineSpec, infusion_claim

UNKNOWN_NDC = "99999099901"
J3490 = LineSpec("J3490", description="INVENTAMAB 500 MG", ndc=UNKNOWN_NDC, ndc_quantity=1, ndc_unit="UN", charge="900")
INFUSION = LineSpec("96365")
COMPOUNDED = LineSpec("J7999", description="BEVACIZUMAB 1.25 MG")


def claim_of(claim_type: ClaimType, *lines: LineSpec, **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, lines=lines or (J3490, INFUSION), **changes)


def drug(claim_type: ClaimType, **changes: Any) -> ClaimSpec:
    """On the 837I under C9399, the code that Medicare does not package."""
    usual = attrs.evolve(J3490, procedure="C9399") if claim_type == "837I" else J3490
    return claim_of(claim_type, attrs.evolve(usual, **changes), INFUSION)


def place(claim_type: ClaimType, component: int) -> str:
    return f"{'SV101' if claim_type == '837P' else 'SV202'}-{component}"
