"""Replacements and voids: the payer's number of the original claim."""

from __future__ import annotations

from scrubber.claims import values
from scrubber.claims.model import Claim
from scrubber.edit import Results, edit, finding
from scrubber.reference import Facts

_ORIGINAL = "1"
_FIX_OF_PART_B = (
    "if the claim was returned unprocessed, send it again with frequency 1 and without REF*F8; "
    "if it was processed, ask the contractor to reopen it"
)


@edit(
    "FREQ01",
    "Frequency code and the payer's claim number disagree",
    severity="reject",
    concerns=None,
    sign="correction",
    on_voids=True,
    claim_status="A6:535",
    carc="16",
    source="Guides 005010X222 and 005010X223: REF*F8 names the claim that is replaced or voided; CMS 837P "
    "companion guide (Part B); Medicare Claims Processing Manual, chapter 1, section 130.1.3 (late charges)",
    confidence=0.95,
)
def unnamed_original(claim: Claim, facts: Facts) -> Results:
    """What it checks: a replacement or void (frequency 7 or 8) has the payer's number of the claim that it changes
    (REF*F8). An original claim (frequency 1) with such a number is a warning. Any frequency other than 1 on an 837P to
    Medicare Part B (MB) is a warning too, because Part B takes original claims only. So is a claim of late charges
    (frequency 5) to Medicare on a bill type under prospective payment (11x, 13x, 21x, 32x, 72x …).

    Why it is denied: without the number the payer cannot find the claim. The payer treats an original that names
    another claim as a duplicate. Part B returns any frequency other than 1. Medicare takes no late charges under
    prospective payment.

    How to fix: add REF*F8 with the number from the payer's remittance, or correct the frequency. For Part B, send
    frequency 1 without REF*F8 if the first claim was returned unprocessed. Otherwise ask the contractor to reopen the
    claim. In place of late charges, send a replacement (frequency 7) with all charges of the claim.

    What it cannot know: whether the payer processed the first claim.
    """
    frequency = claim.frequency
    changes = claim.is_replacement or claim.is_void
    named = bool(claim.text("payer_claim_control_number"))
    part_b = claim.type == "837P" and claim.filing_indicator in facts.family("medicare_part_b")
    if changes and not named:
        yield finding(
            claim.at("payer_claim_control_number"),
            f"frequency {frequency} changes a claim, but the payer's claim number (REF*F8) is missing",
            _FIX_OF_PART_B if part_b else "add REF*F8 with the payer's claim number from the remittance",
        )
    elif part_b and frequency not in ("", _ORIGINAL):
        yield finding(
            claim.at("frequency"),
            f"frequency {values.named(frequency, '(not shown)')} was sent, but Part B takes original claims only",
            _FIX_OF_PART_B,
            "warn",
            claim_status="A7:535",
        )
    elif claim.adds_late_charges:
        yield from _late_charges(claim, facts)
    elif named and frequency == _ORIGINAL:
        yield finding(
            claim.at("payer_claim_control_number"),
            "frequency 1 means an original claim, but REF*F8 names another claim",
            "remove REF*F8; to change a processed claim, ask the contractor to reopen it"
            if part_b
            else "if it changes that claim, set frequency 7 or 8; otherwise remove REF*F8",
            "warn",
            claim_status="A8:535",
        )


def _late_charges(claim: Claim, facts: Facts) -> Results:
    """Reports late charges on a bill type for which Medicare pays prospectively. It takes none there."""
    medicare = claim.filing_indicator in facts.family("medicare")
    if medicare and claim.facility_code in facts.family("bill_types_without_late_charges"):
        yield finding(
            claim.at("frequency"),
            f"frequency 5 adds late charges, and Medicare takes none on bill type {claim.facility_code}x",
            "send a replacement (frequency 7) with all charges of the claim and REF*F8",
            "warn",
            claim_status="A7:535",
        )
