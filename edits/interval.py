"""Doses of one patient across the claims of a file: how far apart they are, and which drugs meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from scrubber.claims.doses import DISCARDED
from scrubber.claims.history import History, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_PATIENT, Check, Concern, Finding, NotChecked, Results, Severity, file_edit, finding
from scrubber.reference import Facts
from scrubber.reference.billing import Spacing
from scrubber.reference.therapy import Combination

_NO_DAY = "the day of a dose is not known: its service date is missing or covers several days"


def _dose_days(lines: list[ServiceLine]) -> list[tuple[date, ServiceLine]]:
    """Each day with a dose, in order, and the first line of it; lines without one certain day are left out.

    Vials of two sizes stand on two lines: all of a day are one dose.
    """
    first: dict[date, ServiceLine] = {}
    for line in lines:
        day = line.only_day
        if day:
            first.setdefault(day, line)
    return sorted(first.items(), key=lambda dose: dose[0])


def _given(claim: Claim) -> list[ServiceLine]:
    """The lines of what was given; what was discarded is no dose, whatever its date."""
    return [line for line in claim.lines if DISCARDED not in line.modifiers]


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
        gaps_in_row = "one gap" if rule.loading_gaps == 1 else f"{rule.loading_gaps} gaps in a row"
        return "warn", f"more than {gaps_in_row} as short as those of the loading doses"
    if rule.most_doses and _most_in_window(day, days, rule.window_days) > rule.most_doses:
        return "warn", f"more than {rule.most_doses} doses within {rule.window_days} days"
    short = [gap for gap in beside if (rule.loading_until or 0) < gap < rule.usual_from]
    if short:
        return "info", f"{_days(min(short))} from another dose, which is shorter than usual"
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


def _spacing(concerned: Callable[[Spacing], bool]) -> Check:
    """A check of how far apart the doses of some drugs stand, that has seen no claim yet."""
    histories: dict[Spacing, History] = {}

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        for rule in filter(concerned, facts.spacings):
            codes = facts.codes_of_all(rule.substances)
            lines = [line for line in _given(claim) if line.procedure in codes]
            if not lines:
                continue
            if _day_is_unknown(lines):
                yield NotChecked(_NO_DAY)
            patient = patient_key(claim)
            if patient is None:
                yield NO_PATIENT
                continue
            history = histories.setdefault(rule, History())
            for day, line in _dose_days(lines):
                yield from _compare(day, line, patient, rule, history)

    return check


def _compare(day: date, line: ServiceLine, patient: int, rule: Spacing, history: History) -> Iterator[Finding]:
    others = [date.fromordinal(number) for number in history.of(patient)]
    if day in others:
        return
    history.remember(patient, day.toordinal())
    unusual = _unusual(day, others, rule) if others else None
    if unusual:
        severity, why = unusual
        yield finding(
            line.at("service_date"),
            f"{line.procedure} of the same patient elsewhere in this file: {why}",
            "check the dates of service; where they are right, keep the reason for the early dose on record",
            severity,
        )


def _has_loading_doses(rule: Spacing) -> bool:
    return rule.loading_until is not None


def _has_none(rule: Spacing) -> bool:
    return rule.loading_until is None


def _drugs_of(concerned: Callable[[Spacing], bool]) -> Concern:
    """Concerns claims with a drug of some rows of the spacing table."""
    return lambda facts: facts.codes_of_all(
        substance for rule in facts.spacings if concerned(rule) for substance in rule.substances
    )


@file_edit(
    "INT01",
    "Doses of a drug with loading doses close together",
    severity="warn",
    concerns=_drugs_of(_has_loading_doses),
    claim_status="A7:259",
    carc="151",
    source="Benlysta label: weeks 0, 2 and 4, then every 4 weeks; Remicade label: weeks 0, 2 and 6, then every 6 or 8; "
    "Ocrevus label",
    confidence=0.75,
)
def interval_with_loading() -> Check:
    """What it checks: days of belimumab, infliximab (with its biosimilars) or ocrelizumab for one patient in a file. A
    gap below 11 days is a warning. Gaps of 11 to 17 days are those of the loading doses: two in a row are fine for
    belimumab and one for the others, one more is a warning; and so are more than three doses of belimumab in 35 days
    or of infliximab in 38. A gap from 18 days on is worth a remark below 24 days, for ocrelizumab below 140. Lines of
    one day are one dose, and what was discarded is none. Replacements and voids are left out; the finding stands on the
    claim that comes later in the file.

    Why it is denied: payers limit how often the drug is paid for.

    How to fix: correct the date of service if it is wrong. Moved appointments happen; then document the reason.

    What it cannot know: when treatment began, and doses in other files.
    """
    return _spacing(_has_loading_doses)


@file_edit(
    "INT02",
    "Doses of a drug without loading doses close together",
    severity="warn",
    concerns=_drugs_of(_has_none),
    claim_status="A7:259",
    carc="151",
    source="Saphnelo label: every 4 weeks, at least 14 days between infusions",
    confidence=0.8,
)
def interval_without_loading() -> Check:
    """What it checks: days of anifrolumab for one patient in a file. A gap below 14 days is a warning; one of 14 to 24
    days, which the label allows after a late dose, is worth a remark. Lines of one day are one dose. Replacements
    and voids are left out; the finding stands on the claim that comes later in the file.

    Why it is denied: payers limit how often the drug is paid for.

    How to fix: correct the date of service if it is wrong. Moved appointments happen; then document the reason.

    What it cannot know: doses in other files.
    """
    return _spacing(_has_none)


def _combined_over_days(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug of a combination that looks beyond the day."""
    return facts.codes_of_all(
        substance for row in facts.combinations if row.days for substance in (*row.first, *row.second)
    )


@file_edit(
    "MIX04",
    "Another biologic within four weeks of a lupus drug",
    severity="info",
    concerns=_combined_over_days,
    source="Benlysta label, June 2025, and Saphnelo label: use with other biologics was not studied",
    confidence=0.6,
)
def biologics_close_together() -> Check:
    """What it checks: no rituximab or obinutuzumab is billed for a patient within 28 days of belimumab or anifrolumab,
    on the same claim or on others of the file. Replacements and voids are left out; the finding stands on the line
    that comes later.

    Why it is denied: the combination was not studied, and some payers do not cover it.

    How to fix: nothing, if both were given; have the reason on record, and the authorization for both.

    What it cannot know: doses in other files.
    """
    histories: dict[tuple[Combination, bool], History] = {}

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        for row in facts.combinations:
            if row.days:
                yield from _meetings(claim, facts, row)

    def _meetings(claim: Claim, facts: Facts, row: Combination) -> Results:
        one, other = facts.codes_of_all(row.first), facts.codes_of_all(row.second)
        lines = [line for line in _given(claim) if line.procedure in one or line.procedure in other]
        if not lines:
            return
        if _day_is_unknown(lines):
            yield NotChecked(_NO_DAY)
        patient = patient_key(claim)
        if patient is None:
            yield NO_PATIENT
            return
        doses = [(line, day, False) for day, line in _dose_days([line for line in lines if line.procedure in one])]
        doses += [(line, day, True) for day, line in _dose_days([line for line in lines if line.procedure in other])]
        for line, day, is_other in sorted(doses, key=lambda dose: dose[0].start):
            opposite = histories.setdefault((row, not is_other), History())
            same = histories.setdefault((row, is_other), History())
            if any(abs(day.toordinal() - number) <= row.days for number in opposite.of(patient)):
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} within {row.days} days of another biologic that it was not tried with",
                    "make sure that both were given and that the payer covers them together",
                )
            if day.toordinal() not in same.of(patient):
                same.remember(patient, day.toordinal())

    return check
