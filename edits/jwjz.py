"""JW and JZ: which lines have these modifiers for the discarded part of a single-dose drug."""

from __future__ import annotations

import re

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, numbers
from scrubber.claims.model import Claim
from scrubber.claims.visits import by_one_provider
from scrubber.edit import NO_DATE, Results, Severity, by_payer, dated, edit, family, finding, infused_drugs, waste_drugs
from scrubber.reference import JW, JZ, Facts
from scrubber.reference.external import ADDENDUM_B, NDC_DIRECTORY, SINGLE_DOSE
from scrubber.reference.listings import is_packaged, listings, waste_codes

from ._crosswalk import without_edition_of
from ._doses import doses_with_waste_rules, is_repackaged_for_the_eye, reports_waste, reports_waste_of_dialysis
from ._waste import (
    CMS_ON_WASTE,
    given_around,
    given_on_other_days,
    waste_without_given,
)

_WASTE_MODIFIERS = (DISCARDED, NOTHING_DISCARDED)


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
    source=f"{CMS_ON_WASTE}; other payers: BCBSNC, UHC Maryland Medicaid and others",
    confidence=0.95,
    widened_by=(SINGLE_DOSE, NDC_DIRECTORY, ADDENDUM_B),
)
def no_waste_modifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: each line of a single-dose drug has JZ, unless a line of the same drug and day has JW. The edit
    skips stays, RHCs and FQHCs, a drug whose JW line has another date (JWJZ04), lines with GY, and drugs that were
    repackaged for the eye. On an 837I it skips drugs that Medicare pays with the visit (status N of the loaded Addendum
    B, else a shipped list). A drug is single-dose by the shipped tables or Medicare's loaded list. If only the package
    text in the FDA directory says so, it must be in the loaded crosswalk, and the finding is a warning.

    Why it is denied: Medicare Part B has required JW or JZ since 2023-07-01. It has returned claims without them since
    2023-10-01, also when Medicare is the secondary payer. Most other payers began to ask for them in 2024. JZ did not
    exist before 2023-01-01.

    How to fix: add JZ if nothing was discarded. Otherwise bill the discarded units on a separate line with JW.

    What it cannot know: whether the payer pays the drug separately from the visit, and whether the payer's contract
    asks for the modifiers.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    alone = {(line.procedure, line.service_date): line for line, _ in waste_without_given(claim, facts)}
    modifiers = {NOTHING_DISCARDED, *facts.family("excluded_modifiers")}
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
            if not modifiers.isdisjoint(line.modifiers) or line.start in misdated:
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
    source=CMS_ON_WASTE,
    confidence=0.95,
)
def both_waste_modifiers(claim: Claim, facts: Facts) -> Results:
    """What it checks: no line has both JW and JZ.

    Why it is denied: JW says that some of the drug was discarded. JZ says that none was.

    How to fix: if nothing was discarded, keep JZ only. Otherwise keep JW only, and only on the line for the discarded
    units.

    What it cannot know: whether anything was discarded.
    """
    for line in claim.lines:
        modifiers = line.service[2:6]
        both = DISCARDED in modifiers and NOTHING_DISCARDED in modifiers
        if both and reports_waste(claim, line.service_date, facts):
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
    source=CMS_ON_WASTE,
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
                    line.at_modifier(NOTHING_DISCARDED),
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
    source=CMS_ON_WASTE,
    confidence=0.95,
)
def waste_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: each JW line has a line without JW for the same drug and day on the claim. If the JW line is the
    only line of the drug and its units are whole vials, JWJZ14 reports it instead. The edit skips late charges (an 837I
    of frequency 5), because their given units are on the claim before.

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
                line.at_modifier(DISCARDED),
                f"the JW line of {line.procedure} has another date than the given units on {numbers(elsewhere)}",
                "correct the date of the JW line to the day the drug was given"
                + (f"; remove JZ from {numbers(with_jz)} if the waste belongs to it" if with_jz else ""),
            )
        else:
            yield finding(
                line.at_modifier(DISCARDED),
                f"the claim has a JW line of {line.procedure} but no line for the given units",
                "bill the given units on the same claim, on a separate line without JW",
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
    source=CMS_ON_WASTE,
    confidence=0.85,
)
def waste_modifier_on_other_service(claim: Claim, facts: Facts) -> Results:
    """What it checks: JW and JZ are not on an administration, on a visit, on a vaccine, or on a drug from multi-dose
    vials.

    Why it is denied: the modifiers apply only to drugs in single-dose containers.

    How to fix: remove the modifier, or move it to the line of the drug.

    What it cannot know: which container a drug came in, if its code covers several products and its NDC is missing or
    unknown.
    """
    evaluation, vaccine = facts.families_together("evaluation", "hospital_evaluation"), facts.shapes["vaccine"]
    for line in claim.lines:
        for modifier in _WASTE_MODIFIERS:
            if modifier not in line.modifiers:
                continue
            is_service = line.procedure in evaluation or line.procedure in facts.administrations
            if is_service or vaccine.fits(line.procedure) or listings(facts).single_dose(line) is False:
                yield finding(
                    line.at_modifier(modifier),
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
    source=CMS_ON_WASTE,
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
                line.at_modifier(NOTHING_DISCARDED),
                f"the date of service is before {JZ.defined}, when JZ came into force",
                "check the date of service, or remove JZ",
            )
        if DISCARDED in line.modifiers and day < JW.required:
            yield finding(
                line.at_modifier(DISCARDED),
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
    source=CMS_ON_WASTE,
    confidence=0.8,
)
def modifier_not_wanted(claim: Claim, facts: Facts) -> Results:
    """What it checks: inpatient, RHC and FQHC bill types (11x, 71x, 77x …) carry no JW or JZ. Dialysis facilities (72x)
    do since 2025-01-01 (JWJZ15).

    Why it is denied: it is not denied. These bill types do not pay drugs separately, so they do not need the modifier.

    How to fix: you can leave the claim as it is. Remove the modifier if that is easy.

    What it cannot know: whether a payer's contract pays drugs separately from the stay or the visit.
    """
    if facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        if reports_waste_of_dialysis(claim, line.service_date, facts):
            continue
        for modifier in _WASTE_MODIFIERS:
            if line.procedure in facts.drug_codes and modifier in line.modifiers:
                yield finding(
                    line.at_modifier(modifier),
                    f"{modifier} is not required on bill type {claim.facility_code}x",
                    "remove the modifier if that is easy; the payer does not deny the claim for it",
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
