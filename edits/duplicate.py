"""Lines and claims that are billed twice."""

from __future__ import annotations

from scrubber.claims.earlier import Earlier
from scrubber.claims.likeness import claim_likeness, line_likenesses, person, rendered_by
from scrubber.claims.memory import NumbersByKey, paired, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import (
    NO_PATIENT,
    TOO_MANY_EARLIER,
    Check,
    NotChecked,
    Results,
    edit,
    file_edit,
    finding,
    infused_drugs,
)
from scrubber.reference import Facts


def _billed(claim: Claim, line: ServiceLine, facts: Facts) -> tuple[object, ...]:
    """The values that two lines of the same service share."""
    return (
        line.procedure,
        frozenset(line.modifiers),
        line.dates,
        line.ndc,
        line.units,
        line.charge,
        line.description,
        line.revenue_code,
        rendered_by(claim, line, facts.is_of_group),
    )


@edit(
    "DUP01",
    "The same line twice",
    severity="warn",
    concerns=None,
    sign="repeated procedure",
    claim_status="A8:54",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.9,
)
def same_line_twice(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two lines have the same procedure, modifiers, date, NDC, units, charge, description and
    revenue code. Services other than drugs and their administration count as the same only with the same rendering
    provider. Lines with a modifier for a repeated service (76, 77, 91) or for one drug with several NDCs (KP, KQ) are
    left out. A line of discarded units has JW, so it differs from the line of given units.

    Why it is denied: the payer treats the second line as a copy of the first and does not pay it.

    How to fix: remove the line if it is a copy. If the service was repeated, add 76 or 77, or put all units on one
    line.

    What it cannot know: whether the service was repeated.
    """
    lines = [line for line in claim.lines if line.procedure]
    if len({line.procedure for line in lines}) == len(lines):
        return
    repeated = facts.family("repeat_modifiers")
    first: dict[tuple[object, ...], ServiceLine] = {}
    for line in lines:
        if not repeated.isdisjoint(line.modifiers):
            continue
        before = first.setdefault(_billed(claim, line, facts), line)
        if before is line:
            continue
        if line.only_day is None:
            yield NotChecked("the day of a line is not known: its service date is missing or covers several days")
        else:
            yield finding(
                line.at("procedure"),
                f"the line is the same as line {before.shown_number}",
                "remove the line if it is a copy; otherwise add 76 or 77, or bill all units on one line",
            )


@file_edit(
    "DUP02",
    "The same claim twice",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:78",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.9,
)
def same_claim_twice(earlier: Earlier) -> Check:
    """What it checks: no claim with an infused drug is in the file twice. If there is a history of released claims, it
    is not in an earlier file either. Two claims are the same if they have the same patient, payer, billing provider and
    lines, even with different claim numbers. Replacements and voids are left out. The finding is on the later claim. A
    claim that DUP03 finds is left out.

    Why it is denied: the payer pays the first claim and denies the second as a duplicate.

    How to fix: remove one of the two. To correct a claim that was already sent, bill a replacement (frequency 7) if the
    payer accepts them. Medicare Part B needs a reopening instead.

    What it cannot know: which claims are in files that the history does not have.
    """
    seen = NumbersByKey()

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        patient = patient_key(claim)
        if patient is None:
            yield NO_PATIENT
            return
        key = claim_likeness(claim, patient, facts.is_of_group)
        if earlier.repeated(claim):
            return
        past = earlier.of(claim)
        before = past.same_lines(key)
        if before or not seen.is_new(key):
            where = f"of {past.file_of(before)}" if before else "in this file"
            yield finding(
                claim.at("claim_id"),
                f"an earlier claim {where} has the same patient and the same lines",
                "remove one of the two; to correct a claim that was already sent, bill a replacement (frequency 7), or "
                "ask Medicare Part B for a reopening",
            )

    return check


@file_edit(
    "DUP03",
    "A claim that was released before",
    severity="warn",
    concerns=None,
    on_voids=True,
    needs_history=True,
    claim_status="A8:78",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.95,
)
def released_before(earlier: Earlier) -> Check:
    """What it checks: the same claim was not released in an earlier file, and is not earlier in this file. Two claims
    are the same if they have the same patient, payer, billing NPI and the same segments from CLM on. The name of the
    file, its envelope, delimiters and line breaks do not matter. A changed claim is another claim, and so are a
    replacement (frequency 7) and a void (frequency 8) of a released claim. A released claim may be sent again if it was
    voided since, but not if it was replaced. A second void with the same payer's claim number (REF*F8) is always found,
    because a claim that is billed again gets a new number from the payer. The edit needs a history of released claims.
    In the drop folder the finding is a reject, elsewhere a warning.

    Why it is denied: the payer has the first claim and denies the second as a duplicate. If a batch is corrected and
    dropped again, most of its claims may have been sent already.

    How to fix: leave the claim out. If the payer refused or lost the first one, accept this finding with a suppression.
    To correct the first one, bill a replacement (frequency 7), or ask Medicare Part B for a reopening.

    What it cannot know: whether the released file was sent, whether the payer took the claim, and claims that the
    history does not have. A claim with a new claim number or a new line control number counts as another claim.
    """

    def check(claim: Claim, _: Facts) -> Results:
        repeated = earlier.repeated(claim)
        if repeated is None:
            return
        kind = "void" if claim.is_void else "claim"
        if repeated.file:
            message = f"this {kind} was released before, in {repeated.file}"
            fix = _SEND_AGAIN if claim.is_void else _CORRECT_FIRST
        else:
            message, fix = f"the same {kind} is earlier in this file", "leave the second one out"
        yield finding(claim.at("claim_id"), message, fix)

    return check


_SEND_AGAIN = "leave the void out; if the payer refused the first one, accept this finding with a suppression"
_CORRECT_FIRST = (
    "leave the claim out if the payer has it; to correct it, bill a replacement (frequency 7), or ask "
    "Medicare Part B for a reopening"
)


@file_edit(
    "DUP04",
    "A drug line that is billed on another claim, too",
    severity="warn",
    concerns=infused_drugs,
    needs_history=True,
    in_file=True,
    claim_status="A8:54",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.85,
)
def line_on_another_claim(earlier: Earlier) -> Check:
    """What it checks: no line with an infused drug is also on another claim of the patient, earlier in this file or
    released before. Two lines are the same if they have the same billing NPI, procedure, modifiers, date, units,
    charge, NDC, description and revenue code. Lines with a modifier for a repeated service (76, 77, 91) or for one drug
    with several NDCs (KP, KQ), replacements and voids are left out. A claim that DUP02 or DUP03 finds is left out.
    Without a history of released claims it compares the claims of the file only.

    Why it is denied: the payer treats the second line as a copy of the first and does not pay it.

    How to fix: remove the line if it is a copy. If the service was repeated, add 76 or 77.

    What it cannot know: whether the service was repeated, and claims that the history does not have.
    """
    seen = NumbersByKey()

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        patient = person(claim)
        past, alike = earlier.of(claim), claim_likeness(claim, patient, facts.is_of_group)
        if earlier.repeated(claim) or past.same_lines(alike) or alike in seen:
            return
        if not past.complete:
            yield TOO_MANY_EARLIER
        own: set[int] = {alike}
        repeated = facts.family("repeat_modifiers")
        for line, likeness in line_likenesses(claim, facts.drug_codes, facts.is_of_group):
            if not repeated.isdisjoint(line.modifiers):
                continue
            of_patient = paired(likeness, patient)
            own.add(of_patient)
            before = past.same_line(likeness)
            if line.only_day is not None and (before or of_patient in seen):
                where = f"that was released before, in {past.file_of(before)}" if before else "earlier in this file"
                yield finding(
                    line.at("procedure"),
                    f"the line is the same as a line of a claim {where}",
                    "remove the line if it is a copy; otherwise add 76 or 77",
                )
        for key in own:
            seen.is_new(key)

    return check
