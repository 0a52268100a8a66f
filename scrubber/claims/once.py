"""Answers about a claim that many edits ask for, worked out once for each claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

from scrubber.claims.model import Claim

_Given = TypeVarTuple("_Given")
_Answer = TypeVar("_Answer")


def once_per_claim(function: Callable[[Claim, *_Given], _Answer]) -> Callable[[Claim, *_Given], _Answer]:
    """Makes a pure function keep its answers with the claim that it is asked about.

    What else the function is given must be hashable, and nobody may change an answer. An exception is no answer: it
    is raised anew for whoever asks.
    """

    @wraps(function)
    def kept(claim: Claim, *given: *_Given) -> _Answer:
        question = (function, *given)
        try:
            answer: _Answer = claim.answers[question]
        except KeyError:
            answer = claim.answers[question] = function(claim, *given)
        return answer

    return kept
