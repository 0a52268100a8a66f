"""The same thing billed twice."""

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
    """Who rendered a service, where that makes it another one.

    Drugs and administrations are duplicates for all providers of the group; visits to two doctors are not.
    """
    is_infusion = line.procedure in facts.administrations or line.procedure in drugs_or_unclassified(facts)
    return "" if is_infusion else claim.provider_of(line)


def _billed(claim: Claim, line: ServiceLine, facts: Facts) -> tuple[object, ...]:
    """What makes two lines the same service."""
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
    claim_status="A8:54",
    carc="18",
    source="CARC 18; own knowledge of payers' duplicate checks",
    confidence=0.9,
)
def same_line_twice(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two lines have the same procedure, modifiers, date, NDC, units, charge, description and
    revenue code; services other than drugs and their administration must also name the same rendering provider. Left
    out are lines that say themselves that they are repeated (76, 77, 91) or belong to one drug of several NDCs (KP,
    KQ). What was discarded has JW and so differs from what was given.

    Why it is denied: the payer takes the second line for a copy of the first and does not pay it.

    How to fix: remove the line if it is a copy. If the service was repeated say so with 76 or 77, or put all units on
    one line.

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
                "remove it if it is a copy; else add 76 or 77, or bill all units on one line",
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
    """What it checks: no claim with an infused drug stands in the file twice, for the same patient, payer and billing
    provider and with the same lines, whatever its claim number. Replacements and voids are left out; the finding
    stands on the later claim.

    Why it is denied: the payer pays the first and denies the second as a duplicate.

    How to fix: remove one of the two. To correct a claim that was sent before, bill a replacement (frequency 7) where
    the payer takes one; Medicare Part B takes a reopening instead.

    What it cannot know: what was sent in other files.
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
                "a claim for the same patient with the same lines stands earlier in this file",
                "remove one of the two; to correct a claim that was sent before, bill a replacement (frequency 7), or "
                "ask Medicare Part B for a reopening",
            )
        else:
            history.remember(key, 1)

    return check


def _claim_key(claim: Claim, patient: int, facts: Facts) -> int:
    """What makes two claims the same: all but their numbers."""
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
