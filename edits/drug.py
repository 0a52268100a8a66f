"""Drugs that are not in the tables or not covered, doses above every label, and modifiers against a drug's route."""

from __future__ import annotations

import re

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, doses, in_units
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.weight import kilograms
from scrubber.edit import NO_DATE, NotChecked, Results, administrations, by_payer, edit, family, finding, infused_drugs
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.courses import is_drug
from scrubber.reference.doses import counts_like_other, fits_weight, most_of_products, most_units
from scrubber.reference.external import ASP_CROSSWALK, NDC_DIRECTORY
from scrubber.reference.listings import listed_codes, listings

from ._unclassified import ALL_UNCLASSIFIED


@once_per_facts
def _with_dose(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug whose labelled dose is known."""
    return facts.codes_of_all(substance for row in facts.labelled_doses for substance in row.substances)


@edit(
    "DOSE01",
    "More than any labelled dose",
    severity="warn",
    concerns=_with_dose,
    part="visits",
    claim_status="A7:476",
    carc="153",
    rarc="M53",
    source="OIG on miscounted units, quoted by Noridian; drug labels (Benlysta: 10 mg/kg; Saphnelo: 300 mg)",
    confidence=0.8,
)
def above_any_dose(claim: Claim, facts: Facts) -> Results:
    """What it checks: the given units of a drug on one day are not more than its highest labelled dose in the table of
    doses. That is 160 units for J0490 (10 mg/kg at 160 kg), and 300 for J0491, its only dose. MIX02 checks units that
    look like those of another drug. If the NDC's product has a smaller dose than other products of its code, such as
    Prolia (60 mg) and Xgeva, the dose of that product counts. Doses that fit the weight on the claim are left out. Bill
    types that pay drugs as part of the stay or the visit are left out too, because one line there may count the doses
    of many days.

    Why it is denied: the units are most often milligrams that were billed as units, or two doses under one date.

    How to fix: divide the milligrams given by the milligrams in one unit. If two doses were given, bill each under its
    own date.

    What it cannot know: the patient's weight if the claim does not have it. A heavier patient may have had such a dose.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    weight = kilograms(claim)
    for dose in doses(claim, _with_dose(facts)):
        given = dose.given
        most = most_of_products(dose, facts) or most_units(dose.procedure, facts)
        if not dose.administered or most is None or given is None or given <= most:
            continue
        others = facts.confused_with(dose.procedure)
        if any(counts_like_other(line, other, facts) for line in dose.lines for other in others):
            continue
        drug = facts.drug(dose.procedure, dose.day) if dose.day else None
        rule = facts.labelled_dose(drug.substance) if drug else None
        if drug is None or rule is None:
            continue
        if weight and weight > 0 and fits_weight(drug.amount(given).number, weight, rule):
            continue
        yield finding(
            dose.administered[0].at("units"),
            f"{dose.procedure} is billed with {in_units(given)} ({drug.amount(given)}); the highest labelled dose "
            f"is {in_units(most.normalize())}",
            f"compare the amount given with the units: one unit of {dose.procedure} is {drug.unit}"
            if drug.unit.number != 1
            else "check the amount given; if two doses were given, bill each under its own date",
        )


@once_per_facts
def _infusions(facts: Facts) -> frozenset[str]:
    """Concerns claims with an infusion, a home infusion, or another administration of a complex drug."""
    rows = facts.administrations.rows
    wanted = (row for row in rows if row.gives_drug and (row.method in ("infusion", "visit") or row.work == "complex"))
    return frozenset().union(*(row.codes for row in wanted))


def _administrations_or_listed(facts: Facts) -> frozenset[str]:
    """Concerns claims on which a drug is given, and those with a drug of the loaded crosswalk whose route is known."""
    listed = listed_codes(facts) if NDC_DIRECTORY in facts.tables else frozenset()
    return _infusions(facts) | administrations(facts) | listed


_NO_DRUG = re.compile(r"Q(?:0|3|4|9)", re.ASCII)
"""First characters of Q codes that mostly are not infused drugs: services, casts, skin substitutes, contrast."""


@edit(
    "DRUG01",
    "Infused drug that is not in the tables",
    severity="info",
    concerns=_administrations_or_listed,
    part="visits",
    source="The shipped drug tables; own choice; routes of the FDA NDC directory",
    confidence=0.9,
    widened_by=(ASP_CROSSWALK, NDC_DIRECTORY),
)
def drug_not_judged(claim: Claim, facts: Facts) -> Results:
    """What it checks: the drugs on a claim with an infusion (or with a push or injection of a complex drug) are in the
    shipped tables. If a drug is not in them, this edit is *not checked* and names the drug, once per claim. Fluids and
    common drugs that are given with an infusion are left out. On a claim with other pushes or injections, common drugs
    of many makers are also left out, unless the line has JW or JZ. If the loaded crosswalk has the drug, it is named
    there only if all its packages in the FDA directory are intravenous.

    Why it is denied: it is not denied. But no edit checked the diagnosis, age or dose of that drug. Waste and NDC are
    only checked if the crosswalk lists the drug.

    How to fix: check the drug's lines by hand.

    What it cannot know: which of several unknown drugs was infused and which was injected.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    unknown = _unknown_drugs(claim, facts)
    if unknown and claim.procedures.isdisjoint(_infusions(facts)):
        unknown = {line.procedure for line in claim.lines if line.procedure in unknown and _matters(line, facts)}
    for listed, judged in ((False, "judged"), (True, "judged beyond NDC, units and waste")):
        codes = sorted(code for code in unknown if (code in listed_codes(facts)) is listed)
        if codes:
            what = "this drug was" if len(codes) == 1 else "these drugs were"
            yield NotChecked(f"{', '.join(codes)}: not in the drug tables, so {what} not {judged}")


def _unknown_drugs(claim: Claim, facts: Facts) -> set[str]:
    """The codes of drugs on a claim that the shipped tables do not have."""
    return {code for code in claim.procedures - _judged(facts) if is_drug(code) and not _NO_DRUG.match(code)}


@once_per_facts
def _judged(facts: Facts) -> frozenset[str]:
    """The codes of drugs that are in the shipped tables, or need not be."""
    return facts.drug_codes | facts.families_together(*ALL_UNCLASSIFIED, "given_beside_infusions")


def _matters(line: ServiceLine, facts: Facts) -> bool:
    """Whether edits would have rules for the drug of a line, though the claim has no infusion.

    It goes into a vein, by the loaded tables. If they do not list it, it is no common drug, or has JW or JZ.
    """
    if line.procedure not in listed_codes(facts):
        modified = DISCARDED in line.modifiers or NOTHING_DISCARDED in line.modifiers
        return modified or line.procedure not in facts.family("common_injections")
    day = line.service_date
    return day is not None and listings(facts).is_infused(line.procedure, line.ndc, day)


_CONTRARY = {
    "JB": ({"intravenous"}, "is infused, but JB says that it was given under the skin"),
    "JA": ({"subcutaneous"}, "is injected under the skin, but JA says that it was given into a vein"),
}
"""Route modifiers, each with the only route of drugs that it contradicts, and the words of the finding."""


@edit(
    "MOD06",
    "Route modifier against the only route of a drug",
    severity="warn",
    concerns=infused_drugs,
    part="drugs",
    claim_status="A7:453",
    carc="4",
    rarc="N823",
    source="Medicare contractors' lists of self-administered drugs: JA is into a vein, JB under the skin; routes from "
    "drug labels",
    confidence=0.75,
)
def other_route_by_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: a drug whose products are all infused does not have JB (given under the skin). A drug whose
    products are all injected under the skin does not have JA (given into a vein).

    Why it is denied: JB sends the line to the rules for drugs that patients inject themselves. Medicare does not pay
    those. JA says that a drug was given in a way for which it is not made.

    How to fix: remove the modifier, or bill the code of the drug that was given.

    What it cannot know: which drug was given.
    """
    for line in claim.lines:
        for modifier, (only, contrary) in _CONTRARY.items():
            if modifier not in line.modifiers:
                continue
            if {product.route for product in facts.products.of_code(line.procedure)} == only:
                yield finding(
                    line.at_modifier(modifier),
                    f"{line.procedure} {contrary}",
                    f"remove {modifier}, or bill the code of the drug that was given",
                )


@edit(
    "SAD01",
    "Drug that Medicare counts as self-administered",
    severity=by_payer(ffs="warn", madv="info", mcd=None, other=None),
    concerns=family("self_administered", "self_administered_under_the_skin"),
    part="drugs",
    claim_status="A8:507",
    carc="96",
    source="Medicare contractors' lists of self-administered drugs (Noridian A53032 and others, 2021 to 2024); "
    "Medicare Benefit Policy Manual, chapter 15, section 50.2",
    confidence=0.8,
)
def self_administered(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim to Medicare has no drug that contractors list as usually self-administered, such as
    etanercept, adalimumab or ustekinumab under the skin. For drugs that are also infused, such as J0129 and J3262, it
    looks at lines with JB, and at lines with the NDC of a syringe or pen. The edit skips lines with GY, and bill types
    that pay drugs as part of the stay or the visit.

    Why it is denied: Part B does not cover a drug that most patients inject themselves, also if a nurse injects it. It
    is a warning because each contractor has its own list.

    How to fix: look the drug up in the contractor's list. If it is there, the patient's Part D plan is the payer. Bill
    the line with GY only to get a denial for another payer.

    What it cannot know: the contractor's list on the date of service.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    always, excluded = facts.family("self_administered"), facts.family("excluded_modifiers")
    by_route = facts.family("self_administered_under_the_skin")
    for line in claim.lines:
        listed = line.procedure in always or (line.procedure in by_route and _is_under_the_skin(line, facts))
        if not listed or not excluded.isdisjoint(line.modifiers):
            continue
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif day >= facts.turning_points["lists_of_self_administered_drugs"].since:
            yield finding(
                line.at("procedure"),
                f"Medicare contractors list {line.procedure} as self-administered"
                + ("" if line.procedure in always else " if it goes under the skin")
                + ", and Part B does not cover such drugs",
                "look it up in the contractor's list; if it is there, it belongs to the patient's Part D plan",
            )


def _is_under_the_skin(line: ServiceLine, facts: Facts) -> bool:
    """Whether a line has the modifier for the skin, or the NDC of a product for it."""
    if "JB" in line.modifiers:
        return True
    product = facts.products.at(line.ndc, line.procedure) if line.ndc else None
    return "JA" not in line.modifiers and product is not None and product.route == "subcutaneous"
