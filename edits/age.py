"""The patient's age beside the drug's label."""

from __future__ import annotations

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.pointers import listed
from scrubber.claims.values import whole_years
from scrubber.edit import NotChecked, Results, edit, finding
from scrubber.reference import Facts, Product

ADULT = 18


def _belimumab_codes(facts: Facts) -> frozenset[str]:
    return facts.family("unclassified") | facts.family("lupus_drugs")


def _off_label(product: Product, line: ServiceLine, indication: str, age: int, facts: Facts) -> str | None:
    """Why an injected product was off label for a minor on the day, or `None` where it was not."""
    package = line.ndc[-2:]
    device = "syringe" if package in product.syringe_packages else "autoinjector"
    day = line.service_date
    labels = [label for label in facts.labels_of(product.substance, "subcutaneous") if label.indication == indication]
    if day is None or any(label.covers(age, day) and label.device in (device, "any") for label in labels):
        return None
    for_minors = [label for label in labels if label.age_min < ADULT]
    youngest = min(label.age_min for label in for_minors)
    if age < youngest:
        return f"it is labelled from {youngest} years on"
    if device == "syringe":
        return "the prefilled syringe is labelled for adults only; minors have the autoinjector"
    return "on that day it was not yet approved under 18 years for this diagnosis"


@edit(
    "AGE03",
    "Subcutaneous belimumab for a minor, off label",
    severity="warn",
    concerns=_belimumab_codes,
    claim_status="A8:218",
    carc="6",
    source="Benlysta label, June 2025; approvals of May 2024 and June 2025 (exact days uncertain)",
    confidence=0.8,
)
def subcutaneous_for_minor(claim: Claim, facts: Facts) -> Results:
    """What it checks: an autoinjector or syringe of belimumab for a patient under 18 was labelled for that age,
    device and diagnosis on the date of service: since 2024-05-21 the autoinjector for lupus from 5 years on, since
    2025-06-24 also for lupus nephritis; the syringe never.

    Why it is denied: use outside of the label by age is a coverage decision, and the injected forms belong to the
    pharmacy benefit in any case.

    How to fix: check birth date and NDC; bill the pharmacy plan, with the prior authorization for this patient.
    """
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in _belimumab_codes(facts) else None
        if product is None or product.substance != "belimumab" or product.route != "subcutaneous":
            continue
        born, day = claim.patient_birth_date, line.service_date
        if born is None or day is None or born > day:
            yield NotChecked("the patient's age on the date of service is not known")
            continue
        age = whole_years(born, day)
        nephritis = any(item.code in facts.diagnosis_set("lupus_nephritis") for item in listed(claim))
        why = _off_label(product, line, "lupus_nephritis" if nephritis else "sle", age, facts) if age < ADULT else None
        if why:
            yield finding(
                line.at("ndc"),
                f"subcutaneous belimumab for a patient under 18: {why}",
                "check birth date and NDC; injected belimumab goes to the pharmacy plan",
            )
