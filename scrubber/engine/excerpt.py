"""The segment at fault as it may be shown: codes and amounts, nothing of a person, with the element at fault marked.

A separator that is missing or too many shifts values: a name may stand where a code belongs. So a value is shown only
if its **content** is of the kind that belongs there. Any other value is replaced by as many `#`. A shape proves no more
than itself: an id of five digits, where a procedure code belongs, is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import attrs

from scrubber.claims.lines import ServiceLine
from scrubber.claims.location import Location
from scrubber.claims.once import once_per_claim
from scrubber.engine.judged import Judged
from scrubber.engine.naming import MOST_HIDDEN, placeholder, visible
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import Segment

SHOWN_SEGMENTS = frozenset({"CTP", "HI", "LIN", "LX", "SV1", "SV2"})
"""Segments that may be shown whole: they hold codes and amounts, nothing of a person. Free text is left out."""

SHOWN_ELEMENTS = {
    "CLM": frozenset({2, 5}),
    "DTP": frozenset({1, 2}),
    "NM1": frozenset({1, 2, 8}),
    "PAT": frozenset({7}),
    "PRV": frozenset({1, 2, 3}),
    "REF": frozenset({1}),
    "SBR": frozenset({1, 2, 9}),
}
"""Elements of other segments that may be shown alone: codes, the charge, a taxonomy."""

_LEFT_OUT = "..."


def _kind(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.ASCII | re.IGNORECASE)


_NOTHING = _kind(r"(?!)")
_QUALIFIER = _kind(r"[A-Z0-9]{2}|(?=[A-Z]*\d)[A-Z0-9]{3}|PXC|RD8")
_FEW_DIGITS, _DIGIT, _TWO_DIGITS, _THREE_DIGITS = (_kind(rf"\d{{{n}}}") for n in ("1,6", "1", "1,2", "3"))
_YES_OR_NO = _kind(r"[YNUWIP01]")
_LETTER_OR_DIGIT = _kind(r"[A-Z0-9]")
_AMOUNT = _kind(r"-?(?:\d{1,7}(?:\.\d{0,4})?|\.\d{1,4})")
_PROCEDURE = _kind(r"[A-Z]\d{4}|\d{4}[A-Z0-9]")
_MODIFIER = _UNIT = _kind(r"[A-Z0-9]{2}")
_REVENUE = _kind(r"\d{3,4}")
_NDC = _kind(r"(?:N4)?(?:\d{10,11}|\d{5}-\d{4}-\d{1,2}|\d{5}-\d{3}-\d{2}|\d{4}-\d{4}-\d{2})")
_DIAGNOSIS = _kind(r"[A-Z]\d[A-Z0-9](?:\.?[A-Z0-9]{1,4})?")
_HI_QUALIFIER = _kind(r"AB[FJKN]|APR|B[A-Z]|BB[QR]|CAH|DR|PR|TC|TQ")
_HI_CODE = _kind(rf"{_DIAGNOSIS.pattern}|(?=[A-Z]?\d)[A-Z0-9]{{2}}|\d{{3}}|{_PROCEDURE.pattern}")
_TAXONOMY = _kind(r"\d{3}[A-Z0-9]{6}X")

_Composite: TypeAlias = Sequence[re.Pattern[str]]
_PROCEDURES: _Composite = (_QUALIFIER, _PROCEDURE, *[_MODIFIER] * 4, _NOTHING, _PROCEDURE)
"""SV101 and SV202. The seventh component is a description."""
_HEALTH_CODE: _Composite = (
    *(_HI_QUALIFIER, _HI_CODE, _QUALIFIER, _NOTHING, _AMOUNT, _AMOUNT, _NOTHING, _NOTHING, _YES_OR_NO),
)
"""HI01 to HI12. The fourth component is a date; it may be a birth date."""
_KINDS: Mapping[str, Mapping[int, _Composite]] = {
    "CLM": {2: [_AMOUNT], 5: (_TWO_DIGITS, _LETTER_OR_DIGIT, _LETTER_OR_DIGIT)},
    "CTP": {3: [_AMOUNT], 4: [_AMOUNT], 5: [_UNIT]},
    "DTP": {1: [_THREE_DIGITS], 2: [_QUALIFIER]},
    "HI": dict.fromkeys(range(1, 13), _HEALTH_CODE),
    "LIN": {1: [_FEW_DIGITS], 2: [_QUALIFIER], 3: [_NDC]},
    "LX": {1: [_FEW_DIGITS]},
    "NM1": {1: [_QUALIFIER], 2: [_DIGIT], 8: [_QUALIFIER]},
    "PAT": {7: [_UNIT]},
    "PRV": {1: [_QUALIFIER], 2: [_QUALIFIER], 3: [_TAXONOMY]},
    "REF": {1: [_QUALIFIER]},
    "SBR": {1: [_LETTER_OR_DIGIT], 2: [_QUALIFIER], 9: [_QUALIFIER]},
    "SV1": {
        1: _PROCEDURES,
        2: [_AMOUNT],
        3: [_UNIT],
        4: [_AMOUNT],
        5: [_TWO_DIGITS],
        7: [_TWO_DIGITS] * 4,
        **{number: [_YES_OR_NO] for number in (9, 11, 12, 15)},
    },
    "SV2": {1: [_REVENUE], 2: _PROCEDURES, 3: [_AMOUNT], 4: [_UNIT], 5: [_AMOUNT], 6: [_AMOUNT], 7: [_AMOUNT]},
}
"""What may be shown at an element of a segment, for each of its components."""
_NEIGHBOURS = 30  # elements shown on either side; no valid segment has more
_MOST_COMPONENTS = 12
_LONGEST = 300  # characters of an element that may be shown; no valid one that is shown has more
_LOOKED_AT = _LONGEST + MOST_HIDDEN

_ELEMENT = re.compile(r"([A-Z0-9]{2,3}?)(\d\d)(?:-(\d+))?")


@lru_cache(maxsize=1_024)
def named(element: str) -> tuple[str, int, int]:
    """Tag, element and component (0 for none) of a name such as `SV101-3`; of a bare tag the tag and zeros."""
    found = _ELEMENT.fullmatch(element)
    return (found[1], int(found[2]), int(found[3] or 0)) if found else (element, 0, 0)


@attrs.frozen
class Excerpt:
    """A segment as it may be shown, and the part at fault, as `text[start:stop]`.

    `mark` is `None` where the whole segment is missing that the finding asks for. Where an element or component is
    missing, `start` and `stop` are the same.
    """

    text: str
    mark: tuple[int, int] | None = None

    @property
    def record(self) -> dict[str, Any]:
        """As reports write it; `start` and `stop` are `None` where the whole segment is missing."""
        start, stop = self.mark or (None, None)
        return {"text": self.text, "start": start, "stop": stop}

    @property
    def rows(self) -> list[str]:
        """The segment, and a row of carets under the part at fault: one caret where something is missing."""
        if self.mark is None:
            return [self.text]
        start, stop = self.mark
        return [self.text, " " * start + "^" * max(stop - start, 1)]


@once_per_claim
def excerpts(scrubbed: Judged) -> tuple[Excerpt | None, ...]:
    """The excerpt of each finding of a claim."""
    return tuple(excerpt(finding.location) for finding in scrubbed.findings)


def excerpt(location: Location) -> Excerpt | None:
    """The segment at a location with the element at fault marked; `None` where it may not be shown."""
    tag, number, part = named(location.element)
    elements = location.elements
    own = elements[0]
    if own in SHOWN_SEGMENTS:
        kept: Segment = tuple(elements[: number + _NEIGHBOURS + 2])  # those in sight, and one that shows there are more
    elif tag == own and number in SHOWN_ELEMENTS.get(own, ()):
        kept = _alone(elements, number)
    else:
        return None
    delimiters = location.span.delimiters
    return _excerpt(kept, number if tag == own else None, part, delimiters.element, delimiters.component)


def _alone(elements: Segment, number: int) -> Segment:
    """A segment with the one element that may be shown. The others are empty, so that many claims have the same."""
    before, after = min(number, len(elements)) - 1, len(elements) - number - 1
    return (elements[0], *[""] * before, *elements[number : number + 1], *[""] * (after > 0))


@remembered(1_024)  # the findings of an edit stand at the same codes and amounts
def _excerpt(elements: Segment, number: int | None, part: int, separator: str, component: str) -> Excerpt:
    """The excerpt of a segment. `number` is `None` where the finding asks for another segment."""
    before, at, after = _shown(elements, number or 0, component)
    text = _readable(separator.join([*before, *at, *after]), separator, component)
    if number is None:
        return Excerpt(text)
    if not at:
        return Excerpt(text, (len(text), len(text)))
    start = sum(len(shown) + 1 for shown in before)
    begin, end = _component(at[0], part, component)
    return Excerpt(text, (start + begin, start + end))


def may_be_shown(tag: str, number: int, part: int, value: str) -> bool:
    """Whether a value is the code or amount that belongs at an element, or a component of it (0: it has none)."""
    kinds = _KINDS.get(tag, {}).get(number, ())
    return bool(value) and max(part, 1) <= len(kinds) and kinds[max(part, 1) - 1].fullmatch(value) is not None


def _component(shown: str, number: int, separator: str) -> tuple[int, int]:
    """Where a component of an element begins and ends; its end where it is missing; 0 is the whole element."""
    parts = shown.split(separator)
    if number > len(parts):
        return len(shown), len(shown)
    if not number:
        return 0, len(shown)
    begin = sum(len(part) + 1 for part in parts[: number - 1])
    return begin, begin + len(parts[number - 1])


def line_values(line: ServiceLine) -> Mapping[str, Any]:
    """What a person needs to find a line: its codes and amounts, `None` where the line has none."""
    codes, amounts = (line.procedure, line.revenue_code), (line.charge_text, line.units_text)
    return _values(*codes, *amounts, line.unit_basis, line.ndc, tuple(line.modifiers))


@remembered(1_024)  # a practice bills the same services at the same prices
def _values(
    procedure: str, revenue: str, charge: str, units: str, basis: str, ndc: str, modifiers: Sequence[str]
) -> Mapping[str, Any]:
    return {
        "procedure": _of_kind(procedure, _PROCEDURE) or None,
        "modifiers": [_of_kind(modifier, _MODIFIER) for modifier in modifiers if modifier],
        "revenue_code": _of_kind(revenue, _REVENUE) or None,
        "charge": _of_kind(charge, _AMOUNT) or None,
        "units": _of_kind(units, _AMOUNT) or None,
        "unit_basis": _of_kind(basis, _UNIT) or None,
        "ndc": _of_kind(ndc, _NDC) or None,
    }


def fitted(rows: list[str], width: int) -> list[str]:
    """The rows of an excerpt cut to a width, so that the beginning of the part at fault is in sight."""
    if not rows or max(map(len, rows)) <= width:
        return rows
    segment, carets = rows[0], "".join(rows[1:])
    start = len(carets) - len(carets.lstrip())
    room = width - 2 * len(_LEFT_OUT)
    begin = max(0, min(start - max(room - (len(carets) - start), 0) // 2, len(segment) - room))
    before, after = _LEFT_OUT if begin else "", _LEFT_OUT if begin + room < len(segment) else ""
    cut = [before + segment[begin : begin + room] + after]
    if carets:
        cut.append(" " * (len(before) + start - begin) + "^" * min(len(carets) - start, room + begin - start))
    return cut


def _readable(text: str, separator: str, component: str) -> str:
    """The text with `*` and `:` in place of separators that cannot be printed."""
    for written, usual in ((separator, "*"), (component, ":")):
        if not written.isprintable():
            text = text.replace(written, usual)
    return visible(text)


def _shown(elements: Segment, number: int, component: str) -> tuple[list[str], list[str], list[str]]:
    """What may be shown before, at and after an element. Number 0 is the tag; a missing element shows nothing."""
    tag, whole = elements[0], elements[0] in SHOWN_SEGMENTS
    begin = max(number - _NEIGHBOURS if whole else number, 1)
    end = min(number + (_NEIGHBOURS if whole else 0) + 1, len(elements))
    shown = [_without_personal(tag, at, elements[at][:_LOOKED_AT], component) for at in range(begin, end)]
    left_out_before = [_LEFT_OUT] if min(begin, len(elements)) > 1 else []
    left_out_after = [_LEFT_OUT] if end < len(elements) else []
    if not number:
        return [], [tag], [*shown, *left_out_after]
    at = number - begin
    return [tag, *left_out_before, *shown[:at]], shown[at : at + 1], [*shown[at + 1 :], *left_out_after]


@lru_cache(maxsize=1_024)  # codes, units and pointers are the same on many lines
def _without_personal(tag: str, number: int, element: str, component: str) -> str:
    """An element with `#` in place of each value that is not of the kind that belongs there."""
    kinds = _KINDS.get(tag, {}).get(number, ())
    parts = element[:_LONGEST].split(component, _MOST_COMPONENTS)
    shown = [_of_kind(part, kinds[at] if at < len(kinds) else _NOTHING) for at, part in enumerate(parts)]
    if len(element) > _LONGEST:
        shown[-1] = placeholder(parts[-1] + element[_LONGEST:])
    return component.join(shown)


def _of_kind(value: str, kind: re.Pattern[str]) -> str:
    return value if not value or kind.fullmatch(value) else placeholder(value)
