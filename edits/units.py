"""Units of services and drugs."""

from __future__ import annotations

from scrubber.claims import values
from scrubber.claims.doses import DISCARDED
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, drugs_or_unclassified, edit, finding, remembered
from scrubber.reference import Facts

_PROCEDURE = "HC"


@remembered(1024)
def _is_above_zero(text: str) -> bool:
    """Whether units are above zero. Missing or unreadable units count as such: other edits report them."""
    try:
        return not text or values.number(text) > 0
    except ValueError:
        return True


@remembered(1024)
def _is_negative(text: str) -> bool:
    return values.number(text) < 0


@edit(
    "UNIT01",
    "Units of zero or less",
    severity="reject",
    concerns=None,
    sign="odd units",
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source="CMS 837P companion guide; payers' companion guides: units are positive numbers",
    confidence=0.95,
)
def no_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the units of a line are above zero. An 837I line may have zero units if it has no procedure
    code or is a payment class (HIPPS codes, 0022 to 0024). JWJZ05 checks the discarded units of a drug. The quantity of
    a product (CTP04) is not negative. NDC03 checks the quantity on lines of infused and unclassified drugs.

    Why it is denied: zero units mean that nothing was done. The payer cannot price the line.

    How to fix: enter the units that were done or given. If there were none, remove the line.

    What it cannot know: how many units were done or given.
    """
    drugs = facts.drug_or_unclassified_codes
    for line in claim.lines:
        if not _is_above_zero(line.units_text) and not _may_be_zero(claim, line, facts):
            yield finding(
                line.at("units"),
                f"{values.named(line.procedure, 'the line')} is billed with {line.units_text.strip()} units",
                "enter the units that were done or given; if there were none, remove the line",
            )
        if "-" in line.ndc_quantity_text and line.procedure not in drugs and not _is_above_zero(line.ndc_quantity_text):
            yield finding(
                line.at("ndc_quantity"),
                "the quantity of the product is negative",
                "enter the quantity that was used in CTP04",
                claim_status="A7:724",
            )


def _may_be_zero(claim: Claim, line: ServiceLine, facts: Facts) -> bool:
    if DISCARDED in line.modifiers and line.procedure in facts.drug_codes:
        return True  # JWJZ05 reports it
    if claim.type == "837P" or _is_negative(line.units_text):
        return False
    classified = line.service[0] != _PROCEDURE or line.revenue_code in facts.family("classification_revenue")
    return not line.procedure or classified


@edit(
    "UNIT02",
    "Fractional units of a drug",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source="FCSO and Noridian on drug units: round a part of a unit up to the next whole unit",
    confidence=0.85,
)
def broken_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the given units of an infused or unclassified drug are a whole number. JWJZ05 checks
    discarded units. It is a warning because some payers round the units themselves.

    Why it is denied: a billing unit is the smallest amount that a payer pays for. Medicare does not accept fractions of
    a unit.

    How to fix: round given units up to the next whole unit.

    What it cannot know: whether the payer rounds the units itself.
    """
    drugs = drugs_or_unclassified(facts)
    for line in claim.lines:
        if line.procedure not in drugs or DISCARDED in line.modifiers or "." not in line.units_text:
            continue
        units = line.units
        if units is not None and units != int(units):
            yield finding(
                line.at("units"),
                f"{line.procedure} is billed with {line.units_text.strip()} units, which is not a whole number",
                "round given units up to the next whole unit",
            )


_UNITS = "UN"


@edit(
    "UNIT03",
    "Drug counted in minutes or days",
    severity="warn",
    concerns=drugs_or_unclassified,
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source="Guides 005010X222, SV103, and 005010X223, SV204 (own knowledge: minutes are for anesthesia)",
    confidence=0.8,
)
def drug_in_other_measure(claim: Claim, facts: Facts) -> Results:
    """What it checks: an infused or unclassified drug is counted in units (UN in SV103, on an 837I in SV204), not in
    minutes (MJ) or days (DA). Rooms and services that are paid by the day may be counted in days on an 837I.

    Why it is denied: the payer cannot price minutes or days of a drug.

    How to fix: write UN, and the billing units of the drug.

    What it cannot know: whether the number is right, too.
    """
    drugs = drugs_or_unclassified(facts)
    for line in claim.lines:
        if line.procedure in drugs and line.text("unit_basis").strip() not in ("", _UNITS):
            yield finding(
                line.at("unit_basis"),
                f"{line.procedure} is a drug, and its units are not counted in UN",
                "write UN, and the billing units of the drug",
            )
