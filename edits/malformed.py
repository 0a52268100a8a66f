"""Dates and numbers that cannot be read."""

from __future__ import annotations

from scrubber.claims import values
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim
from scrubber.edit import Finding, Results, edit, finding, remembered
from scrubber.reference import Facts


def _malformed(owner: object, field: str, form: str) -> Finding | None:
    """A finding on a typed field that cannot be read, or `None`. `form` is what the field should look like.

    The error is not kept, because it would keep the claim in memory.
    """
    try:
        getattr(owner, field)
    except MalformedValue as malformed:
        element = malformed.location.element
        return finding(
            malformed.location,
            f"{element} is not a {malformed.kind}; edits that need it could not be checked",
            f"write {element} {form}",
        )
    return None


def _any_malformed_date(claim: Claim) -> bool:
    """Whether a date cannot be read. Most claims have none, so all dates are read at once first."""
    try:
        _ = claim.patient_birth_date, claim.statement_dates
    except MalformedValue:
        return True
    return True in [line.service_dates.malformed for line in claim.lines]


@edit(
    "READ01",
    "Malformed date",
    severity="reject",
    concerns=None,
    sign="unreadable date",
    on_voids=True,
    claim_status="A7:187",
    carc="16",
    source="X12 005010X222 and 005010X223: formats D8 and RD8",
    confidence=0.95,
)
def malformed_date(claim: Claim, _: Facts) -> Results:
    """What it checks: dates of service, statement dates and the patient's birth date are real days in the format
    that their qualifier says, and a range does not end before it begins.

    Why it is denied: the payer's front end rejects a date that it cannot read.

    How to fix: write CCYYMMDD under D8, CCYYMMDD-CCYYMMDD under RD8.
    """
    if not _any_malformed_date(claim):
        return
    if malformed := _malformed(claim, "patient_birth_date", "as CCYYMMDD"):
        yield malformed
    if malformed := _malformed(claim, "statement_dates", "as CCYYMMDD-CCYYMMDD"):
        yield malformed
    for line in claim.lines:
        if malformed := _malformed(line, "own_dates", "as CCYYMMDD, or CCYYMMDD-CCYYMMDD under RD8"):
            yield malformed


@remembered(4096)
def _are_numbers(*texts: str) -> bool:
    """Whether all texts that are not empty are numbers."""
    try:
        return all(values.number(text) is not None for text in texts if text)
    except ValueError:
        return False


@edit(
    "READ02",
    "Malformed number",
    severity="reject",
    concerns=None,
    sign="odd number",
    on_voids=True,
    claim_status="A7:21",
    carc="16",
    source="X12 005010X222 and 005010X223: data type R, and the limit of amounts and quantities in appendix B",
    confidence=0.95,
)
def malformed_number(claim: Claim, _: Facts) -> Results:
    """What it checks: charges, units and drug quantities are decimal numbers of at most eight digits before the point.

    Why it is denied: the payer's front end rejects an amount or count that it cannot read.

    How to fix: write digits with at most one decimal point, without currency signs or thousands separators. If the
    value belongs to another element, look for a missing or extra element before it.
    """
    form = "with at most eight digits before the decimal point, and no other signs"
    if malformed := _malformed(claim, "total_charge", form):
        yield malformed
    for line in claim.lines:
        if _are_numbers(line.charge_text, line.units_text, line.ndc_quantity_text):
            continue
        for field in ("charge", "units", "ndc_quantity"):
            if malformed := _malformed(line, field, form):
                yield malformed
