"""Which amounts whole vials can make, exactly.

With vial sizes in billing units and m the smallest of them, a total can be made exactly when it is not below the
least such total of its residue class modulo m. So m numbers answer every question, however large the dose.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from heapq import heappop, heappush


def reachable(total: int, sizes: Collection[int]) -> bool:
    """Whether `total` units are the content of one or more whole vials of the given sizes; of none, nothing is."""
    if not sizes:
        return False
    modulus = min(sizes)
    least = _least_by_residue(frozenset(sizes)).get(total % modulus)
    return least is not None and total > 0 and least <= total


def least_total(amount: int, sizes: Collection[int]) -> int:
    """The smallest content of whole vials that covers `amount` units, which must be positive."""
    modulus = min(sizes)
    return min(
        max(least, amount + (residue - amount) % modulus)
        for residue, least in _least_by_residue(frozenset(sizes)).items()
    )


def greatest_total(amount: int, sizes: Collection[int]) -> int:
    """The largest content of whole vials that is at most `amount` units, which must not be negative; 0 for none."""
    modulus = min(sizes)
    fitting = (
        amount - (amount - residue) % modulus
        for residue, least in _least_by_residue(frozenset(sizes)).items()
        if least <= amount - (amount - residue) % modulus
    )
    return max(fitting, default=0)


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
