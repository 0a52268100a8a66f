"""Medicare's limits on units (MUE) and on pairs of codes (NCCI), from tables that the user loads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import permutations

import attrs

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.visits import by_one_provider
from scrubber.edit import Finding, NotChecked, Results, by_payer, edit, finding
from scrubber.reference import Facts
from scrubber.reference.editions import Row
from scrubber.reference.external import MUE, NCCI

_PER_LINE = "1"
_CLINICAL = "3"
_NEVER_TOGETHER = "0"
_WITH_MODIFIER = "1"
_NO_DAY = "the day of service is not known: the date is missing or covers several days"

Visit = dict[str, list[ServiceLine]]
"""The lines of one day by procedure code."""


def _visits(claim: Claim) -> dict[date | None, Visit]:
    visits: dict[date | None, Visit] = {}
    for line in claim.lines:
        if line.procedure:
            visits.setdefault(line.service_date, {}).setdefault(line.procedure, []).append(line)
    return visits


def _is_limited(claim: Claim, facts: Facts) -> bool:
    """Whether the limits apply: to professional claims and outpatient bill types, not to inpatients."""
    return claim.type == "837P" or claim.facility_code in facts.family("outpatient_bill_types")


@edit(
    "MUE01",
    "More units than Medicare's limit",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=None,
    claim_status="A7:476",
    carc="151",
    rarc="N362",
    source="CMS medically unlikely edits",
    confidence=0.8,
    table=MUE.values(),
)
def too_many_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the units of a procedure code do not exceed Medicare's limit. The adjudication indicator of the
    code says whether the limit applies to each line (1) or to all lines of a day together, discarded units included (2
    and 3). With different rendering providers it is a warning. Limits with indicator 3 can be appealed with records, so
    it is a warning for every payer. Inpatient bill types are left out. Needs the table of limits.

    Why it is denied: payers take units above the limit for an error and pay nothing for the line or the day.

    How to fix: check the units, the dose and the unit of the code. If they are right and the limit can be appealed,
    bill them and keep the record ready.

    What it cannot know: whether the record would win an appeal.
    """
    if not _is_limited(claim, facts):
        return
    table = facts.table(MUE[claim.type])
    for day, visit in _visits(claim).items():
        for procedure, lines in visit.items():
            if not table.has(procedure):
                continue
            row = table.row(procedure, day) if day else None
            if day is None:
                yield NotChecked(_NO_DAY)
            elif row:
                yield from _over_limit(lines, row, by_one_provider(claim, lines))


def _over_limit(lines: list[ServiceLine], row: Row, one_provider: bool) -> Iterator[Finding | NotChecked]:
    limit, indicator = Decimal(row.values["units"]), row.values["adjudication"]
    if indicator == _PER_LINE:
        over = [line for line in lines if (line.units or 0) > limit]
    else:
        over = lines[-1:] if sum((line.units or Decimal(0) for line in lines), Decimal(0)) > limit else []
    for line in over:
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
            continue
        yield finding(
            line.at("units"),
            f"{line.procedure} with more than {limit} units on a {'line' if indicator == _PER_LINE else 'day'}",
            "check the units: what was given, counted as the code counts",
            "warn" if indicator == _CLINICAL or not (one_provider or indicator == _PER_LINE) else None,
        )


@edit(
    "NCCI01",
    "Two codes that are not paid together",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=None,
    claim_status="A8:454",
    carc="236",
    source="CMS national correct coding initiative, procedure-to-procedure edits",
    confidence=0.9,
    table=NCCI.values(),
)
def unpaid_pair(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two codes of a day are a pair that is not paid together. If the indicator of the pair is 1,
    a modifier on either line (59, XE, XP, XS, XU, 25, LT, RT …) allows it. With 0 no modifier does. With 9 the pair is
    no longer in force. With different rendering providers it is a warning. Inpatient bill types are left out. Needs
    the table of pairs.

    Why it is denied: the second code of the pair is part of the first.

    How to fix: remove the second code. If the record shows two separate services, add a modifier such as 59.

    What it cannot know: what the record shows, and the specialty of another provider of the group.
    """
    if not _is_limited(claim, facts):
        return
    table, modifiers = facts.table(NCCI[claim.type]), facts.family("ncci_modifiers")
    for day, visit in _visits(claim).items():
        for first, second in permutations(visit, 2):
            key = f"{first} {second}"
            if not table.has(key):
                continue
            row = table.row(key, day) if day else None
            if day is None:
                yield NotChecked(_NO_DAY)
            elif row:
                one_provider = by_one_provider(claim, (*visit[first], *visit[second]))
                for result in _unpaid(visit[first], visit[second], row.values["modifier"], modifiers):
                    if isinstance(result, Finding) and not one_provider:
                        result = attrs.evolve(result, severity="warn")
                    yield result


def _unpaid(
    first: list[ServiceLine], second: list[ServiceLine], indicator: str, modifiers: frozenset[str]
) -> Iterator[Finding | NotChecked]:
    """The lines of a pair's second code that are not paid beside its first."""
    separated = any(not modifiers.isdisjoint(line.modifiers) for line in first)
    for line in second:
        passes = indicator == _WITH_MODIFIER and (separated or not modifiers.isdisjoint(line.modifiers))
        if passes or indicator not in (_NEVER_TOGETHER, _WITH_MODIFIER):
            continue
        if line.only_day is None:
            yield NotChecked(_NO_DAY)
            continue
        yield finding(
            line.at("procedure"),
            f"{line.procedure} is not paid beside {first[0].procedure} on the same day",
            f"remove {line.procedure}"
            if indicator == _NEVER_TOGETHER
            else f"remove {line.procedure}, or add a modifier such as 59 if the record shows two services",
        )
