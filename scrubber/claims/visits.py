"""What belongs together on a claim: the services of one visit.

A claim has one billing provider, and for a payer the members of a group with one specialty are one physician (Medicare
Claims Processing Manual, chapter 12, section 30.6.5). So services of a day are one visit, whoever rendered them.
A hospital counts by the encounter instead, which may last over midnight (chapter 4, section 230.2).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date

from scrubber.claims.model import Claim, ServiceLine


def visits(claim: Claim, procedures: Container[str]) -> Sequence[list[ServiceLine]]:
    """The lines with one of these codes, by day. Raises `MalformedValue`."""
    by_day: dict[date | None, list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure and line.procedure in procedures:
            by_day.setdefault(line.service_date, []).append(line)
    return list(by_day.values())


def encounters(claim: Claim, procedures: Container[str]) -> Sequence[list[ServiceLine]]:
    """The lines with one of these codes: by day on an 837P, all together on an 837I. Raises `MalformedValue`."""
    if claim.type == "837P":
        return visits(claim, procedures)
    lines = [line for line in claim.lines if line.procedure and line.procedure in procedures]
    return [lines] if lines else []


def beside(claim: Claim, line: ServiceLine, procedures: Container[str]) -> list[ServiceLine]:
    """The lines with one of these codes that belong to a line: of its day, on an 837I also of the days around it.

    Raises `MalformedValue`.
    """
    days = 1 if claim.type == "837I" else 0
    return [
        other
        for other in claim.lines
        if other.procedure and other.procedure in procedures and _within(days, other.service_date, line.service_date)
    ]


def _within(days: int, one: date | None, other: date | None) -> bool:
    return one == other or (one is not None and other is not None and abs((one - other).days) <= days)


def by_one_provider(claim: Claim, lines: Iterable[ServiceLine]) -> bool:
    """Whether the lines name one rendering provider. Where they do not, two specialties may have seen the patient."""
    return claim.type == "837I" or len({claim.provider_of(line) for line in lines}) <= 1
