"""Administration codes beside one another: add-ons and their primaries, initial codes, units, the flush of a port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.visits import by_day, by_one_provider, encounters
from scrubber.edit import Finding, Results, administrations, by_payer, edit, family, finding
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.external import ADD_ON

from ._add_ons import add_on_codes, codes_together, primaries_of
from ._administrations import roles
from ._crosswalk import without_edition_of

_HIERARCHY = "CPT hierarchy of infusions and injections; NCCI policy manual, chapter 11"
_ADD_ON = "CMS add-on code edits, type 1; Medicare Claims Processing Manual, chapter 12, section 30.6.5"


@edit(
    "ADM04",
    "Add-on code without its primary code",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=add_on_codes,
    part="visits",
    claim_status="A8:736",
    carc="107",
    rarc="N122",
    source=_ADD_ON,
    confidence=0.95,
    widened_by=(ADD_ON,),
)
def add_on_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: each code for an additional hour, a sequential or concurrent infusion or a second push has one of
    its primary codes on the claim. 96366 needs 96365 or 96367. 96415 and 96417 need 96413. 96367 needs 96365, 96374,
    96409 or 96413. The table of administrations lists the rest. On an 837P the primary code must be on the same day, by
    any provider of the group. On an 837I it may be anywhere on the claim, because an encounter may last past midnight.
    If Medicare's table of add-on codes is loaded, the edit checks all its codes, by the edition of the date of service.
    The finding is a warning if the list of primary codes is open (type 3), or if the add-on code is not for giving a
    drug. The edit skips codes whose primary codes a contractor chooses (type 2), and late charges (an 837I of frequency
    5).

    Why it is denied: payers never pay an add-on code without one of its primary codes.

    How to fix: bill the initial administration that was given, or the add-on code that belongs to it.

    What it cannot know: whether the primary code is on another claim. Payers do not look for it there.
    """
    if claim.adds_late_charges or not facts.pays_drugs_by_line(claim):
        return
    yield from without_edition_of(
        ADD_ON, [line for line in claim.lines if line.procedure in add_on_codes(facts)], facts
    )
    for together in encounters(claim, codes_together(facts)):
        billed = {line.procedure for line in together}
        for line in together:
            needed = primaries_of(line, facts)
            if needed is None or not billed.isdisjoint(needed.codes):
                continue
            primaries = _alternatives(needed.codes)
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is an add-on code, and its primary code is missing ({primaries})",
                f"bill the primary code ({primaries}) if it was given; otherwise bill the add-on code that belongs to "
                "the service that was given",
                needed.severity,
            )


_MOST_PRIMARIES = 9


def _alternatives(codes: Sequence[str]) -> str:
    """Codes for a message: `96365 or 96367`. Of a long list the first ones."""
    shown = " or ".join(codes[:_MOST_PRIMARIES])
    return shown if len(codes) <= _MOST_PRIMARIES else f"{shown} or {len(codes) - _MOST_PRIMARIES} more"


@edit(
    "ADM05",
    "Two initial administrations in one visit",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=administrations,
    part="visits",
    claim_status="A8:454",
    carc="236",
    source=f"{_HIERARCHY}; Medicare Claims Processing Manual, chapter 4, section 230.2 (encounters over midnight)",
    confidence=0.95,
)
def two_initial(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day has only one initial administration into a vein (96365, 96413, 96374 …) without a modifier
    for a separate service (59, XE, XP, XS, XU). If the lines name different rendering providers, the finding is a
    warning. It is also a warning if a hospital claim with observation has a second initial code on the next day.

    Why it is denied: payers pay one initial code for each visit or hospital encounter, unless there was a second access
    or visit.

    How to fix: keep the initial code for the main reason for the visit, and bill the others as sequential or add-on
    codes. Add the modifier only if the record shows a second access or visit.

    What it cannot know: whether there was a second access, and when an encounter ended.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    initial, separate = _initial_into_vein(facts), facts.family("separate_access")
    kept: list[ServiceLine] = []
    for visit in by_day(claim, initial).values():
        first, *others = [line for line in visit if separate.isdisjoint(line.modifiers)] or visit[:1]
        for line in others:
            one_provider = by_one_provider(claim, (first, line))
            yield _second_initial(line, first, "in one visit", None if one_provider else "warn")
        kept.append(first)
    if claim.type == "837I" and not claim.procedures.isdisjoint(facts.family("observation")):
        for before, line in _over_midnight(kept, separate):
            yield _second_initial(line, before, "in one encounter, if the encounter lasted past midnight", "warn")


@once_per_facts
def _initial_into_vein(facts: Facts) -> frozenset[str]:
    rows = facts.administrations.rows
    return frozenset(row.code for row in rows if row.role == "initial" and row.access == "vein")


def _over_midnight(kept: list[ServiceLine], separate: frozenset[str]) -> Iterator[tuple[ServiceLine, ServiceLine]]:
    """Pairs of initial administrations on two consecutive days. The later has no modifier for a separate service."""
    by_day: dict[date, ServiceLine] = {line.service_date: line for line in kept if line.service_date}
    for day, line in by_day.items():
        before = by_day.get(date.fromordinal(day.toordinal() - 1))
        if before and separate.isdisjoint(line.modifiers):
            yield before, line


def _second_initial(line: ServiceLine, first: ServiceLine, within: str, severity: Literal["warn"] | None) -> Finding:
    return finding(
        line.at("procedure"),
        f"{line.procedure} is a second initial administration {within}; the first is {first.procedure} on line "
        f"{first.shown_number}",
        "keep the initial code for the main reason for the visit and bill the other as sequential or add-on; add 59, "
        "or XE, XP, XS or XU, only if the record shows a second access or visit",
        severity,
    )


@edit(
    "ADM06",
    "Too many units of an administration for one visit",
    severity="warn",
    concerns=administrations,
    part="visits",
    claim_status="A7:476",
    carc="151",
    source="Own limits, in the manner of Medicare's; Medicare's own limits come with the MUE table",
    confidence=0.6,
)
def too_many_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an initial code (96365, 96413, 96360, 96374, 96409 …) has one unit. A line of
    additional hours (96366, 96415) has at most eight; 96366 on an 837I has at most 24. The table of
    administrations lists the limits.

    Why it is denied: an initial code covers the start of a visit and counts once. Additional hours have their own code.

    How to fix: bill one unit of the initial code, and bill the additional hours with their add-on code.

    What it cannot know: how long the infusion lasted.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line, row in roles(claim, facts):
        most = (row.most_units_in_hospital if claim.type == "837I" else None) or row.most_units
        units = line.units
        if most and units is not None and units > most:
            yield finding(
                line.at("units"),
                f"the line has {units:f} units of {line.procedure}; payers question more than {most}",
                "compare the units with the start and stop times; bill one unit of an initial code and bill additional "
                "hours with the add-on code",
            )


@once_per_facts
def _visits_or_administrations(facts: Facts) -> frozenset[str]:
    """Concerns claims with a visit or an administration."""
    return facts.family("evaluation") | administrations(facts)


@edit(
    "ADM11",
    "Flush of a port beside another service",
    severity="warn",
    concerns=family("port_flush"),
    needs=_visits_or_administrations,
    types=("837P",),
    claim_status="A8:454",
    carc="97",
    source="Medicare Claims Processing Manual, chapter 12, section 30.5; CPT on 96523: only without other services",
    confidence=0.9,
)
def flush_beside_other_service(claim: Claim, facts: Facts) -> Results:
    """What it checks: 96523 (the flush of an implanted port) is not billed for a day with a visit, an infusion or an
    injection. Hospitals are left out, because Medicare packages the flush there.

    Why it is denied: the flush is part of the other service. It is paid only if nothing else is billed for the day.

    How to fix: remove 96523. If a clot was dissolved or blood was drawn, bill that procedure as documented.

    What it cannot know: whether the payer's contract pays the flush in any case.
    """
    others = _visits_or_administrations(facts)
    for line in claim.lines:
        if line.procedure not in facts.family("port_flush"):
            continue
        beside = next((other for other in claim.lines if other.procedure in others and other.dates == line.dates), None)
        if beside:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is not paid beside {beside.procedure}: the flush is part of it",
                "remove the line of the flush",
            )
