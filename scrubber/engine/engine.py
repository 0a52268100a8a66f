"""The engine: it runs the edits on the claims of files, and makes scrubbed claims of their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property, partial
from typing import Any, TypeAlias

from scrubber import version
from scrubber.claims.earlier import NOTHING_EARLIER, Earlier, KnownHistory
from scrubber.claims.model import Claim, Day
from scrubber.claims.parts import NOT_COMPARED, SEEN, Seen
from scrubber.claims.signs import is_unreadable, signs
from scrubber.edit import Edit, Finding, NotChecked
from scrubber.engine.asking import NO_SIGNS, Asked, ask, by_edit
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.codes import CRASHED
from scrubber.engine.comparing import Answers, Sent, may_have, received, sent
from scrubber.engine.grading import failure, in_order, regraded
from scrubber.engine.judged import Unchecked
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.part_memory import PartMemories, PartMemory
from scrubber.engine.plans import Plan, Plans
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim, scrubbed_claim
from scrubber.engine.selection import lacking, lacks_history, selection
from scrubber.engine.several_days import on_all_days
from scrubber.reference import Facts, shipped
from scrubber.reference.eras import era_of
from scrubber.reference.external import PAYMENT_LIMITS
from scrubber.reference.pricing import Pricing
from scrubber.x12.pieces import new_tuple

CLAIMS_OF_A_STEP = 8
"""The claims after which progress is reported. A report after each claim would cost a watcher 3% more time."""

Crashed: TypeAlias = Callable[[str, BaseException], None]
"""A function that gets the code of an edit that failed, and the error. The error may quote patient data."""
Finish: TypeAlias = Callable[[ScrubbedClaim], ScrubbedClaim]
"""A function that completes a scrubbed claim, for example with guide faults and suppressions."""


def _unchanged(scrubbed: ScrubbedClaim) -> ScrubbedClaim:
    return scrubbed


class Engine:
    """The edits of a catalogue, and the profile's own rules, under the profile and a set of facts.

    `history` has the claims of earlier files. `crashed` is called for each edit that fails on a claim; without it only
    the name of the error's class is kept. `unavailable` names the edits that do not run, or only in part, as a table or
    the history is missing. Raises `CatalogueError` if the codes that an edit concerns cannot be found, and if a rule
    has a code of the catalogue.
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
        self._has_shadow = profile.has_shadow
        self._holding = profile.hold is not None
        priced = PAYMENT_LIMITS in self.facts.tables
        self._pricing = Pricing(self.facts, sequestered=profile.sequestered) if priced else None
        self._selection = selection(catalogue, profile, self.facts, has_history=history is not None)
        self.unavailable = self._selection.unavailable
        self._file_edits = self._selection.file_edits
        self._memories = PartMemories()
        self._era_of = era_of(self.facts)
        self._plans = Plans(self._selection, profile, self.facts, self._memories)
        self._compared: Mapping[int, Sent] | None = None
        self.on_progress: Callable[[], None] | None = None

    def lacking(self, edit: Edit) -> Sequence[str]:
        """The tables that an edit needs and that are not loaded."""
        return lacking(edit, self.facts)

    def lacks_history(self, edit: Edit) -> bool:
        """Whether an edit needs a history of released claims and none is given."""
        return lacks_history(edit, has_history=self.history is not None)

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
        """The engine for a new file: its file edits have the claims that were released before, and none of this file.

        What the history has of the same file (`sha256`) is left out: a file is not compared with itself. All else is
        shared, so that small files cost little.
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
        """A quick test whether a claim can matter to `compare`. It does not parse the claim."""
        if any(edit.begin for edit in self._selection.always):
            return lambda _: True
        by_procedure = self._selection.by_procedure
        codes = frozenset([code for code, edits in by_procedure.items() if any(edit.begin for edit in edits)])
        return may_have(codes, frequencies=("7", "8") if self.history else ())

    def is_ending(self, claim: Claim) -> bool:
        """Whether a claim ends what it names in the history, if it goes out: it is a void or a replacement."""
        return self.history is not None and (claim.is_void or claim.is_replacement)

    def compare(self, claims: Iterable[Claim], goes_out: Callable[[Claim, Sent], bool]) -> dict[int, Sent]:
        """Run the file edits, and no other, on the next claims of a file. Returns their answers as `for_range` takes.

        Claims that `may_compare` refuses can be left out. `goes_out` is called for voids and replacements, with the
        answers so far, and returns whether the claim goes to the clean file.
        """
        plan_of = self._plans.of
        asked = [Asked(claim, plan_of(claim, readable=not is_unreadable(claim)), [], NO_SIGNS) for claim in claims]
        self._compare(asked, lambda one: goes_out(one.claim, sent(one.claim, one.answers)))
        return {one.claim.number: sent(one.claim, one.answers) for one in asked if one.answers}

    def scrub(self, claim: Claim) -> ScrubbedClaim:
        """Run the edits that concern a claim."""
        return self.scrub_all([claim])[0]

    def scrub_all(self, claims: Iterable[Claim], finish: Finish = _unchanged) -> list[ScrubbedClaim]:
        """Run the edits on some claims that follow each other in a file. `finish` is called once for each claim.

        Each edit looks at all claims before the next edit does. Its code and data then stay in the processor's caches:
        a hundred claims take a third less time than one by one. The answers are the same.
        """
        asked = self._asked(claims)
        self._ask_all(asked)
        finished: dict[int, ScrubbedClaim] = {}

        def goes_out(one: Asked) -> bool:
            finished[id(one)] = scrubbed = finish(self._scrubbed(one))
            return scrubbed.goes_to == "clean"

        self._compare(asked, goes_out)
        return [finished.get(id(one)) or finish(self._scrubbed(one)) for one in asked]

    def _asked(self, claims: Iterable[Claim]) -> list[Asked]:
        """The claims with their signs and plans, before any edit has looked at them."""
        plan_of = self._plans.of
        asked = []
        for claim in claims:
            found = signs(claim)
            asked.append(new_tuple(Asked, (claim, plan_of(claim, readable="unreadable" not in found), [], found)))
        return asked

    def _ask_all(self, asked: Sequence[Asked]) -> None:
        """Run the edits that look at each claim by itself."""
        for edit, some in by_edit(asked).values():
            self._ask(edit, some)
        for part, seen_of in SEEN.items():
            not_compared = NOT_COMPARED[part]
            for one in asked:
                memory = one.plan.by_part.get(part)
                if memory is None:
                    continue
                seen = seen_of(one.claim, self._era_of) if one.signs.isdisjoint(not_compared) else None
                edits = memory.may_answer(seen) if seen is not None else memory.edits
                if edits:
                    self._ask_part(memory, edits, seen, one)

    def _ask_part(self, memory: PartMemory, edits: Sequence[Edit], seen: Seen | None, one: Asked) -> None:
        """Run those edits of a part whose signs a claim shows. Remember which answered on what they have `seen`."""
        shown = [edit for edit in edits if edit.sign is None or edit.sign in one.signs]
        answered = [edit for edit in shown if self._ask(edit, [one])]
        if seen is not None and (not answered or len(answered) < len(edits)):
            self._memories.remember(memory, seen, answered)

    def _compare(self, asked: Sequence[Asked], goes_out: Callable[[Asked], bool]) -> None:
        """Run the file edits. In a range of a file, take the answers that came with it.

        A void or a replacement that goes out ends what it names for the claims after it. So all that is found on it
        is known before an edit looks at those.
        """
        if self._compared is not None:
            for one in asked:
                answers = self._compared.get(one.claim.number)
                if answers:
                    one.answers.extend(received(one.claim, answers, self.catalogue.edits))
            return
        earlier = self._earlier
        earlier.look_up(one.claim for one in asked if one.plan.file_edits)
        begin = 0
        for end, one in enumerate(asked if self.history else (), 1):
            if self.is_ending(one.claim):
                self._ask_file_edits(asked[begin:end])
                begin = end
                if earlier.may_end(one.claim) and goes_out(one):
                    earlier.ends(one.claim)
        self._ask_file_edits(asked[begin:])

    def _ask_file_edits(self, asked: Sequence[Asked]) -> None:
        by_file_edit: dict[str, list[Asked]] = {}
        for one in asked:
            for code in one.plan.file_edits:
                by_file_edit.setdefault(code, []).append(one)
        for edit in self._file_edits:
            if edit.code in by_file_edit:
                self._ask(edit, by_file_edit[edit.code])

    def with_faults(self, scrubbed: ScrubbedClaim, faults: Iterable[Finding]) -> ScrubbedClaim:
        """The claim with its guide faults added to its findings, graded by the profile."""
        claim, runs = scrubbed.claim, self.profile.runs
        rules = self._plans.rules_of(claim)
        findings, shadow = list(scrubbed.findings), list(scrubbed.shadow)
        for fault in faults:
            graded = regraded(fault, rules.grade_of(fault.code)) if runs(fault.code) else None
            if graded is not None:
                (shadow if fault.code in rules.shadow else findings).append(graded)
        return scrubbed.with_findings(in_order(claim, findings), tuple(shadow))

    def _ask(self, edit: Edit, asked: Sequence[Asked]) -> bool:
        """Run an edit on claims, and report progress if that is wanted. True if it was not silent on all of them."""
        if self.on_progress is None:
            return ask(edit, asked, self._failed)
        answered = False
        for first in range(0, len(asked), CLAIMS_OF_A_STEP):
            answered |= ask(edit, asked[first : first + CLAIMS_OF_A_STEP], self._failed)
            self.on_progress()
        return answered

    def _failed(self, edit: Edit, claim: Claim, plan: Plan, error: BaseException) -> Finding | NotChecked:
        """The answer of an edit that failed on a claim."""
        if self._crashed:
            self._crashed(edit.code, error)
        grade = self._plans.rules_of(claim).grade_of(CRASHED) if self.profile.runs(CRASHED) else "off"
        severity, _ = plan.grades[edit.code]
        return failure(edit, claim, error, severity, grade)

    def _scrubbed(self, asked: Asked) -> ScrubbedClaim:
        claim, _, answers, shown = asked
        price = self._pricing.price(claim) if self._pricing else None
        if "several days" in shown:
            answers = on_all_days(claim, answers, partial(self._with_day, asked))
        if not answers:
            return scrubbed_claim(claim, price=price, holding=self._holding)
        in_shadow: tuple[Finding, ...] = ()
        if self._has_shadow:
            answers, in_shadow = _parted(answers, self._plans.rules_of(claim).shadow)
        findings = in_order(claim, [result for _, result in answers if isinstance(result, Finding)])
        not_checked = {
            Unchecked(edit.code, result.reason) for edit, result in answers if isinstance(result, NotChecked)
        }
        unchecked = tuple(sorted(not_checked, key=lambda item: (item.code, item.reason)))
        return scrubbed_claim(claim, findings, unchecked, shadow=in_shadow, price=price, holding=self._holding)

    def _with_day(self, asked: Asked, day: Day) -> Answers:
        """The answers of edits with another day of service for lines of several days. File edits are not run again."""
        again = Asked(asked.claim.on_day(day), asked.plan, [], asked.signs)
        self._ask_all([again])
        return again.answers


def _parted(answers: Answers, shadow: frozenset[str]) -> tuple[Answers, tuple[Finding, ...]]:
    """The answers that count, and the findings with the codes of edits in `shadow`."""
    counted: Answers = []
    unseen: list[Finding] = []
    for edit, result in answers:
        if edit.code not in shadow and not (isinstance(result, Finding) and result.code in shadow):
            counted.append((edit, result))
        elif isinstance(result, Finding):
            unseen.append(result)
    return counted, tuple(unseen)
