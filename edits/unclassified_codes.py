"""Unclassified drug codes where another code is right: the drug has its own, or is of another kind."""

from __future__ import annotations

import re

from scrubber.claims.model import Claim
from scrubber.edit import NO_DATE, Results, Severity, edit, family, finding
from scrubber.reference import Facts
from scrubber.reference.external import ASP_CROSSWALK
from scrubber.reference.listings import listings

from ._crosswalk import own_codes, without_edition
from ._doses import is_repackaged_for_the_eye
from ._named_drugs import is_sure, named_drug
from ._unclassified import (
    ALL_UNCLASSIFIED,
    ARTICLES,
    described,
    is_self_injected,
    paid_by_line,
    product_with_code,
    unclassified,
)

_COMPOUNDED = re.compile(r"(?<!NOT )\bCOMPOUND(?:ED)?\b", re.IGNORECASE)


@edit(
    "NOC05",
    "Unclassified code for a drug that has its own code",
    severity="reject",
    concerns=family(*ALL_UNCLASSIFIED),
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
    yield from without_edition(claim, facts.families_together(*ALL_UNCLASSIFIED), facts, ASP_CROSSWALK)
    for line in unclassified(claim, facts, *ALL_UNCLASSIFIED):
        if line.procedure == compounded and for_eye:
            continue
        product = product_with_code(line, facts)
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
    source=f"{ARTICLES}: biologics J3590, antineoplastics J9999, compounded drugs J7999, new drugs under OPPS C9399",
    confidence=0.75,
)
def wrong_kind(claim: Claim, facts: Facts) -> Results:
    """What it checks: an unclassified code fits the kind of drug that the NDC names, if the kind is known. For example,
    a biologic is billed with J3590, not with J3490. A drug that is described as compounded is billed with J7999. C9399
    is for new drugs of every kind. The edit skips a drug that has its own code (NOC05) or belongs to the pharmacy
    benefit (NDC11).

    Why it is denied: each kind of drug has its own unclassified code.

    How to fix: bill the unclassified code for that kind of drug.

    What it cannot know: the kind of a drug that is not in the tables.
    """
    by_kind = facts.unclassified_codes
    codes = {code.hcpcs for code in by_kind.values()} | {"J3490"}
    for line in paid_by_line(claim, facts):
        if line.procedure not in codes or product_with_code(line, facts) or is_self_injected(line, facts):
            continue
        product = facts.product(line.ndc)
        kind, by = product.kind if product else None, "NDC"
        if kind is None and _COMPOUNDED.search(line.description):
            kind, by = "compounded", "description"
        if kind is None or line.procedure == by_kind[kind].hcpcs:
            continue
        yield finding(
            line.at("procedure"),
            f"{line.procedure} is billed, but the {by} is for another kind of drug ({kind})",
            f"bill {by_kind[kind].hcpcs}, the unclassified code for that kind of drug",
        )


@edit(
    "NOC09",
    "Unclassified code for a named drug that has its own code",
    severity="warn",
    concerns=family(*ALL_UNCLASSIFIED),
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
    for line in paid_by_line(claim, facts, *ALL_UNCLASSIFIED):
        text, location = described(claim, line)
        if not text or product_with_code(line, facts) or is_self_injected(line, facts):
            continue
        drug = named_drug(text, line.service_date, facts)
        if drug and not is_repackaged_for_the_eye(claim, drug.hcpcs, facts):
            yield finding(
                location,
                f"the description names {drug.brand} ({drug.substance}), which has its own code, {drug.hcpcs}",
                f"bill {drug.hcpcs} if the vial was infused; bill the pharmacy plan for a self-injected form",
            )
