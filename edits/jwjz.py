"""JW and JZ: what was thrown away of a single-dose drug."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, Dose, doses, numbers
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.visits import by_one_provider
from scrubber.edit import NO_DATE, Results, Severity, by_payer, dated, edit, family, finding, infused_drugs
from scrubber.reference import JW, JZ, Facts
from scrubber.reference.courses import was_stopped
from scrubber.reference.vials import greatest_total, least_total, reachable

_WASTE_MODIFIERS = (DISCARDED, NOTHING_DISCARDED)
_CMS = "CMS discarded drugs page and JW/JZ FAQ; Medicare Claims Processing Manual, chapter 17"


def _at_modifier(line: ServiceLine, modifier: str) -> Location:
    return line.at("modifiers", line.service[2:6].index(modifier) + 1)


def _doses(claim: Claim, facts: Facts) -> Sequence[Dose]:
    """The doses that JW and JZ are wanted on: those of claims whose drugs are paid line by line."""
    return doses(claim, facts.drug_codes) if facts.pays_drugs_by_line(claim) else ()


def _whole_vials(line: ServiceLine, facts: Facts) -> bool:
    units = line.units
    sizes = facts.vials(line.procedure, line.service_date) if line.service_date else frozenset()
    return bool(sizes) and units is not None and units == int(units) and reachable(int(units), sizes)


@edit(
    "JWJZ01",
    "Neither JW nor JZ on a single-dose drug",
    severity=by_payer(
        ffs=dated((JZ.defined, "info"), (JZ.required, "warn"), (JZ.enforced, "reject")),
        madv=dated((JZ.defined, "info"), (JZ.required, "warn")),
        mcd=dated((JZ.defined, "info"), (JZ.elsewhere, "warn")),
        other=dated((JZ.defined, "info"), (JZ.elsewhere, "warn")),
    ),
    beside={"ffs": dated((JZ.defined, "info"), (JZ.required, "warn"), (JZ.enforced, "reject"))},
    concerns=infused_drugs,
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source=f"{_CMS}; other payers: BCBSNC, UHC Maryland Medicaid and others",
    confidence=0.95,
)
def no_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: each line of a drug from single-dose containers has JZ, unless a line of the same drug and day
    reports waste with JW. Inpatient, RHC and FQHC bill types are left out, and so is a drug whose JW line has another
    date (JWJZ04).

    Why it is denied: Medicare Part B wants one or the other since 2023-07-01 and returns claims without them since
    2023-10-01, also where Medicare stands second. Most other payers have come to ask for them since 2024. JZ does not
    exist before 2023-01-01.

    How to fix: add JZ when nothing was thrown away; else bill the discarded units on a line of their own with JW.

    What it cannot know: whether the drug is paid apart from the visit, and whether the payer's contract asks for the
    modifiers.
    """
    alone = {(line.procedure, line.service_date): line for line, _ in _waste_without_given(claim, facts)}
    misdated = {line.start for waste in alone.values() for line in _given_on_other_days(claim, waste)}
    for dose in _doses(claim, facts):
        if dose.day is None:
            yield NO_DATE
            continue
        if facts.drug(dose.procedure, dose.day) is None or dose.discarded:
            continue
        for line in dose.administered:
            if NOTHING_DISCARDED in line.modifiers or line.start in misdated:
                continue
            if facts.single_dose(line.procedure, line.ndc):
                yield finding(
                    line.at("modifiers"),
                    f"{dose.procedure} comes in single-dose vials and has neither JW nor JZ",
                    "add JZ if nothing was discarded, else add a line with JW for the discarded units",
                )


@edit(
    "JWJZ02",
    "JW and JZ on the same line",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A7:453",
    carc="16",
    rarc="N823",
    source=_CMS,
    confidence=0.95,
)
def both_waste_modifiers(claim: Claim, facts: Facts) -> Results:
    """What it checks: no line has both JW and JZ.

    Why it is denied: the one says that something was discarded, the other that nothing was.

    How to fix: keep JZ on the line of the given units if nothing was discarded; else keep JW on the line of the
    discarded units alone.

    What it cannot know: whether anything was discarded.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        modifiers = line.service[2:6]
        if DISCARDED in modifiers and NOTHING_DISCARDED in modifiers:
            second = max(modifiers.index(DISCARDED), modifiers.index(NOTHING_DISCARDED))
            yield finding(
                line.at("modifiers", second + 1),
                "JW and JZ contradict each other on one line",
                "remove JW if nothing was discarded, else bill given and discarded units on separate lines",
            )


@edit(
    "JWJZ03",
    "JZ on one line and JW on another of the same dose",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=infused_drugs,
    claim_status="A8:453",
    carc="16",
    rarc="N823",
    source=_CMS,
    confidence=0.85,
)
def contradicting_lines(claim: Claim, facts: Facts) -> Results:
    """What it checks: of the lines of one drug and day none has JZ when another has JW. All such lines are taken
    together, whichever of them a JW line belongs to. Where they name different rendering providers it is a warning.

    Why it is denied: the claim says at once that nothing and that something was discarded.

    How to fix: take JZ off when there was waste; take the JW line off when there was none.

    What it cannot know: whether the patient had the drug twice that day.
    """
    for dose in _doses(claim, facts):
        wasted = [line for line in dose.discarded if NOTHING_DISCARDED not in line.modifiers]
        if not wasted:
            continue
        severity: Severity | None = None if by_one_provider(claim, dose.lines) else "warn"
        for line in dose.administered:
            if NOTHING_DISCARDED in line.modifiers:
                yield finding(
                    _at_modifier(line, NOTHING_DISCARDED),
                    f"JZ says nothing was discarded, but {numbers(wasted)} with JW reports waste of the same drug"
                    + (
                        f"; {numbers(dose.administered)} are taken together, as each could be what JW belongs to"
                        if len(dose.administered) > 1
                        else ""
                    ),
                    "remove JZ if there was waste, else remove the JW line",
                    severity=severity,
                )


@edit(
    "JWJZ04",
    "JW without a line for what was given",
    severity=by_payer(ffs="reject", madv="reject", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=infused_drugs,
    claim_status="A8:453",
    carc="107",
    source=_CMS,
    confidence=0.95,
)
def waste_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has a line without JW of the same drug and day on the claim. Where the JW line is
    the only one of the drug and its units are whole vials, JWJZ14 says more.

    Why it is denied: waste is paid only along with the units that were given, under the date on which these were given.

    How to fix: where the given units stand under another date, correct the date of the JW line. Else bill given and
    discarded units on one claim, each on a line of its own.

    What it cannot know: whether the given units are on another claim, which payers do not look for.
    """
    for line, misplaced in _waste_without_given(claim, facts):
        if misplaced:
            continue
        elsewhere = _given_around(claim, line, far=True)
        if elsewhere:
            with_jz = [given for given in elsewhere if NOTHING_DISCARDED in given.modifiers]
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW line of {line.procedure} under another date than the given units of {numbers(elsewhere)}",
                "correct the date of the JW line to the day on which the drug was given"
                + (f", and take JZ off {numbers(with_jz)} if this is its waste" if with_jz else ""),
            )
        else:
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW line of {line.procedure} without a line for the units that were given",
                "bill the given units on the same claim, on a line of their own without JW",
            )


@edit(
    "JWJZ14",
    "JW on the units that were given",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=infused_drugs,
    claim_status="A7:453",
    carc="16",
    rarc="N823",
    source=f"{_CMS}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.8,
)
def misplaced_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: JW does not stand on the only line of a drug and day when its units are what whole vials hold:
    then it was most likely put on the given units, in the place of JZ.

    Why it is denied: the claim reads as if the whole dose had been discarded.

    How to fix: put JZ on the line if nothing was discarded; else split given and discarded units into two lines.

    What it cannot know: whether a whole vial was indeed thrown away and nothing given, which is not paid either.
    """
    for line, misplaced in _waste_without_given(claim, facts):
        if misplaced:
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW looks attached to the given units: it is on the only {line.procedure} line of the day, and its "
                "units are a whole-vial dose",
                "replace JW by JZ if nothing was discarded, else bill given and discarded units on two lines",
            )


def _waste_without_given(claim: Claim, facts: Facts) -> Iterator[tuple[ServiceLine, bool]]:
    """JW lines with no administered line of the same code and day.

    Beside each whether its JW looks misplaced: on the only line of that code, and on a whole-vial dose.
    """
    for dose in _doses(claim, facts):
        if len(dose.discarded) < len(dose.lines):
            continue
        for line in dose.lines:
            if NOTHING_DISCARDED not in line.modifiers:
                alone = len(dose.lines) == 1 and not _given_on_other_days(claim, line)
                yield line, alone and _whole_vials(line, facts)


_DAYS_ASTRAY = 7
"""How far the date of a JW line may lie from the dose that it belongs to; doses themselves lie further apart."""


@once_per_claim
def _without_waste(claim: Claim) -> Mapping[str, Mapping[date, Sequence[ServiceLine]]]:
    """The lines of each code by day, of the days on which none has JW."""
    found: dict[str, dict[date, list[ServiceLine]]] = {}
    wasted = set()
    for line in claim.lines:
        if line.service_date is None:
            continue
        if DISCARDED in line.modifiers:
            wasted.add((line.procedure, line.service_date))
        else:
            found.setdefault(line.procedure, {}).setdefault(line.service_date, []).append(line)
    return {
        procedure: {day: lines for day, lines in days.items() if (procedure, day) not in wasted}
        for procedure, days in found.items()
    }


def _given_on_other_days(claim: Claim, waste: ServiceLine) -> Sequence[ServiceLine]:
    """The lines of the same drug shortly before or after that say nothing of waste, so that theirs is missing."""
    return [line for line in _given_around(claim, waste) if NOTHING_DISCARDED not in line.modifiers]


def _given_around(claim: Claim, waste: ServiceLine, far: bool = False) -> Sequence[ServiceLine]:
    """The lines of the same drug shortly before or after, of days without JW; `far` takes an only day at any distance.

    Where some of them have no JZ, the waste is theirs.
    """
    day = waste.service_date
    days = _without_waste(claim).get(waste.procedure, {}) if day else {}
    near = [other for other in days if day and abs(other - day).days <= _DAYS_ASTRAY]
    lines = [line for other in near or (days if far and len(days) == 1 else ()) for line in days[other]]
    return [line for line in lines if NOTHING_DISCARDED not in line.modifiers] or lines


@edit(
    "JWJZ05",
    "JW units that are no whole number",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source=f"{_CMS}; Noridian on waste below one billing unit",
    confidence=0.95,
)
def fractional_waste(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has one or more whole billing units.

    Why it is denied: waste below one billing unit cannot be billed, and fractions of units are not read.

    How to fix: round discarded units down; if nothing is left of them, remove the line and use JZ.

    What it cannot know: how much was discarded.
    """
    for dose in _doses(claim, facts):
        for line in dose.discarded:
            units = line.units
            if units is None or units < 1 or units != int(units):
                yield finding(
                    line.at("units"),
                    "a JW line needs one or more whole billing units",
                    "round discarded units down; below one unit remove the JW line and put JZ on the given units",
                )


def _vial_sizes(dose: Dose, facts: Facts) -> list[Decimal]:
    """Billing units in each size of vial of a single-dose drug, smallest first; none where they are not known."""
    if dose.day is None or not all(facts.single_dose(line.procedure, line.ndc) for line in dose.lines):
        return []
    return sorted(facts.vials(dose.procedure, dose.day))


def _whole(units: Decimal) -> int:
    """Units as a whole number: what was given is rounded up."""
    return int(units.to_integral_value(ROUND_CEILING))


def _sizes(sizes: Collection[Decimal]) -> str:
    return " and ".join(str(size) for size in sizes)


@edit(
    "JWJZ06",
    "JZ on units that are no whole vials",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:476",
    carc="16",
    rarc="N823",
    source=f"{_CMS}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.9,
)
def jz_on_partial_vials(claim: Claim, facts: Facts) -> Results:
    """What it checks: the units of a dose billed with JZ, all its lines together, are what whole vials hold.

    Why it is denied: of a single-dose vial that was not used up something was discarded, and JZ says it was not. What
    is left may lawfully have gone to another patient; then JZ is right, hence a warning only.

    How to fix: bill the rest of the vials on a line with JW and take JZ off; or leave it where nothing was discarded.

    What it cannot know: whether the rest of a vial went to another patient.
    """
    for dose in _doses(claim, facts):
        given = dose.given
        with_jz = [line for line in dose.administered if NOTHING_DISCARDED in line.modifiers]
        if not with_jz or dose.discarded or given is None or given <= 0:
            continue
        sizes = _vial_sizes(dose, facts)
        if sizes and not reachable(_whole(given), sizes):
            least = least_total(_whole(given), sizes)
            yield finding(
                with_jz[0].at("units"),
                f"{_whole(given)} units of {dose.procedure} are no whole vials ({_sizes(sizes)} units); the least that "
                f"covers them is {least}, so {least - _whole(given)} would be left",
                f"bill {least - _whole(given)} units with JW instead of JZ, unless the rest went to another patient",
            )


@edit(
    "JWJZ07",
    "Given and discarded units that are no whole vials",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:476",
    carc="16",
    rarc="M53",
    source=f"{_CMS}, section 40 (waste of a shared vial); vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.9,
)
def jw_on_partial_vials(claim: Claim, facts: Facts) -> Results:
    """What it checks: given and discarded units of a dose, all its lines together, add up to whole vials.

    Why it is denied: single-dose vials are opened whole; other totals are miscounted, and more than the vials hold
    cannot be billed. Where a vial was lawfully shared its waste stands on the last patient's claim alone, and that
    claim adds up to no whole vials; hence a warning only.

    How to fix: compare both lines with the vials that were opened, and correct the one that is wrong. Leave both where
    a vial was shared and the record says so.

    What it cannot know: whether part of a vial went to another patient.
    """
    for dose in _doses(claim, facts):
        given, wasted = dose.given, dose.wasted
        if not dose.administered or not dose.discarded or given is None or wasted is None:
            continue
        if wasted < 1 or wasted != int(wasted):
            continue  # JWJZ05 says so
        total, sizes = _whole(given + wasted), _vial_sizes(dose, facts)
        if sizes and total > 0 and not reachable(total, sizes):
            below, above = greatest_total(total, sizes), least_total(total, sizes)
            nearest = f"{below} or {above}" if below else str(above)
            yield finding(
                dose.discarded[0].at("units"),
                f"{numbers(dose.lines)} add up to {total} units of {dose.procedure}, which no whole vials "
                f"({_sizes(sizes)} units) make; the nearest are {nearest}",
                "correct given or discarded units to what the opened vials hold, unless a vial was shared with another "
                "patient: then the waste stands on the last patient alone, as here",
            )


_TOLERATED_WASTE = 3
"""Units above the least possible waste that pass without remark (RULES C4)."""


@edit(
    "JWJZ08",
    "More waste than the vial sizes make necessary",
    severity=by_payer(ffs="warn", madv="warn", mcd="info", other="info"),
    beside={"ffs": "warn"},
    concerns=infused_drugs,
    claim_status="A8:476",
    carc="153",
    source="CGS guidance on JW, June 2023: choose the vials that leave least; CMS ASP NDC-HCPCS crosswalk",
    confidence=0.7,
)
def avoidable_waste(claim: Claim, facts: Facts) -> Results:
    """What it checks: discarded units are not much above the least that the vial sizes allow for the given units. A
    whole small vial more than that is a warning under Medicare, a few units more are only said, and so is the waste of
    an infusion that was stopped (96374 or 96409 beside it, or modifier 53).

    Why it is denied: payers pay the waste of the vials that were needed.

    How to fix: compare given and discarded units with the record and correct what is wrong. Where they are right keep
    the reason on record: only these vials were at hand, or the infusion was stopped.

    What it cannot know: which vials were at hand, and why an infusion ended.
    """
    for dose in _doses(claim, facts):
        given, wasted = dose.given, dose.wasted
        if not dose.discarded or given is None or wasted is None or given <= 0:
            continue
        sizes = _vial_sizes(dose, facts)
        if not sizes:
            continue
        least = least_total(_whole(given), sizes) - _whole(given)
        if wasted <= least + _TOLERATED_WASTE or not reachable(_whole(given + wasted), sizes):
            continue
        yield finding(
            dose.discarded[0].at("units"),
            f"{wasted:f} units of {dose.procedure} discarded, where {least} would have been enough for "
            f"{_whole(given)} given",
            "compare both lines with the record; where they are right keep the reason for the waste on record",
            severity="info" if wasted < least + sizes[0] or was_stopped(claim, dose, facts) else None,
        )


@edit(
    "JWJZ09",
    "Waste modifier where no single-dose drug is",
    severity="warn",
    concerns=None,
    claim_status="A7:453",
    carc="4",
    rarc="N823",
    source=_CMS,
    confidence=0.85,
)
def waste_modifier_on_other_service(claim: Claim, facts: Facts) -> Results:
    """What it checks: JW and JZ do not stand on an administration, an evaluation, or a drug from multi-dose vials.

    Why it is denied: the modifiers speak of single-dose containers of a drug.

    How to fix: remove the modifier, or move it to the line of the drug.

    What it cannot know: how a drug came whose NDC is missing or unknown, where its code stands for several products.
    """
    evaluation = facts.families_together("evaluation", "hospital_evaluation")
    for line in claim.lines:
        for modifier in _WASTE_MODIFIERS:
            if modifier not in line.modifiers:
                continue
            is_service = line.procedure in evaluation or line.procedure in facts.administrations
            if is_service or facts.single_dose(line.procedure, line.ndc) is False:
                yield finding(
                    _at_modifier(line, modifier),
                    f"{modifier} on {line.procedure}, which is no single-dose drug",
                    "remove the modifier, or move it to the line of the drug",
                )


@edit(
    "JWJZ10",
    "Waste modifier before it was in force",
    severity=by_payer(ffs="reject", madv="reject", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=infused_drugs,
    claim_status="A7:453",
    carc="182",
    source=_CMS,
    confidence=0.95,
)
def modifier_not_in_force(claim: Claim, facts: Facts) -> Results:
    """What it checks: JZ is not used before 2023-01-01. JW before 2017-01-01 was at the contractor's discretion, which
    is only said.

    Why it is denied: a modifier that did not exist on the date of service is invalid.

    How to fix: check the date of service; remove the modifier if the date is right.

    What it cannot know: whether the date of service or the modifier is wrong.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        day = line.service_date
        if line.procedure not in facts.drug_codes or day is None:
            continue
        if NOTHING_DISCARDED in line.modifiers and day < JZ.defined:
            yield finding(
                _at_modifier(line, NOTHING_DISCARDED),
                f"JZ came into force on {JZ.defined}, after the date of service",
                "check the date of service, or remove JZ",
            )
        if DISCARDED in line.modifiers and day < JW.required:
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW was left to the contractor's discretion before {JW.required}",
                "check the date of service and the contractor's rule of that time",
                severity="info",
            )


@edit(
    "JWJZ11",
    "Waste modifier where none is wanted",
    severity=by_payer(ffs="info", madv="info", mcd=None, other=None),
    concerns=infused_drugs,
    types=("837I",),
    source=_CMS,
    confidence=0.8,
)
def modifier_not_wanted(claim: Claim, facts: Facts) -> Results:
    """What it checks: inpatient, RHC and FQHC bill types (11x, 71x, 77x …) carry no JW or JZ.

    Why it is denied: it is not; drugs are not paid separately there, and the modifier is not required.

    How to fix: nothing need be done; leave the modifier out if you can.

    What it cannot know: whether a payer's contract pays drugs apart from the stay or the visit.
    """
    if facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        for modifier in _WASTE_MODIFIERS:
            if line.procedure in facts.drug_codes and modifier in line.modifiers:
                yield finding(
                    _at_modifier(line, modifier),
                    f"{modifier} is not required on bill type {claim.facility_code}x",
                    "leave the modifier out; this does not hold the claim up",
                )


def _partners(dose: Dose) -> Iterator[tuple[ServiceLine, ServiceLine | None]]:
    """Each JW line of a dose with the administered line it belongs to: the only one, or the only one of its NDC."""
    by_ndc: dict[str, list[ServiceLine]] = {}
    for line in dose.administered:
        by_ndc.setdefault(line.ndc, []).append(line)
    for waste in dose.discarded:
        same = by_ndc.get(waste.ndc, []) if waste.ndc else []
        candidates = dose.administered if len(dose.administered) == 1 else same
        yield waste, candidates[0] if len(candidates) == 1 else None


def _unit_price(line: ServiceLine) -> Decimal | None:
    charge, units = line.charge, line.units
    return charge / units if charge is not None and units else None


def _differences(given: ServiceLine, waste: ServiceLine) -> list[str]:
    """The fields, by name, in which a JW line disagrees with the line of the given units."""
    found = []
    if given.ndc and waste.ndc and given.ndc != waste.ndc:
        found.append("ndc")
    if given.revenue_code != waste.revenue_code:
        found.append("revenue_code")
    if set(given.diagnosis_pointers) != set(waste.diagnosis_pointers):
        found.append("diagnosis_pointers")
    price, waste_price = _unit_price(given), _unit_price(waste)
    if price and waste_price is not None and abs(price - waste_price) > price / 100:
        found.append("charge")
    return found


_WORDS = {
    "ndc": "NDC",
    "revenue_code": "revenue code",
    "diagnosis_pointers": "diagnosis pointers",
    "charge": "charge for each unit",
}


@edit(
    "JWJZ12",
    "Given and discarded lines disagree",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:453",
    carc="16",
    rarc="MA130",
    source=f"{_CMS}; payer pages on JW claims",
    confidence=0.75,
)
def lines_disagree(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has the NDC, revenue code, diagnosis pointers and charge for each unit (within 1%) of
    the line whose waste it reports: the only other line of the dose, or the only one of the same NDC.

    Why it is denied: payers match the two lines; where they differ the waste cannot be placed.

    How to fix: copy what differs from the line of the given units.

    What it cannot know: which of the two lines is wrong.
    """
    for dose in _doses(claim, facts):
        for waste, partner in _partners(dose):
            if partner is None and len(dose.administered) > 1 and waste.ndc:
                yield finding(
                    waste.at("ndc"),
                    f"the JW line could belong to {numbers(dose.administered)}, and its NDC does not say to which",
                    "give the JW line the NDC of the vial whose rest was discarded",
                )
            elif partner is not None:
                for field in _differences(partner, waste):
                    yield finding(
                        waste.at(field),
                        f"{_WORDS[field]} differs from {numbers([partner])}, whose waste this is",
                        f"align the {_WORDS[field]} of both lines",
                    )


_WASTE_WORDS = re.compile(r"\b(?:wast|discard)", re.IGNORECASE)


@edit(
    "JWJZ13",
    "Waste of an unclassified drug without JW",
    severity=by_payer(ffs="warn", madv="info", mcd="info", other="info"),
    beside={"ffs": "warn"},
    concerns=family("unclassified"),
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source="Palmetto on unclassified drugs: JW applies to their waste, too",
    confidence=0.7,
)
def unclassified_waste(claim: Claim, facts: Facts) -> Results:
    """What it checks: where the description of an unclassified drug speaks of waste, a line of that code and day
    has JW.

    Why it is denied: discarded units without JW are read as given.

    How to fix: bill the discarded amount on a line of its own with JW.

    What it cannot know: whether the words speak of waste of this dose.
    """
    codes = facts.family("unclassified")
    wasted = {(line.procedure, line.service_date) for line in claim.lines if DISCARDED in line.modifiers}
    for line in claim.lines:
        if line.procedure not in codes or (line.procedure, line.service_date) in wasted:
            continue
        if not facts.pays_drugs_by_line(claim) or facts.is_packaged(claim, line.procedure):
            continue
        if _WASTE_WORDS.search(line.description):
            yield finding(
                line.at("modifiers"),
                f"the description of {line.procedure} speaks of waste, and no line has JW",
                "bill the discarded amount on a line of its own with JW",
            )
