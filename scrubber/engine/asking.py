"""Runs an edit on claims, and keeps its answer for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from scrubber.claims.earlier import HistoryError
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim
from scrubber.claims.signs import Sign
from scrubber.edit import SEVERITIES, Edit, Finding, NotChecked
from scrubber.engine.comparing import Answers
from scrubber.engine.grading import graded
from scrubber.engine.plans import Plan
from scrubber.reference.editions import NoAnswer
from scrubber.severities import gravity

MOST_ANSWERS = 4_000
"""How many findings of an edit on a claim are kept. Edits of lines make far fewer on the 999 lines of a claim."""
NO_SIGNS: AbstractSet[Sign] = frozenset()


class Asked(NamedTuple):
    """A claim, its plan, the answers of edits so far, and the claim's signs. File edits need no signs."""

    claim: Claim
    plan: Plan
    answers: Answers
    signs: AbstractSet[Sign]


Failed: TypeAlias = Callable[[Edit, Claim, Plan, BaseException], Finding | NotChecked]
"""Makes the answer of an edit that failed on a claim with an error. The error may quote patient data."""


def ask(edit: Edit, asked: Iterable[Asked], failed: Failed) -> bool:
    """Run an edit on claims. If it raises an error, `failed` makes an answer of it, and its earlier findings stay.

    Of more than `MOST_ANSWERS` findings on a claim, those after them are kept that are more severe than all before.
    Returns true if it found something, could not decide or failed on any claim, at any severity and with `off`, too.
    Raises `HistoryError`: without the history, no claim can count as not released before.
    """
    check, answered = edit.check, False
    for claim, plan, answers, _ in asked:
        try:
            for number, result in enumerate(check(claim, plan.facts), 1):
                answered = True
                answer = graded(edit, claim, result, *plan.grades[edit.code])
                if answer is not None and (number <= MOST_ANSWERS or _is_graver(edit, answer, answers)):
                    answers.append((edit, answer))
        except (HistoryError, KeyboardInterrupt):
            raise
        except (MalformedValue, NoAnswer) as unanswered:
            answered = True
            answers.append((edit, NotChecked(str(unanswered))))
        except BaseException as error:  # a plug-in may raise anything, and must take nothing with it
            answered = True
            answers.append((edit, failed(edit, claim, plan, error)))
    return answered


def _is_graver(edit: Edit, answer: Finding | NotChecked, answers: Answers) -> bool:
    """Whether an answer is more severe than the last of the same edit that was kept."""
    if not answers or answers[-1][0] is not edit:
        return True
    return _gravity(answer) < _gravity(answers[-1][1])


def _gravity(answer: Finding | NotChecked) -> int:
    return gravity(answer.severity) if isinstance(answer, Finding) else len(SEVERITIES)


def by_edit(asked: Iterable[Asked]) -> Mapping[str, tuple[Edit, list[Asked]]]:
    """Each edit by its code, with the claims that it runs on: those whose plan has it and that show its sign.

    Many claims have the same edits, so this looks at each group of them once.
    """
    alike: dict[str, list[Asked]] = {}
    for one in asked:
        alike.setdefault(one.plan.codes, []).append(one)
    found: dict[str, tuple[Edit, list[Asked]]] = {}
    for group in alike.values():
        showing: dict[Sign, list[Asked]] = {}
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
