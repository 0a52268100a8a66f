"""The payer and the member: filing indicator and Medicare number."""

from __future__ import annotations

import re
from functools import lru_cache

from scrubber.claims.model import Claim
from scrubber.edit import NotChecked, Results, by_payer, edit, finding
from scrubber.reference import Facts

_WRONG_PART = {"837P": "MA", "837I": "MB"}
"""The Medicare filing indicator of the other claim type."""


@edit(
    "FIL01",
    "Claim filing indicator missing, unknown or of the other Medicare part",
    severity="warn",
    concerns=None,
    part="parties",
    claim_status="A7:480",
    carc="109",
    source="SBR09 in guides 005010X222 and 005010X223",
    confidence=0.85,
)
def wrong_filing_indicator(claim: Claim, facts: Facts) -> Results:
    """What it checks: the claim has a filing indicator (SBR09) from the guides' list. An 837I is not filed as
    Medicare Part B (MB), and an 837P is not filed as Part A (MA).

    Why it is denied: the filing indicator shows the kind of payer. A wrong one sends the claim to the wrong payer or to
    none.

    How to fix: set the indicator of the payer that is billed: MB for Medicare on an 837P, MA on an 837I, 16 for
    Medicare Advantage HMO, MC for Medicaid.

    What it cannot know: which payer covers the patient.
    """
    subscriber = claim.context.subscriber
    if subscriber is None:
        return
    indicator, wrong_part = subscriber.text("filing_indicator"), _WRONG_PART[claim.type]
    if not indicator:
        yield finding(
            subscriber.at("filing_indicator"),
            "the filing indicator is missing",
            "add the code of the payer's kind, such as MB, MA, 16, MC, BL or CI",
        )
    elif indicator not in facts.family("filing_indicators"):
        yield finding(
            subscriber.at("filing_indicator"),
            "the filing indicator is not in the guide's list",
            "add the code of the payer's kind, such as MB, MA, 16, MC, BL or CI",
        )
    elif indicator == wrong_part:
        right_part = "MB" if wrong_part == "MA" else "MA"
        yield finding(
            subscriber.at("filing_indicator"),
            f"filing indicator {wrong_part} does not belong on an {claim.type}",
            f"for Medicare write {right_part} on an {claim.type}",
        )


@edit(
    "PAY01",
    "Malformed Medicare number",
    severity="warn",
    concerns=None,
    claim_status="A7:164:IL",
    carc="16",
    source="CMS, understanding the Medicare beneficiary identifier (own knowledge)",
    confidence=0.8,
)
def wrong_medicare_number(claim: Claim, facts: Facts) -> Results:
    """What it checks: if Medicare is billed (SBR09 is MA or MB), the member number has 11 characters. Its letters
    and digits are in the right positions, and it has none of the letters S, L, O, I, B and Z. Files dated before 2020
    are left out, because Medicare accepted the old numbers until then.

    Why it is denied: Medicare cannot find the patient.

    How to fix: copy the number from the patient's Medicare card, without hyphens. An O is probably a 0, and an I is
    probably a 1.

    What it cannot know: whether a number of the right shape belongs to the patient.
    """
    if claim.filing_indicator not in facts.family("medicare"):
        return
    subscriber = claim.context.subscriber
    number = subscriber.text("member_id") if subscriber else ""
    if subscriber is None or not number or _has_shape(facts.medicare_number.shape, number):
        return
    today = facts.today(claim.context.file_date)
    if today is None:
        yield NotChecked("the file's own date is missing or not a valid date (ISA09, GS04 and BHT04)")
    elif today >= facts.medicare_number.since:
        yield finding(
            subscriber.at("member_id"),
            "the member number does not have the shape of a Medicare number",
            "copy it from the Medicare card: 11 places, no hyphens, none of the letters S, L, O, I, B and Z",
        )


_SEQUENCE = "PSTABCDEFGH"
"""The codes of SBR01 in the order of payers, without U, which means unknown. The guide checks report other values."""

_PRIMARY = "P"


@edit(
    "PAY02",
    "Payers that are not in a valid order",
    severity="warn",
    concerns=None,
    sign="other payer",
    claim_status="A7:21",
    carc="16",
    rarc="MA04",
    source="Guides 005010X222 and 005010X223, SBR of loops 2000B and 2320 (own knowledge); Medicare as secondary payer",
    confidence=0.8,
)
def wrong_payer_order(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two payers of the claim have the same code in SBR01 (P for primary, S for secondary, T for
    tertiary …), except U for unknown. If the payer is not primary, the claim has another payer (loop 2320). If an 837P
    bills Medicare and Medicare is not primary, SBR05 has the reason.

    Why it is denied: the payer cannot see which payers paid before it, so it cannot calculate its part.

    How to fix: set SBR01 of each payer: P for primary, S for secondary, T for tertiary. Add the payer that paid first,
    with the amount that it paid. For Medicare add the reason in SBR05, such as 12 (working aged) or 47 (liability).

    What it cannot know: which payer is primary.
    """
    subscriber = claim.context.subscriber
    if subscriber is None:
        return
    own, others = subscriber.text("payer_sequence"), [payer.sequence for payer in claim.other_payers]
    known = [code for code in (own, *others) if code and code in _SEQUENCE]
    location = subscriber.at("payer_sequence")
    if len(set(known)) < len(known):
        yield finding(
            location,
            "two payers of the claim have the same SBR01",
            "make one primary (P), the next one secondary (S) and the third one tertiary (T)",
        )
    if own == _PRIMARY or not own or own not in _SEQUENCE:
        return
    if not others:
        yield finding(
            location,
            f"SBR01 is {own}, so another payer is primary, but the claim has no other payer",
            "add the primary payer (loop 2320), with the amount that it paid; if there is none, set SBR01 to P",
        )
    elif _lacks_reason(claim, facts) and not subscriber.text("insurance_type"):
        yield finding(
            subscriber.at("insurance_type"),
            "Medicare is not the primary payer, and the reason is missing",
            "add the reason in SBR05, such as 12 (working aged) or 47 (liability)",
        )


def _lacks_reason(claim: Claim, facts: Facts) -> bool:
    """Whether a claim must have the reason why Medicare is not primary in SBR05. An 837I has it in a value code."""
    return claim.type == "837P" and claim.filing_indicator in facts.family("medicare")


@edit(
    "PAY05",
    "Medicaid before another payer",
    severity="warn",
    concerns=None,
    sign="other payer",
    claim_status="A7:21",
    carc="16",
    rarc="MA04",
    source="42 CFR 433.139; MACPAC on third party liability: Medicaid pays last",
    confidence=0.85,
)
def medicaid_before_other_payer(claim: Claim, facts: Facts) -> Results:
    """What it checks: by SBR01, Medicaid does not come before Medicare, a Medicare Advantage plan, TRICARE or a
    commercial plan.

    Why it is denied: Medicaid is the payer of last resort. It sends the claim back until the other payer has decided.

    How to fix: bill the other payer first. Then bill Medicaid as secondary, with what the other payer paid.

    What it cannot know: whether the other plan covers the service at all, and for which services the state pays first
    and asks the other payer for its money afterwards, such as care of pregnant women and preventive care of children.
    """
    subscriber = claim.context.subscriber
    if subscriber is None:
        return
    payers = [(subscriber.text("payer_sequence"), claim.filing_indicator)]
    payers += [(payer.sequence, payer.filing_indicator) for payer in claim.other_payers]
    ordered = [(_SEQUENCE.index(code), filing) for code, filing in payers if code and code in _SEQUENCE]
    medicaid, before_it = facts.family("medicaid"), facts.family("payers_before_medicaid")
    of_medicaid = [place for place, filing in ordered if filing in medicaid]
    if of_medicaid and any(place > min(of_medicaid) for place, filing in ordered if filing in before_it):
        yield finding(
            subscriber.at("payer_sequence"),
            "Medicaid comes before another payer by SBR01, but Medicaid pays last",
            "bill the other payer first, then Medicaid with what the other payer paid",
        )


@edit(
    "PAY04",
    "Dependent under Medicare",
    severity=by_payer(ffs="reject", madv=None, mcd=None, other=None),
    concerns=None,
    claim_status="A7:158:QC",
    carc="16",
    source="CMS 837P and 837I companion guides: the subscriber is the patient (SBR02 is 18), without loop 2000C",
    confidence=0.9,
)
def dependent_under_medicare(claim: Claim, _: Facts) -> Results:
    """What it checks: a claim to Medicare (SBR09 is MA or MB) has no loop for a dependent (2000C).

    Why it is denied: each Medicare member has a number of their own, so the subscriber is always the patient. Medicare
    returns claims with a dependent.

    How to fix: bill the patient as the subscriber, with the patient's own Medicare number and 18 in SBR02. If the
    patient is covered by another person's plan, correct the payer and SBR09.

    What it cannot know: whether the payer or the patient is wrong.
    """
    subscriber = claim.context.subscriber
    if claim.context.patient is not None and subscriber is not None:
        yield finding(
            subscriber.at("relationship"),
            "the patient is a dependent, but Medicare has no dependents: each patient is a subscriber",
            "bill the patient as the subscriber, with their own Medicare number and 18 in SBR02, or correct SBR09",
        )


@lru_cache(maxsize=16)
def _pattern(shape: str) -> re.Pattern[str]:
    return re.compile(shape)


def _has_shape(shape: str, number: str) -> bool:
    return _pattern(shape).fullmatch(number) is not None
