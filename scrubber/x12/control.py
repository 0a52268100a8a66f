"""Control numbers and counts of headers and trailers."""

from __future__ import annotations

from bisect import bisect_right

MAX_COUNT_WIDTH = 10
"""Digits that SE01 may have."""


class ControlNumbers:
    """Control numbers seen so far, kept as ranges: they mostly follow each other, so this stays small."""

    def __init__(self) -> None:
        self._ranges: dict[int, tuple[list[int], list[int]]] = {}
        self._others: set[str] = set()
        self._spare = 900_000_000

    def add(self, control: str) -> bool:
        """Note `control`; false if it was there before."""
        if not is_count(control):
            known = control in self._others
            self._others.add(control)
            return not known
        number = int(control)
        firsts, lasts = self._ranges.setdefault(len(control), ([], []))
        place = bisect_right(firsts, number)
        if place and number <= lasts[place - 1]:
            return False
        if place and number == lasts[place - 1] + 1:
            lasts[place - 1] = number
        else:
            firsts.insert(place, number)
            lasts.insert(place, number)
        return True

    def spare(self) -> str:
        """A control number of nine digits that was not there before, and now is."""
        while not self.add(str(self._spare)):
            self._spare += 1
        return str(self._spare)


def is_count(text: str) -> bool:
    """Whether `text` is a plain run of one to ten digits, as counts are written; control numbers have nine."""
    return len(text) <= MAX_COUNT_WIDTH and text.isascii() and text.isdigit()


def shifted(count: str, by: int) -> str | None:
    """`count` plus `by`, written the way `count` is; `None` where that cannot be done, or not undone again.

    A count with leading zeros keeps its width and at least one of them; any other is written plain. So the way
    back is never in doubt: `shifted(shifted(c, n), -n) == c`.
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
    """`number`, as wide as `count` where that has leading zeros."""
    return str(number).zfill(len(count)) if is_count(count) and count.startswith("0") else str(number)
