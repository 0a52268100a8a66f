"""Dates of service beside the file's date, the statement dates and the drug's approval."""

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
"""Lines with the dates that they have of their own."""


@edit(
    "DATE01",
    "Date of service out of bounds",
    severity="reject",
    concerns=None,
    claim_status="A7:187",
    carc="16",
    source="42 CFR 424.44 (one year); Medicare Claims Processing Manual, chapter 25 (statement dates); drug labels",
    confidence=0.9,
)
def date_out_of_bounds(claim: Claim, facts: Facts) -> Results:
    """What it checks: no service lies after the date of the file: the latest of ISA09, GS04 and BHT04, or `--as-of`;
    never the clock. That is a reject. And, as warnings: a line of an 837P that began before does not end after it; on
    an 837I a line's dates lie within the statement dates; an infused drug is not billed for a day before it was
    approved; the service is not older than the payer takes. For that an 837P is counted from the line's first day, an
    837I from the last day of the statement dates; replacements (frequency 7) are not counted. The payer's limit is what
    the profile says (`filing_limit_days`), else Medicare's one calendar year.

    Why it is denied: what has not happened yet cannot be billed. Medicare takes claims for one calendar year from the
    service (CARC 29 after it); other payers have limits of their own, most of them shorter.

    How to fix: correct the date. A claim that is late needs the payer's own exception, such as proof of an earlier
    submission.
    """
    today = facts.today(claim.context.file_date)
    dated = [(line, dates) for line in claim.lines if (dates := line.own_dates)]
    statement = claim.statement_dates if claim.type == "837I" else None
    if today is None:
        yield NotChecked("the file's own date is missing or no date (ISA09, GS04 and BHT04)")
    else:
        if statement and statement.last > today:
            yield _not_yet(claim.at("statement_dates"), statement.last, today, facts)
        for line, dates in dated:
            if dates.last > today:
                yield _in_future(claim, line, dates, today, facts)
        limit = facts.filing_limit or facts.periods["timely_filing"]
        late = _too_old(claim, dated, statement, today, limit)
        if late:
            location, served = late
            yield finding(
                location,
                f"the service of {served} is too old on {today}: "
                + (
                    f"this payer takes claims for {limit.days} days"
                    if facts.filing_limit
                    else "Medicare takes claims for one calendar year, other payers vary"
                ),
                "check the date and the payer's limit; a late claim needs the payer's own exception",
                "warn",
                carc="29",
            )
    if statement:
        yield from _outside(dated, statement)
    for line in claim.lines:
        if line.procedure in facts.drug_codes and _is_before_approval(line, facts):
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
        f"the service ends on {dates.last}, after {_called(today, facts)}, as only rentals and supplies may",
        "correct the last day, or hold the claim until then, unless the payer takes it beforehand",
        "warn",
    )


def _not_yet(location: Location, day: date, today: date, facts: Facts) -> Finding:
    return finding(
        location,
        f"the date of service, {day}, lies after {_called(today, facts)}",
        "correct the date, or hold the claim until the service was given",
    )


def _called(today: date, facts: Facts) -> str:
    if facts.as_of:
        return f"{today}, which was given as the day of the run"
    return f"the date of the file, {today} (the latest of ISA09, GS04 and BHT04)"


def _too_old(
    claim: Claim, dated: Dated, statement: DateRange | None, today: date, limit: Period
) -> tuple[Location, date] | None:
    """Where it shows, and the day it counts from: at the statement dates, else at the first line that is too old."""
    if claim.is_replacement:
        return None
    if statement:
        late = limit.is_over(statement.last, today)
        return (claim.at("statement_dates"), statement.last) if late else None
    for line, dates in dated:
        if limit.is_over(dates.first, today):
            return line.at("service_date"), dates.first
    return None


def _outside(dated: Dated, statement: DateRange) -> Iterator[Finding]:
    for line, dates in dated:
        if dates.first < statement.first or dates.last > statement.last:
            yield finding(
                line.at("service_date"),
                "the line's date lies outside of the statement dates",
                "correct the line's date or the statement dates (DTP*434)",
                "warn",
            )


def _is_before_approval(line: ServiceLine, facts: Facts) -> bool:
    approved, day = facts.approved(line.procedure), line.service_date
    return approved is not None and day is not None and day < approved
