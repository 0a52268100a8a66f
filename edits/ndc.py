"""The National Drug Code (NDC) of a drug line: which product it names."""

from __future__ import annotations

import re

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, drugs_or_unclassified, edit, family, finding, listed_drugs
from scrubber.reference import Facts
from scrubber.reference.external import ASP_CODES, ASP_CROSSWALK, NDC_DIRECTORY

from ._crosswalk import CROSSWALK, NDC_LENGTH, is_listed, not_sold, of_other_code, other_route, without_edition

_OFTEN_MISTAKEN = "49401008801"
"""The NDC of an autoinjector. Some published tables list it for the 120 mg vial by mistake."""


@edit(
    "NDC05",
    "Subcutaneous NDC on an intravenous drug code",
    severity="reject",
    concerns=listed_drugs,
    part="drugs",
    claim_status="A8:218",
    carc="280",
    source=f"{CROSSWALK}: no subcutaneous belimumab maps to a HCPCS code; DailyMed package list; for other drugs the "
    "loaded crosswalk and the routes of the FDA NDC directory",
    confidence=0.95,
    widened_by=(ASP_CROSSWALK, ASP_CODES, NDC_DIRECTORY),
)
def subcutaneous_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is not the self-injected form of the same drug. The edit
    accepts that form if it is billed with this same code, or if the loaded crosswalk of the date of service lists it
    with this code. For drugs that are not in the shipped tables, it compares the route of the NDC in the FDA directory
    with the routes of the packages that the crosswalk lists with the code. That is a warning.

    Why it is denied: the code is for the vial that is infused. The autoinjector and the syringe belong to the pharmacy
    benefit and are not billed with this code.

    How to fix: if the vial was infused, report the vial's NDC. If the drug was injected under the skin, bill the
    pharmacy plan.

    What it cannot know: whether the vial or the self-injected form was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    codes = listed_drugs(facts)
    yield from without_edition(claim, codes, facts, ASP_CROSSWALK, NDC_DIRECTORY)
    for line in claim.lines:
        if line.procedure not in codes or not line.ndc or is_listed(line, facts):
            continue
        product = facts.product(line.ndc, line.procedure) if line.procedure in facts.drug_codes else None
        if product is None:
            yield from other_route(line, facts)
            continue
        if product.route != "subcutaneous" or product.hcpcs == line.procedure:
            continue
        if line.procedure not in facts.codes_of(product.substance):
            continue
        hint = ""
        if line.ndc.replace("-", "") == _OFTEN_MISTAKEN:
            hint = "; some published tables list this NDC for the 120 mg vial by mistake"
        yield finding(
            line.at("ndc"),
            f"the NDC is that of {product.label}, but {line.procedure} is for the infused vial{hint}",
            f"if the vial was infused, report its NDC ({facts.vial_ndcs(line.procedure)}); otherwise bill the pharmacy "
            "plan",
        )


@edit(
    "NDC06",
    "NDC of another drug",
    severity="reject",
    concerns=listed_drugs,
    part="drugs",
    claim_status="A8:218",
    carc="16",
    rarc="M119",
    source=f"{CROSSWALK}; for other drugs the loaded crosswalk of the date of service",
    confidence=0.95,
    widened_by=(ASP_CROSSWALK, ASP_CODES, NDC_DIRECTORY),
)
def ndc_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is a product of that drug. The edit looks at known NDCs
    only; NDC08 looks at the others. The loaded crosswalk of the date of service wins over the shipped tables: an NDC
    that it lists with the code is right. An NDC that it lists with other codes only is a warning, if it lists the code
    of the line with other NDCs. It is a reject if the FDA directory says that the substance is another.

    Why it is denied: payers match the NDC with the procedure code. They do not pay the line if the two disagree.

    How to fix: bill the code of the drug that was given, with the NDC from its package.

    What it cannot know: whether the code or the NDC names the drug that was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    codes = listed_drugs(facts)
    yield from without_edition(claim, codes, facts, ASP_CROSSWALK)
    for line in claim.lines:
        if line.procedure not in codes or not line.ndc or is_listed(line, facts):
            continue
        product = facts.product(line.ndc, line.procedure) if line.procedure in facts.drug_codes else None
        if product is None:
            yield from of_other_code(line, facts)
            continue
        if line.procedure in facts.codes_of(product.substance):
            continue
        billed = f"is billed as {product.hcpcs}, not as" if product.hcpcs else "goes to the pharmacy plan, not under"
        right = f"{product.hcpcs}, in its units," if product.hcpcs else "the pharmacy plan"
        yield finding(
            line.at("ndc"),
            f"the NDC is that of {product.label}, which {billed} {line.procedure}",
            f"check the record: bill {right} if that product was given; otherwise report the NDC of the drug that was "
            "given",
        )


@edit(
    "NDC08",
    "NDC unknown, or no longer sold",
    severity="warn",
    concerns=listed_drugs,
    part="drugs",
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="DailyMed package lists; CMS ASP NDC-HCPCS crosswalk, Oct 2025; the loaded crosswalk and NDC directory",
    confidence=0.8,
    table=NDC_DIRECTORY,
    partly=True,
    widened_by=(ASP_CROSSWALK,),
)
def unknown_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC of a drug is a listed package on the date of service. For an infused drug of the shipped
    tables it is a package of one of the drug's products. An NDC passes if the loaded FDA directory has it on the market
    on that day, or if the loaded crosswalk lists it. For drugs that are in the crosswalk only, the edit needs the
    directory.

    Why it is denied: payers match the NDC with the procedure code. They do not pay a package that is not listed, that
    ended before the date of service, or that belongs to no product of the code.

    How to fix: read the NDC from the package. If the NDC is right, load a newer NDC directory.

    What it cannot know: packages that came out after the tables were made.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    codes = listed_drugs(facts)
    yield from without_edition(claim, codes, facts, NDC_DIRECTORY, ASP_CROSSWALK)
    for line in claim.lines:
        if line.procedure not in codes or not line.ndc or is_listed(line, facts):
            continue
        if line.procedure not in facts.drug_codes:
            yield from not_sold(line, facts)
            continue
        problem = _not_a_package(line, facts)
        if problem:
            yield finding(
                line.at("ndc"),
                f"the NDC {problem}",
                f"read the NDC from the package (known for {line.procedure}: {facts.vial_ndcs(line.procedure)}); if it "
                "is right, load a newer NDC directory",
            )


def _not_a_package(line: ServiceLine, facts: Facts) -> str:
    """What is wrong with the NDC of an infused drug that is in the shipped tables; empty if nothing is."""
    ndc, day = line.ndc.replace("-", ""), line.service_date
    directory = facts.tables.get(NDC_DIRECTORY)
    if len(ndc) != NDC_LENGTH or day is None or not ndc.isdigit() or not ndc.strip("0"):
        return ""  # NDC02 reports it
    product = facts.product(ndc, line.procedure)
    if product is not None and product.until is not None and product.until < day:
        return "ended before the date of service"
    unlisted = "is not a listed package on the date of service"
    if directory is not None and directory.covers(day):
        return "" if directory.row(ndc, day) is not None else unlisted
    if not _has_every_product(line.procedure, facts):
        return ""
    if product is None:
        return f"is not among the known products of {line.procedure}"
    return "" if ndc[9:] in product.packages else unlisted


def _has_every_product(hcpcs: str, facts: Facts) -> bool:
    drug = facts.any_drug(hcpcs)
    return drug is not None and drug.every_product


@edit(
    "NDC11",
    "Self-injected drug under an unclassified code",
    severity="warn",
    concerns=family("unclassified"),
    claim_status="A8:788",
    carc="280",
    source="UHC self-administered list 7/2021; Arkansas BCBS policy of 2026-05-06",
    confidence=0.85,
)
def injected_under_unclassified(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an unclassified drug code does not have the NDC of a self-injected product.

    Why it is denied: self-injected drugs belong to the pharmacy benefit, even if a professional injects them.

    How to fix: bill the pharmacy plan, or ask the payer for its rule.

    What it cannot know: the payer's list of self-administered drugs.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.family("unclassified") else None
        if product and product.route == "subcutaneous" and product.hcpcs is None:
            yield finding(
                line.at("ndc"),
                f"{line.procedure} is billed for {product.label}; self-injected drugs belong to the pharmacy benefit",
                "bill the pharmacy plan",
            )


_OTHER_DRUG = re.compile(r"(?!J73[23])J\d{4}|Q5\d{3}", re.ASCII)
"""Codes of drugs and biosimilars. J732. and J733. are gels for joints, which are devices and may have no NDC."""


@edit(
    "NDC12",
    "Other drug without its NDC under Medicaid",
    severity=by_payer(ffs=None, madv=None, mcd="warn", other=None),
    concerns=None,
    part="drugs",
    claim_status="A6:218",
    carc="16",
    rarc="M119",
    source="Medicaid Drug Rebate Program: the NDC of each physician-administered drug; states make exceptions",
    confidence=0.75,
)
def no_ndc_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a Medicaid claim, each line with a J code or a biosimilar (Q5...) has an NDC. NDC01 checks the
    infused drugs of the tables, and NOC03 the unclassified codes. The edit skips fluids (such as J7030), injections of
    gel into a joint (J732., J733.), and bill types that pay drugs as part of the stay or the visit.

    Why it is denied: Medicaid gets a rebate for each drug by its NDC, so the law asks for it on outpatient and
    professional claims. It is a warning because states make exceptions.

    How to fix: add the NDC of the container, with its quantity and unit.

    What it cannot know: the exceptions of the state, such as drugs bought at the 340B price.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    others = drugs_or_unclassified(facts) | facts.family("fluids")
    for line in claim.lines:
        if line.procedure in others or not _OTHER_DRUG.fullmatch(line.procedure):
            continue
        if not any(segment[0] == "LIN" for segment in line.segments):
            yield finding(
                line.at("ndc"),
                f"{line.procedure} has no NDC, and Medicaid asks for it",
                "add the NDC of the container, its quantity and its unit",
            )
