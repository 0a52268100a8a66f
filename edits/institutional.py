"""Institutional claims: admission, discharge, corrections; condition, occurrence and value codes."""

from __future__ import annotations

from scrubber.claims import values
from scrubber.claims.hi_segments import hi_composites
from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, edit, finding
from scrubber.reference import Facts

from ._hi_codes import CONDITION, LISTS, VALUE, coded


@edit(
    "INST01",
    "The same condition, occurrence or value code twice",
    severity="warn",
    concerns=None,
    sign="listed codes",
    types=("837I",),
    claim_status="A7:21",
    carc="16",
    source="NUBC lists as payers read them (own knowledge): each code once, an occurrence once per date",
    confidence=0.8,
)
def repeated_code(claim: Claim, _: Facts) -> Results:
    """What it checks: no condition code (HI with BG) and no value code (BE) is on the claim twice. No occurrence
    code (BH) is on the claim twice with the same date, and no occurrence span (BI) twice with the same dates.

    Why it is denied: many payers return a claim with a repeated code. It is a warning because other payers drop the
    second code.

    How to fix: remove the second code, or correct its code or date.

    What it cannot know: whether another code or date was meant.
    """
    seen = set()
    for qualifier, parts, location in coded(claim):
        name, components = LISTS[qualifier]
        key = qualifier, *parts[:components]
        if key in seen:
            dated = " with the same date" if components > 1 else ""
            yield finding(
                location,
                f"{name} code {values.named(parts[0], '(not shown)')} is on the claim twice{dated}",
                "remove it, or correct the code or the date",
            )
        seen.add(key)


@edit(
    "INST02",
    "Admission date or hour missing or wrong",
    severity="warn",
    concerns=None,
    types=("837I",),
    claim_status="A7:189",
    carc="16",
    rarc="MA40",
    source="Guide 005010X223, DTP*435; X12 RFI 1520: required on inpatient claims",
    confidence=0.85,
)
def wrong_admission(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim for a stay (bill types 11x, 18x, 21x …) has an admission date (DTP*435). The admission is
    not after the statement dates, and on 11x it has an hour. Under D8 the admission is a real date, and under DT a date
    with a time (CCYYMMDDHHMM, 0000 to 2359); any other form is a reject. A hospital's date without the hour is for
    information only, because Medicare does not ask for the hour.

    Why it is denied: the payer cannot identify the stay. It is a warning because payers disagree on which bill types
    are stays.

    How to fix: add DTP*435*DT with the date and hour of admission.

    What it cannot know: which bill types the payer counts as stays.
    """
    written = claim.text("admission")
    if not written:
        if claim.facility_code in facts.family("admitting_bill_types"):
            yield finding(
                claim.at("admission"),
                f"bill type {claim.facility_code}x has no admission date",
                "add DTP*435*DT with the date and hour of admission",
                claim_status="A6:189",
            )
        return
    day, hour, form = written[:8], written[8:], claim.text("admission_format")
    shaped = facts.shapes["time"].fits(hour) if form == "DT" else form == "D8" and not hour
    try:
        admitted = values.day(day)
    except ValueError:
        shaped = False
    if not shaped:
        yield finding(
            claim.at("admission"),
            "the admission is not a valid date and hour, or not in the format of its qualifier",
            "write CCYYMMDDHHMM under DT with the time from 0000 to 2359, or CCYYMMDD under D8",
            "reject",
        )
        return
    if claim.statement_dates and admitted > claim.statement_dates.last:
        yield finding(
            claim.at("admission"),
            "the admission is after the statement dates",
            "correct the admission or the statement dates (DTP*434)",
        )
    elif not hour and claim.facility_code in facts.family("hospital_stay_bill_types"):
        yield finding(
            claim.at("admission"),
            "the admission has no hour",
            "write DTP*435*DT with the date and hour of admission",
            "info",
        )


@edit(
    "INST03",
    "Discharge hour missing, wrong or out of place",
    severity="warn",
    concerns=None,
    types=("837I",),
    claim_status="A7:233",
    carc="16",
    rarc="N50",
    source="Guide 005010X223, DTP*096: required on final inpatient claims",
    confidence=0.8,
)
def wrong_discharge_hour(claim: Claim, facts: Facts) -> Results:
    """What it checks: a hospital's claim for a whole stay (bill types 111 and 114) has a discharge hour (DTP*096),
    unless the patient is still there (CL103 is 30). An interim claim (frequency 2 or 3) has no discharge hour. A
    discharge hour is a time HHMM under TM, 0000 to 2359; any other form is a reject.

    Why it is denied: the guide asks for the hour at the end of a stay. Payers return a claim that shows both a
    discharge and a patient who stayed. It is a warning because Medicare does not ask for the hour.

    How to fix: add DTP*096*TM with the hour of discharge. On an interim claim remove it.

    What it cannot know: whether the payer asks for the hour.
    """
    written = claim.text("discharge_hour")
    if written:
        if claim.text("discharge_hour_format") != "TM" or not facts.shapes["time"].fits(written):
            yield finding(
                claim.at("discharge_hour"),
                "the discharge hour is not a time of day",
                "write HHMM under TM, from 0000 to 2359",
                "reject",
            )
        elif claim.frequency in facts.family("frequencies_of_an_open_stay"):
            yield finding(
                claim.at("discharge_hour"),
                f"an interim claim (frequency {claim.frequency}) has a discharge hour",
                "remove it, or bill the end of the stay (frequency 4)",
            )
    elif (
        claim.facility_code in facts.family("hospital_stay_bill_types")
        and claim.frequency in facts.family("frequencies_of_a_whole_stay")
        and claim.text("patient_status") not in facts.family("still_a_patient")
    ):
        yield finding(
            claim.at("discharge_hour"),
            f"bill type {claim.facility_code}{claim.frequency} ends a stay, but has no discharge hour",
            "add DTP*096*TM with the hour of discharge",
            claim_status="A6:233",
        )


@edit(
    "INST04",
    "Replacement or void without its reason",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=None,
    sign="correction",
    types=("837I",),
    on_voids=True,
    claim_status="A6:460",
    carc="16",
    rarc="M44",
    source="Medicare Claims Processing Manual, chapter 1, 130.1.2: claim change reason codes; CGS of 30 May 2019",
    confidence=0.9,
)
def no_reason_to_change(claim: Claim, facts: Facts) -> Results:
    """What it checks: an 837I to Medicare that replaces a claim (frequency 7) has a condition code with the reason:
    D0 to D4, D7 to D9 or E0. A void (frequency 8) has D5 or D6. The claim has only one such code.

    Why it is denied: Medicare returns a change without a reason. It is a warning because some billers add the reason on
    the contractor's own screen.

    How to fix: add the condition code (HI with BG) of the reason that fits best. D9 stops the claim for review, so use
    it only if no other code fits.

    What it cannot know: the reason for the change.
    """
    if not (claim.is_replacement or claim.is_void):
        return
    wanted, other = facts.family("reasons_to_replace"), facts.family("reasons_to_void")
    if claim.is_void:
        wanted, other = other, wanted
    reasons = [
        (parts[0], location)
        for qualifier, parts, location in coded(claim)
        if qualifier == CONDITION and parts[0] in wanted | other
    ]
    fitting = [code for code, _ in reasons if code in wanted]
    if not fitting:
        yield finding(
            reasons[0][1] if reasons else claim.at("frequency"),
            f"condition code {reasons[0][0]} is not a reason for frequency {claim.frequency}"
            if reasons
            else f"frequency {claim.frequency} has no condition code with the reason",
            f"add one of these condition codes: {', '.join(sorted(wanted))}",
        )
    elif len(reasons) > 1:
        yield finding(
            reasons[1][1],
            f"the claim has more than one reason for the change: {' and '.join(code for code, _ in reasons)}",
            "keep the code that fits best",
        )


_OLD_AGE = 65
"""The age from which Medicare covers all people. Younger members are disabled or have kidney failure."""


@edit(
    "PAY03",
    "Hospital claim that does not say why another payer is primary",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=None,
    sign="other payer",
    types=("837I",),
    claim_status="A6:21",
    carc="16",
    rarc="MA04",
    source="CGS and Riverbend on Medicare as secondary payer; Medicare Secondary Payer Manual, chapter 3",
    confidence=0.8,
)
def why_another_payer_is_primary(claim: Claim, facts: Facts) -> Results:
    """What it checks: if an 837I bills Medicare and another payer is primary, a value code shows the reason and what
    that payer paid: 12 (working aged), 13 (kidney failure), 14 (no-fault), 15 (workers' compensation), 16, 41, 42, 43
    (disabled) or 47 (liability). Value code 12 is for patients of 65 or more, and 43 for younger ones.

    Why it is denied: Medicare cannot calculate its part, and returns the claim. It is a warning because some billers
    add the code on the contractor's own screen.

    How to fix: add the value code (HI with BE) and the amount that the primary payer paid, 0 if it paid nothing.

    What it cannot know: why the other payer is primary.
    """
    subscriber = claim.context.subscriber
    sequence = subscriber.text("payer_sequence") if subscriber else ""
    if subscriber is None or sequence in ("", "P", "U") or not claim.other_payers:
        return
    reasons = facts.family("first_payer_values")
    given = {parts[0]: at for qualifier, parts, at in coded(claim) if qualifier == VALUE and parts[0] in reasons}
    if not given:
        yield finding(
            subscriber.at("payer_sequence"),
            "Medicare is not the primary payer, and no value code says why",
            "add the value code of the reason, such as 12 (working aged) or 47 (liability), with the amount paid",
        )
        return
    born, days = claim.patient_birth_date, claim.service_dates
    if born is None or not days or born > days[0]:
        return
    is_old = values.whole_years(born, days[0]) >= _OLD_AGE
    right, wrong = ("disabled_values", "working_aged_values")[:: -1 if is_old else 1]
    for code in sorted(facts.family(wrong) & given.keys()):
        yield finding(
            given[code],
            f"value code {code} is for patients {'under' if is_old else 'of'} {_OLD_AGE}{'' if is_old else ' or more'}",
            f"check the birth date, and why the other payer is primary; {', '.join(facts.family(right))} may be meant",
        )


_OWN_DIAGNOSES = ("ABK", "ABF")
"""HI qualifiers of the diagnoses that have an indicator of presence on admission."""
_PRESENCE = 8
"""Index of that indicator in its composite, HI01-9 to HI12-9."""


@edit(
    "INST05",
    "Stay without indicators of presence on admission",
    severity="info",
    concerns=None,
    types=("837I",),
    claim_status="A6:21",
    carc="16",
    rarc="N434",
    source="Deficit Reduction Act of 2005, section 5001(c); Medicare Claims Processing Manual, chapter 23; guide "
    "005010X223, HI01-9",
    confidence=0.8,
)
def no_presence_on_admission(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a hospital inpatient claim (11x), the principal or another diagnosis says whether the disease
    was present on admission (HI01-9: Y, N, U or W). The edit skips claims whose codes all need no indicator, and
    hospitals that report none, by their taxonomy code, such as critical access and psychiatric hospitals.

    Why it is denied: Medicare and many other payers return an inpatient claim without these indicators. It is for
    information because some hospitals are exempt.

    How to fix: add the indicator to each diagnosis that needs one.

    What it cannot know: whether the hospital reports indicators, and which of its diagnoses need one.
    """
    billing = claim.context.billing
    if claim.facility_code not in facts.family("hospital_stay_bill_types"):
        return
    if billing is not None and billing.text("taxonomy") in facts.family("hospitals_without_presence"):
        return
    exempt, needed = facts.shapes["diagnosis_without_presence"], None
    source = claim.span
    for index, number, composite in hi_composites(claim, claim.loops):
        parts = composite.split(source.delimiters.component)
        if parts[0] not in _OWN_DIAGNOSES:
            continue
        if len(parts) > _PRESENCE and parts[_PRESENCE]:
            return
        if needed is None and not exempt.fits(values.code(parts[1] if len(parts) > 1 else "")):
            needed = Location(source, index, "2300", f"HI{number:02d}-9")
    if needed:
        yield finding(
            needed,
            "no diagnosis of the stay says whether it was present on admission",
            "add Y, N, U or W to each diagnosis that needs an indicator (HI01-9)",
        )
