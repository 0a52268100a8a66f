"""Charges of the claim and its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from scrubber.claims import values
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import money, named
from scrubber.edit import NotChecked, Results, Severity, by_payer, edit, finding, infused_drugs, remembered
from scrubber.reference import Facts


@edit(
    "AMT01",
    "Total charge is not the sum of the lines",
    severity="reject",
    concerns=None,
    sign="odd total",
    claim_status="A7:178",
    carc="16",
    source="Guides 005010X222 and 005010X223: the claim's total equals the sum of its lines",
    confidence=0.95,
)
def unbalanced_total(claim: Claim, facts: Facts) -> Results:
    """What it checks: the claim's total is the sum of its line charges, to the cent. On an 837I a line with revenue
    code 0001 repeats the total, so it is left out of the sum.

    Why it is denied: the payer's front end rejects a claim that is out of balance.

    How to fix: correct the total, or the line with a wrong or missing charge.

    What it cannot know: which of the amounts is wrong.
    """
    lines = _billed(claim, facts)
    total, charges = claim.total_charge, values.numbers([line.charge_text for line in lines])
    if charges is None:  # not all are there and can be read
        given = [charge for line in lines if (charge := line.charge) is not None]
        charges = given if len(given) == len(lines) else None
    if total is None or not charges:
        yield NotChecked("the total or a line charge is missing")
        return
    sum_of_lines = sum(charges, Decimal(0))
    if total != sum_of_lines:
        yield finding(
            claim.at("total_charge"),
            f"the total is {money(total)}, but the lines add up to {money(sum_of_lines)}",
            "correct the total or the line charges so that they match",
        )


def _billed(claim: Claim, facts: Facts) -> Sequence[ServiceLine]:
    """The lines with a charge, without those that repeat the total."""
    if claim.type == "837P":
        return claim.lines
    total = facts.family("total_revenue")
    return [line for line in claim.lines if line.revenue_code not in total]


@edit(
    "AMT02",
    "Infused drug without a charge",
    severity="warn",
    concerns=infused_drugs,
    sign="no charge",
    claim_status="A7:178",
    carc="16",
    source="Own knowledge; free and replaced drugs may be billed at zero",
    confidence=0.8,
)
def drug_without_charge(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line with an infused drug has a charge above zero. A line with a modifier that explains the
    zero is left out: replaced or donated (FB), or in a trial (Q0, Q1).

    Why it is denied: payers pay nothing for a line without a charge.

    How to fix: add the charge. Leave the zero if the drug was free or replaced another one.

    What it cannot know: whether the drug was free or replaced.
    """
    reasons = facts.family("without_charge_modifiers")
    for line in claim.lines:
        if line.procedure in facts.drug_codes and not line.charge and reasons.isdisjoint(line.modifiers):
            yield finding(
                line.at("charge"),
                f"{line.procedure} is billed without a charge",
                "add the charge, unless the drug was free or replaced another one",
            )


_COMPANION = "CMS 837P companion guide"


@remembered(1024)
def _is_negative(text: str) -> bool:
    try:
        return text.startswith("-") and values.number(text) < 0
    except ValueError:
        return False


_OTHER_AMOUNTS = {"AMT": (2,), "PS1": (2,), "SVD": (2,), "SV2": (7,)}
"""Elements with amounts other than charges, by segment. Adjustments (CAS) are not here: they may be negative."""
_VALUE_CODES = "BE"
_VALUE_AMOUNT = 4


@edit(
    "AMT03",
    "Negative amount",
    severity="reject",
    concerns=None,
    sign="minus",
    claim_status="A7:178",
    carc="16",
    source=f"{_COMPANION}: only adjustments (CAS) may be negative; payers' companion guides agree",
    confidence=0.95,
)
def negative_amount(claim: Claim, facts: Facts) -> Results:
    """What it checks: the claim's total and the line charges are not negative. Other amounts (AMT, value codes,
    non-covered charges, payments of another payer) are not negative either; outside Medicare a negative one is a
    warning. Adjustments (CAS) may be negative.

    Why it is denied: a claim asks for money. A credit cannot be a line of its own.

    How to fix: remove the credit line, and lower the charge that the credit belongs to. To take back an earlier claim,
    send a replacement or a void if the payer accepts them.

    What it cannot know: which charge the credit belongs to.
    """
    delimiters = claim.span.delimiters
    text = claim.piece.text
    if f"{delimiters.element}-" not in text and f"{delimiters.component}-" not in text:
        return
    if _is_negative(claim.total_charge_text):
        yield finding(claim.at("total_charge"), "the claim's total is negative", "bill a total of zero or more")
    for line in claim.lines:
        if _is_negative(line.charge_text):
            yield finding(
                line.at("charge"),
                f"the charge of {named(line.procedure, 'the line')} is negative",
                "remove the credit line, and lower the charge that the credit belongs to",
            )
    milder: Severity | None = None if claim.filing_indicator in facts.family("medicare") else "warn"
    for location in _negative_elsewhere(claim):
        yield finding(
            location,
            f"the amount in {location.element} is negative",
            "write an amount of zero or more; only adjustments (CAS) may be negative",
            milder,
        )


def _negative_elsewhere(claim: Claim) -> Iterator[Location]:
    component = claim.span.delimiters.component
    loop, number, control = "2300", None, None
    lines = {line.start: line for line in claim.lines}
    for index, segment in enumerate(claim.span.segments):
        tag = segment[0]
        if index in lines:
            loop, number, control = "2400", lines[index].number, lines[index].control_number or None
        elif tag == "SBR":
            loop = "2320"
        elif tag == "SVD":
            loop = "2430"
        for element in _OTHER_AMOUNTS.get(tag, ()):
            if element < len(segment) and _is_negative(segment[element]):
                yield Location(claim.span, index, loop, f"{tag}{element:02d}", number, control)
        if tag == "HI":
            for element, composite in enumerate(segment[1:], start=1):
                parts = composite.split(component)
                if parts[0] == _VALUE_CODES and len(parts) > _VALUE_AMOUNT and _is_negative(parts[_VALUE_AMOUNT]):
                    yield Location(claim.span, index, loop, f"HI{element:02d}-{_VALUE_AMOUNT + 1}")


@edit(
    "AMT04",
    "Line without a charge",
    severity=by_payer(ffs="warn", madv="info", mcd="info", other="info"),
    concerns=None,
    sign="no charge",
    claim_status="A7:178",
    carc="16",
    source="Own knowledge: most payers drop a line without a charge; some services may be billed without one",
    confidence=0.6,
)
def line_without_charge(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line with a procedure code has a charge above zero. AMT02 checks infused drugs. The edit skips
    quality codes, lines whose modifier says why there is no charge (FB, GZ, Q0, Q1, SL), payment classes of an 837I
    (0022 to 0024), and claims with a total of zero, such as encounters.

    Why it is denied: payers pay nothing for a line without a charge, and Medicare returns some of these lines. It is at
    most a warning because services that are part of a package may be billed without a charge.

    How to fix: add the charge. Remove the line if another line bills the same service.

    What it cannot know: whether the service is part of a package.
    """
    uncharged = [line for line in claim.lines if line.procedure and not _charges(line.charge_text)]
    if not uncharged or not _charges(claim.total_charge_text):
        return
    drugs, reasons = facts.drug_or_unclassified_codes, facts.family("without_charge_modifiers")
    classes, quality = facts.family("classification_revenue"), facts.shapes["quality_code"]
    for line in uncharged:
        if line.procedure in drugs or quality.fits(line.procedure) or line.revenue_code in classes:
            continue
        if reasons.isdisjoint(line.modifiers):
            yield finding(
                line.at("charge"),
                f"{named(line.procedure, 'the line')} is billed without a charge",
                "add the charge, or remove the line if another line bills the service",
            )


@remembered(1024)
def _charges(text: str) -> bool:
    """Whether there is an amount other than zero. READ02 reports an amount that cannot be read."""
    try:
        return bool(text) and values.number(text) != 0
    except ValueError:
        return True


_MOST_ON_PART_B = Decimal("99999.99")


@edit(
    "AMT05",
    "More than $99,999.99 on a Part B claim",
    severity=by_payer(ffs="reject", madv=None, mcd=None, other=None),
    concerns=None,
    types=("837P",),
    claim_status="A7:178",
    carc="16",
    source=f"{_COMPANION}; CMS edit X222.157.2300.CLM02.050; CGS of 24 March 2020, NGS and FCSO on how to split",
    confidence=0.95,
)
def too_much_for_part_b(claim: Claim, _: Facts) -> Results:
    """What it checks: the total and each line of an 837P to Medicare are at most $99,999.99.

    Why it is denied: Part B takes amounts of at most seven digits. Its front end rejects the claim.

    How to fix: split the claim into two claims with different charges. Say in a line note on each claim that it is part
    1 or part 2, and why. If one service was divided, add 59 on the second claim. Bill the given and discarded units of
    a drug (JW, JZ) on the parts as the contractor's article says.

    What it cannot know: how the contractor's article divides the units.
    """
    amounts = [(claim.total_charge, claim.at("total_charge"))] if len(claim.total_charge_text) > 5 else []
    amounts += [(line.charge, line.at("charge")) for line in claim.lines if len(line.charge_text) > 5]
    for amount, location in amounts:
        if amount is not None and amount > _MOST_ON_PART_B:
            yield finding(
                location,
                f"{money(amount)} is more than Part B takes on a claim or a line",
                "split it into two claims of at most $99,999.99 each, and say so in a note on each claim",
            )
