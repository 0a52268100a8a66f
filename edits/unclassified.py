"""Unclassified drug codes: the details that a claim must give for them, and the cases in which they are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from scrubber.claims.doses import DISCARDED
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_DATE, Results, Severity, by_payer, edit, family, finding
from scrubber.reference import Facts, Product
from scrubber.reference.courses import lacks_administration
from scrubber.reference.external import ASP_CROSSWALK
from scrubber.reference.listings import listings

from ._doses import is_repackaged_for_the_eye
from ._listed import own_codes, without_edition
from ._named import is_sure, named_drug

_ARTICLES = "Palmetto and CGS articles on unclassified drugs"
_HOSPITALS = "Palmetto A55913 and FCSO: packaged under OPPS, all but C9399"

_DOSE = re.compile(r"\d\s*(?:mg|mcg|ug|gm?|grams?|ml|units?|iu|meq|mci)\b", re.IGNORECASE)
"""A number with a unit of measure: the dose."""
_PER_ML = re.compile(r"\d\s*(?:mg|mcg|ug|gm?|units?|iu|meq)\s*(?:/|per)\s*[\d.]*\s*ml\b", re.IGNORECASE)
"""A concentration. It is not a dose."""
_SURGERY = re.compile(r"[1-6]\d{4}", re.ASCII)
"""Procedure codes of surgery. Many drugs are given during surgery."""
_TOKEN_CHARGE = Decimal("0.01")


def _unclassified(claim: Claim, facts: Facts) -> Iterator[ServiceLine]:
    codes = facts.family("unclassified")
    return (line for line in claim.lines if line.procedure in codes)


def _paid_by_line(claim: Claim, facts: Facts) -> Iterator[ServiceLine]:
    """The lines of unclassified drugs. None if the bill type pays drugs as part of the stay or the visit."""
    return _unclassified(claim, facts) if facts.pays_drugs_by_line(claim) else iter(())


def _priced(claim: Claim, facts: Facts) -> Iterator[ServiceLine]:
    """The lines of unclassified drugs that are paid separately. Drugs that Medicare packages are left out."""
    return (line for line in _paid_by_line(claim, facts) if not facts.is_packaged(claim, line.procedure))


def _description(claim: Claim, line: ServiceLine) -> tuple[str, Location]:
    """The text that describes a drug, and its location: the line's, else the billing note of an 837I."""
    note = claim.text("claim_note") if claim.type == "837I" else ""
    use_note = note and not line.description
    return (note, claim.at("claim_note")) if use_note else (line.description, line.at("description"))


def _product_with_code(line: ServiceLine, facts: Facts) -> Product | None:
    """The product of a line's NDC, if the product had its own code on the date of service."""
    product, day = facts.product(line.ndc), line.service_date
    return product if product and product.hcpcs and day and facts.drug(product.hcpcs, day) else None


def _is_self_injected(line: ServiceLine, facts: Facts) -> bool:
    product = facts.product(line.ndc)
    return product is not None and product.route == "subcutaneous" and product.hcpcs is None


@edit(
    "NOC01",
    "Unclassified drug without a description",
    severity=by_payer(ffs="reject", madv="warn", mcd="reject", other="warn"),
    concerns=family("unclassified"),
    claim_status="A6:306",
    carc="16",
    rarc="N350",
    source=f"{_ARTICLES}; {_HOSPITALS}",
    confidence=0.95,
)
def no_description(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an unclassified drug code has a description (SV101-7, on an 837I SV202-7). On an 837I
    the claim's billing note (NTE*ADD) also counts. The edit skips bill types that pay drugs as part of the stay or the
    visit. If Medicare packages the drug (hospital outpatient, all codes except C9399), the finding is a warning.

    Why it is denied: the claim does not show which drug was given.

    How to fix: write the drug's name and the dose given in the description, and report the NDC. Medicare asks for
    nothing else. Other payers also ask for the route and the cost.

    What it cannot know: which details the payer's contract asks for.
    """
    for line in _paid_by_line(claim, facts):
        text, location = _description(claim, line)
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
    concerns=family("unclassified"),
    claim_status="A7:217",
    carc="16",
    rarc="M123",
    source=f"{_ARTICLES}: total dose; mg/mL only for compounded drugs",
    confidence=0.85,
)
def no_dose(claim: Claim, facts: Facts) -> Results:
    """What it checks: the description of an unclassified drug has a dose (a number with mg, mcg, g, mL, units or IU).
    It has no concentration (mg/mL), except for compounded drugs (J7999). NOC01 reports an empty description. The edit
    skips drugs that are paid as part of the stay or the visit, and drugs that Medicare packages.

    Why it is denied: the payer prices the amount that was given. A concentration does not show that amount.

    How to fix: write the total amount given, such as 500 MG.

    What it cannot know: what the description means. The edit only looks for a number with a unit.
    """
    compounded = facts.unclassified_codes["compounded"].hcpcs
    for line in _priced(claim, facts):
        text, location = _description(claim, line)
        if not text.strip():
            continue
        if _PER_ML.search(text) and line.procedure != compounded:
            yield finding(
                location,
                f"the description of {line.procedure} has a concentration (mg/mL), which is not a dose",
                "write the total amount given, such as 500 MG",
            )
        elif not _DOSE.search(text):
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
    concerns=family("unclassified"),
    claim_status="A6:218",
    carc="16",
    rarc="M119",
    source=f"{_ARTICLES}; {_HOSPITALS}; Noridian A53008 and Retinal Physician, June 2024, on compounded drugs",
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
    for line in _priced(claim, facts):
        if not line.ndc and not (line.procedure == compounded and claim.filing_indicator in facts.family("medicare")):
            yield finding(
                line.at("ndc"),
                f"{line.procedure} has no NDC",
                "add the NDC from the package (LIN with N4, 11 digits), with its quantity and unit",
                "warn" if line.procedure == compounded else None,
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
    for line in _priced(claim, facts):
        units = line.units
        if units is not None and units != 1:
            yield finding(
                line.at("units"),
                f"the units of {line.procedure} are not one",
                "bill one unit and write the dose in the description, unless the payer counts containers",
            )


@edit(
    "NOC05",
    "Unclassified code for a drug that has its own code",
    severity="reject",
    concerns=family("unclassified"),
    claim_status="A7:454",
    carc="189",
    rarc="N56",
    source="CMS ASP NDC-HCPCS crosswalk, Oct 2025; the loaded crosswalk of the date of service",
    confidence=0.95,
    widened_by=(ASP_CROSSWALK,),
)
def has_own_code(claim: Claim, facts: Facts) -> Results:
    """What it checks: the drug of the NDC on a line of an unclassified code had no code of its own on the date of
    service, by the shipped tables or by the loaded crosswalk. A compounded drug (J7999) has the NDC of its ingredient,
    so the crosswalk does not count for it. With an injection into the eye (67028) J7999 is right, and another
    unclassified code is a warning: drugs that are repackaged for the eye are compounded, and payers differ on the code.
    If the first day of a shipped code is not sure, and the loaded crosswalk does not list it, the finding is a warning.

    Why it is denied: the unclassified code is only for drugs without their own code.

    How to fix: bill the drug's own code, in the units of that code.

    What it cannot know: whether the code or the NDC is wrong, and whether the drug was compounded.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    compounded = facts.unclassified_codes["compounded"].hcpcs
    for_eye = not claim.procedures.isdisjoint(facts.family("eye_injection"))
    yield from without_edition(claim, facts.family("unclassified"), facts, ASP_CROSSWALK)
    for line in _unclassified(claim, facts):
        if line.procedure == compounded and for_eye:
            continue
        product = _product_with_code(line, facts)
        severity: Severity | None = "warn" if for_eye else None
        if product:
            named, own = f"the NDC is {product.label}, which has its own code", str(product.hcpcs)
            if not is_sure(own, facts) and own not in listings(facts).codes(line):
                named, severity = f"{named} (its first day is not sure)", "warn"
        else:
            named = "the crosswalk of the date of service lists the NDC with a code"
            own = own_codes(line, facts) if line.procedure != compounded else ""
        if own:
            yield finding(
                line.at("procedure"),
                f"{named}, {own}",
                f"bill {own} instead of {line.procedure}, in the units of {own}",
                severity,
            )
        elif line.service_date is None and facts.product(line.ndc):
            yield NO_DATE


@edit(
    "NOC06",
    "Unclassified code for another kind of drug",
    severity="warn",
    concerns=family("unclassified"),
    claim_status="A7:454",
    carc="189",
    source=f"{_ARTICLES}: biologics J3590, antineoplastics J9999, compounded drugs J7999, new drugs under OPPS C9399",
    confidence=0.75,
)
def wrong_kind(claim: Claim, facts: Facts) -> Results:
    """What it checks: an unclassified code fits the kind of drug that the NDC names, if the kind is known. For example,
    a biologic is billed with J3590, not with J3490. C9399 is for new drugs of every kind. The edit skips a drug that
    has its own code (NOC05) or belongs to the pharmacy benefit (NDC11).

    Why it is denied: each kind of drug has its own unclassified code.

    How to fix: bill the unclassified code for that kind of drug.

    What it cannot know: the kind of a drug that is not in the tables.
    """
    by_kind = facts.unclassified_codes
    codes = {code.hcpcs for code in by_kind.values()} | {"J3490"}
    for line in _paid_by_line(claim, facts):
        product = facts.product(line.ndc)
        if product is None or product.kind is None or line.procedure not in codes:
            continue
        right = by_kind[product.kind].hcpcs
        if line.procedure == right or _product_with_code(line, facts) or _is_self_injected(line, facts):
            continue
        yield finding(
            line.at("procedure"),
            f"{line.procedure} is billed, but the NDC is for another kind of drug ({product.kind})",
            f"bill {right}, the unclassified code for that kind of drug",
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
    for line in _priced(claim, facts):
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
    "NOC09",
    "Unclassified code for a named drug that has its own code",
    severity="warn",
    concerns=family("unclassified"),
    claim_status="A7:454",
    carc="189",
    rarc="N56",
    source="CMS ASP NDC-HCPCS crosswalk, Oct 2025",
    confidence=0.85,
)
def names_coded_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the description of an unclassified code does not name a drug that had its own code on the date of
    service, by substance or by brand. It skips what NOC05 or NDC11 reports, and drugs repackaged for the eye.

    Why it is denied: the unclassified code is only for drugs without their own code.

    How to fix: bill the drug's own code if the vial was infused. Bill the pharmacy plan if the drug was injected under
    the skin.

    What it cannot know: whether the description names the drug that was given.
    """
    for line in _paid_by_line(claim, facts):
        text, location = _description(claim, line)
        if not text or _product_with_code(line, facts) or _is_self_injected(line, facts):
            continue
        drug = named_drug(text, line.service_date, facts)
        if drug and not is_repackaged_for_the_eye(claim, drug.hcpcs, facts):
            yield finding(
                location,
                f"the description names {drug.brand} ({drug.substance}), which has its own code, {drug.hcpcs}",
                f"bill {drug.hcpcs} if the vial was infused; bill the pharmacy plan for a self-injected form",
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
    for line in _unclassified(claim, facts):
        charge = line.charge
        if charge is None or charge > _TOKEN_CHARGE:
            continue
        if claim.place_of(line) in office:
            yield finding(
                line.at("charge"),
                f"{line.procedure} has a token charge, and the payer will ask for the invoice",
                "charge the cost of the drug, or attach the invoice; keep the charge if the drug was free of charge",
            )
