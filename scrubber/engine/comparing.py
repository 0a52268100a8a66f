"""Answers of file edits, on their way from the process that compares the claims of a file to those that do all else.

File edits see the claims of a file in their order, so one process runs them. Their answers are few. A finding is sent
without the segments of its claim, which the receiving process has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

import attrs

from scrubber.claims.model import Claim, Level
from scrubber.edit import Edit, Finding, NotChecked
from scrubber.x12.segments import element, first_segment

Answers: TypeAlias = list[tuple[Edit, Finding | NotChecked]]
"""The findings of edits on a claim, and the edits that could not decide."""

Sent: TypeAlias = tuple[tuple[str, Finding | NotChecked], ...]
"""The answers of file edits on a claim, by the codes of the edits."""


_BESIDE_LOCATION = [field.name for field in attrs.fields(Finding) if field.name != "location"]


def sent(claim: Claim, answers: Answers) -> Sent:
    """The answers on a claim as they can be pickled, without segments of the claim and of its levels.

    They are of our own classes, because other processes may lack those of a plug-in.
    """
    own = _parts(claim)

    def stripped(result: Finding | NotChecked) -> Finding | NotChecked:
        if isinstance(result, NotChecked):
            return NotChecked(result.reason)
        where = result.location
        if where.span.piece.offset in own:
            where = attrs.evolve(where, span=where.span._replace(parts=[], segments=[]))
        return Finding(where, *(getattr(result, name) for name in _BESIDE_LOCATION))

    return tuple((edit.code, stripped(result)) for edit, result in answers)


def received(claim: Claim, answers: Sent, edits: Mapping[str, Edit]) -> Answers:
    """The answers on a claim again, with its segments."""
    own = _parts(claim)

    def located(result: Finding | NotChecked) -> Finding | NotChecked:
        if isinstance(result, NotChecked):
            return result
        part = own.get(result.location.span.piece.offset)
        if part is None:
            return result
        return attrs.evolve(result, location=attrs.evolve(result.location, span=part.span))

    return [(edits[code], located(result)) for code, result in answers]


def _parts(claim: Claim) -> Mapping[int, Claim | Level]:
    """A claim and the levels above it, by their offsets."""
    context = claim.context
    parts: list[Claim | Level | None] = [claim, context.billing, context.subscriber, context.patient]
    return {part.piece.offset: part for part in parts if part}


@lru_cache(maxsize=16)  # it is asked for each file, and takes milliseconds
def may_have(codes: frozenset[str], frequencies: tuple[str, ...]) -> Callable[[Claim], bool]:
    """A quick test whether a claim may have one of these procedure codes or frequencies. A claim that has one passes.

    It searches the text of the claim, which takes a fraction of the time that it takes to parse it.
    """

    def test(claim: Claim) -> bool:
        event = claim.event
        if _as_component(codes, event.delimiters.component).search(event.text.upper().replace(".", "")):
            return True
        if not frequencies:
            return False
        facility = element(first_segment(event.text, event.delimiters), 5).split(event.delimiters.component)
        return element(facility, 2) in frequencies

    return test


@lru_cache(maxsize=64)
def _as_component(codes: frozenset[str], separator: str) -> re.Pattern[str]:
    """Matches a code in a text in capitals and without points. A separator of components stands before a procedure.

    Few letters begin a code. They come first in the pattern, as they rule out most of a text.
    """
    if not codes:
        return re.compile("(?!)")
    before = "" if separator == "." else rf"{re.escape(separator)}\s*"
    first, rest = ("|".join(sorted({re.escape(code[part]) for code in codes})) for part in (slice(1), slice(1, None)))
    return re.compile(f"{before}(?:{first})(?:{rest})")
