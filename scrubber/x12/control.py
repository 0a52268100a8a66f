"""Control numbers, counts and dates of headers and trailers."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date

from scrubber.x12.remembering import remembered

MAX_COUNT_WIDTH = 10
"""Digits that SE01 may have."""
MAX_CONTROL_WIDTH = 9
"""Digits that ISA13, GS06 and ST02 may have."""
_LONGEST_KEPT = 32
"""Longer control numbers are kept as hashes, so that a file cannot fill the memory with them."""


MOST_RANGES = 100_000


class ControlNumbers:
    """The control numbers so far, as ranges. Most numbers follow each other, so few ranges are needed.

    There are at most `MOST_RANGES` of them. Then `full` is true, and other numbers count as used.
    """

    def __init__(self) -> None:
        self._count = 0
        self._ranges: dict[int, tuple[list[int], list[int]]] = {}
        self._others: set[str] = set()
        self._spare = 900_000_000

    @property
    def full(self) -> bool:
        """Whether the limit is reached: from then on a number must follow another one."""
        return self._count >= MOST_RANGES

    def add(self, control: str) -> bool:
        """Add a control number. False if it was used before."""
        if is_count(control):
            return self._add(len(control), int(control), not self.full)
        short = _short(control)
        if self.full or short in self._others:
            return False
        self._others.add(short)
        self._count += 1
        return True

    def _add(self, width: int, number: int, room: bool) -> bool:
        """Add a number of `width` digits. Without `room` it must follow one that is there, or stand before it."""
        firsts, lasts = self._ranges.setdefault(width, ([], []))
        after = bisect_right(firsts, number)
        if after and number <= lasts[after - 1]:
            return False
        follows = after > 0 and number == lasts[after - 1] + 1
        precedes = after < len(firsts) and number == firsts[after] - 1
        if follows and precedes:
            del firsts[after]
            del lasts[after - 1]
            self._count -= 1
        elif follows:
            lasts[after - 1] = number
        elif precedes:
            firsts[after] = number
        elif room:
            firsts.insert(after, number)
            lasts.insert(after, number)
            self._count += 1
        else:
            return False
        return True

    def spare(self) -> str:
        """A new control number of nine digits, which is then in use."""
        while not self._add(len(str(self._spare)), self._spare, room=True):
            self._spare += 1
        return str(self._spare)


def _short(control: str) -> str:
    """A control number that is no number, or the hash of one that is far longer than the guide allows."""
    if len(control) <= _LONGEST_KEPT:
        return control
    return "#" + hashlib.sha256(control.encode("utf-8", "surrogatepass")).hexdigest()


def is_count(text: str) -> bool:
    """Whether `text` is one to ten plain digits, as counts are written."""
    return len(text) <= MAX_COUNT_WIDTH and text.isascii() and text.isdigit()


def is_control_number(text: str) -> bool:
    """Whether `text` is one to nine plain digits. Messages show no other text: it may be of a person."""
    return len(text) <= MAX_CONTROL_WIDTH and is_count(text)


def shifted(count: str, by: int) -> str | None:
    """`count` plus `by`, written as `count` is. `None` if that cannot be done and undone.

    A count with leading zeros keeps its width and at least one zero. Any other count is written without zeros. So the
    step back gives the same text: `shifted(shifted(c, n), -n) == c`.
    """
    if not is_count(count):
        return None
    number = int(count) + by
    padded = len(count) > 1 and count.startswith("0")
    written = str(number).zfill(len(count)) if padded else str(number)
    if number < 0 or len(written) > MAX_COUNT_WIDTH or (padded and not written.startswith("0")):
        return None
    return written


def recounted(count: str, number: int) -> str:
    """`number`, padded to the width of `count` if `count` has leading zeros."""
    return str(number).zfill(len(count)) if is_count(count) and count.startswith("0") else str(number)


def latest_day(texts: Iterable[str]) -> str:
    """The latest of `texts` that is a date CCYYMMDD, empty if none is."""
    return max(filter(_is_day, texts), default="")


@remembered(256)
def _is_day(text: str) -> bool:
    try:
        return len(text) == 8 and text.isascii() and text.isdigit() and bool(date.fromisoformat(text))
    except ValueError:
        return False
