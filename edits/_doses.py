"""The doses of a claim whose drugs are paid line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scrubber.claims.doses import Dose, doses
from scrubber.claims.model import Claim
from scrubber.reference import Facts
from scrubber.reference.listings import waste_codes


def doses_paid_by_line(claim: Claim, facts: Facts) -> Sequence[Dose]:
    """The doses of infused drugs on a claim. None if the bill type pays drugs as part of the stay or the visit."""
    return doses(claim, facts.drug_codes) if facts.pays_drugs_by_line(claim) else ()


_INTO_THE_EYE = "intravitreal"


def is_repackaged_for_the_eye(claim: Claim, hcpcs: str, facts: Facts) -> bool:
    """Whether a drug in larger vials, such as bevacizumab, was injected into the eye.

    A pharmacy draws such doses from one vial for many patients, so it is not known whether payers want JW or JZ.
    """
    if claim.procedures.isdisjoint(facts.family("eye_injection")):
        return False
    return all(product.route != _INTO_THE_EYE for product in facts.products.of_code(hcpcs))


def reports_waste_of_dialysis(claim: Claim, day: date | None, facts: Facts) -> bool:
    """Whether a claim is of a dialysis facility, and its drugs of a day need JW or JZ."""
    since = facts.turning_points["waste_of_dialysis"].since
    return claim.facility_code in facts.family("dialysis_bill_types") and day is not None and day >= since


def reports_waste(claim: Claim, day: date | None, facts: Facts) -> bool:
    """Whether JW and JZ say something on a claim: its drugs are paid line by line, or it is of a dialysis facility."""
    return facts.pays_drugs_by_line(claim) or reports_waste_of_dialysis(claim, day, facts)


def doses_with_waste_rules(claim: Claim, facts: Facts) -> Sequence[Dose]:
    """The doses of all drugs that may need JW or JZ, those of the loaded tables and of dialysis facilities among them.

    None if the bill type pays drugs as part of the stay or the visit.
    """
    found = doses(claim, waste_codes(facts))
    if facts.pays_drugs_by_line(claim):
        return found
    return [dose for dose in found if reports_waste_of_dialysis(claim, dose.day, facts)]
