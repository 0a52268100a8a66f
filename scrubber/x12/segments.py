"""Segments and their elements.

A segment is a list: the tag, then the elements, so `segment[2]` is element 02. Elements are text decoded as latin-1,
one character for each byte: positions in text are positions in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TypeAlias

from scrubber.x12.delimiters import WHITE_SPACE, Delimiters, space_after
from scrubber.x12.notes import MARK, is_note, without_notes
from scrubber.x12.remembering import forget_in_time

Segment: TypeAlias = Sequence[str]

LONGEST_TAG = 3
"""Characters of the longest tags of segments."""

ABSENT: Segment = ("",) * 9
"""A segment that is missing: all its elements are empty. It also fills up elements left out at a segment's end."""


class _Elements:
    """Splits segments into elements at one separator, and remembers segments of files.

    Two of three segments of a file have stood in claims before: dates, services, providers. The claims share the lists
    of their elements, which take neither time nor memory again, and must not be changed. It adds the segments of one
    text in eight: what repeats is soon among these, and what does not repeat, such as ids, takes little time. When many
    are known, all are forgotten, which keeps memory flat.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._known: dict[str, list[str]] = {}
        self._texts = 0

    def split(self, parts: Sequence[str]) -> list[list[str]]:
        """The elements of each segment of a text."""
        known, separator = self._known, self._separator
        if self._texts % _LEARNS_FROM_ONE_IN == 0:
            if len(known) > _MOST_KNOWN:
                known.clear()
            for part in parts[:_MOST_KNOWN]:
                if part not in known and len(part) <= _LONGEST_KNOWN:
                    known[part] = part.split(separator)
        self._texts += 1
        get = known.get
        return [get(part) or part.split(separator) for part in parts]

    def cache_clear(self) -> None:
        """Forget all segments."""
        self._known.clear()
        self._texts = 0


_LEARNS_FROM_ONE_IN = 8
_MOST_KNOWN = 1_024
_LONGEST_KNOWN = 100
"""Longer segments, in characters, are not remembered."""


@lru_cache(maxsize=4)
def _elements(separator: str) -> _Elements:
    made = _Elements(separator)
    forget_in_time(made)
    return made


def split(text: str, delimiters: Delimiters) -> list[list[str]]:
    """The segments of `text` without empty ones, the scrubber's own notes and white space between segments."""
    return parts_and_segments(without_notes(text, delimiters), delimiters)[1]


def bare_parts(text: str, delimiters: Delimiters) -> list[str]:
    """The segments of `text` as text, without their terminators and the line breaks after these."""
    return _parts(_without_line_breaks(text, delimiters.terminator), delimiters.terminator)


def parts_and_segments(text: str, delimiters: Delimiters) -> tuple[list[str], list[list[str]]]:
    """The segments of `text` as text, and split into elements.

    The split segments leave out empty ones and white space before a segment.
    """
    end, elements = delimiters.terminator, _elements(delimiters.element)
    text = _without_line_breaks(text, end)
    parts = _parts(text, end)
    if delimiters.gap.search(text):
        return parts, elements.split([bare for part in parts if (bare := part.lstrip(WHITE_SPACE))])
    return parts, elements.split(parts)


def _without_line_breaks(text: str, end: str) -> str:
    if "\n" not in text:
        return text
    if "\r" in text:
        text = text.replace(f"{end}\r\n", end)
    return text.replace(f"{end}\n", end)


def _parts(text: str, end: str) -> list[str]:
    parts = text.split(end)
    if not parts[-1]:
        parts.pop()
    return parts


@lru_cache(maxsize=1024)
def first_pattern(element: str, terminator: str, tag: str, number: int, qualifier: str = "") -> re.Pattern[str]:
    """Matches the first segment with `tag` in a text that begins with another tag. Group 1 is its element `number`.

    If `qualifier` is given, it must stand in element 01. This is much cheaper than splitting all segments. It takes the
    separator and terminator by themselves, as these are quicker to look up than all delimiters.
    """
    end, separator = re.escape(terminator), re.escape(element)
    text, space = f"[^{end}{separator}]*", space_after(terminator)
    if qualifier:
        begin = rf"{end}{space}{tag}{separator}{qualifier}(?=[{end}{separator}])"
        return re.compile(rf"{begin}(?:(?:{separator}{text}){{{number - 2}}}{separator}({text}))?", re.ASCII)
    return re.compile(rf"{end}{space}{tag}{separator}(?:(?:{text}{separator}){{{number - 1}}}({text}))?", re.ASCII)


def first_element(text: str, delimiters: Delimiters, tag: str, number: int, qualifier: str = "") -> str:
    """Element `number` of the segment that `first_pattern` matches, empty where there is none."""
    found = first_pattern(delimiters.element, delimiters.terminator, tag, number, qualifier).search(text)
    return found[1] or "" if found else ""


@lru_cache(maxsize=256)
def _whole(element: str, terminator: str, tag: str, qualifier: str) -> re.Pattern[str]:
    end, separator = re.escape(terminator), re.escape(element)
    begin = rf"{end}{space_after(terminator)}"
    return re.compile(rf"{begin}({tag}{separator}{qualifier}(?:{separator}[^{end}]*)?)(?:{end}|\Z)", re.ASCII)


def first_with(text: str, delimiters: Delimiters, tag: str, qualifier: str) -> str:
    """The first segment with `tag`, and with `qualifier` in element 01, in a text that begins with another tag.

    Empty where there is none. This is much cheaper than splitting all segments.
    """
    found = _whole(delimiters.element, delimiters.terminator, tag, qualifier).search(text)
    return found[1] if found else ""


def first_segment(text: str, delimiters: Delimiters) -> list[str]:
    """The elements of the first segment of a piece."""
    return text.partition(delimiters.terminator)[0].split(delimiters.element)


def element(segment: Segment, number: int) -> str:
    """Element `number` of a segment, empty if the segment is shorter."""
    return segment[number] if number < len(segment) else ""


def start(text: str, delimiters: Delimiters, index: int) -> int:
    """The position in `text` of segment `index`, counted as in `split`. Raises `IndexError`."""
    return starts(text, delimiters)[index]


@lru_cache(maxsize=2)  # those of one piece are asked for several times in turn
def starts(text: str, delimiters: Delimiters) -> Sequence[int]:
    """The position in `text` of each segment, counted as in `split`.

    Where nothing stands between the segments, and no note of the scrubber does among them, lengths tell all positions.
    """
    end = delimiters.terminator
    parts = text.split(end)
    if not (parts[-1] or MARK in text or text[:1] in WHITE_SPACE or delimiters.gap.search(text)):
        return [*accumulate([len(part) + 1 for part in parts[:-2]], initial=0)]
    return starts_between(parts, len(text), delimiters)


def starts_between(parts: Sequence[str], length: int, delimiters: Delimiters) -> Sequence[int]:
    """The position of each segment in a text of such a length, given the parts between terminators.

    It leaves out empty parts, white space before a segment and the scrubber's notes.
    """
    found = []
    at = 0
    for part in parts:
        bare = part.lstrip(WHITE_SPACE)
        ended = at + len(part) < length
        if bare and not (ended and is_note(part, delimiters)):
            found.append(at + len(part) - len(bare))
        at += len(part) + 1
    return found


def with_strays(text: str, delimiters: Delimiters) -> bool:
    """Whether stray segments stand after the header or trailer that `text` begins with. TA1 may stand after ISA."""
    _, (first, *others) = parts_and_segments(text, delimiters)  # the scrubber's notes are strays here, too
    return any(first[0] != "ISA" or segment[0] != "TA1" for segment in others)


def measured(text: str, start: int, end: int, delimiters: Delimiters) -> tuple[int, int]:
    """How many segments of `text[start:end]` are not empty, and the length of the longest.

    It looks at one segment at a time, because a list of all would take many times the memory of `text`.
    """
    segments = longest = 0
    for match in delimiters.between.finditer(text, start, end):
        segments += bool(match[0].strip(WHITE_SPACE))
        longest = max(longest, len(match[0]))
    return segments, longest
