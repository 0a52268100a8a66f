"""JW and JZ: the modifiers for the discarded part of a single-dose drug."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, in_units, numbers
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.visits import by_one_provider
from scrubber.edit import NO_DATE, Results, Severity, by_payer, dated, edit, family, finding, infused_drugs, waste_drugs
from scrubber.reference import JW, JZ, Facts
from scrubber.reference.courses import was_stopped
from scrubber.reference.external import ADDENDUM_B, NDC_DIRECTORY, SINGLE_DOSE
from scrubber.reference.listings import is_packaged, listings, waste_codes
from scrubber.reference.vials import greatest_total, least_total, reachable
from scrubber.reference.waste import avoidable_waste, vial_sizes, whole

from ._doses import doses_paid_by_line, doses_with_waste_rules, is_repackaged_for_the_eye
from ._listed import without_edition_of
from ._waste import differences, given_around, given_on_other_days, partners, waste_without_given

_WASTE_MODIFIERS = (DISCARDED, NOTHING_DISCARDED)
_CMS = "CMS discarded drugs page and JW/JZ FAQ; Medicare Claims Processing Manual, chapter 17"


def _at_modifier(line: ServiceLine, modifier: str) -> Location:
    return line.at("modifiers", line.service[2:6].index(modifier) + 1)


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
    concerns=waste_drugs,
    part="visits",
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source=f"{_CMS}; other payers: BCBSNC, UHC Maryland Medicaid and others",
    confidence=0.95,
    widened_by=(SINGLE_DOSE, NDC_DIRECTORY, ADDENDUM_B),
)
def no_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: each line of a single-dose drug has JZ, unless another line of the same drug and day reports
    waste with JW. The edit skips inpatient, RHC and FQHC bill types. It also skips a drug whose JW line has another
    date (JWJZ04). A drug is single-dose by the shipped tables, by Medicare's list of such drugs if it is loaded, or by
    the text of its package in the FDA directory. By the package alone it is a warning, and only for drugs of the loaded
    crosswalk. On an 837I a packaged drug is left out: status N in the loaded Addendum B, or without it a cheap drug of
    the shipped list, such as iron sucrose. So is a drug that was repackaged for the eye (bevacizumab with 67028).

    Why it is denied: Medicare Part B has required JW or JZ since 2023-07-01. It has returned claims without them since
    2023-10-01, also when Medicare is the secondary payer. Most other payers began to ask for them in 2024. JZ did not
    exist before 2023-01-01.

    How to fix: add JZ if nothing was discarded. Otherwise bill the discarded units on a separate line with JW.

    What it cannot know: whether the payer pays the drug separately from the visit, and whether the payer's contract
    asks for the modifiers.
    """
    alone = {(line.procedure, line.service_date): line for line, _ in waste_without_given(claim, facts)}
    misdated = {line.start for waste in alone.values() for line in given_on_other_days(claim, waste)}
    for dose in doses_with_waste_rules(claim, facts):
        shipped = dose.procedure in facts.drug_codes
        if dose.day is None:
            yield NO_DATE
            continue
        if dose.discarded or (shipped and facts.drug(dose.procedure, dose.day) is None):
            continue
        if claim.type == "837I" and is_packaged(dose.procedure, dose.day, facts):
            continue
        if is_repackaged_for_the_eye(claim, dose.procedure, facts):
            continue
        if not shipped:
            for table in (SINGLE_DOSE, NDC_DIRECTORY):
                yield from without_edition_of(table, dose.lines, facts)
        for line in dose.administered:
            if NOTHING_DISCARDED in line.modifiers or line.start in misdated:
                continue
            said = listings(facts).single_dose(line)
            if said:
                by_package = said == "package"
                yield finding(
                    line.at("modifiers"),
                    f"{dose.procedure} comes in single-dose vials and has neither JW nor JZ"
                    + (", by the package text of its NDC in the FDA directory" if by_package else ""),
                    "add JZ if nothing was discarded, else add a line with JW for the discarded units",
                    ("warn" if dose.day >= JZ.elsewhere else "info") if by_package else None,
                )


@edit(
    "JWJZ02",
    "JW and JZ on the same line",
    severity="reject",
    concerns=waste_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A7:453",
    carc="16",
    rarc="N823",
    source=_CMS,
    confidence=0.95,
)
def both_waste_modifiers(claim: Claim, facts: Facts) -> Results:
    """What it checks: no line has both JW and JZ.

    Why it is denied: JW says that some of the drug was discarded. JZ says that none was.

    How to fix: if nothing was discarded, keep JZ only. Otherwise keep JW only, and only on the line for the discarded
    units.

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
                "remove JW if nothing was discarded; otherwise bill given and discarded units on separate lines",
            )


@edit(
    "JWJZ03",
    "JZ on one line and JW on another of the same dose",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=waste_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A8:453",
    carc="16",
    rarc="N823",
    source=_CMS,
    confidence=0.85,
)
def contradicting_lines(claim: Claim, facts: Facts) -> Results:
    """What it checks: no line has JZ if another line of the same drug and day has JW. The edit compares all lines of
    the drug and day, because a JW line does not say which line it belongs to. If the lines name different rendering
    providers, the finding is a warning.

    Why it is denied: the claim says that nothing was discarded, and also that something was.

    How to fix: remove JZ if there was waste. Remove the JW line if there was none.

    What it cannot know: whether the patient had the drug twice that day.
    """
    for dose in doses_with_waste_rules(claim, facts):
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
                        f"; {numbers(dose.administered)} are taken together, because JW could belong to any of them"
                        if len(dose.administered) > 1
                        else ""
                    ),
                    "remove JZ if there was waste; otherwise remove the JW line",
                    severity=severity,
                )


@edit(
    "JWJZ04",
    "JW without a line for the given units",
    severity=by_payer(ffs="reject", madv="reject", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=waste_drugs,
    sign="discarded units",
    part="visits",
    claim_status="A8:453",
    carc="107",
    source=_CMS,
    confidence=0.95,
)
def waste_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: each JW line has a line without JW for the same drug and day on the claim. If the JW line is the
    only line of the drug and its units are whole vials, JWJZ14 reports it instead.

    Why it is denied: payers pay for waste only together with the given units, and only under the same date.

    How to fix: if the given units have another date, correct the date of the JW line. Otherwise bill given and
    discarded units on one claim, on separate lines.

    What it cannot know: whether the given units are on another claim. Payers do not look for them there.
    """
    for line, misplaced in waste_without_given(claim, facts):
        if misplaced:
            continue
        elsewhere = given_around(claim, line, far=True)
        if elsewhere:
            with_jz = [given for given in elsewhere if NOTHING_DISCARDED in given.modifiers]
            yield finding(
                _at_modifier(line, DISCARDED),
                f"the JW line of {line.procedure} has another date than the given units on {numbers(elsewhere)}",
                "correct the date of the JW line to the day the drug was given"
                + (f"; remove JZ from {numbers(with_jz)} if the waste belongs to it" if with_jz else ""),
            )
        else:
            yield finding(
                _at_modifier(line, DISCARDED),
                f"the claim has a JW line of {line.procedure} but no line for the given units",
                "bill the given units on the same claim, on a separate line without JW",
            )


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
    source=f"{_CMS}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
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
                _at_modifier(line, DISCARDED),
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
    source=f"{_CMS}; Noridian on waste below one billing unit",
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
    source=f"{_CMS}; vial sizes of the CMS ASP NDC-HCPCS crosswalk",
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
    source=f"{_CMS}, section 40 (waste of a shared vial); vial sizes of the CMS ASP NDC-HCPCS crosswalk",
    confidence=0.9,
)
def jw_on_partial_vials(claim: Claim, facts: Facts) -> Results:
    """What it checks: the given and discarded units of a dose, all its lines together, add up to whole vials.

    Why it is denied: a single-dose vial is opened as a whole. Another total is a wrong count, and nobody can bill more
    than the vials hold. If patients lawfully shared a vial, only the last patient's claim reports its waste, and that
    claim does not add up to whole vials. The finding is therefore a warning only.

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


@edit(
    "JWJZ09",
    "Waste modifier on a line that is not a single-dose drug",
    severity="warn",
    concerns=None,
    sign="waste modifier",
    claim_status="A7:453",
    carc="4",
    rarc="N823",
    source=_CMS,
    confidence=0.85,
)
def waste_modifier_on_other_service(claim: Claim, facts: Facts) -> Results:
    """What it checks: JW and JZ are not on an administration, an evaluation, or a drug from multi-dose vials.

    Why it is denied: the modifiers apply only to drugs in single-dose containers.

    How to fix: remove the modifier, or move it to the line of the drug.

    What it cannot know: which container a drug came in, if its code covers several products and its NDC is missing or
    unknown.
    """
    evaluation = facts.families_together("evaluation", "hospital_evaluation")
    for line in claim.lines:
        for modifier in _WASTE_MODIFIERS:
            if modifier not in line.modifiers:
                continue
            is_service = line.procedure in evaluation or line.procedure in facts.administrations
            if is_service or listings(facts).single_dose(line) is False:
                yield finding(
                    _at_modifier(line, modifier),
                    f"{modifier} is on {line.procedure}, which is not a single-dose drug",
                    "remove the modifier, or move it to the line of the drug",
                )


@edit(
    "JWJZ10",
    "Waste modifier before it was in force",
    severity=by_payer(ffs="reject", madv="reject", mcd="warn", other="warn"),
    beside={"ffs": "reject"},
    concerns=waste_drugs,
    part="drugs",
    claim_status="A7:453",
    carc="182",
    source=_CMS,
    confidence=0.95,
)
def modifier_not_in_force(claim: Claim, facts: Facts) -> Results:
    """What it checks: JZ is not used before 2023-01-01. Before 2017-01-01 each Medicare contractor decided about JW, so
    JW before that date is reported for information.

    Why it is denied: a modifier is invalid if it did not exist on the date of service.

    How to fix: check the date of service. Remove the modifier if the date is right.

    What it cannot know: whether the date of service or the modifier is wrong.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        day = line.service_date
        if line.procedure not in waste_codes(facts) or day is None:
            continue
        if NOTHING_DISCARDED in line.modifiers and day < JZ.defined:
            yield finding(
                _at_modifier(line, NOTHING_DISCARDED),
                f"the date of service is before {JZ.defined}, when JZ came into force",
                "check the date of service, or remove JZ",
            )
        if DISCARDED in line.modifiers and day < JW.required:
            yield finding(
                _at_modifier(line, DISCARDED),
                f"before {JW.required} each Medicare contractor decided whether to require JW",
                "check the date of service and the contractor's rule at that time",
                severity="info",
            )


@edit(
    "JWJZ11",
    "Waste modifier that the bill type does not need",
    severity=by_payer(ffs="info", madv="info", mcd=None, other=None),
    concerns=infused_drugs,
    part="drugs",
    types=("837I",),
    source=_CMS,
    confidence=0.8,
)
def modifier_not_wanted(claim: Claim, facts: Facts) -> Results:
    """What it checks: inpatient, RHC and FQHC bill types (11x, 71x, 77x …) carry no JW or JZ.

    Why it is denied: it is not denied. These bill types do not pay drugs separately, so they do not need the modifier.

    How to fix: you can leave the claim as it is. Remove the modifier if that is easy.

    What it cannot know: whether a payer's contract pays drugs separately from the stay or the visit.
    """
    if facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        for modifier in _WASTE_MODIFIERS:
            if line.procedure in facts.drug_codes and modifier in line.modifiers:
                yield finding(
                    _at_modifier(line, modifier),
                    f"{modifier} is not required on bill type {claim.facility_code}x",
                    "remove the modifier if that is easy; the payer does not deny the claim for it",
                )


_WORDS = {
    "ndc": "NDC",
    "revenue_code": "revenue code",
    "diagnosis_pointers": "diagnosis pointers",
    "charge": "charge per unit",
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
    source=f"{_CMS}; payer pages on JW claims",
    confidence=0.75,
)
def lines_disagree(claim: Claim, facts: Facts) -> Results:
    """What it checks: a JW line has the same NDC, revenue code, diagnosis pointers and charge per unit (within 1%) as
    the line for the given units. That line is the only other line of the dose, or the only one with the same NDC.

    Why it is denied: payers match the two lines. If the lines differ, payers cannot match the waste to a dose.

    How to fix: copy the fields that differ from the line for the given units.

    What it cannot know: which of the two lines is wrong.
    """
    for dose in doses_paid_by_line(claim, facts):
        for waste, partner in partners(dose):
            if partner is None and len(dose.administered) > 1 and waste.ndc:
                yield finding(
                    waste.at("ndc"),
                    f"the JW line could belong to {numbers(dose.administered)}, and its NDC does not decide it",
                    "give the JW line the NDC of the vial that was partly discarded",
                )
            elif partner is not None:
                for field in differences(partner, waste):
                    yield finding(
                        waste.at(field),
                        f"the {_WORDS[field]} of the JW line differs from {numbers([partner])} for the same dose",
                        f"use the same {_WORDS[field]} on both lines",
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
    """What it checks: if the description of an unclassified drug mentions waste, a line of that code and day has JW.

    Why it is denied: payers read discarded units without JW as given units.

    How to fix: bill the discarded amount on a separate line with JW.

    What it cannot know: whether the words are about waste of this dose.
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
                f"the description of {line.procedure} mentions waste, but no line has JW",
                "bill the discarded amount on a separate line with JW",
            )
