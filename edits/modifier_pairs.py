"""Modifiers that contradict each other."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.edit import Results, edit, finding
from scrubber.reference import Facts, once_per_facts


@once_per_facts
def _contradicting(facts: Facts) -> frozenset[str]:
    return frozenset().union(*(row.modifiers for row in facts.contradictions))


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
    campus), two of GA, GX and GZ (the notice of noncoverage), AX and AY (for dialysis or not), JA and JB (the route of
    a drug), 73 and 74, KP and KQ.

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
                    line.at_modifier(both[1]),
                    f"modifiers {' and '.join(both)} contradict each other",
                    "keep the one that the record supports",
                )
