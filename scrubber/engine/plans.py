"""Which edits look at a claim, and the severities of their findings: worked out once for each kind of claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.parts import Part
from scrubber.claims.payers import PayerKey
from scrubber.edit import Dated, Edit, Scope, Severity, gravest
from scrubber.engine.part_memory import PartMemories, PartMemory
from scrubber.engine.profile import Profile, Rules, scope_of
from scrubber.engine.selection import Selection
from scrubber.reference import Facts
from scrubber.reference.billing import Period
from scrubber.x12.guides import ClaimType
from scrubber.x12.remembering import remembered

_MOST_KINDS = 4096
"""How many kinds of claims are kept with their plans."""
_NO_SCOPES: frozenset[Scope] = frozenset()


@attrs.frozen
class Plan:
    """The edits, severities and facts for claims of a kind.

    `edits` look at each claim by itself; `codes` names them. `by_part` are further such edits, which look at a part of
    the claim only, with what they were silent on. `file_edits` are the codes of the edits that compare claims. `grades`
    has the severity of each edit that runs, file edits included, and the date of service from which the profile sets
    it. `facts` are the facts for the payer.
    """

    edits: tuple[Edit, ...]
    codes: str
    by_part: Mapping[Part, PartMemory]
    file_edits: tuple[str, ...]
    grades: Mapping[str, tuple[Severity | Dated, date | None]]
    facts: Facts


class Plans:
    """The plans for all kinds of claims, of the edits in a selection, by a profile and a set of facts."""

    def __init__(self, selection: Selection, profile: Profile, facts: Facts, memories: PartMemories) -> None:
        self._selection = selection
        self._facts = facts
        self._memories = memories
        self._known = selection.known
        self._looks_at_payers = profile.looks_at_payers
        self._plan = remembered(_MOST_KINDS)(self._planned)
        self._rules = remembered(_MOST_KINDS)(profile.rules)
        self._facts_by_limit: dict[Period, Facts] = {}

    def of(self, claim: Claim, *, readable: bool) -> Plan:
        """The plan for a claim, `readable` if it does not show the sign `unreadable`."""
        known = self._known
        procedures = claim.procedures & known
        payer = self._payer_of(claim)
        others = claim.other_payers
        beside = frozenset([scope_of(other.filing_indicator) for other in others]) if others else _NO_SCOPES
        return self._plan(claim.type, procedures, claim.is_void, payer, beside, readable)

    def rules_of(self, claim: Claim) -> Rules:
        """The profile's rules for the claim's payer."""
        return self._rules(*self._payer_of(claim))

    def _payer_of(self, claim: Claim) -> PayerKey:
        """The claim's payer, as far as the profile distinguishes payers."""
        if self._looks_at_payers:
            return claim.filing_indicator, claim.payer_id, claim.payer_name
        return claim.filing_indicator, "", ""

    def _planned(
        self,
        claim_type: ClaimType,
        procedures: frozenset[str],
        void: bool,
        payer: PayerKey,
        beside: frozenset[Scope],
        readable: bool,
    ) -> Plan:
        """The plan for claims of a kind.

        `procedures` are those of their codes that decide which edits run, `beside` the scopes of their other payers.
        Claims that are not `readable` have an amount or a service date that cannot be read.
        """
        rules = self._rules(*payer)
        edits: list[Edit] = []
        by_part: dict[Part, list[Edit]] = {}
        file_edits: list[str] = []
        grades: dict[str, tuple[Severity | Dated, date | None]] = {}
        for edit in self._selected(procedures, readable=readable):
            concerned = claim_type in edit.types and edit.payers.include(payer) and (edit.on_voids or not void)
            severity = _severity(edit, rules, claim_type, beside) if concerned else None
            if severity is None:
                continue
            grades[edit.code] = severity, rules.overridden_from(edit.code, claim_type)
            if edit.begin:
                file_edits.append(edit.code)
            elif edit.part:
                by_part.setdefault(edit.part, []).append(edit)
            else:
                edits.append(edit)
        codes = " ".join(edit.code for edit in edits)
        limit = rules.filing_limit
        memories = {part: self._memories.of(part, tuple(some), limit) for part, some in by_part.items()}
        return Plan(tuple(edits), codes, memories, tuple(file_edits), grades, self._facts_for(limit))

    def _selected(self, procedures: frozenset[str], *, readable: bool) -> Iterator[Edit]:
        """The edits that concern claims with these procedure codes, each once.

        Where a claim is not `readable`, edits run without the codes that they need: they are then not checked.
        """
        always, by_procedure, needs = self._selection.always, self._selection.by_procedure, self._selection.needs
        named = {edit.code: edit for procedure in sorted(procedures) for edit in by_procedure.get(procedure, ())}
        for edit in (*always, *named.values()):
            if not (readable and edit.needs and needs[edit.code].isdisjoint(procedures)):
                yield edit

    def _facts_for(self, filing_limit: Period | None) -> Facts:
        """The facts for payers with their own filing limit. There is one copy for each limit."""
        if filing_limit is None:
            return self._facts
        known = self._facts_by_limit
        if filing_limit not in known:
            known[filing_limit] = attrs.evolve(self._facts, filing_limit=filing_limit)
        return known[filing_limit]


def _severity(edit: Edit, rules: Rules, claim_type: ClaimType, beside: Iterable[Scope]) -> Severity | Dated | None:
    """The severity in force for an edit, `None` for off. Other payers of a claim can only make it higher."""
    severity = rules.severity_of(edit, claim_type)
    if rules.overridden_from(edit.code, claim_type) is None and edit.code not in rules.shadow:
        for scope in beside:
            severity = gravest(severity, edit.beside.get(scope))
    return severity
