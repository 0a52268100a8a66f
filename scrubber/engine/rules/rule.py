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
    """The case in which a rule applies to a claim or line: all `conditions` hold, and none of `but`."""

    conditions: tuple[Condition, ...]
    but: tuple[Condition, ...]

    def meets(self, claim: Claim, line: ServiceLine | None) -> bool:
        """Whether the rule applies to it. Raises `MalformedValue` and `Unread`."""
        return all(_holds(one, claim, line) for one in self.conditions) and not any(
            _holds(one, claim, line) for one in self.but
        )


@attrs.frozen
class Rule:
    """The condition of a row, and the claims and lines that it applies to.

    `procedure` are codes, or beginnings with `*`. `case` must hold on the claim, `line_case` on the line.
    """

    procedure: tuple[str, ...]
    case: Case
    line_case: Case
    asked: Condition
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
        return self._named_lines(claim) if self.asked.field.of_line else (None,)

    def _named_lines(self, claim: Claim) -> Sequence[ServiceLine]:
        """The lines with the rule's codes."""
        if not self.procedure:
            return claim.lines
        return [line for line in claim.lines if any(matches(line.procedure.upper(), code) for code in self.procedure)]

    def _faults(self, claim: Claim, line: ServiceLine | None) -> Sequence[Location]:
        if not self.case.meets(claim, None):
            return ()
        concerned = self.line_case.meets(claim, line) if line else self._concerns_a_line(claim)
        return _faults(self.asked, claim, line) if concerned else ()

    def _concerns_a_line(self, claim: Claim) -> bool:
        """Whether a rule on the claim applies to one of its lines, or names no lines."""
        if not (self.procedure or self.line_case.conditions or self.line_case.but):
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


def _faults(asked: Condition, claim: Claim, line: ServiceLine | None) -> Sequence[Location]:
    field = asked.field
    if field.of_claim:
        return asked.faults(field.of_claim(claim))
    assert field.of_line and line
    return asked.faults(field.of_line(claim, line))


def _holds(one: Condition, claim: Claim, line: ServiceLine | None) -> bool:
    """Whether a condition holds. It does not if the claim's guide lacks the field."""
    return claim.type in one.field.types and not _faults(one, claim, line)


def documentation(rule: Rule, source: str) -> str:
    """The docstring of a rule's edit."""
    codes = listing(rule.procedure) if rule.procedure else ""
    where = f"on a line with {codes}, " if codes and rule.asked.field.of_line else ""
    where = where or (f"on a claim with a line with {codes}, " if codes else "")
    conditions = [*rule.case.conditions, *rule.line_case.conditions]
    but = [*rule.case.but, *rule.line_case.but]
    only = [f" Only where {one.in_words(asked=False)}." for one in conditions]
    only += [f" Not where {one.in_words(asked=False)}." for one in but]
    return (
        f"What it checks: {where}{rule.asked.in_words(asked=True)}.{''.join(only)}\n\n"
        f"Why it is denied: {rule.message.rstrip('.')}. The payer's rule: {source}.\n\n"
        f"How to fix: {rule.fix}\n"
    )
