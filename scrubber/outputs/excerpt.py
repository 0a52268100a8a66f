"""The segment at fault as it may be shown: codes and amounts, nothing of a person, with the element at fault marked."""

from __future__ import annotations

import re
from functools import lru_cache

import attrs

from scrubber.claims.location import Location
from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.wording import visible
from scrubber.x12.delimiters import Delimiters
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
_HIDDEN = {"SV1": 7, "SV2": 7, "HI": 4}
"""The component of a composite that is left out: a description, or a date (it may be a birth date)."""
_NEIGHBOURS = 30  # elements shown on either side; no valid segment has more
_LONGEST = 300  # characters of an element; no valid one has more

_ELEMENT = re.compile(r"([A-Z0-9]{2,3}?)(\d\d)(?:-(\d+))?")


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
    def rows(self) -> list[str]:
        """The segment, and a row of carets under the part at fault: one caret where something is missing."""
        if self.mark is None:
            return [self.text]
        start, stop = self.mark
        return [self.text, " " * start + "^" * max(stop - start, 1)]


@lru_cache(maxsize=1)  # several reports take a claim one after the other
def excerpts(scrubbed: ScrubbedClaim) -> tuple[Excerpt | None, ...]:
    """The excerpt of each finding of a claim."""
    return tuple(excerpt(finding.location) for finding in scrubbed.findings)


def excerpt(location: Location) -> Excerpt | None:
    """The segment at a location with the element at fault marked; `None` where it may not be shown."""
    tag, number, part = named(location.element)
    own = location.segment_id
    if own not in SHOWN_SEGMENTS and (tag != own or number not in SHOWN_ELEMENTS.get(own, ())):
        return None
    delimiters = location.span.delimiters
    before, at, after = _shown(location.elements, number if tag == own else 0, delimiters.component)
    text = _readable(delimiters.element.join([*before, *at, *after]), delimiters)
    if tag != own:
        return Excerpt(text)
    if not at:
        return Excerpt(text, (len(text), len(text)))
    start = sum(len(shown) + 1 for shown in before)
    begin, end = _component(at[0], part, delimiters.component)
    return Excerpt(text, (start + begin, start + end))


def may_be_shown(tag: str, number: int, part: int = 0) -> bool:
    """Whether an element, or a component of it, holds codes and amounts alone, nothing of a person."""
    if part and part == _HIDDEN.get(tag):
        return False
    return tag in SHOWN_SEGMENTS or number in SHOWN_ELEMENTS.get(tag, ())


def _component(shown: str, number: int, separator: str) -> tuple[int, int]:
    """Where a component of an element begins and ends; its end where it is missing; 0 is the whole element."""
    parts = shown.split(separator)
    if number > len(parts):
        return len(shown), len(shown)
    if not number:
        return 0, len(shown)
    begin = sum(len(part) + 1 for part in parts[: number - 1])
    return begin, begin + len(parts[number - 1])


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


def _readable(text: str, delimiters: Delimiters) -> str:
    """The text with `*` and `:` in place of separators that cannot be printed."""
    for separator, usual in ((delimiters.element, "*"), (delimiters.component, ":")):
        if not separator.isprintable():
            text = text.replace(separator, usual)
    return visible(text)


def _shown(elements: Segment, number: int, component: str) -> tuple[list[str], list[str], list[str]]:
    """What may be shown before, at and after an element. Number 0 is the tag; a missing element shows nothing."""
    tag, whole = elements[0], elements[0] in SHOWN_SEGMENTS
    begin = max(number - _NEIGHBOURS if whole else number, 1)
    end = min(number + (_NEIGHBOURS if whole else 0) + 1, len(elements))
    shown = [_without_personal(tag, element, component) for element in elements[begin:end]]
    left_out_before = [_LEFT_OUT] if min(begin, len(elements)) > 1 else []
    left_out_after = [_LEFT_OUT] if end < len(elements) else []
    if not number:
        return [], [tag], [*shown, *left_out_after]
    at = number - begin
    return [tag, *left_out_before, *shown[:at]], shown[at : at + 1], [*shown[at + 1 :], *left_out_after]


def _without_personal(tag: str, element: str, component: str) -> str:
    parts = element[:_LONGEST].split(component)
    hidden = _HIDDEN.get(tag, 0)
    if hidden and len(parts) >= hidden and parts[hidden - 1]:
        parts[hidden - 1] = _LEFT_OUT
    if len(element) > _LONGEST:
        parts[-1] = parts[-1][: -len(_LEFT_OUT)] + _LEFT_OUT
    return component.join(parts)
