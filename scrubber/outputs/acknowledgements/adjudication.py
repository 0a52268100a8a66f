"""What a test payer decides on a claim: rejected by its front end, or paid and denied line by line.

Guide checks and faults of the file are what a payer's front end refuses, so they reject a claim in the 277CA. Edits
with an adjustment reason (CARC) are what it denies later. Such a claim is accepted in the 277CA and denied in the 835:
the line with the finding, or all lines where the finding is on the claim. All other lines are paid: at their charge,
or at Medicare's payment limits where that table is loaded. Each line balances: charge - adjustments = paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import attrs

from scrubber.claims.model import ServiceLine
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import Finding
from scrubber.engine.codes import TOOL_CODES
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.acknowledgements import billed
from scrubber.reference.pricing import PricedLine

CONTRACT, PATIENT = "CO", "PR"
"""Groups of adjustments: the provider's loss by contract, and what the patient owes."""
_ABOVE_LIMIT, _COINSURANCE, _SEQUESTRATION = "45", "2", "253"

_REASON = re.compile(r"[A-Z]?\d{1,3}", re.ASCII)
_REMARK = re.compile(r"[A-Z]{1,2}\d{1,4}", re.ASCII)
_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@attrs.frozen
class Adjustment:
    """What is taken off a charge: group, reason (CARC) and amount."""

    group: str
    reason: str
    amount: Decimal


@attrs.frozen
class Decision:
    """What is decided on a line, or on a claim as a whole: charge, payment, adjustments and remarks (RARC)."""

    charge: Decimal
    paid: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    denied: bool = False

    @property
    def owed(self) -> Decimal:
        """What the patient owes."""
        return sum((found.amount for found in self.adjustments if found.group == PATIENT), _NOTHING)


@attrs.frozen
class Payment:
    """What is decided on a claim. Without `lines` the decision is on the claim as a whole."""

    whole: Decision
    lines: tuple[tuple[ServiceLine, Decision], ...]


def is_denial(finding: Finding) -> bool:
    """Whether a finding is one for which a payer denies a claim after it has accepted it."""
    edits_own = finding.code not in GUIDE_CODES and finding.code not in TOOL_CODES
    return finding.severity == "reject" and edits_own and bool(_REASON.fullmatch(finding.carc or ""))


def at_front_end(scrubbed: ScrubbedClaim) -> ScrubbedClaim:
    """The claim with the findings of a payer's front end alone. A payer holds no claims for the sender."""
    found = tuple(found for found in scrubbed.findings if not is_denial(found))
    return attrs.evolve(scrubbed, findings=found, holding=False)


def decided(scrubbed: ScrubbedClaim) -> Payment | None:
    """What is paid for a claim, `None` if its front end rejects it, or it voids another claim."""
    claim = scrubbed.claim
    if claim.is_void or at_front_end(scrubbed).disposition == "rejected":
        return None
    denials = [finding for finding in scrubbed.findings if is_denial(finding)]
    of_claim = [finding for finding in denials if claim.line_at(finding.location) is None]
    charge = billed.charge(claim).amount
    if not claim.lines or sum([billed.line_charge(line).amount for line in claim.lines]) != charge:
        return Payment(_denied(charge, denials) if denials else _paid(charge, None), ())
    prices = {line.start: line for line in scrubbed.price.lines} if scrubbed.price else {}
    lines = []
    for line in claim.lines:
        own = [finding for finding in denials if claim.line_at(finding.location) is line]
        line_charge = billed.line_charge(line).amount
        reasons = [*own, *of_claim]
        lines.append((line, _denied(line_charge, reasons) if reasons else _paid(line_charge, prices.get(line.start))))
    paid = sum((decision.paid for _, decision in lines), _NOTHING)
    owed = tuple(found for _, decision in lines for found in decision.adjustments)
    whole = Decision(charge, paid, owed, denied=all(decision.denied for _, decision in lines))
    return Payment(whole, tuple(lines))


def _denied(charge: Decimal, findings: Sequence[Finding]) -> Decision:
    """A denial: the whole charge under the reason of the first finding, and the remarks of all."""
    reason = str(findings[0].carc)
    remarks = [found.rarc for found in findings if found.rarc and _REMARK.fullmatch(found.rarc)]
    return Decision(charge, _NOTHING, _adjustments([(CONTRACT, reason, charge)]), tuple(dict.fromkeys(remarks)), True)


def _paid(charge: Decimal, price: PricedLine | None) -> Decision:
    """A payment: at the charge, or at the limit if that is less, without the patient's part."""
    if charge <= 0:
        return Decision(charge, _NOTHING, _adjustments([(CONTRACT, _ABOVE_LIMIT, charge)]))
    if price is None or price.allowed <= 0:
        return Decision(charge, charge)
    allowed = min(charge, price.allowed)
    coinsurance = _share(allowed, price.coinsurance, price.allowed)
    paid = _share(allowed, price.payment, price.allowed)
    lowered = allowed - coinsurance - paid
    found = [
        (CONTRACT, _ABOVE_LIMIT, charge - allowed),
        (CONTRACT, _SEQUESTRATION, lowered),
        (PATIENT, _COINSURANCE, coinsurance),
    ]
    return Decision(charge, paid, _adjustments(found))


def _share(of: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return (of * part / whole).quantize(_CENT, ROUND_HALF_UP)


def _adjustments(found: Iterable[tuple[str, str, Decimal]]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(*one) for one in found if one[2])
