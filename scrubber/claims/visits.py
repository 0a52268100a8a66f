"""The services of a claim that belong to one visit.

A claim has one billing provider. For a payer the members of a group with one specialty are one physician (Medicare
Claims Processing Manual, chapter 12, section 30.6.5). So all services of a day are one visit. A hospital counts
encounters instead. An encounter may last past midnight (chapter 4, section 230.2).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim


@once_per_claim
def by_day(claim: Claim, procedures: Container[str]) -> Mapping[date | None, Sequence[ServiceLine]]:
    """The lines with one of these codes, by day. Raises `MalformedValue`."""
    found: dict[date | None, list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure and line.procedure in procedures:
            found.setdefault(line.service_date, []).append(line)
    return found


def encounters(claim: Claim, procedures: Container[str]) -> Sequence[Sequence[ServiceLine]]:
    """The lines with one of these codes: by day on an 837P, all together on an 837I. Raises `MalformedValue`."""
    if claim.type == "837P":
        return list(by_day(claim, procedures).values())
    lines = [line for line in claim.lines if line.procedure and line.procedure in procedures]
    return [lines] if lines else []


def beside(claim: Claim, day: date | None, procedures: Container[str]) -> Sequence[ServiceLine]:
    """The lines with one of these codes for a day: those of that day, on an 837I also of the days before and after.

    Raises `MalformedValue`.
    """
    found = by_day(claim, procedures)
    if claim.type == "837P" or day is None:
        return found.get(day, ())
    around = (found.get(date.fromordinal(day.toordinal() + days), ()) for days in (-1, 0, 1))
    return [line for lines in around for line in lines]


def by_one_provider(claim: Claim, lines: Iterable[ServiceLine]) -> bool:
    """Whether the lines name one rendering provider. Otherwise two specialties may have seen the patient."""
    return claim.type == "837I" or len({claim.provider_of(line) for line in lines}) <= 1
