"""The National Drug Code beside the drug's procedure code."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.edit import Results, edit, finding, infused_drugs
from scrubber.reference import Facts

_CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, Oct 2025"
_OFTEN_MISTAKEN = "49401008801"
"""An autoinjector's NDC that some published tables give for the 120 mg vial."""


@edit(
    "NDC05",
    "Subcutaneous NDC on an intravenous drug code",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A8:218",
    carc="280",
    source=f"{_CROSSWALK}: no subcutaneous belimumab maps to a HCPCS code; DailyMed package list",
    confidence=0.95,
)
def subcutaneous_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is not the self-injected form of the same drug.

    Why it is denied: the code stands for the vial that is infused; autoinjector and syringe belong to the pharmacy
    benefit and to no such code.

    How to fix: if the vial was infused, give the vial's NDC; if the drug was injected under the skin, send it to the
    pharmacy plan.
    """
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.drug_codes else None
        if product is None or product.route != "subcutaneous":
            continue
        if line.procedure not in facts.codes_of(product.substance):
            continue
        hint = ""
        if line.ndc.replace("-", "") == _OFTEN_MISTAKEN:
            hint = "; some published tables list this NDC for the 120 mg vial, wrongly"
        yield finding(
            line.at("ndc"),
            f"NDC is {product.label}; {line.procedure} is the infused vial{hint}",
            f"if the vial was infused give its NDC ({facts.vial_ndcs(line.procedure)}), else bill the pharmacy plan",
        )


@edit(
    "NDC06",
    "NDC of another drug",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A8:218",
    carc="16",
    rarc="M119",
    source=_CROSSWALK,
    confidence=0.95,
)
def ndc_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is a product of that drug, as far as the NDC is known.

    Why it is denied: payers match NDC and procedure code, and pay neither when they disagree.

    How to fix: bill the code of the drug that was given, with the NDC from its package.
    """
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.drug_codes else None
        if product is None or line.procedure in facts.codes_of(product.substance):
            continue
        belongs = f"belongs to {product.hcpcs}" if product.hcpcs else "has no code of its own"
        yield finding(
            line.at("ndc"),
            f"NDC is {product.label}, which {belongs}, not to {line.procedure}",
            "correct the procedure code or the NDC, whichever does not say what was given",
        )
