"""Doses of one patient across the claims of a file: how far apart they are, and which drugs meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from scrubber.claims.history import History, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_PATIENT, Check, Finding, NotChecked, Results, Severity, file_edit, finding, procedures
from scrubber.reference import Facts
from scrubber.reference.billing import Spacing

_BELIMUMAB = "J0490"
_NO_DAY = "the day of a dose is not known: its service date is missing or covers several days"


def _dose_days(lines: list[ServiceLine]) -> list[tuple[date, ServiceLine]]:
    """Each day with a dose, in order, and the first line of it; lines without one certain day are left out.

    What was discarded stands on a line of its own, and vials of two sizes on two: all of a day are one dose.
    """
    first: dict[date, ServiceLine] = {}
    for line in lines:
        day = line.only_day
        if day:
            first.setdefault(day, line)
    return sorted(first.items(), key=lambda dose: dose[0])


def _day_is_unknown(lines: list[ServiceLine]) -> bool:
    return any(line.only_day is None for line in lines)


def _unusual(day: date, others: list[date], rule: Spacing) -> tuple[Severity, str] | None:
    """What is unusual about a dose on a day, given the days of the others, and how grave it is."""
    days = sorted([*others, day])
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    place = days.index(day)
    beside = gaps[max(place - 1, 0) : place + 1]
    if any(gap < rule.too_close for gap in beside):
        return "warn", f"only {_days(min(beside))} from the nearest other dose"
    if _loading_run(gaps, place, rule) > rule.loading_gaps:
        return "warn", f"more than {rule.loading_gaps} gaps in a row as short as those of the loading doses"
    if rule.most_doses and _most_in_window(day, days, rule.window_days) > rule.most_doses:
        return "warn", f"more than {rule.most_doses} doses within {rule.window_days} days"
    short = [gap for gap in beside if (rule.loading_until or 0) < gap < rule.usual_from]
    if short:
        return "info", f"{_days(min(short))} from another dose, which is short of the usual four weeks"
    return None


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _loading_run(gaps: list[int], place: int, rule: Spacing) -> int:
    """How many gaps in a row around the dose at `place` are as short as those of loading doses."""
    is_loading = [rule.loading_until is not None and gap <= rule.loading_until for gap in gaps]
    before, after = place, place
    while before > 0 and is_loading[before - 1]:
        before -= 1
    while after < len(gaps) and is_loading[after]:
        after += 1
    return after - before


def _most_in_window(day: date, days: list[date], length: int) -> int:
    """The most doses in any window of `length` days that holds `day`."""
    starts = [start for start in days if 0 <= (day - start).days < length]
    return max(sum(0 <= (other - start).days < length for other in days) for start in starts)


def _spacing(hcpcs: str) -> Check:
    """A check of the spacing of a drug's doses that has seen no claim yet."""
    history = History()

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        lines = [line for line in claim.lines if line.procedure == hcpcs]
        if _day_is_unknown(lines):
            yield NotChecked(_NO_DAY)
        patient = patient_key(claim)
        if patient is None:
            yield NO_PATIENT
            return
        for day, line in _dose_days(lines):
            yield from _compare(day, line, patient, facts.spacings[hcpcs])

    def _compare(day: date, line: ServiceLine, patient: int, rule: Spacing) -> Iterator[Finding]:
        others = [date.fromordinal(number) for number in history.of(patient)]
        if day in others:
            return
        history.remember(patient, day.toordinal())
        unusual = _unusual(day, others, rule) if others else None
        if unusual:
            severity, why = unusual
            yield finding(
                line.at("service_date"),
                f"{hcpcs} of the same patient elsewhere in this file: {why}",
                "check the dates of service; where they are right, keep the reason for the early dose on record",
                severity,
            )

    return check


@file_edit(
    "INT01",
    "Doses of belimumab close together",
    severity="warn",
    concerns=procedures("J0490"),
    claim_status="A7:259",
    carc="151",
    source="Benlysta label: 10 mg/kg at weeks 0, 2 and 4, then every 4 weeks",
    confidence=0.75,
)
def belimumab_interval() -> Check:
    """What it checks: days of J0490 for one patient in a file. A gap below 11 days, or more than three doses in any
    35 days, is a warning. Gaps of 11 to 17 days are those of the loading doses: two in a row are fine, a third is a
    warning. 18 to 23 days is worth a remark, 24 and more are fine. Lines of one day are one dose. Replacements and
    voids are left out; the finding stands on the claim that comes later in the file.

    Why it is denied: payers limit how often the drug is paid for.

    How to fix: correct the date of service if it is wrong. Moved appointments happen; then document the reason.
    """
    return _spacing("J0490")


@file_edit(
    "INT02",
    "Doses of anifrolumab close together",
    severity="warn",
    concerns=procedures("J0491"),
    claim_status="A7:259",
    carc="151",
    source="Saphnelo label: every 4 weeks, at least 14 days between infusions",
    confidence=0.8,
)
def anifrolumab_interval() -> Check:
    """What it checks: days of J0491 for one patient in a file. A gap below 14 days is a warning; one of 14 to 24
    days, which the label allows after a late dose, is worth a remark. Lines of one day are one dose. Replacements
    and voids are left out; the finding stands on the claim that comes later in the file.

    Why it is denied: payers limit how often the drug is paid for.

    How to fix: correct the date of service if it is wrong. Moved appointments happen; then document the reason.
    """
    return _spacing("J0491")


def _belimumab_and_biologics(facts: Facts) -> frozenset[str]:
    return facts.family("biologics_beside_belimumab") | {_BELIMUMAB}


@file_edit(
    "MIX04",
    "Another biologic within four weeks of belimumab",
    severity="info",
    concerns=_belimumab_and_biologics,
    source="Benlysta label, June 2025: use with other biologics was not studied",
    confidence=0.6,
)
def biologics_close_together() -> Check:
    """What it checks: no rituximab or obinutuzumab is billed for a patient within 28 days of J0490, on the same claim
    or on others of the file. Replacements and voids are left out; the finding stands on the line that comes later.

    Why it is denied: the combination was not studied, and some payers do not cover it.

    How to fix: nothing, if both were given; have the reason on record, and the authorization for both.
    """
    belimumab, biologics = History(), History()

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        others = facts.family("biologics_beside_belimumab")
        lines = [line for line in claim.lines if line.procedure == _BELIMUMAB or line.procedure in others]
        if _day_is_unknown(lines):
            yield NotChecked(_NO_DAY)
        patient = patient_key(claim)
        if patient is None:
            yield NO_PATIENT
            return
        of_belimumab = [line for line in lines if line.procedure == _BELIMUMAB]
        of_others = [line for line in lines if line.procedure != _BELIMUMAB]
        doses = [(line, day, belimumab, biologics) for day, line in _dose_days(of_belimumab)]
        doses += [(line, day, biologics, belimumab) for day, line in _dose_days(of_others)]
        days_apart = facts.periods["biologics_apart"].days
        for line, day, same, other in sorted(doses, key=lambda dose: dose[0].start):
            if any(abs(day.toordinal() - number) <= days_apart for number in other.of(patient)):
                yield finding(
                    line.at("procedure"),
                    f"J0490 and another biologic within {days_apart} days for the same patient",
                    "make sure that both were given and that the payer covers them together",
                )
            if day.toordinal() not in same.of(patient):
                same.remember(patient, day.toordinal())

    return check
