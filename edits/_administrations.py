"""The administrations of a claim, and the drugs that may explain them."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.claims.doses import Dose
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.reference import Facts
from scrubber.reference.administration import Administration, Administrations
from scrubber.reference.courses import drugs_by_day
from scrubber.reference.therapy import Therapy


def roles(claim: Claim, facts: Facts) -> Sequence[tuple[ServiceLine, Administration]]:
    """The lines with an administration code, each with its row of the table of administrations."""
    return _roles_by(claim, facts.administrations)


@once_per_claim
def _roles_by(claim: Claim, table: Administrations) -> Sequence[tuple[ServiceLine, Administration]]:
    return [(line, row) for line in claim.lines if (row := table.get(line.procedure))]


def therapy_of(dose: Dose, facts: Facts) -> Therapy | None:
    """The usual administration of the drug of a dose, `None` if it is not known."""
    return facts.therapy(facts.substance(dose.procedure, dose.day))


def other_drugs(claim: Claim, dose: Dose) -> frozenset[str]:
    """The codes of the other drugs on the day of a dose."""
    return drugs_by_day(claim).get(dose.day, frozenset()) - {dose.procedure}


def may_be_of_another_drug(claim: Claim, dose: Dose, administration: str, facts: Facts) -> bool:
    """Whether another infused drug of the day explains an administration.

    A drug explains it if the administration suits that drug, or if the drug's usual administration is unknown.
    """
    for code in other_drugs(claim, dose):
        therapy = facts.therapy(facts.substance(code, dose.day))
        if therapy is None and code not in facts.family("given_beside_infusions"):
            return True
        if therapy and administration not in therapy.questioned and therapy.minutes is None:
            return True
    return False
