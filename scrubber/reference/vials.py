"""Which amounts whole vials can make, exactly.

Let m be the smallest vial size in billing units. Every residue class modulo m has a least total that whole vials can
make. They can also make every larger total of the class, and no smaller one. So m numbers are enough for all doses.

Billed amounts are whole units, but a vial may hold a fraction (12.5). The given amount is rounded up and the discarded
amount is rounded down. So a content may be billed as the whole number below or above it.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache
from heapq import heappop, heappush

Size = int | Decimal
"""Billing units in one vial."""


def reachable(total: int, sizes: Collection[Size]) -> bool:
    """Whether `total` units are the content of one or more whole vials of the given sizes. False without sizes."""
    if not sizes or total <= 0:
        return False
    scale, whole = _whole(frozenset(sizes))
    return any(_is_made(near, whole) for near in range((total - 1) * scale + 1, (total + 1) * scale))


def least_total(amount: int, sizes: Collection[Size]) -> int:
    """The smallest content of whole vials that covers `amount` units, which must be positive, in whole units."""
    scale, whole = _whole(frozenset(sizes))
    modulus, needed = min(whole), (amount - 1) * scale + 1
    content = min(
        max(least, needed + (residue - needed) % modulus) for residue, least in _least_by_residue(whole).items()
    )
    return max(amount, content // scale)


def greatest_total(amount: int, sizes: Collection[Size]) -> int:
    """The largest content of whole vials up to `amount` units, 0 if none fits. `amount` must not be negative."""
    scale, whole = _whole(frozenset(sizes))
    modulus, room = min(whole), amount * scale
    fitting = (
        room - (room - residue) % modulus
        for residue, least in _least_by_residue(whole).items()
        if least <= room - (room - residue) % modulus
    )
    return max(fitting, default=0) // scale


def _is_made(total: int, sizes: frozenset[int]) -> bool:
    least = _least_by_residue(sizes).get(total % min(sizes))
    return least is not None and least <= total


@lru_cache(maxsize=256)
def _whole(sizes: frozenset[Size]) -> tuple[int, frozenset[int]]:
    """The number of equal parts that a billing unit is split into, and the sizes as whole numbers of such parts."""
    decimals = max(0, *(-int(Decimal(size).normalize().as_tuple().exponent) for size in sizes))
    scale = 10**decimals
    return scale, frozenset(int(size * scale) for size in sizes)


@lru_cache(maxsize=256)
def _least_by_residue(sizes: frozenset[int]) -> dict[int, int]:
    """The least total of each residue class modulo the smallest size, 0 for the class of the empty set."""
    modulus = min(sizes)
    least = {0: 0}
    queue = [0]
    while queue:
        total = heappop(queue)
        if total > least[total % modulus]:
            continue
        for size in sizes:
            longer = total + size
            if longer < least.get(longer % modulus, longer + 1):
                least[longer % modulus] = longer
                heappush(queue, longer)
    return least
