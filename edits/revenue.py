"""Revenue codes of institutional claims."""

from __future__ import annotations

import re

from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, edit, finding, infused_drugs
from scrubber.reference import Facts

_ROOM = re.compile(r"0(?:1\d|2[01])\d", re.ASCII)
"""Revenue codes of room and board: 010x to 021x."""


def _is_outpatient(claim: Claim, facts: Facts) -> bool:
    """Whether the lines of the bill type need procedure codes. Drugs of an inpatient are part of the stay."""
    return claim.facility_code in facts.family("outpatient_bill_types")


@edit(
    "REV01",
    "Infused drug under another revenue code",
    severity="warn",
    concerns=infused_drugs,
    part="drugs",
    types=("837I",),
    claim_status="A7:455",
    carc="199",
    rarc="M50",
    source="Own knowledge of OPPS billing; the manufacturer's billing guide also lists 0250",
    confidence=0.85,
)
def other_drug_revenue(claim: Claim, facts: Facts) -> Results:
    """What it checks: on an outpatient bill type an infused drug has revenue code 0636.

    Why it is denied: payers expect a drug that has its own procedure code under 0636. 0250 is for drugs without a code.

    How to fix: bill the drug under 0636 with its procedure code.

    What it cannot know: whether the payer's contract accepts another revenue code.
    """
    if not _is_outpatient(claim, facts):
        return
    for line in claim.lines:
        if line.procedure in facts.drug_codes and line.revenue_code not in facts.family("drug_revenue"):
            yield finding(
                line.at("revenue_code"),
                f"{line.procedure} is not under revenue code 0636",
                "bill a drug that has its own procedure code under 0636",
            )


@edit(
    "REV02",
    "Administration under an unusual revenue code",
    severity="info",
    concerns=infused_drugs,
    part="drugs",
    types=("837I",),
    claim_status="A7:455",
    source="Manufacturer billing guide; own knowledge",
    confidence=0.6,
)
def other_administration_revenue(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a claim with an infused drug the administration has a usual revenue code for infusions:
    0260, 0335, 0490, 0510 or 076x.

    Why it is denied: it is rarely denied for this. Some payers match revenue codes with procedure codes.

    How to fix: use the revenue code of the department that gave the infusion.

    What it cannot know: which department gave the infusion.
    """
    for line in claim.lines:
        row = facts.administrations.get(line.procedure)
        if row is None or row.method == "visit":
            continue
        if line.revenue_code not in facts.family("administration_revenue"):
            yield finding(
                line.at("revenue_code"),
                f"{line.procedure} is under an unusual revenue code",
                "use the revenue code of the department, such as 0260 or 0510",
            )


@edit(
    "REV03",
    "Drug revenue code without a procedure code",
    severity="reject",
    concerns=None,
    types=("837I",),
    claim_status="A6:454",
    carc="16",
    rarc="M20",
    source="Medicare Claims Processing Manual, chapter 4: revenue code 0636 needs a procedure code",
    confidence=0.9,
)
def drug_without_code(claim: Claim, facts: Facts) -> Results:
    """What it checks: on an outpatient bill type a line with revenue code 0636 has a procedure code.

    Why it is denied: 0636 is for drugs that the claim identifies by procedure code.

    How to fix: add the drug's procedure code. Bill a drug without a code under 0250.

    What it cannot know: which drug was given.
    """
    drugs = facts.family("drug_revenue")
    for line in claim.lines:
        if line.revenue_code in drugs and not line.procedure and _is_outpatient(claim, facts):
            yield finding(
                line.at("procedure"),
                "the line has revenue code 0636, but no procedure code",
                "add the drug's procedure code, or use 0250 for drugs without one",
            )


@edit(
    "REV04",
    "Room and board on an outpatient claim",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=None,
    types=("837I",),
    claim_status="A8:455",
    carc="199",
    rarc="M50",
    source="Own knowledge of Medicare's bill types and revenue codes: 010x to 021x belong to a stay",
    confidence=0.8,
)
def room_without_a_stay(claim: Claim, facts: Facts) -> Results:
    """What it checks: a hospital's outpatient claim (bill types 13x and 85x) to Medicare has no line of room and board
    (revenue codes 010x to 021x).

    Why it is denied: an outpatient has no room charge. The bill type or the revenue code is wrong.

    How to fix: bill a stay with the inpatient bill type. Bill hours of observation with revenue code 0762 and G0378.

    What it cannot know: whether the patient was admitted.
    """
    if claim.facility_code not in facts.family("hospital_outpatient_bill_types"):
        return
    for line in claim.lines:
        if _ROOM.fullmatch(line.revenue_code):
            yield finding(
                line.at("revenue_code"),
                f"revenue code {line.revenue_code} is for room and board, but the bill type is for outpatients",
                "use the inpatient bill type for a stay, or the revenue code of the outpatient service",
            )
