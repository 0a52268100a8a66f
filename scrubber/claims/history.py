"""The memory of a file edit for earlier claims: numbers and sums under a patient's key, in tens of bytes each."""

from __future__ import annotations

import hashlib
from array import array
from decimal import Decimal

from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim

_SMALLEST = 64
_FAST, _LARGE = 8, 4096
"""A small table grows to so many times its size: to fill it anew takes time, and it takes little memory."""
REACH = 255
"""So many days apart, two days of a patient are no longer compared."""


class History:
    """Numbers from 1 to 255 under 64-bit keys. A key may have many numbers.

    It is a hash table of plain numbers. From some thousands on it takes 14 to 27 bytes for each. A dictionary would
    take several times more.
    """

    def __init__(self) -> None:
        self._used = 0
        self._resize(_SMALLEST)

    def of(self, key: int) -> list[int]:
        """The numbers under a key."""
        keys, numbers, last = self._keys, self._numbers, len(self._numbers) - 1
        found = []
        slot = key & last
        while numbers[slot]:
            if keys[slot] == key:
                found.append(numbers[slot])
            slot = (slot + 1) & last
        return found

    def __contains__(self, key: int) -> bool:
        """Whether there is a number under a key."""
        keys, numbers, last = self._keys, self._numbers, len(self._numbers) - 1
        slot = key & last
        while numbers[slot]:
            if keys[slot] == key:
                return True
            slot = (slot + 1) & last
        return False

    def remember(self, key: int, number: int) -> None:
        """Add a number from 1 to 255 under a key."""
        self._used += 1
        if 3 * self._used > 2 * len(self._keys):
            self._grow()
        keys, numbers, last = self._keys, self._numbers, len(self._numbers) - 1
        slot = key & last
        while numbers[slot]:
            slot = (slot + 1) & last
        keys[slot], numbers[slot] = key, number

    def is_new(self, key: int) -> bool:
        """Remember a key. Returns whether it was not there."""
        if key in self:
            return False
        self.remember(key, 1)
        return True

    def _grow(self) -> None:
        before = zip(self._keys, self._numbers, strict=True)
        slots = len(self._keys)
        self._resize(slots * (_FAST if slots < _LARGE else 2))
        keys, numbers, last = self._keys, self._numbers, len(self._numbers) - 1
        for key, number in before:
            if number:
                slot = key & last
                while numbers[slot]:
                    slot = (slot + 1) & last
                keys[slot], numbers[slot] = key, number

    def _resize(self, slots: int) -> None:
        self._keys = array("Q", (0,)) * slots
        self._numbers = bytearray(slots)


class Days:
    """Days under 64-bit keys, as ordinals, found by their neighbourhood: a key may have very many of them.

    Days are kept in spans of `REACH` days. The span is part of the key, so the day within it fits into a byte.
    """

    def __init__(self) -> None:
        self._history = History()

    def near(self, key: int, day: int, reach: int = REACH) -> list[int]:
        """The days under a key that are at most `reach` days away from a day, and some that are farther away.

        `reach` is at most `REACH`.
        """
        found: list[int] = []
        for span in range((day - reach) // REACH, (day + reach) // REACH + 1):
            numbers = self._history.of(paired(key, span))
            if numbers:
                found += [span * REACH + number - 1 for number in numbers]
        return found

    def remember(self, key: int, day: int) -> None:
        """Add a day under a key."""
        span, number = divmod(day, REACH)
        self._history.remember(paired(key, span), number + 1)

    def add(self, key: int, day: int) -> None:
        """Add a day under a key, unless it is there."""
        span, number = divmod(day, REACH)
        within = paired(key, span)
        if number + 1 not in self._history.of(within):
            self._history.remember(within, number + 1)


class Totals:
    """Sums of amounts under 64-bit keys, to three decimal places, in 24 to 48 bytes for each key."""

    def __init__(self) -> None:
        self._used = 0
        self._resize(_SMALLEST)

    def of(self, key: int) -> Decimal:
        """The sum under a key."""
        return Decimal(self._sums[self._slot(key or 1)]).scaleb(-_PLACES)

    def add(self, key: int, amount: Decimal) -> None:
        """Add an amount under a key. Negative amounts are left out."""
        thousandths = int(max(amount, Decimal(0)).scaleb(_PLACES))
        slot = self._slot(key or 1)
        if not self._keys[slot]:
            self._used += 1
            if 3 * self._used > 2 * len(self._keys):
                self._grow()
                slot = self._slot(key or 1)
            self._keys[slot] = key or 1
        self._sums[slot] = min(self._sums[slot] + thousandths, _GREATEST)

    def _slot(self, key: int) -> int:
        """Where a key is, or may be put. The key 0 marks what is free."""
        keys, last = self._keys, len(self._keys) - 1
        slot = key & last
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        before = zip(self._keys, self._sums, strict=True)
        self._resize(2 * len(self._keys))
        for key, total in before:
            if key:
                slot = self._slot(key)
                self._keys[slot], self._sums[slot] = key, total

    def _resize(self, slots: int) -> None:
        self._keys = array("Q", (0,)) * slots
        self._sums = array("Q", (0,)) * slots


_PLACES = 3
_GREATEST = (1 << 64) - 1
_MIXED = 0x9E3779B97F4A7C15
"""An odd number, 2**64 by the golden ratio: it scatters what is multiplied by it."""


def paired(key: int, number: int) -> int:
    """A 64-bit key of a key and a number: no two numbers give the same with one key."""
    return (key ^ number * _MIXED) & 0xFFFFFFFFFFFFFFFF


def digest(*parts: str) -> int:
    """A 64-bit key of some text, the same in every run."""
    text = "\x1f".join(parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


@once_per_claim
def patient_key(claim: Claim) -> int | None:
    """A key for the patient of a payer within a file, `None` if the member id is missing.

    It is made of payer, member id and birth date. A dependent's name is part of it, as twins share all other values.
    """
    subscriber, patient = claim.context.subscriber, claim.context.patient
    member = subscriber.text("member_id").strip().upper() if subscriber else ""
    if subscriber is None or not member:
        return None
    if patient is None:
        return digest(subscriber.text("payer_id"), member, subscriber.text("birth_date"))
    names = patient.text("last_name").upper(), patient.text("first_name").upper()
    return digest(subscriber.text("payer_id"), member, patient.text("birth_date"), *names)
