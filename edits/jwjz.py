"""JW and JZ: what was thrown away of a single-dose drug."""

from __future__ import annotations

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, doses, numbers
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NotChecked, Results, by_payer, dated, edit, finding, infused_drugs
from scrubber.reference import JZ, Facts
from scrubber.reference.vials import reachable

_CMS = "CMS discarded drugs page and JW/JZ FAQ; Medicare Claims Processing Manual, chapter 17"


def _at_modifier(line: ServiceLine, modifier: str) -> Location:
    return line.at("modifiers", line.service[2:6].index(modifier) + 1)


def _waste_is_reported(claim: Claim, facts: Facts) -> bool:
    """Whether the claim is of a kind that JW and JZ are wanted on."""
    return claim.type == "837P" or claim.facility_code not in facts.family("no_waste_modifier_bill_types")


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
        mcd="info",
        other="info",
    ),
    concerns=infused_drugs,
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source=_CMS,
    confidence=0.95,
)
def no_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: each line of a drug from single-dose containers has JZ, unless a line of the same drug, day
    and provider reports waste with JW. Inpatient, RHC and FQHC bill types are left out.

    Why it is denied: Medicare Part B wants one or the other since 2023-07-01 and returns claims without them since
    2023-10-01; other payers follow to varying degrees.

    How to fix: add JZ when nothing was thrown away; else bill the discarded units on a line of their own with JW.
    """
    if not _waste_is_reported(claim, facts):
        return
    for dose in doses(claim, facts.drug_codes):
        if dose.day is None:
            yield NotChecked("the date of service is missing")
            continue
        drug = facts.drug(dose.procedure, dose.day)
        if drug is None or not drug.single_dose or dose.discarded:
            continue
        for line in dose.administered:
            if NOTHING_DISCARDED not in line.modifiers:
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
def both_waste_modifiers(claim: Claim, _: Facts) -> Results:
    """What it checks: no line has both JW and JZ.

    Why it is denied: the one says that something was discarded, the other that nothing was.

    How to fix: keep JZ on the line of the given units if nothing was discarded; else keep JW on the line of the
    discarded units alone.
    """
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
    concerns=infused_drugs,
    claim_status="A8:453",
    carc="16",
    rarc="N823",
    source=_CMS,
    confidence=0.85,
)
def contradicting_lines(claim: Claim, facts: Facts) -> Results:
    """What it checks: of the lines of one drug, day and provider none has JZ when another has JW. All such lines
    are taken together, whichever of them a JW line belongs to.

    Why it is denied: the claim says at once that nothing and that something was discarded.

    How to fix: take JZ off when there was waste; take the JW line off when there was none.
    """
    for dose in doses(claim, facts.drug_codes):
        wasted = [line for line in dose.discarded if NOTHING_DISCARDED not in line.modifiers]
        if not wasted:
            continue
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
                )


@edit(
    "JWJZ04",
    "JW without a line for what was given",
    severity=by_payer(ffs="reject", madv="reject", mcd="warn", other="warn"),
    concerns=infused_drugs,
    claim_status="A8:453",
    carc="107",
    rarc="N822",
    source=_CMS,
    confidence=0.95,
)
def waste_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has a line without JW of the same drug and day on the claim. Where the JW line is
    the only one and its units are whole vials, JWJZ14 says more.

    Why it is denied: waste is paid only along with the units that were given.

    How to fix: bill the given units on a line of their own, without JW.
    """
    for line in _waste_without_given(claim, facts):
        if not _is_misplaced(claim, line, facts):
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW line of {line.procedure} without a line for the units that were given that day",
                "add a line with the given units and no JW",
            )


@edit(
    "JWJZ14",
    "JW on the units that were given",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
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
    """
    for line in _waste_without_given(claim, facts):
        if _is_misplaced(claim, line, facts):
            yield finding(
                _at_modifier(line, DISCARDED),
                f"JW looks attached to the given units: it is on the only {line.procedure} line of the day, and its "
                "units are a whole-vial dose",
                "replace JW by JZ if nothing was discarded, else bill given and discarded units on two lines",
            )


def _waste_without_given(claim: Claim, facts: Facts) -> list[ServiceLine]:
    """JW lines with no administered line of the same code and day, by whichever provider."""
    drug_lines = [line for line in claim.lines if line.procedure in facts.drug_codes]
    given = {(line.procedure, line.service_date) for line in drug_lines if DISCARDED not in line.modifiers}
    return [
        line
        for line in drug_lines
        if DISCARDED in line.modifiers
        and NOTHING_DISCARDED not in line.modifiers
        and (line.procedure, line.service_date) not in given
    ]


def _is_misplaced(claim: Claim, line: ServiceLine, facts: Facts) -> bool:
    same = [
        other for other in claim.lines if other.procedure == line.procedure and other.service_date == line.service_date
    ]
    return len(same) == 1 and _whole_vials(line, facts)


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
    """
    for line in claim.lines:
        if line.procedure in facts.drug_codes and DISCARDED in line.modifiers:
            units = line.units
            if units is None or units < 1 or units != int(units):
                yield finding(
                    line.at("units"),
                    "a JW line needs one or more whole billing units",
                    "round discarded units down; below one unit remove the JW line and put JZ on the given units",
                )
