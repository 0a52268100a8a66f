"""Modifiers other than those for discarded drugs."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED
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
    no_edition,
)
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.administration import Administrations
from scrubber.reference.editions import Table
from scrubber.reference.external import MODIFIERS, ROUTE_MODIFIERS
from scrubber.reference.shipped_tables import ShippedTable

_NCCI = "NCCI policy manual, chapter 11"
_WORK_FOR_PHYSICIANS = ("363", "364")
"""First digits of the taxonomy codes of nurse practitioners and assistants: they count with their physician."""
_NO_DAY = "the day of the visit is not known: its service date is missing or covers several days"


@once_per_claim
def _given(claim: Claim, administrations: Administrations) -> Mapping[DateRange | None, Sequence[ServiceLine]]:
    """The infusions and injections, by their dates."""
    given: dict[DateRange | None, list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure in administrations:
            given.setdefault(line.dates, []).append(line)
    return given


def _severity_of_partner(claim: Claim, visit: ServiceLine, given: Sequence[ServiceLine]) -> Severity | None:
    """The severity of a visit, by the rendering providers of the visit and of the infusions and injections.

    `None` (the severity of the edit) if payers count them as one physician. Another provider's visit is a warning. It
    is an info if every provider has a known specialty and the visit's specialty differs from all others.
    """
    if claim.type == "837I" or claim.provider_of(visit) in {claim.provider_of(line) for line in given}:
        return None
    own, others = claim.specialty_of(visit), {claim.specialty_of(line) for line in given}
    known = [specialty for specialty in (own, *others) if specialty and not specialty.startswith(_WORK_FOR_PHYSICIANS)]
    return "info" if own not in others and len(known) == 1 + len(others) else "warn"


def _beside_administration(
    claim: Claim, facts: Facts, visits: Container[str]
) -> Iterator[tuple[ServiceLine, Severity | None]]:
    """The visits on days with an infusion or injection, and the severity of each.

    Members of a group with the same specialty count as one physician. A visit with another rendering provider than all
    infusions may be a visit to another specialty. With an injection of a drug that is not in the tables, the finding is
    a warning.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    milder: Severity | None = "warn" if claim.procedures.isdisjoint(_drugs_or_infusions(facts)) else None
    given = _given(claim, facts.administrations)
    for line in claim.lines:
        beside = given.get(line.dates) if line.procedure in visits else None
        if beside:
            yield line, _severity_of_partner(claim, line, beside) or milder


def _evaluation(claim: Claim, facts: Facts) -> frozenset[str]:
    """The visit codes for the claim's type."""
    if claim.type == "837I":
        return facts.families_together("evaluation", "hospital_evaluation", "critical_care")
    return facts.families_together("evaluation", "preventive_visits")


@once_per_facts
def _drugs_or_infusions(facts: Facts) -> frozenset[str]:
    """The codes of infused and unclassified drugs, of infusions and of pushes."""
    rows = facts.administrations.rows
    return drugs_or_unclassified(facts) | {row.code for row in rows if row.method in ("infusion", "push")}


@once_per_facts
def _drugs_or_injections(facts: Facts) -> frozenset[str]:
    """Concerns claims with an infused or unclassified drug, or with any infusion, push or injection."""
    rows = facts.administrations.rows
    return _drugs_or_infusions(facts) | {row.code for row in rows if row.method == "injection"}


@edit(
    "MOD01",
    "Visit on the day of an infusion without modifier 25",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_or_injections,
    part="visits",
    claim_status="A8:453",
    carc="97",
    source=f"{_NCCI}; Medicare Claims Processing Manual, chapter 12, section 30.6.5 (groups); OCE edit 21 (hospitals)",
    confidence=0.9,
)
def visit_not_separate(claim: Claim, facts: Facts) -> Results:
    """What it checks: a visit on the day of an infusion or injection has modifier 25. For hospitals this includes
    clinic and emergency visits (G0463, 99281 to 99285) and critical care (99291), which is a warning, as are preventive
    visits (99381 to 99397) of others. It is a warning if the claim has only injections (96372), and none of an infused
    or unclassified drug. If another provider of the group rendered the visit, the finding is a warning. If the taxonomy
    codes (PRV) of the two providers show different specialties, it is for information. With an injection into the eye
    (67028) it is a warning, and eye examinations (92002 to 92014) count as visits. MOD02 checks 99211.

    Why it is denied: the payer counts the visit as part of the infusion, which it already pays. Modifier 27 does not
    help: it means that there were several visits.

    How to fix: add 25 if the record shows a separate visit beyond the infusion. Otherwise remove the visit.

    What it cannot know: what the record shows, and the specialty of another provider of the group.
    """
    separate, staff = facts.family("visit_separate"), facts.family("staff_visit")
    yield from _beside_eye_injection(claim, facts, separate)
    less_sure = facts.families_together("critical_care", "preventive_visits")
    for line, severity in _beside_administration(claim, facts, _evaluation(claim, facts) - staff):
        if not separate.isdisjoint(line.modifiers):
            continue
        if line.procedure in less_sure:
            severity = severity or "warn"
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
        else:
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} on the day of an infusion or injection has no modifier 25",
                "add 25 if the record supports a separate visit; otherwise remove the visit",
                severity,
            )


def _beside_eye_injection(claim: Claim, facts: Facts, separate: frozenset[str]) -> Results:
    """The visits without 25 on the day of an injection into the eye, and of no other injection."""
    injections = facts.family("eye_injection")
    if claim.procedures.isdisjoint(injections):
        return
    days = {line.dates for line in claim.lines if line.procedure in injections}
    days -= _given(claim, facts.administrations).keys()
    visits = facts.families_together("evaluation", "eye_examination")
    for line in claim.lines:
        if line.procedure in visits and line.dates in days and separate.isdisjoint(line.modifiers):
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} on the day of an injection into the eye has no modifier 25",
                "add 25 if the record supports a separate visit; otherwise remove the visit",
                "warn",
            )


@edit(
    "MOD02",
    "99211 on the day of an infusion",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_or_injections,
    part="visits",
    claim_status="A8:454",
    carc="97",
    source=_NCCI,
    confidence=0.8,
)
def staff_visit(claim: Claim, facts: Facts) -> Results:
    """What it checks: 99211 is not billed for the day of an infusion or injection, with or without modifier 25. It is a
    warning if the claim has only injections, and none of an infused or unclassified drug. If another provider of the
    group rendered it, the finding is a warning or for information, as in MOD01.

    Why it is denied: 99211 needs no physician, and the work of staff at an infusion is part of the infusion.

    How to fix: remove 99211. If a physician saw the patient, bill that visit with modifier 25.

    What it cannot know: who saw the patient.
    """
    for line, severity in _beside_administration(claim, facts, facts.family("staff_visit")):
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
        else:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is not paid on the day of an infusion or injection, with or without a modifier",
                "remove it; if a physician saw the patient, bill that visit as documented, with modifier 25",
                severity,
            )


@edit(
    "MOD03",
    "340B modifier JG out of date, or together with TB",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    claim_status="A7:453",
    carc="182",
    source="CY 2024 OPPS final rule: TB alone from 2025-01-01 on",
    confidence=0.8,
)
def discount_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: JG, for drugs bought at the 340B price, is not used on or after 2025-01-01, and never
    together with TB. The edit cannot see a missing modifier, because the claim does not show the price.

    Why it is denied: since 2025 only TB marks such drugs.

    How to fix: replace JG with TB. For dates before 2025 keep the modifier that fits the type of provider.

    What it cannot know: whether the drug was bought at the 340B price.
    """
    drugs, last_day = drugs_or_unclassified(facts), facts.discount_modifiers["JG"].until
    for line in claim.lines:
        if line.procedure not in drugs or "JG" not in line.modifiers:
            continue
        location = line.at_modifier("JG")
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif last_day and day > last_day:
            yield finding(location, "JG ended on 2024-12-31", "replace JG with TB")
        elif "TB" in line.modifiers:
            yield finding(location, "the line has both JG and TB", "keep the modifier that fits the type of provider")


@once_per_facts
def _with_several_routes(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug of the contractor's list."""
    table = facts.tables.get(ROUTE_MODIFIERS)
    return table.keys() if table else frozenset()


@edit(
    "MOD04",
    "Drug of several routes without JA or JB",
    severity=by_payer(ffs="info", madv=None, mcd=None, other=None),
    concerns=_with_several_routes,
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source="Medicare contractors' lists of self-administered drugs",
    confidence=0.6,
    table=ROUTE_MODIFIERS,
)
def no_route(claim: Claim, facts: Facts) -> Results:
    """What it checks: a drug that the Medicare contractor lists with several routes has JA (into a vein) or JB (under
    the skin). Needs the contractor's list.

    Why it is denied: the contractor pays only one of the routes and cannot see which one was used.

    How to fix: add JA or JB, as the drug was given.

    What it cannot know: how the drug was given.
    """
    table, route = facts.table(ROUTE_MODIFIERS), facts.family("route_modifiers")
    listed = _with_several_routes(facts)
    for line in claim.lines:
        if line.procedure not in listed:
            continue
        day = line.service_date
        if day is None:
            yield NO_DATE
        elif table.row(line.procedure, day) and route.isdisjoint(line.modifiers):
            yield finding(
                line.at("modifiers"),
                f"the contractor lists {line.procedure} with several routes, and the line has no route modifier",
                "add JA (into a vein) or JB (under the skin)",
            )


@edit(
    "MOD05",
    "Repeated or unknown modifier",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=None,
    sign="modifier",
    claim_status="A7:453",
    carc="182",
    source="HCPCS and CPT modifiers",
    confidence=0.95,
    table=MODIFIERS,
    partly=True,
)
def wrong_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: no modifier is on a line twice. Outside Medicare fee-for-service that is a warning, because some
    payers accept it (rented equipment may have RR twice). If the table of modifiers is loaded, each modifier must be in
    force on the date of service. Otherwise the finding is a reject for every payer. With the shipped list alone, an
    unknown modifier is a warning, because it may be new. CPT modifiers (two digits, 1P to 8P, P1 to P6) are in no
    public file: an unknown one is a warning, and only if the loaded table has CPT modifiers. The edit skips the two
    letters for the start and end of an ambulance ride (such as RH). On lines of drugs it leaves the dates of JG and TB
    to MOD03, and those of JW and JZ to JWJZ10.

    Why it is denied: a repeated or unknown modifier makes the line invalid.

    How to fix: remove the second one. Correct or remove an unknown modifier.

    What it cannot know: which modifier was meant.
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
            if not isinstance(table, ShippedTable):
                yield NO_DATE
            continue
        if lacking := no_edition(table, day):
            yield lacking
            continue
        if all(table.row(modifier, day) for modifier in line.modifiers):
            continue
        for modifier, location in line.located_modifiers():
            known = table.row(modifier, day) is not None or _is_ride(line, modifier)
            if not known and not _has_an_edit(line, modifier, facts):
                yield from _not_in_force(modifier, location, table, day)


_OF_CPT = re.compile(r"\d\d|\dP|P\d", re.ASCII)
_SURE = 0.9
"""Confidence of the days of a shipped modifier from which on a line is rejected for them."""
_FREQUENT = "25"
"""A CPT modifier that each list of them has."""


_PLACES_OF_A_RIDE = re.compile(r"[DEGHIJNPRSX]{2}", re.ASCII)
"""Modifiers of ambulance rides: a letter for the place that the ride begins at, and one for its end."""


def _is_ride(line: ServiceLine, modifier: str) -> bool:
    return line.procedure.startswith("A0") and _PLACES_OF_A_RIDE.fullmatch(modifier) is not None


def _has_an_edit(line: ServiceLine, modifier: str, facts: Facts) -> bool:
    """Whether MOD03 or JWJZ10 reports a modifier of a drug line that is not in force."""
    if modifier in facts.discount_modifiers:
        return line.procedure in drugs_or_unclassified(facts)
    return modifier in (DISCARDED, NOTHING_DISCARDED) and line.procedure in facts.drug_codes


def _not_in_force(modifier: str, location: Location, table: Table, day: date) -> Results:
    """What is wrong with a modifier that the table does not have on a day."""
    rows = table.all_rows(modifier, day)
    known = named(modifier, "the modifier")
    if rows:
        first, last = min(row.since for row in rows), max(row.until or date.max for row in rows)
        what = f"{known} ended on {last}" if last < day else f"{known} is in force from {first}"
        sure = all(float(row.text("confidence") or 1) >= _SURE for row in rows)
        yield finding(location, what, "correct or remove it", "reject" if sure else "warn")
    elif isinstance(table, ShippedTable):
        what = "the modifier is not in the shipped list"
        yield finding(location, what, "correct or remove it, unless it is new or rarely used", "warn")
    elif not _OF_CPT.fullmatch(modifier):
        what = "the modifier is not in the list on the date of service"
        yield finding(location, what, "correct or remove it", "reject")
    elif table.has(_FREQUENT):
        what = "the CPT modifier is not in the list on the date of service"
        yield finding(location, what, "correct or remove it, unless the list is incomplete", "warn")


def _repeated(line: ServiceLine) -> Results:
    seen = set()
    for modifier, location in line.located_modifiers():
        if modifier in seen:
            yield finding(
                location, f"modifier {named(modifier, '(not shown)')} is on the line twice", "remove the second one"
            )
        seen.add(modifier)
