"""Answers about a claim that many edits need, computed once for each claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple

from scrubber.claims.model import Claim

_Given = TypeVarTuple("_Given")
_Answer = TypeVar("_Answer")

_UNASKED: Any = object()


def once_per_claim(function: Callable[[Claim, *_Given], _Answer]) -> Callable[[Claim, *_Given], _Answer]:
    """Makes a pure function keep its answers with the claim.

    All other arguments must be hashable, and an answer must not be changed. An exception is not kept: each call raises
    it again.
    """

    @wraps(function)
    def kept(claim: Claim, *given: *_Given) -> _Answer:
        question = (function, *given) if given else function
        answers = claim.answers
        answer: _Answer = answers.get(question, _UNASKED)
        if answer is _UNASKED:
            answer = answers[question] = function(claim, *given)
        return answer

    return kept
