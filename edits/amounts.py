"""Charges: of the lines, and of the claim."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import money
from scrubber.edit import NotChecked, Results, edit, finding, infused_drugs
from scrubber.reference import Facts

_TOLERANCE = Decimal("0.01")


@edit(
    "AMT01",
    "Total charge is not the sum of the lines",
    severity="reject",
    concerns=None,
    claim_status="A7:178",
    carc="16",
    source="Guides 005010X222 and 005010X223: the claim's total balances to its lines",
    confidence=0.95,
)
def unbalanced_total(claim: Claim, facts: Facts) -> Results:
    """What it checks: the claim's total is the sum of its line charges, to the cent. On an 837I a line of revenue code
    0001 repeats the total and is no charge of its own.

    Why it is denied: a claim out of balance is turned back at the payer's door.

    How to fix: correct the total, or the line whose charge is wrong or missing.
    """
    total, charges = claim.total_charge, [line.charge for line in _billed(claim, facts)]
    given = [charge for charge in charges if charge is not None]
    if total is None or not charges or len(given) < len(charges):
        yield NotChecked("the total or a line charge is missing")
        return
    sum_of_lines = sum(given, Decimal(0))
    if abs(total - sum_of_lines) > _TOLERANCE:
        yield finding(
            claim.at("total_charge"),
            f"the total is {money(total)}, the lines sum up to {money(sum_of_lines)}",
            "correct the total or the line charges, so that they agree",
        )


def _billed(claim: Claim, facts: Facts) -> Sequence[ServiceLine]:
    """The lines that are charges of their own."""
    if claim.type == "837P":
        return claim.lines
    total = facts.family("total_revenue")
    return [line for line in claim.lines if line.revenue_code not in total]


@edit(
    "AMT02",
    "Infused drug without a charge",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A7:178",
    carc="16",
    source="Own knowledge; free and replaced drugs are lawfully billed at zero",
    confidence=0.8,
)
def drug_without_charge(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an infused drug has a charge above zero.

    Why it is denied: nothing is paid for a line that charges nothing.

    How to fix: add the charge; leave zero where the drug came free of charge or was replaced.
    """
    for line in claim.lines:
        if line.procedure in facts.drug_codes and not line.charge:
            yield finding(
                line.at("charge"),
                f"{line.procedure} is billed without a charge",
                "add the charge, unless the drug cost nothing (free or replaced drug)",
            )
