"""The lines that report waste (JW), and the lines for the given units that the waste belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, Dose
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.reference import Facts
from scrubber.reference.listings import listings
from scrubber.reference.vials import reachable
from scrubber.reference.waste import sizes

from ._doses import doses_with_waste_rules

CMS_ON_WASTE = "CMS discarded drugs page and JW/JZ FAQ; Medicare Claims Processing Manual, chapter 17"


def _whole_vials(line: ServiceLine, facts: Facts) -> bool:
    units = line.units
    vials = sizes(line.procedure, line.service_date, facts) if line.service_date else frozenset()
    return bool(vials) and units is not None and units == int(units) and reachable(int(units), vials)


def waste_without_given(claim: Claim, facts: Facts) -> Iterator[tuple[ServiceLine, bool]]:
    """JW lines that have no line for given units of the same code and day.

    Each comes with a flag. It is true if JW seems misplaced: the line is the only one of that code, and its units fill
    whole vials. A line is left out if its product is not single-dose (JWJZ09). A claim of late charges has none: its
    given units are on the claim before it.
    """
    if claim.adds_late_charges:
        return
    for dose in doses_with_waste_rules(claim, facts):
        if len(dose.discarded) < len(dose.lines):
            continue
        for line in dose.lines:
            if NOTHING_DISCARDED not in line.modifiers and listings(facts).single_dose(line) is not False:
                alone = len(dose.lines) == 1 and not given_on_other_days(claim, line)
                yield line, alone and _whole_vials(line, facts)


_DAYS_ASTRAY = 7
"""Days by which the date of a JW line may differ from the date of its dose. Two doses are further apart."""


@once_per_claim
def _without_waste(claim: Claim) -> Mapping[str, Mapping[date, Sequence[ServiceLine]]]:
    """The lines of each code by day. Days on which a line of the code has JW are left out."""
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


def given_on_other_days(claim: Claim, waste: ServiceLine) -> Sequence[ServiceLine]:
    """The lines of the same drug shortly before or after with neither JW nor JZ. Their waste is missing."""
    return [line for line in given_around(claim, waste) if NOTHING_DISCARDED not in line.modifiers]


def given_around(claim: Claim, waste: ServiceLine, far: bool = False) -> Sequence[ServiceLine]:
    """The lines of the same drug shortly before or after, on days without JW.

    With `far`, a day at any distance counts if it is the only one. If some of the lines have no JZ, only these are
    returned, because the waste must belong to them.
    """
    day = waste.service_date
    days = _without_waste(claim).get(waste.procedure, {}) if day else {}
    near = [other for other in days if day and abs(other - day).days <= _DAYS_ASTRAY]
    lines = [line for other in near or (days if far and len(days) == 1 else ()) for line in days[other]]
    return [line for line in lines if NOTHING_DISCARDED not in line.modifiers] or lines


def partners(dose: Dose) -> Iterator[tuple[ServiceLine, ServiceLine | None]]:
    """Each JW line of a dose with the line for the given units that it belongs to, if there is only one candidate.

    The candidate is the only such line of the dose, or the only one with the same NDC.
    """
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


def differences(given: ServiceLine, waste: ServiceLine, facts: Facts) -> list[str]:
    """The names of the fields that differ between a JW line and the line for the given units."""
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
    discounts = facts.family("discount_program_modifiers")
    if discounts.intersection(given.modifiers) != discounts.intersection(waste.modifiers):
        found.append("modifiers")
    return found
