"""Runs the edits that concern a claim, and grades their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from scrubber import version
from scrubber.claims.earlier import NOTHING_EARLIER, Earlier, HistoryError, KnownHistory
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, Day
from scrubber.claims.parts import NOT_COMPARED, SEEN, Part, Seen
from scrubber.claims.payers import Key as PayerKey
from scrubber.claims.signs import Sign, signs
from scrubber.edit import (
    NO_DATE,
    SEVERITIES,
    Concern,
    Dated,
    Edit,
    Finding,
    NotChecked,
    Scope,
    Severity,
    gravest,
)
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.codes import CRASHED
from scrubber.engine.comparing import Answers, Sent, may_have, received, sent
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.profile import Profile, Rules, scope_of
from scrubber.engine.record import record
from scrubber.engine.silence import Silence, Silences
from scrubber.engine.suppressions import Suppressed
from scrubber.reference import Facts, shipped
from scrubber.reference.billing import Period
from scrubber.reference.editions import NoAnswer, not_loaded
from scrubber.reference.external import PAYMENT_LIMITS
from scrubber.reference.pricing import ClaimPrice, Pricing
from scrubber.reference.shipped_tables import ShippedTable
from scrubber.x12.guides import ClaimType

Disposition: TypeAlias = Literal["rejected", "flagged", "clean"]
Destination: TypeAlias = Literal["rejected", "held", "clean"]
"""The file that a claim goes to."""

_PLANS = 4096
"""How many kinds of claims (type, procedures, payer) are kept with the edits that concern them."""
_NO_SCOPES: frozenset[Scope] = frozenset()
CLAIMS_OF_A_STEP = 8
"""Where progress is reported: after so many claims. Each single claim would cost a watcher 3% more time."""

_NO_HISTORY = "no history of released claims is given"
_DEPENDS_ON_DAY = "the service dates cover several days, and the answer depends on which of them counts"
_SEVERAL_DAYS = " (The service dates cover several days; judged on the first and on the last of them.)"


@attrs.frozen
class Unchecked:
    """An edit that could not decide on a claim, and why."""

    code: str
    reason: str


@attrs.define(eq=False)
class _OpenScrubbed:
    """The fields of a `ScrubbedClaim` while it is made."""

    claim: Claim
    findings: tuple[Finding, ...]
    not_checked: tuple[Unchecked, ...]
    suppressed: tuple[Suppressed, ...] = ()
    shadow: tuple[Finding, ...] = ()
    naming: Naming = OPEN
    price: ClaimPrice | None = None
    holding: bool = False
    _disposition: Disposition | None = attrs.field(default=None, init=False, repr=False)

    @property
    def disposition(self) -> Disposition:
        """`rejected` with a reject among the findings, else `flagged` with a warn, else `clean`."""
        if not self.findings:
            return "clean"
        found = self._disposition
        if found is None:
            found = self._gravest()
            object.__setattr__(self, "_disposition", found)
        return found

    def _gravest(self) -> Disposition:
        severities = {finding.severity for finding in self.findings}
        if "reject" in severities:
            return "rejected"
        return "flagged" if "warn" in severities else "clean"


@attrs.define(on_setattr=attrs.setters.frozen, eq=False)
class ScrubbedClaim(_OpenScrubbed):
    """A claim with its findings, in file order with those on the claim first, and the edits that could not decide.

    Two kinds of findings do not count: those in `suppressed`, and those of edits in `shadow`. `naming` gives the names
    of the claim in reports. `price` is what Medicare allows for the claim, `None` if its payment limits are not loaded.
    With `holding` a flagged claim is held, and does not go to the clean file. It is frozen, and is made as a
    `ServiceLine`.
    """

    def with_findings(self, findings: tuple[Finding, ...], shadow: tuple[Finding, ...]) -> ScrubbedClaim:
        """The claim with other findings. `attrs.evolve` takes four times as long."""
        others = self.suppressed, shadow, self.naming, self.price, self.holding
        return _frozen(_OpenScrubbed(self.claim, findings, self.not_checked, *others))

    def __repr__(self) -> str:
        """By its number in the file, without patient data."""
        return f"ScrubbedClaim(ordinal={self.ordinal}, disposition={self.disposition!r}, findings={self.findings!r})"

    @property
    def ordinal(self) -> int:
        """The claim's place among the claims of the file, from 1."""
        return self.claim.number

    def to_dict(self) -> dict[str, Any]:
        """The claim as the JSON report writes it: it holds the claim id, unless the options hide it."""
        return record(self)

    @property
    def goes_to(self) -> Destination:
        """The file that takes the claim: a flagged one goes to the clean file, unless flagged claims are held."""
        disposition = self.disposition
        if disposition == "flagged":
            return "held" if self.holding else "clean"
        return disposition


def _frozen(scrubbed: Any) -> ScrubbedClaim:
    """The same record, frozen."""
    scrubbed.__class__ = ScrubbedClaim
    frozen: ScrubbedClaim = scrubbed
    return frozen


Crashed: TypeAlias = Callable[[str, BaseException], None]
"""Learns the code of an edit that failed, and the error. The error may quote patient data."""


@attrs.frozen
class _Plan:
    """The edits, severities and facts for claims of a kind.

    `edits` look at each claim by itself; `codes` names them. `by_part` are further such edits, which look at a part of
    the claim only, with what they were silent on. `file_edits` are the codes of the others. `grades` has the severity
    of each edit that runs, file edits included, and the date of service from which the profile sets it. `facts` are the
    facts for the payer.
    """

    edits: tuple[Edit, ...]
    codes: str
    by_part: Mapping[Part, Silence]
    file_edits: tuple[str, ...]
    grades: Mapping[str, tuple[Severity | Dated, date | None]]
    facts: Facts


class _Asked(NamedTuple):
    """A claim, its plan, the answers of edits so far, and the claim's signs."""

    claim: Claim
    plan: _Plan
    answers: Answers
    signs: set[Sign]


class Engine:
    """The edits of a catalogue, and the profile's own rules, under the profile and a set of facts.

    `unavailable` names the edits that do not run because their table or the history is missing. Raises `CatalogueError`
    if the codes that an edit concerns cannot be found, and if a rule has a code of the catalogue. `crashed` is called
    for each edit that fails on a claim; without it only the name of the error's class is kept. `history` knows the
    claims of earlier files.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        profile: Profile,
        facts: Facts | None = None,
        naming: Naming = OPEN,
        crashed: Crashed | None = None,
        history: KnownHistory | None = None,
    ) -> None:
        self.naming = naming
        self._crashed = crashed
        self.history = history
        self._earlier: Earlier = NOTHING_EARLIER
        self.catalogue = catalogue = profile.completing(catalogue)
        self.profile = profile
        self.facts = facts or shipped()
        self.unavailable: list[Unchecked] = []
        self._has_shadow = profile.has_shadow
        self._holding = profile.hold is not None
        priced = PAYMENT_LIMITS in self.facts.tables
        self._pricing = Pricing(self.facts, sequestered=profile.sequestered) if priced else None
        self._always: list[Edit] = []
        self._by_procedure: dict[str, list[Edit]] = {}
        self._needs: dict[str, frozenset[str]] = {}
        self._known: set[str] = set()
        self._file_edits: list[Edit] = []
        self._looks_at_payers = profile.looks_at_payers
        self._plan = lru_cache(_PLANS)(self._planned)
        self._rules = lru_cache(_PLANS)(profile.rules)
        self._facts_by_limit: dict[Period, Facts] = {}
        self._silences = Silences()
        self._compared: Mapping[int, Sent] | None = None
        self.on_progress: Callable[[], None] | None = None
        for edit in catalogue.edits.values():
            if profile.runs(edit.code):
                self._add(edit)

    def _add(self, edit: Edit) -> None:
        lacking, without_history = self.lacking(edit), self.lacks_history(edit)
        runs = (not without_history or edit.in_file) and (
            not lacking or edit.partly or len(lacking) < len(edit.needed_tables)
        )
        reasons = [_NO_HISTORY] if without_history else []
        if lacking:
            reasons.append(not_loaded(lacking))
        if reasons:
            self.unavailable.append(Unchecked(edit.code, ("in part: " if runs else "") + "; ".join(reasons)))
        if not runs:
            return
        for name in edit.needed_tables:
            self._note_last_day(edit, name)
        if edit.begin:
            self._file_edits.append(edit)
        if edit.needs:
            self._needs[edit.code] = _codes_of(edit, edit.needs, self.facts)
            self._known |= self._needs[edit.code]
        if edit.concerns is None:
            self._always.append(edit)
        else:
            for procedure in _codes_of(edit, edit.concerns, self.facts):
                self._by_procedure.setdefault(procedure, []).append(edit)
                self._known.add(procedure)

    def _note_last_day(self, edit: Edit, name: str) -> None:
        """Say once how far a shipped table reaches: later claims are many, and are judged without it."""
        table = self.facts.tables.get(name)
        if isinstance(table, ShippedTable) and table.last_day:
            reason = f"in part: the shipped table {name} ends on {table.last_day}; load a newer one for later claims"
            self.unavailable.append(Unchecked(edit.code, reason))

    def lacking(self, edit: Edit) -> Sequence[str]:
        """The tables that an edit needs and that are not loaded."""
        return [name for name in edit.needed_tables if name not in self.facts.tables]

    def lacks_history(self, edit: Edit) -> bool:
        """Whether an edit needs a history of released claims and none is given."""
        return edit.needs_history and self.history is None

    @cached_property
    def fingerprint(self) -> Mapping[str, Mapping[str, Any]]:
        """What claims are judged by: tool, catalogue, profile, reference release. All reports and manifests have it."""
        return {
            "tool": {"name": "scrubber", "version": version()},
            "catalogue": {"sha256": self.catalogue.sha256},
            "profile": {"name": self.profile.name, "sha256": self.profile.sha256},
            "reference": {"release": self.facts.release, **self.facts.loaded},
            **({"history": self.history.record()} if self.history else {}),
        }

    @property
    def history_state(self) -> Mapping[str, Any] | None:
        """The state of the history that files are judged by, by number and hash; `None` without a history."""
        return self.history.record() if self.history else None

    def pinned(self, record: Mapping[str, Any] | None = None) -> Engine:
        """The engine with its history as it is now: what is entered later does not count.

        With the `record` of an earlier state, the history is as it was then. Raises `HistoryError`.
        """
        if self.history is None:
            return self
        fresh = copy(self)
        fresh.__dict__.pop("fingerprint", None)
        fresh.history = self.history.at(record) if record else self.history.pinned()
        return fresh

    def for_file(self, sha256: str | None = None) -> Engine:
        """The engine for a new file: its file edits have seen no claim of it, and what was released before.

        What the history has of the same file (`sha256`) is left out: a file is not compared with itself. All else is
        shared, the plans too, as files may be small: plans name file edits by their codes.
        """
        fresh = copy(self)
        if self.history:
            fresh._earlier = self.history.pinned().before(sha256)
        fresh._file_edits = [edit.for_file(fresh._earlier) for edit in self._file_edits]
        return fresh

    def for_range(self, compared: Mapping[int, Sent]) -> Engine:
        """The engine for a range of a file. `compared` are the answers of file edits, by the numbers of claims."""
        fresh = copy(self)
        fresh._compared = compared
        return fresh

    def reporting(self, on_progress: Callable[[], None]) -> Engine:
        """The engine with a function that it calls whenever an edit has looked at `CLAIMS_OF_A_STEP` claims."""
        fresh = copy(self)
        fresh.on_progress = on_progress
        return fresh

    @cached_property
    def may_compare(self) -> Callable[[Claim], bool]:
        """A quick test whether a claim is of any interest to `compare`. It does not parse the claim."""
        if any(edit.begin for edit in self._always):
            return lambda _: True
        codes = [code for code, edits in self._by_procedure.items() if any(edit.begin for edit in edits)]
        return may_have(codes, frequencies=("7", "8") if self.history else ())

    def compare(self, claims: Iterable[Claim]) -> dict[int, Sent]:
        """Run the file edits, and no other, on the next claims of a file. Returns their answers as `for_range` takes.

        Claims that `may_compare` refuses can be left out.
        """
        shown = [(claim, signs(claim)) for claim in claims]
        asked = [_Asked(claim, self._plan_for(claim, found), [], found) for claim, found in shown]
        self._compare(asked)
        return {one.claim.number: sent(one.claim, one.answers) for one in asked if one.answers}

    def scrub(self, claim: Claim) -> ScrubbedClaim:
        """Run the edits that concern a claim."""
        return self.scrub_all([claim])[0]

    def scrub_all(self, claims: Iterable[Claim]) -> list[ScrubbedClaim]:
        """Run the edits on some claims that follow each other in a file.

        Each edit looks at all claims before the next edit does. Its code and data then stay in the processor's caches:
        a hundred claims take a third less time than one by one. The answers are the same.
        """
        shown = [(claim, signs(claim)) for claim in claims]
        asked = [_Asked(claim, self._plan_for(claim, found), [], found) for claim, found in shown]
        self._ask_all(asked)
        self._compare(asked)
        return [self._scrubbed(one) for one in asked]

    def _ask_all(self, asked: Sequence[_Asked]) -> None:
        """Run the edits that look at each claim by itself."""
        for edit, some in _by_edit(asked).values():
            self._ask(edit, some)
        for part, seen_of in SEEN.items():
            for one in asked:
                silence = one.plan.by_part.get(part)
                if silence is None:
                    continue
                seen = seen_of(one.claim)
                compared = one.signs.isdisjoint(NOT_COMPARED)
                if not (compared and silence.covers(seen)):
                    self._ask_part(silence, seen, one, compared=compared)

    def _ask_part(self, silence: Silence, seen: Seen, one: _Asked, *, compared: bool) -> None:
        """Run the edits of a part on a claim; remember it if they are silent and the claim can be compared."""
        spoke = [edit for edit in silence.edits if self._ask(edit, [one])]
        if compared and not spoke:
            self._silences.remember(silence, seen)

    def _compare(self, asked: Sequence[_Asked]) -> None:
        """Run the file edits; in a range of a file, take their answers."""
        if self._compared is not None:
            for one in asked:
                answers = self._compared.get(one.claim.number)
                if answers:
                    one.answers.extend(received(one.claim, answers, self.catalogue.edits))
            return
        by_file_edit: dict[str, list[_Asked]] = {}
        for one in asked:
            if self.history and (one.claim.is_void or one.claim.is_replacement):
                self._earlier.ends(one.claim)
            for code in one.plan.file_edits:
                by_file_edit.setdefault(code, []).append(one)
        for edit in self._file_edits:
            if edit.code in by_file_edit:
                self._ask(edit, by_file_edit[edit.code])

    def with_faults(self, scrubbed: ScrubbedClaim, faults: Iterable[Finding]) -> ScrubbedClaim:
        """The claim with its guide faults added to its findings, graded by the profile."""
        claim = scrubbed.claim
        rules = self._rules_of(claim)
        findings, shadow = list(scrubbed.findings), list(scrubbed.shadow)
        for fault in faults:
            severity = rules.grade_of(fault.code) or fault.severity
            if self.profile.runs(fault.code) and severity != "off":
                graded = fault if fault.severity == severity else attrs.evolve(fault, severity=severity)
                (shadow if fault.code in rules.shadow else findings).append(graded)
        if len(findings) > 1:
            findings.sort(key=lambda finding: _order(claim, finding))
        return scrubbed.with_findings(tuple(findings), tuple(shadow))

    def _plan_for(self, claim: Claim, found: set[Sign]) -> _Plan:
        codes = self._known
        known = frozenset([line.procedure for line in claim.lines if line.procedure in codes])
        payer = self._payer_of(claim)
        others = claim.other_payers
        beside = frozenset([scope_of(other.filing_indicator) for other in others]) if others else _NO_SCOPES
        return self._plan(claim.type, known, claim.is_void, payer, beside, "unreadable" not in found)

    def _payer_of(self, claim: Claim) -> PayerKey:
        """The claim's payer, as far as the profile tells payers apart."""
        if self._looks_at_payers:
            return claim.filing_indicator, claim.payer_id, claim.payer_name
        return claim.filing_indicator, "", ""

    def _rules_of(self, claim: Claim) -> Rules:
        """The profile's rules for the claim's payer."""
        return self._rules(*self._payer_of(claim))

    def _planned(
        self,
        claim_type: ClaimType,
        procedures: frozenset[str],
        void: bool,
        payer: PayerKey,
        beside: frozenset[Scope],
        readable: bool,
    ) -> _Plan:
        """The plan for claims of a kind, by the profile's rules for their payer and by their other payers.

        Where a claim is not `readable`, edits run without the codes that they need: they say that they cannot decide.
        """
        rules = self._rules(*payer)
        by_procedure = self._by_procedure
        named = {edit.code: edit for procedure in sorted(procedures) for edit in by_procedure.get(procedure, ())}
        edits: list[Edit] = []
        by_part: dict[Part, list[Edit]] = {}
        file_edits: list[str] = []
        grades: dict[str, tuple[Severity | Dated, date | None]] = {}
        for edit in (*self._always, *named.values()):
            if readable and edit.needs and self._needs[edit.code].isdisjoint(procedures):
                continue
            severity = rules.severity_of(edit, claim_type)
            since = rules.overridden_from(edit.code, claim_type)
            if since is None and edit.code not in rules.shadow:
                for scope in beside:
                    severity = gravest(severity, edit.beside.get(scope))
            concerned = claim_type in edit.types and edit.payers.include(payer) and (edit.on_voids or not void)
            if severity is not None and concerned:
                grades[edit.code] = severity, since
                if edit.begin:
                    file_edits.append(edit.code)
                elif edit.part:
                    by_part.setdefault(edit.part, []).append(edit)
                else:
                    edits.append(edit)
        codes = " ".join(edit.code for edit in edits)
        limit = rules.filing_limit
        silences = {part: self._silences.of(part, tuple(some), limit) for part, some in by_part.items()}
        return _Plan(tuple(edits), codes, silences, tuple(file_edits), grades, self._facts_for(limit))

    def _facts_for(self, filing_limit: Period | None) -> Facts:
        """The facts for payers with their own filing limit. There is one copy for each limit."""
        if filing_limit is None:
            return self.facts
        known = self._facts_by_limit
        if filing_limit not in known:
            known[filing_limit] = attrs.evolve(self.facts, filing_limit=filing_limit)
        return known[filing_limit]

    def _ask(self, edit: Edit, asked: Sequence[_Asked]) -> bool:
        """Run an edit on claims, and report progress where it is asked for. True if it spoke on any of them."""
        if self.on_progress is None:
            return self._run(edit, asked)
        spoke = False
        for first in range(0, len(asked), CLAIMS_OF_A_STEP):
            spoke |= self._run(edit, asked[first : first + CLAIMS_OF_A_STEP])
            self.on_progress()
        return spoke

    def _run(self, edit: Edit, asked: Iterable[_Asked]) -> bool:
        """Run an edit on claims. If it raises an error, that is a finding, and its earlier findings stay.

        True if it spoke on any claim: it found something, could not decide or failed, whatever the severity in force.
        """
        check, spoke = edit.check, False
        for claim, plan, answers, _ in asked:
            try:
                for result in check(claim, plan.facts):
                    spoke = True
                    graded = _graded(edit, claim, result, *plan.grades[edit.code])
                    if graded is not None:
                        answers.append((edit, graded))
            except HistoryError:  # no answer must be taken for "not released before"
                raise
            except (MalformedValue, NoAnswer) as unanswered:
                spoke = True
                answers.append((edit, NotChecked(str(unanswered))))
            except (Exception, SystemExit) as error:  # a plug-in may raise anything, and must take nothing with it
                if self._crashed:
                    self._crashed(edit.code, error)
                spoke = True
                answers.append((edit, self._failed(edit, claim, plan, error)))
        return spoke

    def _failed(self, edit: Edit, claim: Claim, plan: _Plan, error: BaseException) -> Finding | NotChecked:
        """That an edit failed: as grave as the edit could have been, unless the profile says otherwise.

        Where the profile leaves such findings out, the edit is at least not checked. Of the error only the name of its
        class is kept: its message may quote the claim.
        """
        name = type(error).__name__
        grade = self._rules_of(claim).grade_of(CRASHED)
        if grade == "off" or not self.profile.runs(CRASHED):
            return NotChecked(f"the edit failed with {name}")
        severity, _ = plan.grades[edit.code]
        return Finding(
            claim.at("claim_id"),
            f"edit {edit.code} failed with {name}; it has not decided on this claim",
            "report this to the maintainer of the edit",
            grade or ("reject" if _may_reject(severity, claim.service_dates) else "warn"),
            CRASHED,
        )

    def _scrubbed(self, asked: _Asked) -> ScrubbedClaim:
        claim, _, answers, shown = asked
        price = self._pricing.price(claim) if self._pricing else None
        if "several days" in shown:
            answers = self._on_all_days(asked)
        if not answers:
            return _frozen(_OpenScrubbed(claim, (), (), price=price, holding=self._holding))
        counted, shadow = self._without_shadow(claim, answers)
        findings = [result for _, result in counted if isinstance(result, Finding)]
        findings.sort(key=lambda finding: _order(claim, finding))
        not_checked = {
            Unchecked(edit.code, result.reason) for edit, result in counted if isinstance(result, NotChecked)
        }
        in_order = sorted(not_checked, key=lambda item: (item.code, item.reason))
        open_record = _OpenScrubbed(claim, tuple(findings), tuple(in_order), (), shadow, OPEN, price, self._holding)
        return _frozen(open_record)

    def _without_shadow(self, claim: Claim, answers: Answers) -> tuple[Answers, tuple[Finding, ...]]:
        """The answers that count, and the findings of edits in shadow."""
        if not self._has_shadow:
            return answers, ()
        codes = self._rules_of(claim).shadow
        unseen = [result for edit, result in answers if codes.intersection((edit.code, _code(result)))]
        shadow = tuple(result for result in unseen if isinstance(result, Finding))
        return [
            (edit, result) for edit, result in answers if not codes.intersection((edit.code, _code(result)))
        ], shadow

    def _on_all_days(self, asked: _Asked) -> Answers:
        """The answers on a claim with lines of several days: those that are the same on its first and last day.

        A finding that would not be made with the day unknown depends on the day. Its message says so.
        """
        claim = asked.claim
        agreed = _agreed(asked.answers, self._with_day("last", asked))
        if not any(_on_several_days(claim, result) for _, result in agreed):
            return agreed
        on_any_day = {_answer(result) for _, result in self._with_day("unknown", asked)}
        return [
            (edit, result if edit.begin or _answer(result) in on_any_day else _of_several_days(claim, result))
            for edit, result in agreed
        ]

    def _with_day(self, day: Day, asked: _Asked) -> Answers:
        """The answers of edits with another day of service for lines of several days. File edits are not run again."""
        again = _Asked(attrs.evolve(asked.claim, day=day), asked.plan, [], asked.signs)
        self._ask_all([again])
        return again.answers


def _by_edit(asked: Iterable[_Asked]) -> Mapping[str, tuple[Edit, list[_Asked]]]:
    """Each edit by its code, with the claims that it runs on: those whose plan has it and that show its sign.

    Many claims have the same edits, so this looks at each group of them once.
    """
    alike: dict[str, list[_Asked]] = {}
    for one in asked:
        alike.setdefault(one.plan.codes, []).append(one)
    found: dict[str, tuple[Edit, list[_Asked]]] = {}
    for group in alike.values():
        showing: dict[Sign, list[_Asked]] = {}
        for one in group:
            for sign in one.signs:
                showing.setdefault(sign, []).append(one)
        for edit in group[0].plan.edits:
            claims = group if edit.sign is None else showing.get(edit.sign)
            if not claims:
                continue
            if edit.code in found:
                found[edit.code][1].extend(claims)
            else:
                found[edit.code] = edit, [*claims]
    return found


def _codes_of(edit: Edit, concern: Concern, facts: Facts) -> frozenset[str]:
    try:
        return frozenset(concern(facts))
    except Exception as error:
        raise CatalogueError(f"edit {edit.code}: the codes it concerns cannot be found ({error!r})") from error


def _graded(
    edit: Edit, claim: Claim, found: Finding | NotChecked, severity: Severity | Dated, overridden_from: date | None
) -> Finding | NotChecked | None:
    """The finding with its edit's code and the severity in force, `None` if the edit is off on that day."""
    if isinstance(found, NotChecked):
        return found
    if found.severity and overridden_from is None:
        grade: Severity | None = found.severity
    elif isinstance(severity, Dated):
        day = _day(claim, found)
        if day is None:
            return NO_DATE
        own = found.severity if overridden_from and day < overridden_from else None
        grade = own or severity.on(day)
    else:
        grade = severity
    if grade is None:
        return None
    return Finding(
        found.location,
        found.message,
        found.fix,
        severity=grade,
        code=edit.code,
        carc=found.carc or edit.carc,
        rarc=found.rarc if found.carc else found.rarc or edit.rarc,
        claim_status=found.claim_status or edit.claim_status,
    )


def _may_reject(severity: Severity | Dated, days: Sequence[date]) -> bool:
    """Whether an edit of a severity rejects a claim with services on these days, or on days that are not known."""
    if isinstance(severity, Dated):
        grades = [severity.on(day) for day in days] if days else [grade for _, grade in severity.phases]
        return "reject" in grades
    return severity == "reject"


def _day(claim: Claim, found: Finding) -> date | None:
    line = claim.line_at(found.location)
    if line:
        return line.service_date
    dates = claim.service_dates
    return dates[0] if dates else None


def _answer(result: Finding | NotChecked) -> object:
    """The parts of a result that are the same for the first and the last day of a claim."""
    if isinstance(result, NotChecked):
        return result
    return result.code, result.severity, result.location.index, result.location.element


def _code(result: Finding | NotChecked) -> str:
    """The code of a finding; what is not checked has none."""
    return result.code if isinstance(result, Finding) else ""


def _agreed(first: Answers, last: Answers) -> Answers:
    """What edits say about a claim both on its first and on its last day; those that do not agree cannot tell.

    An edit that failed on one of the days has failed.
    """
    on_first, on_last = _by_code(first), _by_code(last)
    agreed: Answers = []
    for code, edit in {edit.code: edit for edit, _ in (*first, *last)}.items():
        results, later = on_first.get(code, []), on_last.get(code, [])
        failures = [result for result in (*results, *later) if isinstance(result, Finding) and result.code == CRASHED]
        if edit.begin or list(map(_answer, results)) == list(map(_answer, later)):
            agreed += [(edit, result) for result in results]
        elif failures:
            agreed.append((edit, min(failures, key=lambda failure: SEVERITIES.index(failure.severity or "info"))))
        else:
            agreed.append((edit, NotChecked(_DEPENDS_ON_DAY)))
    return agreed


def _by_code(answers: Answers) -> dict[str, list[Finding | NotChecked]]:
    by_code: dict[str, list[Finding | NotChecked]] = {}
    for edit, result in answers:
        by_code.setdefault(edit.code, []).append(result)
    return by_code


def _on_several_days(claim: Claim, result: Finding | NotChecked) -> bool:
    """Whether a result is a finding on a line whose dates cover several days."""
    line = claim.line_at(result.location) if isinstance(result, Finding) else None
    return line is not None and line.covers_days


def _of_several_days(claim: Claim, result: Finding | NotChecked) -> Finding | NotChecked:
    if isinstance(result, Finding) and _on_several_days(claim, result):
        return attrs.evolve(result, message=result.message + _SEVERAL_DAYS)
    return result


def _order(claim: Claim, found: Finding) -> tuple[int, int, str, int, str, str]:
    """By position, then by severity. The key is complete because edits run in no fixed order."""
    location = found.location
    line = claim.line_at(location)
    position = line.start if line else -1
    severity = SEVERITIES.index(found.severity or "info")
    return position, severity, found.code, location.index, location.element, found.message
