"""Replacements and voids: what a claim that changes another must name."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.edit import Results, edit, finding
from scrubber.reference import Facts

_ORIGINAL = "1"


@edit(
    "FREQ01",
    "Frequency code and the payer's claim number disagree",
    severity="reject",
    concerns=None,
    on_voids=True,
    claim_status="A6:535",
    carc="16",
    source="Guides 005010X222 and 005010X223: REF*F8 names the claim that is replaced or voided",
    confidence=0.95,
)
def unnamed_original(claim: Claim, _: Facts) -> Results:
    """What it checks: a replacement or void (frequency 7 or 8) names the payer's number of the claim that it changes
    (REF*F8). An original claim (frequency 1) that names one is a warning.

    Why it is denied: the payer cannot tell which claim is meant. An original that names another is taken for a
    duplicate.

    How to fix: add REF*F8 with the number from the payer's remittance; or set the frequency that is meant.
    """
    named = bool(claim.text("payer_claim_control_number"))
    if (claim.is_replacement or claim.is_void) and not named:
        yield finding(
            claim.at("payer_claim_control_number"),
            f"frequency {claim.frequency} without the payer's number of the claim that it changes",
            "add REF*F8 with the payer's claim number from the remittance",
        )
    elif claim.frequency == _ORIGINAL and named:
        yield finding(
            claim.at("payer_claim_control_number"),
            "frequency 1 says that the claim is an original, yet it names another claim (REF*F8)",
            "set frequency 7 or 8 if it changes that claim, else remove REF*F8",
            "warn",
        )
