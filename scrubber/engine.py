"""Runs the edits that concern a claim, and says at what severity their findings count."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

import attrs

from scrubber.catalogue import Catalogue, CatalogueError
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.reader import Events
from scrubber.codes import CRASHED
from scrubber.edit import NO_DATE, SEVERITIES, Concern, Dated, Edit, Finding, NotChecked, Severity
from scrubber.profile import Profile
from scrubber.reference import Facts, shipped
from scrubber.x12.envelope import ClaimType
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import Piece, Readable

Disposition: TypeAlias = Literal["rejected", "flagged", "clean"]

_PLANS = 4096
"""How many kinds of claims (type, procedures, payer) are remembered with the edits that concern them."""
_DEPENDS_ON_DAY = "the service dates cover several days, and the answer depends on which of them counts"
_SEVERAL_DAYS = " (The service dates cover several days; judged on the first and on the last of them.)"


@attrs.frozen
class Unchecked:
    """An edit that could not decide on a claim, and why."""

    code: str
    reason: str


@attrs.frozen
class ScrubbedClaim:
    """A claim with what the edits say of it: findings in file order, claim-level first, and edits not checked."""

    claim: Claim
    findings: tuple[Finding, ...]
    not_checked: tuple[Unchecked, ...]

    @property
    def disposition(self) -> Disposition:
        """`rejected` with a reject among the findings, else `flagged` with a warn, else `clean`."""
        severities = {finding.severity for finding in self.findings}
        if "reject" in severities:
            return "rejected"
        return "flagged" if "warn" in severities else "clean"


Event: TypeAlias = Piece | ScrubbedClaim


class Engine:
    """The edits of a catalogue under a profile and a set of facts.

    `unavailable` names the edits that would run but for a table that is not loaded. Raises `CatalogueError` where an
    edit cannot say what it concerns.
    """

    def __init__(self, catalogue: Catalogue, profile: Profile, facts: Facts | None = None) -> None:
        self.catalogue = catalogue
        self.profile = profile
        self.facts = facts or shipped()
        self.unavailable: list[Unchecked] = []
        self._always: list[Edit] = []
        self._by_procedure: dict[str, list[Edit]] = {}
        self._plan = lru_cache(_PLANS)(self._planned)
        for edit in catalogue.edits.values():
            if profile.runs(edit.code):
                self._add(edit)

    def _add(self, edit: Edit) -> None:
        if edit.table and edit.table not in self.facts.tables:
            part = "in part: " if edit.partly else ""
            self.unavailable.append(Unchecked(edit.code, f"{part}table {edit.table} is not loaded"))
            if not edit.partly:
                return
        if edit.concerns is None:
            self._always.append(edit)
        else:
            for procedure in _concerns(edit, edit.concerns, self.facts):
                self._by_procedure.setdefault(procedure, []).append(edit)

    def for_file(self) -> Engine:
        """The engine with file edits that have seen no claim yet."""
        fresh = copy(self)
        edits = {edit.code: edit.for_file() for edit in self.catalogue.edits.values()}
        fresh._always = [edits[edit.code] for edit in self._always]
        fresh._by_procedure = {
            procedure: [edits[edit.code] for edit in concerned] for procedure, concerned in self._by_procedure.items()
        }
        fresh._plan = lru_cache(_PLANS)(fresh._planned)
        return fresh

    def scrub(self, claim: Claim) -> ScrubbedClaim:
        """Run the edits that concern a claim."""
        known = frozenset(procedure for procedure in claim.procedures if procedure in self._by_procedure)
        plan = self._plan(claim.type, known, claim.is_void, claim.filing_indicator, claim.payer_id)
        later = attrs.evolve(claim, at_end=True) if any(map(_covers_days, claim.lines)) else None
        findings: list[Finding] = []
        not_checked: list[Unchecked] = []
        for edit, severity, overridden in plan:
            for result in self._results(edit, claim, later, severity, overridden):
                if isinstance(result, Finding):
                    findings.append(result)
                else:
                    not_checked.append(Unchecked(edit.code, result.reason))
        findings.sort(key=lambda finding: _order(claim, finding))
        not_checked.sort(key=lambda item: (item.code, item.reason))
        return ScrubbedClaim(claim, tuple(findings), tuple(dict.fromkeys(not_checked)))

    def _planned(
        self, claim_type: ClaimType, procedures: frozenset[str], void: bool, filing_indicator: str, payer_id: str
    ) -> list[tuple[Edit, Severity | Dated, bool]]:
        """The edits for claims of a kind, each with its severity and whether the profile has overridden that."""
        rules = self.profile.rules(filing_indicator, payer_id)
        named = {edit.code: edit for procedure in sorted(procedures) for edit in self._by_procedure[procedure]}
        plan = []
        for edit in (*self._always, *named.values()):
            severity = rules.severity_of(edit, claim_type)
            if severity is not None and claim_type in edit.types and (edit.on_voids or not void):
                plan.append((edit, severity, edit.code in rules.severity))
        return plan

    def _results(
        self, edit: Edit, claim: Claim, later: Claim | None, severity: Severity | Dated, overridden: bool
    ) -> Sequence[Finding | NotChecked]:
        first = self._evaluate(edit, claim, severity, overridden)
        if later is None or edit.begin:
            return first
        last = self._evaluate(edit, later, severity, overridden)
        if list(map(_answer, first)) != list(map(_answer, last)):
            return [NotChecked(_DEPENDS_ON_DAY)]
        return [_said(claim, result) for result in first]

    def _evaluate(
        self, edit: Edit, claim: Claim, severity: Severity | Dated, overridden: bool
    ) -> list[Finding | NotChecked]:
        """What one edit says of a claim; an edit that raises says so itself, and what it said before stands."""
        results: list[Finding | NotChecked] = []
        try:
            for result in edit.check(claim, self.facts):
                graded = _graded(edit, claim, result, severity, overridden)
                if graded is not None:
                    results.append(graded)
        except MalformedValue as malformed:
            results.append(NotChecked(str(malformed)))
        except (Exception, SystemExit) as error:  # a plug-in may raise anything, and must take nothing with it
            results.append(_crash(edit, claim, error))
        return results


def _concerns(edit: Edit, concern: Concern, facts: Facts) -> frozenset[str]:
    try:
        return frozenset(concern(facts))
    except Exception as error:
        raise CatalogueError(f"edit {edit.code}: what it concerns is not known ({error!r})") from error


def _graded(
    edit: Edit, claim: Claim, found: Finding | NotChecked, severity: Severity | Dated, overridden: bool
) -> Finding | NotChecked | None:
    """The finding under its edit's code, at the severity in force; `None` where that is off on the day."""
    if isinstance(found, NotChecked):
        return found
    if found.severity and not overridden:
        grade: Severity | None = found.severity
    elif isinstance(severity, Dated):
        day = _day(claim, found)
        if day is None:
            return NO_DATE
        grade = severity.on(day)
    else:
        grade = severity
    if grade is None:
        return None
    return attrs.evolve(
        found,
        severity=grade,
        code=edit.code,
        carc=edit.carc,
        rarc=edit.rarc,
        claim_status=edit.claim_status,
    )


def _crash(edit: Edit, claim: Claim, error: BaseException) -> Finding:
    return Finding(
        claim.at("claim_id"),
        f"edit {edit.code} failed with {type(error).__name__}; it has not decided on this claim",
        "report this to whoever maintains the edit",
        "warn",
        CRASHED,
    )


def _line_of(claim: Claim, found: Finding) -> ServiceLine | None:
    if found.location.source is not claim.source:
        return None
    after = bisect_right(claim.lines, found.location.index, key=lambda line: line.start)
    return claim.lines[after - 1] if after else None


def _day(claim: Claim, found: Finding) -> date | None:
    line = _line_of(claim, found)
    if line:
        return line.service_date
    dates = claim.service_dates
    return dates[0] if dates else None


def _covers_days(line: ServiceLine) -> bool:
    try:
        dates = line.dates
    except MalformedValue:
        return False
    return dates is not None and dates.first != dates.last


def _answer(result: Finding | NotChecked) -> object:
    """A result without what differs between two views of the same claim."""
    if isinstance(result, NotChecked):
        return result
    return result.code, result.severity, result.location.index, result.location.element


def _said(claim: Claim, result: Finding | NotChecked) -> Finding | NotChecked:
    """A finding on a line whose dates cover several days says so."""
    if isinstance(result, Finding):
        line = _line_of(claim, result)
        if line and _covers_days(line):
            return attrs.evolve(result, message=result.message + _SEVERAL_DAYS)
    return result


def _order(claim: Claim, found: Finding) -> tuple[int, int, str, int, str, str]:
    """By place, then by severity; complete, as edits run in no certain order."""
    line, location = _line_of(claim, found), found.location
    place = line.start if line else -1
    severity = SEVERITIES.index(found.severity or "info")
    return place, severity, found.code, location.index, location.element, found.message


class Scrubbing:
    """The events of a file with its claims scrubbed, an iterator; `errors` holds the located errors so far."""

    def __init__(self, stream: Readable, engine: Engine) -> None:
        self._events = Events(stream)
        self._engine = engine.for_file()

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._events.errors

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            yield self._engine.scrub(event) if isinstance(event, Claim) else event
