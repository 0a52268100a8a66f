"""JW and JZ: the units that were given and discarded, beside the vials that were opened."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, Dose, in_units, numbers
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, edit, finding, infused_drugs, waste_drugs
from scrubber.reference import Facts
from scrubber.reference.courses import was_stopped
from scrubber.reference.drugs import Product
from scrubber.reference.vials import greatest_total, least_total, reachable
from scrubber.reference.waste import avoidable_waste, vial_sizes, whole

from ._doses import doses_paid_by_line, doses_with_waste_rules, is_repackaged_for_the_eye
from ._waste import CMS_ON_WASTE, differences, partners, waste_without_given


@edit(
    "JWJZ14",
    "JW on the units that were given",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=waste_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A7:453",
    carc="16",
    rarc="N823",
    source=f"{CMS_ON_WASTE}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.8,
)
def misplaced_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: JW is not on the only line of a drug and day if the units of that line fill whole vials. Such a
    line most likely reports the given units, with JW instead of JZ.

    Why it is denied: the claim says that the whole dose was discarded.

    How to fix: replace JW with JZ if nothing was discarded. Otherwise bill given and discarded units on two lines.

    What it cannot know: whether a whole vial was discarded and nothing was given. Payers do not pay that either.
    """
    for line, misplaced in waste_without_given(claim, facts):
        if misplaced:
            yield finding(
                line.at_modifier(DISCARDED),
                f"JW seems to be on the given units: this is the only {line.procedure} line of the day, and its units "
                "fill whole vials",
                "replace JW with JZ if nothing was discarded; otherwise bill given and discarded units on two lines",
            )


@edit(
    "JWJZ05",
    "JW units that are not a whole number",
    severity="reject",
    concerns=waste_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A7:476",
    carc="16",
    rarc="M53",
    source=f"{CMS_ON_WASTE}; Noridian on waste below one billing unit",
    confidence=0.95,
)
def fractional_waste(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has one or more whole billing units.

    Why it is denied: waste below one billing unit cannot be billed, and payers do not accept fractions of units.

    How to fix: round the discarded units down. If the result is zero, remove the line and use JZ.

    What it cannot know: how much was discarded.
    """
    for dose in doses_with_waste_rules(claim, facts):
        for line in dose.discarded:
            units = line.units
            if units is None or units < 1 or units != int(units):
                yield finding(
                    line.at("units"),
                    "a JW line needs one or more whole billing units",
                    "round the discarded units down; if the result is zero, remove the JW line and put JZ on the line "
                    "for the given units",
                )


def _sizes(sizes: Collection[Decimal]) -> str:
    return " and ".join(str(size) for size in sizes)


@edit(
    "JWJZ06",
    "JZ on units that do not fill whole vials",
    severity="warn",
    concerns=infused_drugs,
    part="visits",
    claim_status="A8:476",
    carc="16",
    rarc="N823",
    source=f"{CMS_ON_WASTE}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.9,
)
def jz_on_partial_vials(claim: Claim, facts: Facts) -> Results:
    """What it checks: if a dose is billed with JZ, the units of all its lines together fill whole vials.

    Why it is denied: if a single-dose vial was not used up, the rest was discarded. JZ says that nothing was. The rest
    may lawfully have gone to another patient, and then JZ is right. The finding is therefore a warning only.

    How to fix: bill the rest of the vials on a line with JW and remove JZ. Keep JZ if nothing was discarded.

    What it cannot know: whether the rest of a vial went to another patient.
    """
    for dose in doses_paid_by_line(claim, facts):
        given = dose.given
        with_jz = [line for line in dose.administered if NOTHING_DISCARDED in line.modifiers]
        if not with_jz or dose.discarded or given is None or given <= 0:
            continue
        sizes = vial_sizes(dose, facts)
        if is_repackaged_for_the_eye(claim, dose.procedure, facts):
            continue
        if sizes and not reachable(whole(given), sizes):
            least = least_total(whole(given), sizes)
            yield finding(
                with_jz[0].at("units"),
                f"{in_units(whole(given))} of {dose.procedure} cannot fill whole vials ({_sizes(sizes)} units); the "
                f"smallest vials that cover them hold {least}, so {least - whole(given)} would be left",
                f"bill {in_units(least - whole(given))} with JW instead of JZ, unless the rest went to another patient",
            )


@edit(
    "JWJZ07",
    "Given and discarded units that do not fill whole vials",
    severity="warn",
    concerns=infused_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A8:476",
    carc="16",
    rarc="M53",
    source=f"{CMS_ON_WASTE}, section 40 (waste of a shared vial); vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.9,
)
def jw_on_partial_vials(claim: Claim, facts: Facts) -> Results:
    """What it checks: the given and discarded units of a dose, all its lines together, add up to whole vials. If the
    lines name several NDCs, and the vial size of each is known, the lines of each NDC must also do so. Else the JW
    lines of two vials may have been exchanged.

    Why it is denied: a single-dose vial is opened as a whole. Another total is a wrong count, and a claim cannot bill
    more than the vials hold. If patients lawfully shared a vial, only the last patient's claim reports its waste, and
    that claim does not add up to whole vials. The finding is therefore a warning only.

    How to fix: compare both lines with the vials that were opened, and correct the line that is wrong. Keep both lines
    if a vial was shared and the record says so.

    What it cannot know: whether part of a vial went to another patient.
    """
    for dose in doses_paid_by_line(claim, facts):
        given, wasted = dose.given, dose.wasted
        if not dose.administered or not dose.discarded or given is None or wasted is None:
            continue
        if wasted < 1 or wasted != int(wasted):
            continue  # JWJZ05 reports it
        total, sizes = whole(given + wasted), vial_sizes(dose, facts)
        if sizes and total > 0 and not reachable(total, sizes):
            below, above = greatest_total(total, sizes), least_total(total, sizes)
            nearest = f"{below} or {above}" if below else str(above)
            yield finding(
                dose.discarded[0].at("units"),
                f"{numbers(dose.lines)} add up to {in_units(total)} of {dose.procedure}, which cannot fill whole vials "
                f"({_sizes(sizes)} units); the nearest are {nearest}",
                "correct the given or discarded units to the content of the opened vials; keep them if a vial was "
                "shared with another patient and this claim is the last patient's",
            )
        elif sizes:
            yield from _of_other_vials(dose, facts)


def _of_other_vials(dose: Dose, facts: Facts) -> Results:
    """Reports the first NDC of a dose whose lines do not add up to whole vials of it, though those of the dose do."""
    by_product: dict[Product, list[ServiceLine]] = {}
    for line in dose.lines:
        product = facts.product(line.ndc, dose.procedure)
        if product is None or product.units is None or line.units is None:
            return
        by_product.setdefault(product, []).append(line)
    if len(by_product) < 2:
        return
    for product, lines in by_product.items():
        total = sum(line.units or 0 for line in lines)
        wasted = [line for line in lines if DISCARDED in line.modifiers]
        if wasted and product.units and not reachable(whole(Decimal(total)), (product.units,)):
            yield finding(
                wasted[0].at("units"),
                f"{numbers(lines)} add up to {in_units(total)} of one NDC, which cannot fill whole vials of "
                f"{in_units(product.units)}; the dose as a whole does",
                "check which vial the discarded units came from, and give the JW line its NDC and units",
            )
            return


_TOLERATED_WASTE = 3
"""Units above the least possible waste that are not reported (RULES C4)."""


@edit(
    "JWJZ08",
    "More waste than the vial sizes require",
    severity=by_payer(ffs="warn", madv="warn", mcd="info", other="info"),
    beside={"ffs": "warn"},
    concerns=infused_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A8:476",
    carc="153",
    source="CGS guidance on JW, June 2023: choose the vials that leave least; CMS ASP NDC-HCPCS crosswalk",
    confidence=0.7,
)
def more_waste_than_needed(claim: Claim, facts: Facts) -> Results:
    """What it checks: the discarded units are not much above the least waste that the vial sizes allow for the given
    units. If they exceed it by a whole small vial, the finding is a warning under Medicare. If they exceed it by only a
    few units, the finding is for information. It is also for information if the infusion was stopped (96374 or 96409
    on the same day, or modifier 53).

    Why it is denied: payers pay only for the waste of the vials that the dose needed.

    How to fix: compare given and discarded units with the record and correct the line that is wrong. If both are right,
    document the reason: only these vials were in stock, or the infusion was stopped.

    What it cannot know: which vials were in stock, and why an infusion ended.
    """
    for dose in doses_paid_by_line(claim, facts):
        avoidable = avoidable_waste(dose, facts)
        if avoidable is None or avoidable <= _TOLERATED_WASTE or dose.given is None or dose.wasted is None:
            continue
        yield finding(
            dose.discarded[0].at("units"),
            f"the waste of {dose.procedure} is {in_units(dose.wasted)}; the least possible for "
            f"{in_units(whole(dose.given))} given is {dose.wasted - avoidable:f}",
            "compare both lines with the record; if they are right, document the reason for the waste",
            severity="info" if avoidable < vial_sizes(dose, facts)[0] or was_stopped(claim, dose, facts) else None,
        )


_WORDS = {
    "ndc": "NDC",
    "revenue_code": "revenue code",
    "diagnosis_pointers": "diagnosis pointers",
    "charge": "charge per unit",
    "modifiers": "340B modifier",
}


@edit(
    "JWJZ12",
    "Given and discarded lines disagree",
    severity="warn",
    concerns=infused_drugs,
    sign="discarded units",
    claim_status="A8:453",
    carc="16",
    rarc="MA130",
    source=f"{CMS_ON_WASTE}; payer pages on JW claims",
    confidence=0.75,
)
def lines_disagree(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has the same NDC, revenue code, diagnosis pointers, charge per unit (within 1%) and
    340B modifier (JG, TB or UD) as the line for the given units. That line is the only other line of the dose, or the
    only one with the same NDC.

    Why it is denied: payers match the two lines. If the lines differ, payers cannot match the waste to a dose.

    How to fix: copy the fields that differ from the line for the given units.

    What it cannot know: which of the two lines is wrong.
    """
    for dose in doses_paid_by_line(claim, facts):
        for waste, partner in partners(dose):
            if partner is None and len(dose.administered) > 1 and waste.ndc:
                if all(given.ndc == waste.ndc for given in dose.administered):
                    continue  # its NDC is right, whichever line it belongs to
                yield finding(
                    waste.at("ndc"),
                    f"the JW line could belong to {numbers(dose.administered)}, and its NDC does not show to which",
                    "give the JW line the NDC of the vial that was partly discarded",
                )
            elif partner is not None:
                for field in differences(partner, waste, facts):
                    yield finding(
                        waste.at(field),
                        f"the {_WORDS[field]} of the JW line differs from {numbers([partner])} for the same dose",
                        f"use the same {_WORDS[field]} on both lines",
                    )
