"""What is kept of a file for each error and transaction, with a bound, so that no file fills the memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, overload

import attrs

from scrubber.x12.errors import LocatedError, counted

MOST_KEPT = 20_000
"""How many errors of a file are kept, and transactions that take no notes."""


class Errors(Sequence[LocatedError]):
    """Errors as they are found: the first `MOST_KEPT`, and the first of each code. The others are counted."""

    def __init__(self) -> None:
        self._kept: list[LocatedError] = []
        self._codes: set[str] = set()
        self._more: Counter[str] = Counter()
        self._lost: Counter[LocatedError] = Counter()
        self._last: dict[tuple[str, ...], tuple[int, int]] = {}  # where the last one with the codes is, of how many

    def lose_claim(self, error: LocatedError) -> None:
        """Count a claim that is not read because of an error. The message in `counted` has the number."""
        self._lost[error] += 1

    def add(self, error: LocatedError) -> int | None:
        """Add an error. Returns its index, or `None` if it is only counted."""
        if len(self._kept) >= MOST_KEPT and error.code in self._codes:
            self._more[error.code] += 1
            return None
        self._codes.add(error.code)
        self._kept.append(error)
        return len(self._kept) - 1

    def extend(self, part: Errors) -> None:
        """Add the errors of the next part of a file."""
        for error in part:
            self.add(error)
        self._more.update(part._more)
        self._lost.update(part._lost)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._codes.clear()
        self._more.clear()
        self._lost.clear()
        self._last.clear()

    def replace(self, index: int, error: LocatedError) -> None:
        """Put an error in the place of one that was kept."""
        self._kept[index] = error
        self._last.clear()

    def pop(self) -> None:
        """Remove the last error."""
        self._kept.pop()
        end = len(self._kept)
        self._last = {codes: (at, min(seen, end)) for codes, (at, seen) in self._last.items() if at < end}

    def last(self, codes: tuple[str, ...]) -> LocatedError | None:
        """The last error with one of these codes. It looks at each error once, in however many calls."""
        at, seen = self._last.get(codes, (-1, 0))
        end = len(self._kept)
        at = next((index for index in range(end - 1, seen - 1, -1) if self._kept[index].code in codes), at)
        self._last[codes] = at, end
        return self._kept[at] if at >= 0 else None

    def counted(self, counts: Callable[[str], bool] = lambda _: True) -> list[LocatedError]:
        """The errors whose code counts. `LocatedError.more` of the last one is how many more there are."""
        found = [self._with_lost(error) for error in self._kept if counts(error.code)]
        more = sum(count for code, count in self._more.items() if counts(code))
        if more:
            found[-1] = attrs.evolve(found[-1], more=more)
        return found

    def _with_lost(self, error: LocatedError) -> LocatedError:
        lost = self._lost.get(error, 0)
        if not lost:
            return error
        are = "is" if lost == 1 else "are"
        return attrs.evolve(error, message=f"{error.message}; {counted(lost, 'claim')} {are} not read")

    @overload
    def __getitem__(self, index: int) -> LocatedError: ...
    @overload
    def __getitem__(self, index: slice) -> list[LocatedError]: ...
    def __getitem__(self, index: int | slice) -> LocatedError | list[LocatedError]:
        return self._kept[index]

    def __iter__(self) -> Iterator[LocatedError]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@attrs.define
class Offsets:
    """Offsets of transactions, the first `MOST_KEPT` of them. Beyond, all from `since` on count as among them."""

    since: int | None = None
    _kept: set[int] = attrs.field(factory=set)

    def add(self, offset: int) -> None:
        """Add an offset, which is none of those before."""
        if self.since is None and len(self._kept) >= MOST_KEPT:
            self.since = offset
        elif self.since is None:
            self._kept.add(offset)

    def __bool__(self) -> bool:
        return bool(self._kept) or self.since is not None

    def __contains__(self, offset: int) -> bool:
        return offset in self._kept or (self.since is not None and offset >= self.since)


UntrustedBytes: TypeAlias = tuple[int, int, LocatedError]
"""Bytes of a file from one offset up to another, and the fault that leaves them in doubt."""

AFTER_ANY_FILE = 1 << 62
"""An offset after the last byte of any file."""


def fault_at(ranges: Sequence[UntrustedBytes], offset: int) -> LocatedError | None:
    """The fault of the range with a byte, `None` if it is in none. The ranges are in file order and do not overlap."""
    after = bisect_right(ranges, offset, key=lambda one: one[0])
    return ranges[after - 1][2] if after and offset < ranges[after - 1][1] else None


def add_range(ranges: list[UntrustedBytes], start: int, end: int, fault: LocatedError) -> None:
    """Add a range of bytes with its fault after others. Those that touch become one, with the first fault."""
    while ranges and ranges[-1][1] >= start:
        first, last, earlier = ranges.pop()
        start, end, fault = min(first, start), max(last, end), earlier
    ranges.append((start, end, fault))
