"""Modifiers that contradict each other, and modifiers that a drug must have one of."""

from __future__ import annotations

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, edit, family, finding
from scrubber.reference import Facts, once_per_facts


@once_per_facts
def _contradicting(facts: Facts) -> frozenset[str]:
    return frozenset().union(*(row.modifiers for row in facts.contradictions))


def _number(line: ServiceLine, modifier: str) -> int:
    return line.service[2:6].index(modifier) + 1


@edit(
    "MOD07",
    "Modifiers that contradict each other",
    severity="warn",
    concerns=None,
    sign="modifier",
    claim_status="A8:453",
    carc="4",
    rarc="N823",
    source="Medicare Claims Processing Manual, chapters 4 and 30; HCPCS modifiers",
    confidence=0.8,
)
def contradicting_modifiers(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line does not have two modifiers that say opposite things: PO and PN (a department off
    campus), two of GA, GX and GZ (the notice of noncoverage), JA and JB (the route of a drug), 73 and 74, KP and KQ.

    Why it is denied: the payer cannot tell which of the two is right.

    How to fix: keep the modifier that the record supports.

    What it cannot know: which of the two is right.
    """
    contradicting = _contradicting(facts)
    for line in claim.lines:
        if len(contradicting.intersection(line.modifiers)) < 2:
            continue
        for row in facts.contradictions:
            both = [modifier for modifier in dict.fromkeys(line.modifiers) if modifier in row.modifiers]
            if len(both) > 1:
                yield finding(
                    line.at("modifiers", _number(line, both[1])),
                    f"modifiers {' and '.join(both)} contradict each other",
                    "keep the one that the record supports",
                )


@edit(
    "MOD08",
    "Drug for anemia without its reason",
    severity=by_payer(ffs="reject", madv="warn", mcd=None, other=None),
    concerns=family("anemia_drugs"),
    part="drugs",
    claim_status="A6:453",
    carc="16",
    rarc="MA130",
    source="Medicare Claims Processing Manual, chapter 17, section 80.9; Palmetto on EA, EB and EC",
    confidence=0.95,
)
def no_reason_for_anemia_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of a drug against anemia outside of dialysis (J0881, J0885, Q5106) has exactly one of EA
    (anemia from chemotherapy), EB (from radiotherapy) and EC (from something else). The edit skips bill types that pay
    drugs as part of the stay, the visit or the treatment.

    Why it is denied: since 2008 Medicare returns the line without such a modifier, or with two of them.

    How to fix: add the modifier that fits the cause of the anemia. If a drug was given for two causes, bill two lines.

    What it cannot know: the cause of the anemia.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    drugs, causes = facts.family("anemia_drugs"), facts.family("anemia_modifiers")
    for line in claim.lines:
        if line.procedure not in drugs:
            continue
        given = [modifier for modifier in dict.fromkeys(line.modifiers) if modifier in causes]
        if len(given) == 1:
            continue
        if given:
            yield finding(
                line.at("modifiers", _number(line, given[1])),
                f"{line.procedure} has {' and '.join(given)}, and Medicare takes one of them on a line",
                "keep the one that fits, or bill the units for the other cause on a line of their own",
                claim_status="A7:453",
            )
        else:
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} has no modifier for the cause of the anemia",
                "add EA (chemotherapy), EB (radiotherapy) or EC (other cause)",
            )
