"""Dates of service compared with the file's date, the statement dates and the drug's approval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import DateRange
from scrubber.edit import Finding, NotChecked, Results, edit, finding
from scrubber.reference import Facts, Period

Dated: TypeAlias = list[tuple[ServiceLine, DateRange]]
"""Lines with their own dates."""


@edit(
    "DATE01",
    "Date of service out of bounds",
    severity="reject",
    concerns=None,
    part="services",
    claim_status="A7:187",
    carc="16",
    source="42 CFR 424.44 (one year); Medicare Claims Processing Manual, chapter 25 (statement dates); drug labels",
    confidence=0.9,
)
def date_out_of_bounds(claim: Claim, facts: Facts) -> Results:
    """What it checks: no date of service is after the file's date, which is the latest of ISA09, GS04 and BHT04 (or
    `--as-of`). It warns of an 837P line that ends after that date and began before, of an 837I line outside the
    statement dates, of a day before the drug's approval, and of a service older than the payer's limit:
    `filing_limit_days` of the profile, else one calendar year. The limit counts from a line's first day, on an 837I
    from the last statement date. Replacements have none.

    Why it is denied: a service in the future cannot be billed. Medicare takes claims for one calendar year after the
    service (CARC 29 after that). Other payers have their own limits, and most are shorter.

    How to fix: correct the date. A late claim needs the payer's own exception, such as proof of an earlier submission.

    What it cannot know: whether the payer grants an exception for a late claim.
    """
    today = facts.today(claim.context.file_date)
    dated = [(line, dates) for line in claim.lines if (dates := line.own_dates)]
    statement = claim.statement_dates if claim.type == "837I" else None
    if today is None:
        yield NotChecked("the file's own date is missing or not a valid date (ISA09, GS04 and BHT04)")
    else:
        if statement and statement.last > today:
            yield _not_yet(claim.at("statement_dates"), statement.last, today, facts)
        past = None
        for line, dates in dated:
            if dates is past:
                continue  # most lines of a claim have the same dates, and share the record of them
            if dates.last > today:
                yield _in_future(claim, line, dates, today, facts)
            else:
                past = dates
        limit = facts.filing_limit or facts.periods["timely_filing"]
        late = _too_old(claim, dated, statement, today, limit)
        if late:
            location, served = late
            yield finding(
                location,
                f"the service of {served} is past the filing limit on {today}: "
                + (
                    f"this payer takes claims for {limit.days} days"
                    if facts.filing_limit
                    else "Medicare takes claims for one calendar year, and other payers have other limits"
                ),
                "correct the date if it is wrong; otherwise ask the payer for an exception",
                "warn",
                carc="29",
            )
    if statement:
        yield from _outside(dated, statement)
    drugs = facts.drug_codes
    for line in claim.lines:
        if line.procedure in drugs and _is_before_approval(line, facts):
            yield finding(
                line.at("service_date"),
                f"{line.procedure} is billed for a day before the drug was approved",
                "correct the date of service or the procedure code",
                "warn",
            )


def _in_future(claim: Claim, line: ServiceLine, dates: DateRange, today: date, facts: Facts) -> Finding:
    location = line.at("service_date")
    if dates.first > today or claim.type == "837I":
        return _not_yet(location, dates.last, today, facts)
    return finding(
        location,
        f"the service ends on {dates.last}, after {_called(today, facts)}; only rentals and supplies may do so",
        "correct the last day, or hold the claim until that day, unless the payer takes it earlier",
        "warn",
    )


def _not_yet(location: Location, day: date, today: date, facts: Facts) -> Finding:
    return finding(
        location,
        f"the date of service, {day}, is after {_called(today, facts)}",
        "correct the date, or hold the claim until the service is given",
    )


def _called(today: date, facts: Facts) -> str:
    if facts.as_of:
        return f"{today}, the day that was set for the run"
    return f"the date of the file, {today} (the latest of ISA09, GS04 and BHT04)"


def _too_old(
    claim: Claim, dated: Dated, statement: DateRange | None, today: date, limit: Period
) -> tuple[Location, date] | None:
    """The statement dates or first line that is too old, and the day that its age counts from; `None` if in time."""
    if claim.is_replacement:
        return None
    if statement:
        late = limit.is_over(statement.last, today)
        return (claim.at("statement_dates"), statement.last) if late else None
    in_time = None
    for line, dates in dated:
        if dates is in_time:
            continue
        if limit.is_over(dates.first, today):
            return line.at("service_date"), dates.first
        in_time = dates
    return None


def _outside(dated: Dated, statement: DateRange) -> Iterator[Finding]:
    for line, dates in dated:
        if dates.first < statement.first or dates.last > statement.last:
            yield finding(
                line.at("service_date"),
                "the line's date is outside the statement dates",
                "correct the line's date or the statement dates (DTP*434)",
                "warn",
            )


def _is_before_approval(line: ServiceLine, facts: Facts) -> bool:
    approved, day = facts.approved(line.procedure), line.service_date
    return approved is not None and day is not None and day < approved
