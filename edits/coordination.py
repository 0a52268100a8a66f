"""What another payer has paid (loops 2320 and 2430)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

import attrs

from scrubber.claims import values
from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.claims.values import money
from scrubber.edit import NotChecked, Results, edit, finding
from scrubber.reference import Facts

_ADJUSTMENTS = range(3, 19, 3)
"""The elements of CAS with amounts."""
_PAID = "D"


@attrs.define
class _Payer:
    """Another payer: what it paid for the claim (AMT*D), its location, and its adjustments of the claim."""

    name: str = ""
    paid: Decimal | None = None
    at: int = 0
    adjusted: Decimal = Decimal(0)


@attrs.define
class _LinePayment:
    """What a payer paid for a line, and its adjustments. `at` is its first SVD."""

    line: int
    payer: str
    at: int
    paid: Decimal = Decimal(0)
    adjusted: Decimal = Decimal(0)


@edit(
    "AMT06",
    "Amounts of another payer do not add up",
    severity="warn",
    concerns=None,
    sign="other payer",
    claim_status="A7:400",
    carc="16",
    source="Guides 005010X222 and 005010X223, section 1.4.4 on balancing (own knowledge)",
    confidence=0.8,
)
def other_payment_out_of_balance(claim: Claim, _: Facts) -> Results:
    """What it checks: the amounts of another payer that has paid add up to the charges, to the cent. On a line, the
    payment (SVD02) plus the adjustments (CAS of loop 2430) equal the charge. On the claim, the payment (AMT with D)
    plus the adjustments of the claim (CAS of loop 2320) and of all its lines equal the total. The edit reports either
    lines or the claim, not both. It skips a payer without AMT with D, because that payer has not paid yet.

    Why it is denied: the next payer works out its part from these amounts. Many clearinghouses reject a claim that does
    not add up.

    How to fix: copy the paid amount and all adjustments from the other payer's remittance advice.

    What it cannot know: which of the amounts is wrong.
    """
    if not claim.other_payers:
        return
    try:
        payers, payments = _read(claim)
    except ValueError:
        yield NotChecked("an amount of another payer cannot be read")
        return
    lines = list(_lines_out_of_balance(claim, payments))
    yield from lines
    if not lines:
        yield from _claim_out_of_balance(claim, payers, payments)


def _lines_out_of_balance(claim: Claim, payments: Sequence[_LinePayment]) -> Results:
    for payment in payments:
        line = claim.lines[payment.line]
        charge, known = line.charge, payment.paid + payment.adjusted
        if charge is not None and charge != known:
            yield finding(
                Location(claim.span, payment.at, "2430", "SVD02", line.number, line.control_number or None),
                f"the charge is {money(charge)}, but another payer's payment and adjustments add up to {money(known)}",
                "copy the paid amount (SVD02) and all adjustments (CAS) from the other payer's remittance advice",
            )


def _claim_out_of_balance(claim: Claim, payers: Sequence[_Payer], payments: Sequence[_LinePayment]) -> Results:
    total = claim.total_charge
    named = Counter(payer.name for payer in payers)
    of_lines: dict[str, Decimal] = defaultdict(Decimal)
    for payment in payments:
        of_lines[payment.payer] += payment.adjusted
    for payer in payers:
        if total is None or payer.paid is None or named[payer.name] > 1:
            continue
        known = payer.paid + payer.adjusted + of_lines[payer.name]
        if total != known:
            yield finding(
                Location(claim.span, payer.at, "2320", "AMT02"),
                f"the total is {money(total)}, but another payer's payment and adjustments add up to {money(known)}",
                "copy the paid amount (AMT with D) and all adjustments (CAS) from the other payer's remittance advice",
            )


def _read(claim: Claim) -> tuple[Sequence[_Payer], Sequence[_LinePayment]]:
    """The other payers of a claim, and what they paid for its lines. Raises `ValueError` for an unreadable amount."""
    return list(_payers(claim)), [payment for number in range(len(claim.lines)) for payment in _of_line(claim, number)]


def _payers(claim: Claim) -> Iterator[_Payer]:
    stop = claim.lines[0].start if claim.lines else len(claim.span.segments)
    payer = None
    for index in range(claim.loops, stop):
        segment = claim.span.segments[index]
        if segment[0] == "SBR":
            if payer:
                yield payer
            payer = _Payer()
        elif payer is None:
            continue
        elif segment[0] == "AMT" and segment[1:2] == [_PAID]:
            payer.paid, payer.at = _amount(segment, 2), index
        elif segment[0] == "CAS":
            payer.adjusted += _adjusted(segment)
        elif segment[0] == "NM1" and segment[1:2] == ["PR"]:
            payer.name = _text(segment, 9)
    if payer:
        yield payer


def _of_line(claim: Claim, number: int) -> Sequence[_LinePayment]:
    """What the other payers paid for a line, each payer once: a line may have been split into several (SVD)."""
    line = claim.lines[number]
    found: dict[str, _LinePayment] = {}
    payment = None
    for index in range(line.loops, line.stop):
        segment = claim.span.segments[index]
        if segment[0] == "SVD":
            payer = _text(segment, 1)
            payment = found.setdefault(payer, _LinePayment(number, payer, index))
            payment.paid += _amount(segment, 2)
        elif segment[0] == "CAS" and payment:
            payment.adjusted += _adjusted(segment)
    return list(found.values())


def _text(segment: Sequence[str], number: int) -> str:
    return segment[number].strip() if number < len(segment) else ""


def _amount(segment: Sequence[str], number: int) -> Decimal:
    text = _text(segment, number)
    return values.number(text) if text else Decimal(0)


def _adjusted(segment: Sequence[str]) -> Decimal:
    return sum((_amount(segment, number) for number in _ADJUSTMENTS), Decimal(0))
