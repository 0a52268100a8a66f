"""Prior authorization of the drug, and its coverage within a study."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, edit, family, finding
from scrubber.reference import Facts

from ._hi_codes import CONDITION, VALUE, coded


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


_TRIAL_NUMBER, _TRIAL_CONDITION = "D4", "30"
"""The value code of the number of a study, and the condition code that says that there is one (837I)."""


@edit(
    "CED01",
    "Antibody against amyloid without its study",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=family("amyloid_antibodies"),
    claim_status="A6:21",
    carc="16",
    rarc="MA130",
    source="NCD 200.3; Noridian, Novitas, FCSO and Palmetto on billing lecanemab and donanemab (2023 to 2025)",
    confidence=0.85,
)
def no_study(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim to Medicare for an antibody against amyloid (J0174, J0175) shows the study or registry:
    Q0 or Q1 on the drug's line, Z00.6 among the diagnoses, and the number of the study. The number is in REF*P4 on an
    837P. On an 837I it is value code D4, with condition code 30.

    Why it is denied: Medicare covers these drugs only if the physician takes part in a registry or study (coverage with
    evidence development).

    How to fix: add what is missing. The number of CMS's own registry is 99999999.

    What it cannot know: whether CMS has ended this rule since, and whether the patient is in the registry.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    since, codes = facts.turning_points["antibodies_against_amyloid"].since, facts.family("amyloid_antibodies")
    dated = [(line, line.service_date) for line in claim.lines if line.procedure in codes]
    lines = [line for line, day in dated if day and day >= since]
    if not lines:
        return
    trial = facts.family("trial_modifiers")
    missing = []
    if all(trial.isdisjoint(line.modifiers) for line in lines):
        missing.append("Q0 or Q1")
    if not facts.diagnosis_set("clinical_trial").holds_any(claim.listed_codes):
        missing.append("Z00.6")
    missing += _missing_number(claim)
    if missing:
        yield finding(
            lines[0].at("procedure"),
            f"Medicare covers {lines[0].procedure} within a study only, and the claim lacks {', '.join(missing)}",
            "add what is missing, if the patient is in the registry or a study",
        )


def _missing_number(claim: Claim) -> list[str]:
    """What is missing of the number of a study on a claim."""
    if claim.type == "837P":
        numbers = any(segment[:2] == ["REF", "P4"] for segment in claim.span.segments)
        return [] if numbers else ["the number of the study (REF*P4)"]
    found = {(qualifier, parts[0]) for qualifier, parts, _ in coded(claim)}
    wanted = {
        f"condition code {_TRIAL_CONDITION}": (CONDITION, _TRIAL_CONDITION),
        f"value code {_TRIAL_NUMBER}": (VALUE, _TRIAL_NUMBER),
    }
    return [name for name, code in wanted.items() if code not in found]
