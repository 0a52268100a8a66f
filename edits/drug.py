"""Drugs that the tables do not know, and doses that no label has."""

from __future__ import annotations

import re

from scrubber.claims.doses import doses
from scrubber.claims.model import Claim
from scrubber.claims.weight import kilograms
from scrubber.edit import NotChecked, Results, edit, finding
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.courses import is_drug
from scrubber.reference.doses import counts_like_other, fits_weight, most_units


@once_per_facts
def _with_dose(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug whose labelled dose is known."""
    return facts.codes_of_all(substance for row in facts.labelled_doses for substance in row.substances)


@edit(
    "DOSE01",
    "More than any labelled dose",
    severity="warn",
    concerns=_with_dose,
    claim_status="A7:476",
    carc="153",
    rarc="M53",
    source="OIG on miscounted units, by way of Noridian; drug labels (Benlysta: 10 mg/kg; Saphnelo: 300 mg)",
    confidence=0.8,
)
def above_any_dose(claim: Claim, facts: Facts) -> Results:
    """What it checks: the given units of a drug and day are not more than any labelled dose: 160 units of J0490 (10
    mg/kg at 160 kg), 300 of J0491, its only dose (the table of doses). Units that count like another drug are MIX02's.
    Left out are doses that fit the weight on the claim, and bill types that pay drugs with the stay or the visit: a
    line there may count the doses of many days.

    Why it is denied: so many units are most often milligrams that were billed as units, or two doses under one date.

    How to fix: divide the milligrams given by what one unit holds. Where two doses were given bill each under its date.

    What it cannot know: the patient's weight where the claim has none; a heavier patient may have had such a dose.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    weight = kilograms(claim)
    for dose in doses(claim, _with_dose(facts)):
        most, given = most_units(dose.procedure, facts), dose.given
        if not dose.administered or most is None or given is None or given <= most:
            continue
        others = facts.confused_with(dose.procedure)
        if any(counts_like_other(line, other, facts) for line in dose.lines for other in others):
            continue
        drug = facts.drug(dose.procedure, dose.day) if dose.day else None
        rule = facts.labelled_dose(drug.substance) if drug else None
        if drug is None or rule is None:
            continue
        if weight and weight > 0 and fits_weight(given * drug.milligrams, weight, rule):
            continue
        yield finding(
            dose.administered[0].at("units"),
            f"{given:f} units of {dose.procedure} are {given * drug.milligrams:,f} mg; no labelled dose goes beyond "
            f"{most.normalize():f} units",
            f"divide the milligrams given by {drug.milligrams}, which one unit holds"
            if drug.milligrams > 1
            else "check the milligrams given; where two doses were given bill each under its date",
        )


def _infusions(facts: Facts) -> frozenset[str]:
    """Concerns claims with an infusion, with home infusion, or with another way to give a complex drug."""
    rows = facts.administrations.rows
    wanted = (row for row in rows if row.gives_drug and (row.method in ("infusion", "visit") or row.work == "complex"))
    return frozenset().union(*(row.codes for row in wanted))


_NO_DRUG = re.compile(r"Q(?:0|3|4|9)", re.ASCII)
"""Beginnings of Q codes that are mostly no infused drug: services, casts, skin substitutes, contrast."""


@edit(
    "DRUG01",
    "Infused drug that the tables do not know",
    severity="info",
    concerns=_infusions,
    source="The shipped tables of drugs; own choice",
    confidence=0.9,
)
def drug_not_judged(claim: Claim, facts: Facts) -> Results:
    """What it checks: the drugs on a claim with an infusion (or a push or injection of a complex drug) are in the
    shipped tables. One that is not makes this edit *not checked*, once for a claim, and names the drug. Fluids and
    common drugs given beside an infusion are left out.

    Why it is denied: it is not. But no rule on waste, NDC, diagnosis, age or dose was tried on that drug.

    How to fix: check the drug's lines by hand.

    What it cannot know: which of several unknown drugs was infused and which injected.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    known = facts.drug_codes | facts.families_together("unclassified", "given_beside_infusions")
    unknown = sorted(code for code in claim.procedures - known if is_drug(code) and not _NO_DRUG.match(code))
    if unknown:
        what = "this drug was" if len(unknown) == 1 else "these drugs were"
        yield NotChecked(f"{', '.join(unknown)}: not in the drug tables, so {what} not judged")
