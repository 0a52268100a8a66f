"""How a dose was given, by the other codes on its claim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from scrubber.claims import visits
from scrubber.claims.doses import Dose
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.reference.facts import Facts
from scrubber.x12.remembering import remembered


def administered(claim: Claim, day: date | None, facts: Facts) -> Sequence[ServiceLine]:
    """The administrations for a drug of a day: those of that day, on an 837I also of the days before and after."""
    return visits.beside(claim, day, facts.administrations)


@once_per_claim
def drugs_by_day(claim: Claim) -> Mapping[date | None, frozenset[str]]:
    """The codes of drugs on a claim, by day. Raises `MalformedValue`."""
    found: dict[date | None, set[str]] = {}
    for line in claim.lines:
        if is_drug(line.procedure):
            found.setdefault(line.service_date, set()).add(line.procedure)
    return {day: frozenset(codes) for day, codes in found.items()}


@once_per_claim
def _infused_by_revenue(claim: Claim, infusion: frozenset[str]) -> bool:
    """Whether a claim has a line with an infusion revenue code and no drug."""
    return any(line.revenue_code in infusion and not is_drug(line.procedure) for line in claim.lines)


_TAXONOMY_GROUP = 4
"""How many characters of a taxonomy code name the type of provider."""

_DRUG_CODE = re.compile(r"[JQ]\d{4}|C9\d{3}", re.ASCII)


@remembered(4096)
def is_drug(procedure: str) -> bool:
    """Whether a code is for a drug or biologic: HCPCS J and Q codes, temporary C9 codes."""
    return _DRUG_CODE.fullmatch(procedure) is not None


def is_of_pharmacy(claim: Claim, facts: Facts) -> bool:
    """Whether the billing provider is a pharmacy, which delivers drugs and gives none."""
    billing = claim.context.billing
    return billing is not None and billing.text("taxonomy")[:_TAXONOMY_GROUP] in facts.family("pharmacies")


def lacks_administration(claim: Claim, line: ServiceLine, facts: Facts) -> bool:
    """Whether a claim lacks the administration of a drug line.

    False if the drug is paid as part of a stay or a visit, was given at home or was delivered by a pharmacy, and on
    bill types that report drugs alone (12x, 32x, 34x). A procedure that gives a drug, such as an injection into the
    eye, counts as its administration. A hospital's line with an infusion revenue code also counts, as it may have no
    procedure code.
    """
    if not facts.pays_drugs_by_line(claim) or claim.place_of(line) in facts.family("home"):
        return False
    if is_of_pharmacy(claim, facts):
        return False
    if claim.type == "837I" and claim.facility_code in facts.family("bill_types_without_administration"):
        return False
    if claim.type == "837I" and _infused_by_revenue(claim, facts.family("infusion_revenue")):
        return False
    other_ways = facts.family("other_ways_to_give")
    if not claim.procedures.isdisjoint(other_ways) and visits.beside(claim, line.service_date, other_ways):
        return False
    return not administered(claim, line.service_date, facts)


def was_stopped(claim: Claim, dose: Dose, facts: Facts) -> bool:
    """Whether the claim shows that the infusion of a dose was stopped soon after it began.

    An infusion of 15 minutes or less is coded as a push, or as an infusion with 53, and the rest of what was drawn up
    is waste. A push alone is no proof: the discarded amount must be at least the given amount.
    """
    beside = administered(claim, dose.day, facts)
    stopped = facts.family("stopped")
    for line in beside:
        if line.modifiers and not stopped.isdisjoint(line.modifiers):
            return True
    given, wasted = dose.given, dose.wasted
    if not dose.discarded or given is None or wasted is None or wasted < given:
        return False
    return any(_is_initial_push(line, facts) for line in beside)


def _is_initial_push(line: ServiceLine, facts: Facts) -> bool:
    code = facts.administrations.get(line.procedure)
    return code is not None and code.role == "initial" and code.method == "push"
