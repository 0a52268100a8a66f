"""Faults of a piece that follow from an earlier fault. They are counted in its message and not reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import attrs

from scrubber.conformance import codes, faults
from scrubber.conformance.faults import Fault

_BEGIN_LOOPS = frozenset({"HL", "NM1", "SBR", "CLM", "LX", "LIN", "SVD", "LQ"})
_IN_LOOPS = frozenset(
    {"N2", "N3", "N4", "REF", "PER", "PRV", "PAT", "DMG", "DTP", "CTP", "CAS", "AMT", "OI", "MIA", "MOA", "SV1", "SV2"}
)
_MISSING = (codes.MISSING_SEGMENT, codes.MISSING_LOOP)
_LEFT_OVER = (codes.MISPLACED_SEGMENT, codes.SEGMENT_REPEATS, codes.UNUSED_PART)


@attrs.define
class _Cause:
    """A fault that is reported, and how many others follow from it.

    `missed` is true when its segment, which is out of place, was also found missing elsewhere.
    """

    fault: Fault
    tag: str
    followers: int = 0
    missed: bool = False


def causes(found: Iterator[Fault], segments: Sequence[Sequence[str]]) -> list[Fault]:
    """The faults that are no consequence of an earlier fault.

    A misplaced segment is also missing at its right position. If it begins a loop, the rest of the loop is misplaced,
    too.
    """
    first = [*islice(found, 2)]
    if len(first) < 2:
        return first
    reported: list[_Cause] = []
    missing: set[tuple[str, str]] = set()
    for fault in chain(first, found):
        if fault.code in _MISSING:  # pyx12 may say so twice
            if (fault.loop, fault.segment) in missing:
                continue
            missing.add((fault.loop, fault.segment))
        cause = _cause(fault, reported, segments)
        if cause:
            cause.followers += 1
        else:
            reported.append(_Cause(fault, segments[min(fault.index, len(segments) - 1)][0]))
    return [faults.with_followers(one.fault, one.followers) for one in reported]


def _cause(fault: Fault, reported: Sequence[_Cause], segments: Sequence[Sequence[str]]) -> _Cause | None:
    if fault.code in _MISSING:
        for one in reported:
            if (
                one.fault.code == codes.MISPLACED_SEGMENT
                and not one.missed
                and one.fault.element in ("", fault.element)
            ):
                one.missed = True
                return one
    elif fault.code in _LEFT_OVER:
        for one in reported:
            if _begins_loop_of(one, fault, segments) or _missed_before(one, fault):
                return one
    return None


def _missed_before(one: _Cause, fault: Fault) -> bool:
    """Whether a misplaced segment was already found missing at its right position."""
    return one.fault.code in _MISSING and one.fault.segment == fault.segment


def _begins_loop_of(one: _Cause, fault: Fault, segments: Sequence[Sequence[str]]) -> bool:
    """Whether a misplaced segment begins the loop that a left-over segment belongs to."""
    if one.fault.code != codes.MISPLACED_SEGMENT or not (one.tag in _BEGIN_LOOPS or not one.fault.element):
        return False
    between = [segment[0] for segment in segments[one.fault.index + 1 : fault.index + 1]]
    return bool(between) and _IN_LOOPS.issuperset(between)
