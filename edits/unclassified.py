"""Unclassified drug codes: the details that a claim must give for them."""

from __future__ import annotations

import re
from decimal import Decimal

from scrubber.claims.doses import DISCARDED
from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, edit, family, finding
from scrubber.reference import Facts
from scrubber.reference.courses import lacks_administration

from ._unclassified import ALL_UNCLASSIFIED, ARTICLES, OF_ONE_KIND, described, paid_by_line, priced, unclassified

_HOSPITALS = "Palmetto A55913 and FCSO: packaged under OPPS, all but C9399"

_DOSE = re.compile(
    r"\d\s*(?:mg|mcg|ug|gm?|(?:milli|micro)?grams?|ml|milliliters?|(?:international )?units?|iu|meq|mci)\b",
    re.IGNORECASE,
)
"""A number with a unit of measure: the dose."""
_PER_ML = re.compile(r"\d\s*(?:mg|mcg|ug|gm?|units?|iu|meq)\s*(?:/|per)\s*[\d.]*\s*ml\b", re.IGNORECASE)
"""A concentration. It is not a dose."""
_BY_SIZE = re.compile(r"\d\s*(?:mg|mcg|ug|gm?|units?|iu)\s*(?:/|per)\s*(?:kg|m2|sqm)\b", re.IGNORECASE)
"""A dose for each kilogram or square meter. It is not the amount given."""
_SURGERY = re.compile(r"[1-6]\d{4}", re.ASCII)
"""Procedure codes of surgery. Many drugs are given during surgery."""
_TOKEN_CHARGE = Decimal("0.01")


@edit(
    "NOC01",
    "Unclassified drug without a description",
    severity=by_payer(ffs="reject", madv="warn", mcd="reject", other="warn"),
    concerns=family(*ALL_UNCLASSIFIED),
    claim_status="A6:306",
    carc="16",
    rarc="N350",
    source=f"{ARTICLES}; {_HOSPITALS}",
    confidence=0.95,
)
def no_description(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an unclassified drug code has a description (SV101-7, on an 837I SV202-7). So does one
    of an unclassified code for one kind of drug, such as J1599 (immune globulin) or J7199 (clotting factors). On an
    837I the claim's billing note (NTE*ADD) also counts. The edit skips bill types that pay drugs as part of the stay or
    the visit. If Medicare packages the drug (hospital outpatient, all codes except C9399), the finding is a warning.

    Why it is denied: the claim does not show which drug was given.

    How to fix: write the drug's name and the dose given in the description, and report the NDC. Medicare asks for
    nothing else. Other payers also ask for the route and the cost.

    What it cannot know: which details the payer's contract asks for.
    """
    for line in paid_by_line(claim, facts, *ALL_UNCLASSIFIED):
        text, location = described(claim, line)
        if not text.strip():
            yield finding(
                location,
                f"{line.procedure} does not say which drug it is",
                f"write the drug's name and the dose given in {location.element}, and its NDC in loop 2410",
                "warn" if facts.is_packaged(claim, line.procedure) else None,
            )


@edit(
    "NOC02",
    "Unclassified drug without its dose",
    severity="warn",
    concerns=family(*ALL_UNCLASSIFIED),
    claim_status="A7:217",
    carc="16",
    rarc="M123",
    source=f"{ARTICLES}: total dose; mg/mL only for compounded drugs",
    confidence=0.85,
)
def no_dose(claim: Claim, facts: Facts) -> Results:
    """What it checks: the description of an unclassified drug has a dose (a number with mg, mcg, g, mL, units or IU).
    An amount for each kilogram or square meter does not count. It has no concentration (mg/mL), except for compounded
    drugs (J7999). NOC01 reports an empty description. The edit skips drugs that are paid as part of the stay or the
    visit, and drugs that Medicare packages.

    Why it is denied: the payer prices the amount that was given. A concentration does not show that amount.

    How to fix: write the total amount given, such as 500 MG.

    What it cannot know: what the description means. The edit only looks for a number with a unit.
    """
    compounded = facts.unclassified_codes["compounded"].hcpcs
    for line in priced(claim, facts, *ALL_UNCLASSIFIED):
        text, location = described(claim, line)
        if not text.strip():
            continue
        if _PER_ML.search(text) and line.procedure != compounded:
            yield finding(
                location,
                f"the description of {line.procedure} has a concentration (mg/mL), which is not a dose",
                "write the total amount given, such as 500 MG",
            )
        elif not _DOSE.search(_BY_SIZE.sub("", text)):
            yield finding(
                location,
                f"the description of {line.procedure} does not say how much of the drug was given",
                "add the total amount given, such as 500 MG",
            )


@edit(
    "NOC03",
    "Unclassified drug without an NDC",
    severity=by_payer(ffs="reject", madv="warn", mcd="reject", other="warn"),
    institutional=by_payer(ffs="reject", madv="info", mcd="reject", other="warn"),
    concerns=family(*ALL_UNCLASSIFIED),
    claim_status="A6:218",
    carc="16",
    rarc="M119",
    source=f"{ARTICLES}; {_HOSPITALS}; Noridian A53008 and Retinal Physician, June 2024, on compounded drugs",
    confidence=0.9,
)
def no_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an unclassified drug code has an NDC (loop 2410, LIN with qualifier N4). The edit skips
    drugs that are paid as part of the stay or the visit, and drugs that Medicare packages. On hospital outpatient
    claims Medicare prices only C9399 by its NDC. Compounded drugs (J7999) have no NDC: Medicare asks for none, others
    may.

    Why it is denied: payers price an unclassified drug by its NDC.

    How to fix: add the NDC from the package, 11 digits without hyphens, with its quantity and unit of measure.

    What it cannot know: whether a payer other than Medicare also packages the drug.
    """
    compounded = facts.unclassified_codes["compounded"].hcpcs
    less_sure = facts.family(OF_ONE_KIND) | {compounded}
    for line in priced(claim, facts, *ALL_UNCLASSIFIED):
        if not line.ndc and not (line.procedure == compounded and claim.filing_indicator in facts.family("medicare")):
            yield finding(
                line.at("ndc"),
                f"{line.procedure} has no NDC",
                "add the NDC from the package (LIN with N4, 11 digits), with its quantity and unit",
                "warn" if line.procedure in less_sure else None,
            )


@edit(
    "NOC04",
    "Unclassified drug with units other than 1",
    severity=by_payer(ffs="warn", madv="info", mcd="info", other="info"),
    concerns=family("unclassified"),
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source="Medicare contractors' articles: one unit for an unclassified drug; some commercial payers count containers",
    confidence=0.8,
)
def units_not_one(claim: Claim, facts: Facts) -> Results:
    """What it checks: each line of an unclassified drug has one unit, for the given and for the discarded drug.

    Why it is denied: the code has no billing unit, so Medicare expects one unit for the whole dose. Some commercial
    payers count containers.

    How to fix: bill one unit, and write the dose in the description.

    What it cannot know: whether the payer counts containers.
    """
    for line in priced(claim, facts):
        units = line.units
        if units is not None and units != 1:
            yield finding(
                line.at("units"),
                f"{line.procedure} is billed with another number of units than 1",
                "bill one unit and write the dose in the description, unless the payer counts containers",
            )


@edit(
    "NOC08",
    "Unclassified drug without its administration",
    severity="warn",
    concerns=family("unclassified"),
    claim_status="A8:736",
    carc="107",
    rarc="N349",
    source="CMS remark N349; payer policies on drug and administration",
    confidence=0.75,
)
def not_administered(claim: Claim, facts: Facts) -> Results:
    """What it checks: each day with an unclassified drug has an administration code. On a hospital claim the code may
    also be on the day before or after. The edit skips drugs that were given at home, delivered by a pharmacy or given
    during surgery. It skips hospital claims that report the administration under revenue code 0260. It skips drugs that
    are paid as part of the stay or the visit, and drugs that Medicare packages.

    Why it is denied: payers want to see how the drug was given. Some pay neither the drug nor the administration if one
    of them is missing.

    How to fix: add the administration that was documented, such as 96365, 96372 or 96374. Leave the claim as it is if
    another claim reports the administration.

    What it cannot know: how the drug was given, and whether another claim reports it.
    """
    surgery = {line.service_date for line in claim.lines if _SURGERY.fullmatch(line.procedure)}
    for line in priced(claim, facts):
        if DISCARDED in line.modifiers or line.service_date in surgery:
            continue
        if not lacks_administration(claim, line, facts):
            continue
        yield finding(
            line.at("procedure"),
            f"{line.procedure} has no administration code on the same day",
            "add the administration that was documented (96365, 96372, 96374 …), unless another claim reports it",
        )


@edit(
    "NOC10",
    "Unclassified drug in the office with a token charge",
    severity="info",
    concerns=family("unclassified"),
    types=("837P",),
    carc="252",
    source="Own knowledge: payers price such lines by invoice",
    confidence=0.5,
)
def token_charge(claim: Claim, facts: Facts) -> Results:
    """What it checks: the charge for an unclassified drug in an office (place of service 11) is more than one cent.

    Why it is denied: with a token charge the payer must price the drug itself, and asks for the invoice.

    How to fix: charge the cost of the drug, or attach the invoice.

    What it cannot know: whether the practice got the drug free of charge. A token charge is then right.
    """
    office = facts.family("office")
    for line in unclassified(claim, facts):
        charge = line.charge
        if charge is None or charge > _TOKEN_CHARGE:
            continue
        if claim.place_of(line) in office:
            yield finding(
                line.at("charge"),
                f"{line.procedure} has a token charge, and the payer will ask for the invoice",
                "charge the cost of the drug, or attach the invoice; keep the charge if the drug was free of charge",
            )
