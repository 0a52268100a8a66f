"""Finds segments that stand inside of another one, because the terminator between the two is missing.

A CLM that is not found would be a claim that is lost, so it is looked for in each level and claim. Segments of the
envelope are looked for after each other. A text like the beginning of such a segment is not enough: an element may end
with `CLM`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from scrubber.x12.delimiters import Delimiters


@lru_cache(maxsize=256)
def _claim(delimiters: Delimiters) -> re.Pattern[str]:
    """Matches a CLM: its amount and what is always empty after it, or its facility code."""
    e, t, c = (re.escape(one) for one in (delimiters.element, delimiters.terminator, delimiters.component))
    value = f"[^{e}{t}]"
    amount = rf"-?[0-9.]{{1,20}}{e}{e}{e}"
    facility = rf"{value}*{e}{value}*{e}{value}*{e}[A-Za-z0-9]{{1,2}}{c}[A-Za-z]?{c}"
    return re.compile(rf"CLM{e}{value}{{1,80}}{e}(?:{amount}|{facility})", re.ASCII)


@lru_cache(maxsize=256)
def _foreign(delimiters: Delimiters) -> re.Pattern[str]:
    """As `_claim` for a CLM with any other element separator, which it finds by itself."""
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    value = rf"(?:(?!\1)[^{e}{t}])"
    amount = r"-?[0-9.]{1,20}\1\1\1"
    facility = rf"{value}{{0,80}}\1{value}{{0,80}}\1{value}{{0,80}}\1[A-Za-z0-9]{{1,2}}([^A-Za-z0-9 ])[A-Za-z]?\2"
    return re.compile(rf"CLM([^A-Za-z0-9 {e}{t}]){value}{{1,80}}\1(?:{amount}|{facility})", re.ASCII)


@lru_cache(maxsize=256)
def _any(delimiters: Delimiters) -> re.Pattern[str]:
    """Matches a CLM, the HL of a level of an 837, or a segment of the envelope that stands after another segment."""
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    value, over = f"[^{e}{t}]", rf"(?:{t}|\Z)"  # what ends inside of a segment gets its terminator in the rejected file
    others = (
        rf"HL{e}[0-9]{{1,10}}{e}[0-9]{{0,10}}{e}2[0-3]{e}[01]?{over}",
        rf"GS{e}[A-Z]{{2}}{e}{value}{{2,15}}{e}{value}{{2,15}}{e}[0-9]{{8}}{e}",
        rf"ST{e}837{e}{value}{{1,9}}(?:{e}|{over})",
        rf"GE{e}[0-9]{{1,6}}{e}[0-9]{{1,9}}{over}",
    )
    return re.compile(f"{_claim(delimiters).pattern}|{'|'.join(others)}", re.ASCII)


@lru_cache(maxsize=256)
def _begun(delimiters: Delimiters) -> re.Pattern[str]:
    """Matches the tag of a segment and its separator."""
    return re.compile(rf"\s*[A-Za-z][A-Za-z0-9]{{1,2}}{re.escape(delimiters.element)}", re.ASCII)


FREQUENT = frozenset({"HL", "CLM"})
"""Tags of most pieces of a file."""


def alone(text: str, start: int, end: int, delimiters: Delimiters) -> bool:
    """Whether the level or claim `text[start:end]` holds no `CLM` but its own. It is a quick search for the tag."""
    return text.find(f"CLM{delimiters.element}", start + 1, end) < 0


def foreign_claim(text: str, delimiters: Delimiters) -> int:
    """Where a CLM with another element separator stands inside of a segment, else -1.

    There is one where a file of other delimiters was written over a part of this file, or its ISA, GS and ST are lost.
    """
    if text.find("CLM", len("CLM")) < 0:  # a quick search
        return -1
    found = _foreign(delimiters).search(text, 1)
    return found.start() if found else -1


def inner_segment(tag: str, text: str, start: int, end: int, delimiters: Delimiters) -> int:
    """Where a segment stands inside of another one in the piece `text[start:end]` with this tag, else -1."""
    frequent = tag in FREQUENT
    if frequent and alone(text, start, end, delimiters):
        return -1
    begins = _begun(delimiters)
    for found in (_claim if frequent else _any)(delimiters).finditer(text, start + 1, end):
        own = max(text.rfind(delimiters.terminator, start, found.start()) + 1, start)
        if begins.match(text, own, found.start()):  # else some characters stand before the tag, and no segment
            return found.start()
    return -1
