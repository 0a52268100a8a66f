"""Modifiers that contradict each other, or do not fit the code that they stand on."""

from __future__ import annotations

from collections.abc import Container
from datetime import date

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_DATE, Results, administrations, by_payer, edit, family, finding, infused_drugs
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


@once_per_facts
def _administrations_or_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with an administration or an infused drug."""
    return administrations(facts) | infused_drugs(facts)


@edit(
    "MOD10",
    "Modifier of a visit on an infusion or a drug",
    severity="warn",
    concerns=_administrations_or_drugs,
    sign="modifier",
    part="drugs",
    claim_status="A7:453",
    carc="4",
    rarc="N823",
    source="CPT and NCCI policy manual, chapter 1: modifier 25 is for visits only",
    confidence=0.9,
)
def visit_modifier_elsewhere(claim: Claim, facts: Facts) -> Results:
    """What it checks: modifier 25 is not on the line of an infusion, an injection or an infused drug.

    Why it is denied: 25 says that a visit was separate from another service of the day. It means nothing on the other
    service.

    How to fix: remove 25 there. If the record supports a separate visit, put 25 on the line of the visit.

    What it cannot know: whether there was a separate visit.
    """
    codes, separate = _administrations_or_drugs(facts), facts.family("visit_separate")
    for line in claim.lines:
        if line.procedure not in codes:
            continue
        for modifier in separate.intersection(line.modifiers):
            yield finding(
                line.at_modifier(modifier),
                f"{modifier} is on {line.procedure}, which is no visit",
                "remove it there; put it on the line of the visit if the record supports a separate visit",
            )


@edit(
    "MOD11",
    "Visit complexity beside a visit with modifier 25",
    severity=by_payer(ffs="warn", madv="info", mcd=None, other=None),
    concerns=family("visit_complexity"),
    needs=administrations,
    types=("837P",),
    claim_status="A8:454",
    carc="97",
    source="CY 2024 physician fee schedule final rule; CMS Transmittal 13015 (December 2024) on preventive services",
    confidence=0.9,
)
def complexity_beside_separate_visit(claim: Claim, facts: Facts) -> Results:
    """What it checks: G2211 (the complexity of a visit) is not billed for a day on which the office visit has modifier
    25 because of an infusion or injection. Since 2025-01-01 Medicare pays G2211 beside vaccinations and other
    preventive services, so the edit skips days with such a service.

    Why it is denied: Medicare does not pay G2211 if the visit has modifier 25.

    How to fix: remove G2211. Do not remove 25 to get it paid: then the visit is denied.

    What it cannot know: all preventive services that Medicare counts. The list is ours.
    """
    visits, separate = facts.family("evaluation"), facts.family("visit_separate")
    for line in claim.lines:
        if line.procedure not in facts.family("visit_complexity"):
            continue
        of_day = [other for other in claim.lines if other.dates == line.dates]
        apart = any(other.procedure in visits and not separate.isdisjoint(other.modifiers) for other in of_day)
        if not apart or not _has(of_day, facts.administrations):
            continue
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif _since("complexity_of_visits", day, facts) and not (
            _since("complexity_beside_prevention", day, facts) and _prevents(of_day, facts)
        ):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is not paid beside a visit with modifier 25",
                "remove it; keep 25 on the visit, which is not paid beside the infusion or injection without it",
            )


def _since(name: str, day: date, facts: Facts) -> bool:
    return day >= facts.turning_points[name].since


def _has(lines: list[ServiceLine], codes: Container[str]) -> bool:
    return any(line.procedure in codes for line in lines)


def _prevents(lines: list[ServiceLine], facts: Facts) -> bool:
    """Whether a vaccination or another preventive service is among the lines."""
    vaccine = facts.shapes["vaccine"]
    return _has(lines, facts.families_together("preventive_services", "preventive_visits")) or any(
        vaccine.fits(line.procedure) for line in lines
    )
