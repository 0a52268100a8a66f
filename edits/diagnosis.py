"""Diagnoses that the drug is billed for."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.claims.pointers import listed, pointed
from scrubber.edit import Results, edit, family, finding, procedures
from scrubber.reference import Facts


@edit(
    "DX01",
    "Belimumab for drug-induced lupus",
    severity="reject",
    concerns=procedures("J0490"),
    claim_status="A7:255",
    carc="167",
    source="Benlysta label, June 2025; ICD-10-CM tabular list. Some Medicaid plans list M32.0 for such drugs",
    confidence=0.9,
)
def drug_induced_lupus(claim: Claim, facts: Facts) -> Results:
    """What it checks: J0490 is not billed for M32.0 alone. On an 837P the diagnoses that the line points to count,
    on an 837I all of the claim.

    Why it is denied: the drug is labelled for systemic lupus, and drug-induced lupus is another disease.

    How to fix: code the systemic lupus that is documented (M32.1-, M32.8, M32.9), and point the line to it. M32.0
    also needs a code for the drug that caused it.
    """
    induced, lupus = facts.diagnosis_set("drug_induced_lupus"), facts.diagnosis_set("sle")
    told = set()
    for line in claim.lines:
        if line.procedure != "J0490":
            continue
        applied = pointed(claim, line)
        if any(item.diagnosis.code in lupus for item in applied):
            continue
        for item in applied:
            if item.diagnosis.code in induced and (item.location.index, item.location.element) not in told:
                told.add((item.location.index, item.location.element))
                yield finding(
                    item.location,
                    "J0490 is billed for drug-induced lupus (M32.0) and for no systemic lupus",
                    "code the documented systemic lupus and point the drug to it; belimumab is not labelled for M32.0",
                )


@edit(
    "DX12",
    "Drug-induced beside systemic lupus",
    severity="warn",
    concerns=family("lupus_drugs"),
    claim_status="A8:255",
    carc="11",
    source="ICD-10-CM tabular list, M32",
    confidence=0.8,
)
def induced_and_systemic(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with a lupus drug has not both M32.0 and another code of M32.

    Why it is denied: the one says that a drug caused the lupus, the other that it did not; payers ask which.

    How to fix: keep the code that the record supports.
    """
    codes = listed(claim)
    induced = facts.diagnosis_set("drug_induced_lupus")
    others = any(item.code.startswith("M32") and item.code not in induced for item in codes)
    for item in codes:
        if others and item.code in induced:
            yield finding(
                claim.at_diagnosis(item),
                "M32.0 (drug-induced) stands beside another lupus code",
                "keep the one that the record supports",
            )
