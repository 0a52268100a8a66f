"""The doses of a claim whose drugs are paid line by line."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.claims.doses import Dose, doses
from scrubber.claims.model import Claim
from scrubber.reference import Facts


def doses_paid_by_line(claim: Claim, facts: Facts) -> Sequence[Dose]:
    """The doses of infused drugs on a claim. None if the bill type pays drugs with the stay or the visit."""
    return doses(claim, facts.drug_codes) if facts.pays_drugs_by_line(claim) else ()
