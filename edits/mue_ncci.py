"""Medicare's limits on units (MUE) and on pairs of codes (NCCI), from tables that the user loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Literal, TypeAlias

import attrs

from scrubber.claims.doses import in_units
from scrubber.claims.earlier import Earlier
from scrubber.claims.likeness import person, provider
from scrubber.claims.memory import SumsByKey, digest
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.visits import by_one_provider
from scrubber.edit import (
    TOO_MANY_EARLIER,
    Check,
    Finding,
    NotChecked,
    Results,
    by_payer,
    edit,
    file_edit,
    finding,
    infused_drugs,
    no_edition,
)
from scrubber.reference import Facts
from scrubber.reference.editions import Row, Table
from scrubber.reference.external import MEDICAID_MUE, MEDICAID_NCCI, MUE, NCCI

_PER_LINE = "1"
_CLINICAL = "3"
_NEVER_TOGETHER = "0"
_WITH_MODIFIER = "1"
_NO_DAY = "the day of service is not known: the date is missing or covers several days"

_Tables: TypeAlias = Mapping[Literal["837P", "837I"], str]
"""The name of a table by claim type."""
Visit: TypeAlias = Mapping[str, Sequence[ServiceLine]]
"""The lines of one day by procedure code."""


@once_per_claim
def _visits(claim: Claim) -> Mapping[date | None, Visit]:
    """The visits of a claim by day, `None` for lines whose day is not known. Raises `MalformedValue`."""
    visits: dict[date | None, dict[str, list[ServiceLine]]] = {}
    for line in claim.lines:
        if line.procedure:
            visits.setdefault(line.service_date, {}).setdefault(line.procedure, []).append(line)
    return visits


def _limited_visits(claim: Claim, facts: Facts) -> Iterable[tuple[date | None, Visit]]:
    """The visits that the limits apply to: of professional claims and outpatient bill types, not of inpatients."""
    limited = claim.type == "837P" or claim.facility_code in facts.family("outpatient_bill_types")
    return _visits(claim).items() if limited else ()


def _table(claim: Claim, facts: Facts, medicare: _Tables, medicaid: _Tables) -> Table:
    """Medicaid's table for Medicaid claims, if it is loaded; else Medicare's. Raises `NotLoaded`."""
    own = facts.tables.get(medicaid[claim.type]) if claim.filing_indicator in facts.family("medicaid") else None
    return own or facts.table(medicare[claim.type])


def _row(table: Table, key: str, day: date | None) -> Row | NotChecked | None:
    """The row of a key on a covered day, `None` if there is none. Without a day it is not checked."""
    if not table.has(key):
        return None
    return table.row(key, day) if day else NotChecked(_NO_DAY)


def _on_its_day(line: ServiceLine, found: Finding) -> Finding | NotChecked:
    """A finding on a line, unless the line may be of another day."""
    return NotChecked(_NO_DAY) if line.only_day is None else found


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
    table=(*MUE.values(), *MEDICAID_MUE.values()),
)
def too_many_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the units of a procedure code do not exceed Medicare's limit. The adjudication indicator of the
    code says whether the limit applies to each line (1) or to all lines of a day together, discarded units included (2
    and 3). With different rendering providers it is a warning. A limit with indicator 3 can be appealed with records,
    so the finding is a warning for every payer. Medicaid has its own limits for each line. If they are loaded, they
    apply to Medicaid claims. Inpatient bill types are left out. The edit needs the table of limits.

    Why it is denied: payers treat units above the limit as an error, and pay nothing for the line or the day.

    How to fix: check the units, the dose and the unit of the code. If they are right and the limit can be appealed,
    bill them and keep the record ready.

    What it cannot know: whether the record would win an appeal.
    """
    table = _table(claim, facts, MUE, MEDICAID_MUE)
    for day, visit in _limited_visits(claim, facts):
        if day and (lacking := no_edition(table, day)):
            yield lacking  # also if no loaded edition has the code: that of the day may have it
            continue
        for procedure, lines in visit.items():
            row = _row(table, procedure, day)
            if isinstance(row, NotChecked):
                yield row
            elif row:
                yield from _over_limit(claim, lines, row)


def _over_limit(claim: Claim, lines: Sequence[ServiceLine], row: Row) -> Iterator[Finding | NotChecked]:
    limit, indicator = Decimal(row.values["units"]), row.text("adjudication") or _PER_LINE
    by_line = indicator == _PER_LINE
    over: Sequence[ServiceLine]
    if by_line:
        over = [line for line in lines if (line.units or 0) > limit]
    else:
        over = lines[-1:] if sum((line.units or Decimal(0) for line in lines), Decimal(0)) > limit else []
    for line in over:
        found = finding(
            line.at("units"),
            f"{line.procedure} has more than the limit of {in_units(limit)} on one {'line' if by_line else 'day'}"
            if limit
            else f"{line.procedure} has a limit of 0 units: it is not billed by this kind of provider",
            "check the amount given and the amount in one unit" if limit else "check the procedure code",
            "warn" if indicator == _CLINICAL or not (by_line or by_one_provider(claim, lines)) else None,
        )
        yield _on_its_day(line, found)


@file_edit(
    "MUE02",
    "More units than Medicare's limit with those of earlier claims",
    severity="warn",
    concerns=infused_drugs,
    needs_history=True,
    in_file=True,
    claim_status="A7:476",
    carc="151",
    rarc="N362",
    source="CMS medically unlikely edits",
    confidence=0.7,
    table=(*MUE.values(), *MEDICAID_MUE.values()),
)
def too_many_units_with_earlier_claims(earlier: Earlier) -> Check:
    """What it checks: the units of an infused drug, together with those of the same day on other claims of the patient
    and billing provider, do not exceed Medicare's limit. The other claims are earlier in this file or were released
    before. Only limits for all lines of a day (adjudication indicators 2 and 3) are checked. MUE01 checks a claim that
    is above the limit by itself, and DUP03 a claim that was released before. Replacements and voids are left out. The
    edit needs the table of limits. Without a history of released claims it adds up the claims of the file only.

    Why it is denied: payers add up the units of a day over all claims, and pay nothing above the limit.

    How to fix: check whether the drug was billed twice. If the units are right, keep the record ready for an appeal.

    What it cannot know: whether the record would win an appeal, and claims that the history does not have.
    """
    in_file = SumsByKey()

    def check(claim: Claim, facts: Facts) -> Results:
        if earlier.repeated(claim):
            return
        past, patient, billed_by = earlier.of(claim), person(claim), provider(claim)
        if not past.complete:
            yield TOO_MANY_EARLIER
        table = _table(claim, facts, MUE, MEDICAID_MUE)
        for day, visit in _limited_visits(claim, facts):
            for procedure, lines in visit.items():
                if day and procedure in facts.drug_codes and table.has(procedure):
                    key = digest(str(patient), str(billed_by), procedure, day.isoformat())
                    before = past.units(procedure, day.toordinal(), billed_by) + in_file.of(key)
                    if before and not claim.is_replacement:
                        yield from _over_limit_with(before, lines, table.row(procedure, day))
                    in_file.add(key, sum((line.units or Decimal(0) for line in lines), Decimal(0)))

    return check


def _over_limit_with(before: Decimal, lines: Sequence[ServiceLine], row: Row | None) -> Iterator[Finding | NotChecked]:
    """The last line of a day, if its units are above a limit only with those of earlier claims."""
    if row is None or (row.text("adjudication") or _PER_LINE) == _PER_LINE:
        return
    limit, own = Decimal(row.values["units"]), sum((line.units or Decimal(0) for line in lines), Decimal(0))
    if own <= limit < own + before:
        last = lines[-1]
        found = finding(
            last.at("units"),
            f"{in_units(own)} of {last.procedure} and {before:f} of earlier claims are above the limit of {limit} "
            "a day",
            "check whether the drug was billed twice; if the units are right, keep the record ready",
        )
        yield _on_its_day(last, found)


@edit(
    "NCCI01",
    "Two codes that are not paid together",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=None,
    claim_status="A8:454",
    carc="236",
    source="CMS national correct coding initiative, procedure-to-procedure edits",
    confidence=0.9,
    table=(*NCCI.values(), *MEDICAID_NCCI.values()),
)
def unpaid_pair(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two codes of a day are a pair that is not paid together. If the indicator of the pair is 1, a
    modifier on either line (59, XE, XP, XS, XU, 25, LT, RT …) allows the pair. If it is 0, no modifier does. If it is
    9, the pair is no longer in force. With different rendering providers it is a warning. Medicaid has its own pairs.
    If they are loaded, they apply to Medicaid claims. Inpatient bill types are left out. The edit needs the table of
    pairs.

    Why it is denied: the payer counts one service of the pair as part of the other.

    How to fix: remove the second code. If the record shows two separate services, add a modifier such as 59.

    What it cannot know: what the record shows, and the specialty of another provider of the group.
    """
    table, modifiers = _table(claim, facts, NCCI, MEDICAID_NCCI), facts.family("ncci_modifiers")
    for day, visit in _limited_visits(claim, facts):
        if day and len(visit) > 1 and (lacking := no_edition(table, day)):
            yield lacking
            continue
        for first, second in permutations(visit, 2):
            row = _row(table, f"{first} {second}", day)
            if isinstance(row, NotChecked):
                yield row
                continue
            if row is None:
                continue
            for result in _unpaid(visit[first], visit[second], row.values["modifier"], modifiers):
                if isinstance(result, Finding) and not by_one_provider(claim, (*visit[first], *visit[second])):
                    result = attrs.evolve(result, severity="warn")
                yield result


def _unpaid(
    first: Sequence[ServiceLine], second: Sequence[ServiceLine], indicator: str, modifiers: frozenset[str]
) -> Iterator[Finding | NotChecked]:
    """The lines of a pair's second code that are not paid together with its first."""
    separated = any(not modifiers.isdisjoint(line.modifiers) for line in first)
    for line in second:
        passes = indicator == _WITH_MODIFIER and (separated or not modifiers.isdisjoint(line.modifiers))
        if passes or indicator not in (_NEVER_TOGETHER, _WITH_MODIFIER):
            continue
        found = finding(
            line.at("procedure"),
            f"{line.procedure} is not paid together with {first[0].procedure} on the same day",
            f"remove {line.procedure}"
            if indicator == _NEVER_TOGETHER
            else f"remove {line.procedure}, or add a modifier such as 59 if the record shows two services",
        )
        yield _on_its_day(line, found)
