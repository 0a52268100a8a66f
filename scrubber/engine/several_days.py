"""Claims with lines of several days: an answer counts if it is the same on the first and on the last day."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from scrubber.claims.model import Claim, Day
from scrubber.edit import Finding, NotChecked
from scrubber.engine.codes import CRASHED
from scrubber.engine.comparing import Answers
from scrubber.severities import gravity

_DEPENDS_ON_DAY = "the service dates cover several days, and the answer depends on which of them counts"
_SEVERAL_DAYS = " (The service dates cover several days; judged on the first and on the last of them.)"


def on_all_days(claim: Claim, on_first_day: Answers, on_day: Callable[[Day], Answers]) -> Answers:
    """The answers on a claim that are the same on its first and on its last day.

    `on_day` gives the answers with another day of service. A finding that would not be made with the day unknown
    depends on the day. Its message states that.
    """
    agreed = _agreed(on_first_day, on_day("last"))
    if not any(_on_several_days(claim, result) for _, result in agreed):
        return agreed
    on_any_day = {_answer(result) for _, result in on_day("unknown")}
    return [
        (edit, result if edit.begin or _answer(result) in on_any_day else _of_several_days(claim, result))
        for edit, result in agreed
    ]


def _agreed(first: Answers, last: Answers) -> Answers:
    """The answers of edits that are the same on the first and the last day of a claim; the others are not checked.

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
            agreed.append((edit, min(failures, key=lambda failure: gravity(failure.severity))))
        else:
            agreed.append((edit, NotChecked(_DEPENDS_ON_DAY)))
    return agreed


def _by_code(answers: Answers) -> dict[str, list[Finding | NotChecked]]:
    by_code: dict[str, list[Finding | NotChecked]] = {}
    for edit, result in answers:
        by_code.setdefault(edit.code, []).append(result)
    return by_code


def _answer(result: Finding | NotChecked) -> object:
    """The parts of a result that are the same for the first and the last day of a claim."""
    if isinstance(result, NotChecked):
        return result
    return result.code, result.severity, result.location.index, result.location.element


def _on_several_days(claim: Claim, result: Finding | NotChecked) -> bool:
    """Whether a result is a finding on a line whose dates cover several days."""
    line = claim.line_at(result.location) if isinstance(result, Finding) else None
    return line is not None and line.covers_days


def _of_several_days(claim: Claim, result: Finding | NotChecked) -> Finding | NotChecked:
    if isinstance(result, Finding) and _on_several_days(claim, result):
        return attrs.evolve(result, message=result.message + _SEVERAL_DAYS)
    return result
