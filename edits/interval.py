"""Days between the doses of one patient across the claims of a file, and of earlier files if there is a history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from scrubber.claims.doses import dose_days, given_lines
from scrubber.claims.earlier import Earlier, Past
from scrubber.claims.memory import REACH, DaysByKey, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import (
    NO_PATIENT,
    TOO_MANY_EARLIER,
    Check,
    Concern,
    Finding,
    NotChecked,
    Results,
    Severity,
    file_edit,
    finding,
)
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.billing import Spacing

_NO_DAY = "the day of a dose is not known: its service date is missing or covers several days"


def _day_is_unknown(lines: Sequence[ServiceLine]) -> bool:
    return any(line.only_day is None for line in lines)


def _unusual(day: date, others: list[date], spacing: Spacing) -> tuple[Severity, str] | None:
    """The severity and the reason if the dose is unusually close to other doses; `None` if it is usual."""
    days = sorted([*others, day])
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    position = days.index(day)
    beside = gaps[max(position - 1, 0) : position + 1]
    if any(gap < spacing.too_close for gap in beside):
        return "warn", f"this dose is only {_days(min(beside))} from the nearest other dose"
    if _loading_run(gaps, position, spacing) > spacing.loading_gaps:
        gaps_in_row = "one gap" if spacing.loading_gaps == 1 else f"{spacing.loading_gaps} gaps in a row"
        return "warn", f"among loading doses, only {gaps_in_row} may be as short as these"
    if spacing.most_doses and _most_in_window(day, days, spacing.window_days) > spacing.most_doses:
        return "warn", f"there are more than {spacing.most_doses} doses within {spacing.window_days} days"
    short = [gap for gap in beside if (spacing.loading_until or 0) < gap < spacing.usual_from]
    if short:
        return spacing.short_is, f"this dose is {_days(min(short))} from another dose, which is less than usual"
    return None


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _loading_run(gaps: list[int], position: int, spacing: Spacing) -> int:
    """How many gaps in a row around the dose at `position` are as short as the gaps between loading doses."""
    is_loading = [spacing.loading_until is not None and gap <= spacing.loading_until for gap in gaps]
    before, after = position, position
    while before > 0 and is_loading[before - 1]:
        before -= 1
    while after < len(gaps) and is_loading[after]:
        after += 1
    return after - before


def _most_in_window(day: date, days: list[date], length: int) -> int:
    """The most doses in any window of `length` days that includes `day`."""
    starts = [start for start in days if 0 <= (day - start).days < length]
    return max(sum(0 <= (other - start).days < length for other in days) for start in starts)


def _spacing(concerned: Callable[[Spacing], bool], earlier: Earlier) -> Check:
    """A new check of the days between doses of some drugs."""
    doses: defaultdict[Spacing, DaysByKey] = defaultdict(DaysByKey)

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        for spacing, lines in _given(claim, facts).items():
            if not concerned(spacing):
                continue
            if _day_is_unknown(lines):
                yield NotChecked(_NO_DAY)
            patient = patient_key(claim)
            if patient is None:
                yield NO_PATIENT
                continue
            past = earlier.of(claim)
            if not past.complete:
                yield TOO_MANY_EARLIER
            in_file, codes = doses[spacing], facts.codes_of_all(spacing.substances)
            for day, line in dose_days(lines):
                yield from _compare(day, line, patient, spacing, in_file, past, codes)

    return check


def _given(claim: Claim, facts: Facts) -> Mapping[Spacing, Sequence[ServiceLine]]:
    """The rows of the spacing table for the drugs on a claim, each with the lines without JW."""
    by_code = _spacings_by_code(facts)
    found: dict[Spacing, list[ServiceLine]] = {}
    for line in given_lines(claim):
        for spacing in _fitting(by_code.get(line.procedure, ()), claim, facts):
            found.setdefault(spacing, []).append(line)
    return found


def _fitting(spacings: Sequence[Spacing], claim: Claim, facts: Facts) -> Iterator[Spacing]:
    """The rows for all diagnoses, and the first row whose diagnoses a claim lists."""
    for_all = True
    for spacing in spacings:
        if spacing.diagnoses is None:
            yield spacing
        elif for_all and facts.diagnosis_set(spacing.diagnoses).holds_any(claim.listed_codes):
            for_all = False
            yield spacing


@once_per_facts
def _spacings_by_code(facts: Facts) -> Mapping[str, Sequence[Spacing]]:
    """The rows of the spacing table for each drug code."""
    found: dict[str, list[Spacing]] = {}
    for spacing in facts.spacings:
        for code in facts.codes_of_all(spacing.substances):
            found.setdefault(code, []).append(spacing)
    return found


def _compare(
    day: date,
    line: ServiceLine,
    patient: int,
    spacing: Spacing,
    in_file: DaysByKey,
    past: Past,
    codes: frozenset[str],
) -> Iterator[Finding]:
    number = day.toordinal()
    doses, before = in_file.near(patient, number), past.dose_days(codes, number, REACH)
    if number in doses or number in before:  # a dose of the same day is this dose
        return
    in_file.remember(patient, number)
    others = [date.fromordinal(other) for other in {*doses, *before}]
    unusual = _unusual(day, others, spacing) if others else None
    if unusual:
        severity, why = unusual
        where = "in this file" if not before else "in this file and in earlier ones" if doses else "in earlier files"
        yield finding(
            line.at("service_date"),
            f"the same patient has other doses of {line.procedure} {where}: {why}",
            "check the dates of service; if they are right, keep the reason for the early dose on record",
            severity,
        )


def _has_loading_doses(spacing: Spacing) -> bool:
    return spacing.loading_until is not None


def _has_none(spacing: Spacing) -> bool:
    return spacing.loading_until is None


def _drugs_of(concerned: Callable[[Spacing], bool]) -> Concern:
    """Concerns claims with a drug from the chosen rows of the spacing table."""
    return lambda facts: facts.codes_of_all(
        substance for spacing in facts.spacings if concerned(spacing) for substance in spacing.substances
    )


@file_edit(
    "INT01",
    "Doses too close together (drug with loading doses)",
    severity="warn",
    concerns=_drugs_of(_has_loading_doses),
    claim_status="A7:259",
    carc="151",
    source="Benlysta label: weeks 0, 2 and 4, then every 4 weeks; Remicade label: weeks 0, 2 and 6, then every 6 or 8; "
    "Ocrevus label",
    confidence=0.75,
)
def interval_with_loading(earlier: Earlier) -> Check:
    """What it checks: the doses of one patient are far enough apart. The edit compares doses in the file, and in
    earlier files if there is a history of released claims. It checks drugs that begin with loading doses; the table of
    spacing lists them. These are the numbers of belimumab, infliximab (with its biosimilars) and ocrelizumab. A gap
    below 11 days is a warning. Gaps of 11 to 17 days are usual between loading doses: two in a row for belimumab, one
    for the other drugs. One more such gap is a warning. More than three doses of belimumab in 35 days, or of infliximab
    in 38 days, are a warning. A gap of 18 to 23 days is for information, for ocrelizumab a gap of 18 to 139 days. Lines
    of one day are one dose. Discarded units are not a dose. Replacements and voids are left out. The finding is on the
    claim that comes later in the file.

    Why it is denied: payers limit how often they pay for the drug.

    How to fix: correct the date of service if it is wrong. If an appointment was moved, document the reason.

    What it cannot know: when treatment began, and doses in files that the history does not have.
    """
    return _spacing(_has_loading_doses, earlier)


@file_edit(
    "INT02",
    "Doses too close together (drug without loading doses)",
    severity="warn",
    concerns=_drugs_of(_has_none),
    claim_status="A7:259",
    carc="151",
    source="Saphnelo label: every 4 weeks, at least 14 days between infusions",
    confidence=0.8,
)
def interval_without_loading(earlier: Earlier) -> Check:
    """What it checks: the doses of one patient are far enough apart. The edit compares doses in the file, and in
    earlier files if there is a history of released claims. It checks drugs without loading doses; the table of spacing
    lists them. Zoledronic acid and denosumab have other numbers with cancer than for osteoporosis. Other diagnoses of
    these drugs are left out. These are the numbers of anifrolumab. A gap below 14 days is a warning. A gap of 14 to 24
    days is a warning, too: the label allows it after a late dose, but payers authorize one dose every four weeks. For
    the other drugs such a gap is for information. Lines of one day are one dose. Replacements and voids are left out.
    The finding is on the claim that comes later in the file.

    Why it is denied: payers limit how often they pay for the drug.

    How to fix: correct the date of service if it is wrong. If an appointment was moved, document the reason.

    What it cannot know: doses in files that the history does not have.
    """
    return _spacing(_has_none, earlier)
