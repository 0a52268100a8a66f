"""A rule of a profile: its condition, the claims and lines it applies to, its check and its documentation."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from scrubber.claims.location import Location, MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.payers import matches
from scrubber.edit import NotChecked, Results, finding
from scrubber.engine.rules.conditions import Condition, listing
from scrubber.engine.rules.fields import Unread
from scrubber.reference import Facts


@attrs.frozen
class Case:
    """The case in which a rule applies to a claim or line: all conditions of `when` hold, and none of `unless`."""

    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]

    def meets(self, claim: Claim, line: ServiceLine | None) -> bool:
        """Whether the rule applies to it. Raises `MalformedValue` and `Unread`."""
        return all(_holds(one, claim, line) for one in self.when) and not any(
            _holds(one, claim, line) for one in self.unless
        )


@attrs.frozen
class Rule:
    """What a row demands, and on which claims and lines.

    `procedure` are codes, or beginnings with `*`. `case` must hold on the claim, `line_case` on the line.
    """

    procedure: tuple[str, ...]
    case: Case
    line_case: Case
    demand: Condition
    message: str
    fix: str

    def check(self, claim: Claim, _: Facts) -> Results:
        """The check of the rule's edit."""
        reported: set[tuple[int, int, str]] = set()
        for line in self._looked_at(claim):
            try:
                faults = self._faults(claim, line)
            except (MalformedValue, Unread) as lacking:
                yield NotChecked(str(lacking))
                continue
            for at in faults:
                position = id(at.span), at.index, at.element
                if position not in reported:
                    reported.add(position)
                    yield finding(at, self.message, self.fix)

    def _looked_at(self, claim: Claim) -> Sequence[ServiceLine | None]:
        """The lines that may have a fault. `None` is for the claim itself."""
        return self._named_lines(claim) if self.demand.field.of_line else (None,)

    def _named_lines(self, claim: Claim) -> Sequence[ServiceLine]:
        """The lines with the rule's codes."""
        if not self.procedure:
            return claim.lines
        return [line for line in claim.lines if any(matches(line.procedure.upper(), code) for code in self.procedure)]

    def _faults(self, claim: Claim, line: ServiceLine | None) -> Sequence[Location]:
        if not self.case.meets(claim, None):
            return ()
        concerned = self.line_case.meets(claim, line) if line else self._concerns_a_line(claim)
        return _faults(self.demand, claim, line) if concerned else ()

    def _concerns_a_line(self, claim: Claim) -> bool:
        """Whether a rule on the claim applies to one of its lines, or names no lines."""
        if not (self.procedure or self.line_case.when or self.line_case.unless):
            return True
        lacking: Exception | None = None
        for line in self._named_lines(claim):
            try:
                if self.line_case.meets(claim, line):
                    return True
            except (MalformedValue, Unread) as error:
                lacking = error
        try:
            if lacking:
                raise lacking
        finally:
            del lacking  # the error holds on to this call, which must not hold on to it
        return False


def _faults(condition: Condition, claim: Claim, line: ServiceLine | None) -> Sequence[Location]:
    field = condition.field
    if field.of_claim:
        return condition.faults(field.of_claim(claim))
    assert field.of_line and line
    return condition.faults(field.of_line(claim, line))


def _holds(one: Condition, claim: Claim, line: ServiceLine | None) -> bool:
    """Whether a condition holds. It does not if the claim's guide lacks the field."""
    return claim.type in one.field.types and not _faults(one, claim, line)


def documentation(rule: Rule, source: str) -> str:
    """The docstring of a rule's edit."""
    codes = listing(rule.procedure) if rule.procedure else ""
    where = f"on a line with {codes}, " if codes and rule.demand.field.of_line else ""
    where = where or (f"on a claim with a line with {codes}, " if codes else "")
    when = [*rule.case.when, *rule.line_case.when]
    unless = [*rule.case.unless, *rule.line_case.unless]
    only = [f" Only where {one.in_words(demanded=False)}." for one in when]
    only += [f" Not where {one.in_words(demanded=False)}." for one in unless]
    return (
        f"What it checks: {where}{rule.demand.in_words(demanded=True)}.{''.join(only)}\n\n"
        f"Why it is denied: {rule.message.rstrip('.')}. The payer's rule: {source}.\n\n"
        f"How to fix: {rule.fix}\n"
    )
