"""Prior authorization of the drug."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, edit, family, finding
from scrubber.reference import Facts


@edit(
    "PA01",
    "Lupus drug without a prior authorization number",
    severity=by_payer(ffs=None, madv="warn", mcd="warn", other="warn"),
    concerns=family("prior_authorization"),
    claim_status="A6:252",
    carc="197",
    rarc="M62",
    source="Commercial, Medicare Advantage and Medicaid policies on belimumab and anifrolumab",
    confidence=0.85,
)
def no_authorization(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with a lupus drug has a prior authorization number (REF*G1). It is on the claim, or on an
    837P on a line of the drug. Medicare fee-for-service is left out, because it does not ask for the number. Bill types
    that pay drugs as part of the stay or the visit are left out too.

    Why it is denied: most payers pay for these drugs only with an authorization.

    How to fix: add the number from the payer's approval in REF*G1. In the profile, switch the edit off for payers that
    do not ask for the number.

    What it cannot know: whether the payer asks for an authorization, and whether it gave one that is not on the claim.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    if claim.text("prior_authorization"):
        return
    lines = [line for line in claim.lines if line.procedure in facts.family("prior_authorization")]
    authorized = {line.procedure for line in lines if line.text("prior_authorization")}
    missing = sorted({line.procedure for line in lines} - authorized)
    if missing:
        yield finding(
            claim.at("prior_authorization"),
            f"the claim has no prior authorization number for {' and '.join(missing)}",
            "add the number from the payer's approval (REF*G1); if it asks for none, switch PA01 off in the profile",
        )
