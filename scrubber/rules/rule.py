"""A rule: what it asks of which claims and lines, its check, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from scrubber.claims.location import Location, MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.payers import matches
from scrubber.edit import NotChecked, Results, finding
from scrubber.reference import Facts
from scrubber.rules.conditions import Condition, listing
from scrubber.rules.fields import Unread


@attrs.frozen
class Case:
    """When a rule is about a claim or a line: each condition holds, and of `but` none does."""

    conditions: tuple[Condition, ...]
    but: tuple[Condition, ...]

    def meets(self, claim: Claim, line: ServiceLine | None) -> bool:
        """Whether the rule is about it. Raises `MalformedValue` and `Unread`."""
        return all(_holds(one, claim, line) for one in self.conditions) and not any(
            _holds(one, claim, line) for one in self.but
        )


@attrs.frozen
class Rule:
    """What a row asks, of which claims and lines.

    `procedure` are codes, or their beginnings with a `*`; `case` is what must hold on the claim, `line_case` on its
    line.
    """

    procedure: tuple[str, ...]
    case: Case
    line_case: Case
    asked: Condition
    message: str
    fix: str

    def check(self, claim: Claim, _: Facts) -> Results:
        """The check of the rule's edit."""
        told: set[tuple[int, int, str]] = set()
        try:
            if not self.case.meets(claim, None):
                return
        except (MalformedValue, Unread) as lacking:
            yield NotChecked(str(lacking))
            return
        for look in self._looks(claim):
            try:
                faults = look()
            except (MalformedValue, Unread) as lacking:
                yield NotChecked(str(lacking))
                continue
            for at in faults:
                place = id(at.source), at.index, at.element
                if place not in told:
                    told.add(place)
                    yield finding(at, self.message, self.fix)

    def _looks(self, claim: Claim) -> Iterator[Callable[[], Sequence[Location]]]:
        """A look at each line that the rule may be about, or one at the claim."""
        lines = [line for line in claim.lines if self._names(line.procedure)]
        if self.asked.field.of_line:
            yield from (lambda line=line: self._line_faults(claim, line) for line in lines)
        elif self._is_about_lines:
            yield lambda: self._claim_faults(claim, lines)
        else:
            yield lambda: _faults(self.asked, claim, None)

    @property
    def _is_about_lines(self) -> bool:
        return bool(self.procedure or self.line_case.conditions or self.line_case.but)

    def _names(self, procedure: str) -> bool:
        plain = procedure.upper()
        return not self.procedure or any(matches(plain, code) for code in self.procedure)

    def _line_faults(self, claim: Claim, line: ServiceLine) -> Sequence[Location]:
        return _faults(self.asked, claim, line) if self.line_case.meets(claim, line) else ()

    def _claim_faults(self, claim: Claim, lines: Iterable[ServiceLine]) -> Sequence[Location]:
        return _faults(self.asked, claim, None) if any(self.line_case.meets(claim, line) for line in lines) else ()


def _faults(asked: Condition, claim: Claim, line: ServiceLine | None) -> Sequence[Location]:
    field = asked.field
    if field.of_claim:
        return asked.faults(field.of_claim(claim))
    assert field.of_line and line
    return asked.faults(field.of_line(claim, line))


def _holds(one: Condition, claim: Claim, line: ServiceLine | None) -> bool:
    """Whether a condition holds; one on what the claim's guide does not have does not."""
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
        f"Why it is denied: {rule.message}. The payer's rule: {source}.\n\n"
        f"How to fix: {rule.fix}\n"
    )
