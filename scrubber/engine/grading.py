"""The severity of findings, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import NO_DATE, Dated, Edit, Finding, NotChecked, Severity
from scrubber.engine.codes import CRASHED
from scrubber.engine.profile import Grade
from scrubber.severities import gravity


def graded(
    edit: Edit, claim: Claim, found: Finding | NotChecked, severity: Severity | Dated, overridden_from: date | None
) -> Finding | NotChecked | None:
    """The finding with its edit's code and the severity in force, `None` if the edit is off on that day."""
    if isinstance(found, NotChecked):
        return found
    if found.severity and overridden_from is None:
        grade: Severity | None = found.severity
    elif isinstance(severity, Dated):
        day = _day_of(claim, found)
        if day is None:
            return NO_DATE
        own = found.severity if overridden_from and day < overridden_from else None
        grade = own or severity.on(day)
    else:
        grade = severity
    if grade is None:
        return None
    return Finding(
        found.location,
        found.message,
        found.fix,
        severity=grade,
        code=edit.code,
        carc=found.carc or edit.carc,
        rarc=found.rarc if found.carc else found.rarc or edit.rarc,
        claim_status=found.claim_status or edit.claim_status,
    )


def _day_of(claim: Claim, found: Finding) -> date | None:
    line = claim.line_at(found.location)
    if line:
        return line.service_date
    dates = claim.service_dates
    return dates[0] if dates else None


def failure(
    edit: Edit, claim: Claim, error: BaseException, severity: Severity | Dated, grade: Grade | None
) -> Finding | NotChecked:
    """The finding that an edit failed, with the highest severity that a finding of the edit could have.

    A `grade` that the profile sets takes the place of that severity. If the profile leaves such findings out
    (`off`), the edit is at least not checked. Only the class of the error is named: its message may quote the claim.
    """
    name = type(error).__name__
    if grade == "off":
        return NotChecked(f"the edit failed with {name}")
    return Finding(
        claim.at("claim_id"),
        f"edit {edit.code} failed with {name}; it has not decided on this claim",
        "report this to the maintainer of the edit",
        grade or ("reject" if _may_reject(severity, claim.service_dates) else "warn"),
        CRASHED,
    )


def _may_reject(severity: Severity | Dated, days: Sequence[date]) -> bool:
    """Whether an edit of a severity rejects a claim with services on these days, or on days that are not known."""
    if isinstance(severity, Dated):
        grades = [severity.on(day) for day in days] if days else [grade for _, grade in severity.phases]
        return "reject" in grades
    return severity == "reject"


def regraded(fault: Finding, grade: Grade | None) -> Finding | None:
    """A guide fault with the severity that the profile sets, `None` if it is off."""
    severity = grade or fault.severity
    if severity == "off":
        return None
    return fault if fault.severity == severity else attrs.evolve(fault, severity=severity)


def in_order(claim: Claim, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings on a claim in the order of reports: those on the claim first, then line by line."""
    if len(findings) > 1:
        findings = sorted(findings, key=lambda finding: _order(claim, finding))
    return tuple(findings)


def _order(claim: Claim, found: Finding) -> tuple[int, int, str, int, str, str]:
    """By position, then by severity. The key is complete because edits run in no fixed order."""
    location = found.location
    line = claim.line_at(location)
    position = line.start if line else -1
    return position, gravity(found.severity), found.code, location.index, location.element, found.message
