"""Claim objects as JSON lines, for `scrubber claims`. Dates are ISO; numbers and codes are as the file wrote them."""

from __future__ import annotations

from datetime import date
from typing import Any

from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.claims.values import DateRange
from scrubber.x12.segments import element


def record(claim: Claim) -> dict[str, Any]:
    """One claim. A date that cannot be read is null."""
    subscriber, written = claim.context.subscriber, map(claim.written, claim.diagnoses)
    return {
        "claim_id": claim.claim_id,
        "type": claim.type,
        "transaction": claim.context.transaction_control,
        "total_charge": claim.total_charge_text or None,
        "facility_code": claim.facility_code or None,
        "frequency": claim.frequency or None,
        "filing_indicator": (subscriber.text("filing_indicator") if subscriber else "") or None,
        "subscriber_birth_date": _birth_date(subscriber),
        "patient_birth_date": _birth_date(claim.patient),
        "patient_is_dependent": claim.context.patient is not None,
        "diagnoses": [{"qualifier": qualifier, "code": code} for qualifier, code in written],
        "lines": [_line(line) for line in claim.lines],
    }


def _line(line: ServiceLine) -> dict[str, Any]:
    dates, service = _own_dates(line), line.written
    return {
        "number": line.number_text or None,
        "procedure": element(service, 1) or None,
        "modifiers": [modifier for modifier in service[2:6] if modifier],
        "revenue_code": line.text("revenue_code") or None,
        "charge": line.charge_text or None,
        "unit_basis": line.unit_basis or None,
        "units": line.units_text or None,
        "service_date": _iso(dates.first if dates else None),
        "service_date_end": _iso(dates.last if dates else None),
        "diagnosis_pointers": line.diagnosis_pointers,
        "ndc": line.ndc or None,
        "ndc_quantity": line.ndc_quantity_text or None,
        "ndc_unit": line.text("ndc_unit") or None,
    }


def _birth_date(level: Level | None) -> str | None:
    try:
        return _iso(level.birth_date) if level else None
    except MalformedValue:
        return None


def _own_dates(line: ServiceLine) -> DateRange | None:
    try:
        return line.own_dates
    except MalformedValue:
        return None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
