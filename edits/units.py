"""Units of services and drugs."""

from __future__ import annotations

from scrubber.claims import values
from scrubber.claims.doses import DISCARDED, doses, in_units
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, drugs_or_unclassified, edit, family, finding, remembered
from scrubber.reference import Facts, once_per_facts

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


@edit(
    "UNIT04",
    "More days of home infusion than the dates hold",
    severity="warn",
    concerns=family("per_diem"),
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source="NHIA on per diem codes; BCBSND on home infusion: a code by the day is billed for each day",
    confidence=0.75,
)
def more_days_than_dates(claim: Claim, facts: Facts) -> Results:
    """What it checks: a home infusion code that counts days (S9338, S9494, S9500 …) has at most as many units as its
    dates of service have days. Fewer units are correct, because the therapy may pause.

    Why it is denied: one unit is one day. Payers return more units than days, or pay one day.

    How to fix: write the first and the last day as a range of dates (DTP*472*RD8), or correct the units.

    What it cannot know: whether the dates or the units are wrong. Some payers take one date for several days.
    """
    per_diem = facts.family("per_diem")
    for line in claim.lines:
        dates, units = line.own_dates, line.units
        if line.procedure not in per_diem or dates is None or units is None:
            continue
        days = (dates.last - dates.first).days + 1
        if units > days:
            yield finding(
                line.at("units"),
                f"{line.procedure} counts days: it has {in_units(units)}, and its dates hold {days} "
                f"{'day' if days == 1 else 'days'}",
                "write the first and the last day as a range of dates, or correct the units",
            )


@once_per_facts
def _common_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with a common drug whose most in a day is known."""
    return frozenset(facts.daily_most)


@edit(
    "DOSE02",
    "More of a common drug than anyone gets in a day",
    severity="warn",
    concerns=_common_drugs,
    part="visits",
    claim_status="A7:476",
    carc="153",
    rarc="M53",
    source="Drug labels; units of the CMS ASP NDC-HCPCS crosswalk, October 2025",
    confidence=0.75,
)
def above_the_most_of_a_day(claim: Claim, facts: Facts) -> Results:
    """What it checks: drugs that are given beside infusions, such as diphenhydramine (J1200), dexamethasone (J1100),
    acetaminophen (J0131) and salt solution (J7050), have no more units on one day than the table of such drugs allows.
    Its limits are above all usual doses. Lines that cover several days are left out, and bill types that pay drugs as
    part of the stay or the visit.

    Why it is denied: the units are most often milligrams or millilitres that were billed as units. One unit of J1200
    is 50 mg, so 50 units are 2,500 mg.

    How to fix: divide the amount given by the amount in one unit.

    What it cannot know: how much was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for dose in doses(claim, _common_drugs(facts)):
        row, given = facts.daily_most[dose.procedure], dose.given
        if given is None or given <= row.most_units or any(line.covers_days for line in dose.lines):
            continue
        yield finding(
            dose.administered[0].at("units"),
            f"{dose.procedure} is billed with {in_units(given)}; {in_units(row.most_units.normalize())} "
            f"({row.most}) are the most of a day",
            f"compare the amount given with the units: one unit of {dose.procedure} is {row.unit}",
        )
