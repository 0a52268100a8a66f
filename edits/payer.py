"""Who is billed: filing indicator and member number."""

from __future__ import annotations

import re
from functools import lru_cache

from scrubber.claims.model import Claim
from scrubber.edit import NotChecked, Results, edit, finding
from scrubber.reference import Facts

_WRONG_PART = {"837P": "MA", "837I": "MB"}
"""The Medicare filing indicator of the other claim type."""


@edit(
    "FIL01",
    "Claim filing indicator missing, unknown or of the other Medicare part",
    severity="warn",
    concerns=None,
    claim_status="A7:480",
    carc="109",
    source="SBR09 in guides 005010X222 and 005010X223",
    confidence=0.85,
)
def wrong_filing_indicator(claim: Claim, facts: Facts) -> Results:
    """What it checks: the filing indicator (SBR09) is there and in the guides' list; an 837I is not filed as Medicare
    Part B (MB), an 837P not as Part A (MA).

    Why it is denied: it says which kind of payer is billed, and the claim is sent to the wrong one or to none.

    How to fix: set the indicator of the payer that is billed: MB for Medicare on an 837P, MA on an 837I, 16 for
    Medicare Advantage HMO, MC for Medicaid.
    """
    subscriber = claim.context.subscriber
    if subscriber is None:
        return
    indicator, wrong_part = subscriber.text("filing_indicator"), _WRONG_PART[claim.type]
    if not indicator:
        yield finding(
            subscriber.at("filing_indicator"),
            "the filing indicator is missing",
            "say what kind of payer is billed, such as MB, MA, 16, MC, BL or CI",
        )
    elif indicator not in facts.family("filing_indicators"):
        yield finding(
            subscriber.at("filing_indicator"),
            "the filing indicator is not in the guide's list",
            "say what kind of payer is billed, such as MB, MA, 16, MC, BL or CI",
        )
    elif indicator == wrong_part:
        right_part = "MB" if wrong_part == "MA" else "MA"
        yield finding(
            subscriber.at("filing_indicator"),
            f"filing indicator {wrong_part} on an {claim.type}",
            f"Medicare is {right_part} on an {claim.type}",
        )


@edit(
    "PAY01",
    "Medicare number of the wrong shape",
    severity="warn",
    concerns=None,
    claim_status="A7:164:IL",
    carc="16",
    source="CMS, understanding the Medicare beneficiary identifier (own knowledge)",
    confidence=0.8,
)
def wrong_medicare_number(claim: Claim, facts: Facts) -> Results:
    """What it checks: where Medicare is billed (SBR09 is MA or MB) the member number has 11 places, letters and digits
    where they belong, and none of the letters S, L, O, I, B and Z. Files dated before 2020 are left out: until then the
    old numbers were taken too.

    Why it is denied: Medicare finds no such patient.

    How to fix: copy the number from the patient's Medicare card, without hyphens; O and I are likely 0 and 1.
    """
    if claim.filing_indicator not in facts.family("medicare"):
        return
    subscriber = claim.context.subscriber
    number = subscriber.text("member_id") if subscriber else ""
    if subscriber is None or not number or _has_shape(facts.medicare_number.shape, number):
        return
    today = facts.today(claim.context.file_date)
    if today is None:
        yield NotChecked("the file's own date is missing or no date (ISA09, GS04 and BHT04)")
    elif today >= facts.medicare_number.since:
        yield finding(
            subscriber.at("member_id"),
            "the member number is not of the shape of Medicare numbers",
            "copy it from the Medicare card: 11 places, no hyphens, none of the letters S, L, O, I, B and Z",
        )


@lru_cache(maxsize=16)
def _pattern(shape: str) -> re.Pattern[str]:
    return re.compile(shape)


def _has_shape(shape: str, number: str) -> bool:
    return _pattern(shape).fullmatch(number) is not None
