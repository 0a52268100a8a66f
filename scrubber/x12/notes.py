"""The scrubber's own notes in an annotated copy: one NTE segment each, written, recognised and taken out here.

A note is `NTE*TPO*SCRUB R NDC05 W JWJZ08~`: the word SCRUB, then each severity letter (R reject, W warn, I info) with
its codes, then ` AND n MORE` if codes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from scrubber.x12.delimiters import WHITE_SPACE, Delimiters, space_after

MAX_TEXT = 80
"""Longest NTE02 in both implementation guides."""

MARK = "SCRUB "
"""Every note has it, and few other texts."""
_TEXT = r"SCRUB(?: [RWI](?: [A-Z]+\d\d)+)+(?: AND \d+ MORE)?"


@lru_cache(maxsize=256)
def _patterns(element: str, terminator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    e, t = re.escape(element), re.escape(terminator)
    note = rf"NTE{e}(?:TPO|ADD){e}{_TEXT}{t}\s*+"
    return re.compile(note, re.ASCII), re.compile(rf"({t}{space_after(terminator)})(?:{note})+", re.ASCII)


def without_notes(text: str, delimiters: Delimiters) -> str:
    """`text` without the scrubber's notes and the line breaks after them."""
    if MARK not in text:
        return text
    return _patterns(delimiters.element, delimiters.terminator)[1].sub(r"\1", text)


def count_notes(text: str, delimiters: Delimiters) -> int:
    """How many segments `without_notes` removes from `text`."""
    if MARK not in text:
        return 0
    note, run = _patterns(delimiters.element, delimiters.terminator)
    return sum(len(note.findall(match[0])) for match in run.finditer(text))


def is_note(segment: str, delimiters: Delimiters) -> bool:
    """Whether `segment`, without its terminator, is one of the scrubber's notes."""
    note = _patterns(delimiters.element, delimiters.terminator)[0]
    return MARK in segment and bool(note.fullmatch(segment.lstrip(WHITE_SPACE) + delimiters.terminator))


def note_text(codes: Sequence[tuple[str, str]]) -> str:
    """NTE02 for `codes`, pairs of severity letter and edit code in their order. At most 80 characters."""
    for kept in range(len(codes), -1, -1):
        words, letter = [MARK.strip()], ""
        for severity, code in codes[:kept]:
            words += [code] if severity == letter else [severity, code]
            letter = severity
        if kept < len(codes):
            words.append(f"AND {len(codes) - kept} MORE")
        text = " ".join(words)
        if len(text) <= MAX_TEXT:
            break
    return text


def note_segment(qualifier: str, text: str, delimiters: Delimiters) -> str:
    """The NTE segment with its terminator. `text` must hold no delimiter."""
    return delimiters.element.join(("NTE", qualifier, text)) + delimiters.terminator
