"""Answers about a claim that many edits need, or about a scrubbed claim that many outputs need, computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from typing import Any, Protocol, TypeVar, TypeVarTuple


class KeepsAnswers(Protocol):
    """A claim or a scrubbed claim."""

    @property
    def answers(self) -> dict[Hashable, Any]:
        """The answers that are kept with it, by their questions."""


_Kept = TypeVar("_Kept", bound=KeepsAnswers)
_Given = TypeVarTuple("_Given")
_Answer = TypeVar("_Answer")

_NONE_KEPT: Any = object()


def once_per_claim(function: Callable[[_Kept, *_Given], _Answer]) -> Callable[[_Kept, *_Given], _Answer]:
    """Makes a pure function keep its answers with the claim, or the scrubbed claim.

    All other arguments must be hashable, and an answer must not be changed. An exception is not kept: each call raises
    it again.
    """

    about_all: Any = function  # for mypy, as its arguments are not known here

    @wraps(function)
    def kept(claim: _Kept, *given: *_Given) -> _Answer:
        question = (function, *given)
        answers = claim.answers
        answer: _Answer = answers.get(question, _NONE_KEPT)
        if answer is _NONE_KEPT:
            answer = answers[question] = function(claim, *given)
        return answer

    @wraps(function)
    def kept_alone(claim: _Kept) -> _Answer:
        answers = claim.answers
        answer: _Answer = answers.get(function, _NONE_KEPT)
        if answer is _NONE_KEPT:
            answer = answers[function] = about_all(claim)
        return answer

    return kept if len(signature(function).parameters) > 1 else kept_alone  # type: ignore[return-value]
