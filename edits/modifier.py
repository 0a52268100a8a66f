"""Modifiers other than those of waste."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.values import DateRange, named
from scrubber.edit import (
    NO_DATE,
    NotChecked,
    Results,
    Severity,
    by_payer,
    drugs_or_unclassified,
    edit,
    finding,
    infused_drugs,
)
from scrubber.reference import Facts
from scrubber.reference.administration import Administrations
from scrubber.reference.external import MODIFIERS, ROUTE_MODIFIERS

_NCCI = "NCCI policy manual, chapter 11"
_WORK_FOR_PHYSICIANS = ("363", "364")
"""Beginnings of taxonomy codes of nurse practitioners and assistants, who work in the specialty of their physician."""
_NO_DAY = "the day of the visit is not known: its service date is missing or covers several days"


def _modifiers(line: ServiceLine) -> Iterator[tuple[str, Location]]:
    """A line's modifiers and where each stands."""
    for number, modifier in enumerate(line.service[2:6], start=1):
        if modifier:
            yield modifier, line.at("modifiers", number)


@once_per_claim
def _given(claim: Claim, administrations: Administrations) -> Mapping[DateRange | None, Sequence[ServiceLine]]:
    """The infusions and injections, by their dates."""
    given: dict[DateRange | None, list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure in administrations:
            given.setdefault(line.dates, []).append(line)
    return given


def _severity_of_partner(claim: Claim, visit: ServiceLine, given: Sequence[ServiceLine]) -> Severity | None:
    """How grave a visit is beside what was given, by who rendered them: as any where it is one physician for payers.

    Another provider's visit is a warning; where each of them names a specialty, and another one, it is but an info.
    """
    if claim.type == "837I" or claim.provider_of(visit) in {claim.provider_of(line) for line in given}:
        return None
    own, others = claim.specialty_of(visit), {claim.specialty_of(line) for line in given}
    known = [specialty for specialty in (own, *others) if specialty and not specialty.startswith(_WORK_FOR_PHYSICIANS)]
    return "info" if own not in others and len(known) == 1 + len(others) else "warn"


def _beside_administration(
    claim: Claim, facts: Facts, visits: Container[str]
) -> Iterator[tuple[ServiceLine, Severity | None]]:
    """The visits of days with an infusion or injection, and how grave it is.

    Members of a group with one specialty count as one physician. A visit that names another rendering provider than
    each infusion may be one of another specialty.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    given = _given(claim, facts.administrations)
    for line in claim.lines:
        beside = given.get(line.dates) if line.procedure in visits else None
        if beside:
            yield line, _severity_of_partner(claim, line, beside)


def _evaluation(claim: Claim, facts: Facts) -> frozenset[str]:
    """The codes of visits on a claim of that type."""
    return (
        facts.families_together("evaluation", "hospital_evaluation")
        if claim.type == "837I"
        else facts.family("evaluation")
    )


def _drugs_or_infusions(facts: Facts) -> frozenset[str]:
    """Concerns claims with an infused or unclassified drug, or with any infusion or push."""
    rows = facts.administrations.rows
    return drugs_or_unclassified(facts) | {row.code for row in rows if row.method in ("infusion", "push")}


@edit(
    "MOD01",
    "Visit on the day of an infusion without modifier 25",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_or_infusions,
    claim_status="A8:453",
    carc="97",
    source=f"{_NCCI}; Medicare Claims Processing Manual, chapter 12, section 30.6.5 (groups); OCE edit 21 (hospitals)",
    confidence=0.9,
)
def visit_not_separate(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a claim with an infusion or a push, or with an infused or unclassified drug, a visit on the
    day of an infusion or injection has modifier 25. In a hospital that holds for clinic and emergency visits, too
    (G0463, 99281 to 99285). A visit by another rendering provider of the group is a warning, and but an info
    where the taxonomy codes (PRV) of both say that they are of different specialties. 99211 is the matter of MOD02.

    Why it is denied: the visit is taken for part of the infusion, which is paid already. 27 does not help: it says that
    there were several visits.

    How to fix: add 25 if the record shows a visit of its own beyond the infusion, else remove the visit.

    What it cannot know: what the record shows, and the specialty of another provider of the group.
    """
    separate, staff = facts.family("visit_separate"), facts.family("staff_visit")
    for line, severity in _beside_administration(claim, facts, _evaluation(claim, facts) - staff):
        if not separate.isdisjoint(line.modifiers):
            continue
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
        else:
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} on the day of an infusion or injection has no modifier 25",
                "add 25 if the record supports a separate visit, else remove the visit",
                severity,
            )


@edit(
    "MOD02",
    "99211 on the day of an infusion",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_or_infusions,
    claim_status="A8:454",
    carc="97",
    source=_NCCI,
    confidence=0.8,
)
def staff_visit(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a claim with an infusion or a push, or with an infused or unclassified drug, 99211 is not
    billed for the day of an infusion or injection, with modifier 25 or without. Where it names another rendering
    provider of the group it is a warning or an info, as under MOD01.

    Why it is denied: 99211 needs no physician, and what staff does at an infusion is part of it.

    How to fix: remove 99211. If a physician saw the patient bill that visit, with modifier 25.

    What it cannot know: who saw the patient.
    """
    for line, severity in _beside_administration(claim, facts, facts.family("staff_visit")):
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
        else:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is not paid on the day of an infusion or injection, whatever its modifier",
                "remove it; if a physician saw the patient bill that visit as documented, with modifier 25",
                severity,
            )


@edit(
    "MOD03",
    "340B modifier JG out of date, or beside TB",
    severity="warn",
    concerns=drugs_or_unclassified,
    claim_status="A7:453",
    carc="182",
    source="CY 2024 OPPS final rule: TB alone from 2025-01-01 on",
    confidence=0.8,
)
def discount_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: JG, for drugs bought at the 340B price, is not used from 2025-01-01 on, and not beside TB.
    Whether a drug was bought at that price is not on the claim, so a modifier that is missing cannot be seen.

    Why it is denied: since 2025 TB alone says it.

    How to fix: replace JG by TB; before 2025 keep the one of the two that fits the kind of provider.

    What it cannot know: whether the drug was bought at the 340B price.
    """
    drugs, last_day = drugs_or_unclassified(facts), facts.discount_modifiers["JG"].until
    for line in claim.lines:
        if line.procedure not in drugs or "JG" not in line.modifiers:
            continue
        location = next(place for modifier, place in _modifiers(line) if modifier == "JG")
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif last_day and day > last_day:
            yield finding(location, "JG is out of use since 2025-01-01", "replace it by TB")
        elif "TB" in line.modifiers:
            yield finding(location, "JG and TB on one line", "keep the one that fits the kind of provider")


@edit(
    "MOD04",
    "Drug of several routes without JA or JB",
    severity=by_payer(ffs="info", madv=None, mcd=None, other=None),
    concerns=infused_drugs,
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source="Medicare contractors' lists of self-administered drugs",
    confidence=0.6,
    table=ROUTE_MODIFIERS,
)
def no_route(claim: Claim, facts: Facts) -> Results:
    """What it checks: an infused drug that the Medicare contractor lists with several routes has JA (into a vein) or JB
    (under the skin). Needs the contractor's list.

    Why it is denied: the contractor pays only one of the routes and cannot tell which it was.

    How to fix: add JA or JB, as the drug was given.

    What it cannot know: how the drug was given.
    """
    table, route = facts.tables[ROUTE_MODIFIERS], facts.family("route_modifiers")
    for line in claim.lines:
        if line.procedure not in facts.drug_codes or line.procedure not in table.rows:
            continue
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif table.row(line.procedure, day) and route.isdisjoint(line.modifiers):
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} is listed with several routes, and the line names none",
                "add JA (into a vein) or JB (under the skin)",
            )


@edit(
    "MOD05",
    "Modifier twice, or unknown",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=None,
    claim_status="A7:453",
    carc="182",
    source="HCPCS and CPT modifiers",
    confidence=0.95,
    table=MODIFIERS,
    partly=True,
)
def wrong_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: no modifier stands on a line twice; outside of Medicare fee-for-service that is a warning, as
    some payers take it (RR twice is seen on rented equipment). With the table of modifiers, each is also one that
    exists on the date of service: else a reject for every payer.

    Why it is denied: a modifier that is repeated or unknown makes the line invalid.

    How to fix: remove the second one; correct one that is unknown.
    """
    table = facts.tables.get(MODIFIERS)
    for line in claim.lines:
        if not line.modifiers:
            continue
        if len(set(line.modifiers)) < len(line.modifiers):
            yield from _repeated(line)
        if table is None:
            continue
        day = line.service_date
        if day is None:
            yield NO_DATE
            continue
        for modifier, location in _modifiers(line):
            if table.row(modifier, day) is None:
                yield finding(
                    location, "the modifier is unknown on the date of service", "correct or remove it", "reject"
                )


def _repeated(line: ServiceLine) -> Results:
    seen = set()
    for modifier, location in _modifiers(line):
        if modifier in seen:
            yield finding(
                location, f"modifier {named(modifier, '(not shown)')} stands on the line twice", "remove the second one"
            )
        seen.add(modifier)
