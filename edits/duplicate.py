"""Lines and claims that are billed twice."""

from __future__ import annotations

from scrubber.claims.history import History, digest, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import (
    NO_PATIENT,
    Check,
    NotChecked,
    Results,
    drugs_or_unclassified,
    edit,
    file_edit,
    finding,
    infused_drugs,
)
from scrubber.reference import Facts


def _rendered_by(claim: Claim, line: ServiceLine, facts: Facts) -> str:
    """The rendering provider, if it makes two services different; otherwise empty.

    Drugs and administrations are duplicates for all providers of the group. Visits to two doctors are not duplicates.
    """
    is_infusion = line.procedure in facts.administrations or line.procedure in drugs_or_unclassified(facts)
    return "" if is_infusion else claim.provider_of(line)


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
        _rendered_by(claim, line, facts),
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
                f"the line is the same as line {before.number_text}",
                "remove the line if it is a copy; otherwise add 76 or 77, or bill all units on one line",
            )


@file_edit(
    "DUP02",
    "The same claim twice in a file",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:78",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.9,
)
def same_claim_twice() -> Check:
    """What it checks: no claim with an infused drug is in the file twice. Two claims are the same if they have the
    same patient, payer, billing provider and lines, even with different claim numbers. Replacements and voids are left
    out. The finding is on the later claim.

    Why it is denied: the payer pays the first claim and denies the second as a duplicate.

    How to fix: remove one of the two. To correct a claim that was already sent, bill a replacement (frequency 7) if the
    payer accepts them. Medicare Part B needs a reopening instead.

    What it cannot know: which claims are in other files.
    """
    history = History()

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        patient = patient_key(claim)
        if patient is None:
            yield NO_PATIENT
            return
        key = _claim_key(claim, patient, facts)
        if history.of(key):
            yield finding(
                claim.at("claim_id"),
                "an earlier claim in this file has the same patient and the same lines",
                "remove one of the two; to correct a claim that was already sent, bill a replacement (frequency 7), or "
                "ask Medicare Part B for a reopening",
            )
        else:
            history.remember(key, 1)

    return check


def _claim_key(claim: Claim, patient: int, facts: Facts) -> int:
    """A digest that is equal for two claims that differ only in their claim numbers."""
    lines = sorted(
        "\x1e".join(
            (
                line.procedure,
                *sorted(line.modifiers),
                line.service_date_text,
                line.units_text,
                line.charge_text,
                line.ndc,
                line.description,
                line.revenue_code,
                _rendered_by(claim, line, facts),
            )
        )
        for line in claim.lines
    )
    sequence = claim.context.subscriber.text("payer_sequence") if claim.context.subscriber else ""
    own = (claim.type, claim.facility_code, claim.billing_npi, sequence, claim.statement_dates_text)
    return digest(str(patient), *own, *lines)
