"""What a file edit remembers of the claims before: a day under a patient's key, in some tens of bytes."""

from __future__ import annotations

import hashlib
from array import array
from datetime import date

from scrubber.claims.model import Claim

_SMALLEST = 64


class History:
    """Days under 64-bit keys, any number of them under one key.

    A hash table of plain numbers: at most 32 bytes for each day that is remembered, where a dictionary would take
    ten times that.
    """

    def __init__(self) -> None:
        self._used = 0
        self._resize(_SMALLEST)

    def days(self, key: int) -> list[date]:
        """The days that are remembered under a key, in no order."""
        return [date.fromordinal(self._days[slot]) for slot in self._slots(key)]

    def remember(self, key: int, day: date) -> None:
        """Add a day that is not yet there."""
        if 2 * (self._used + 1) > len(self._keys):
            self._grow()
        self._put(key, day.toordinal())
        self._used += 1

    def _slots(self, key: int) -> list[int]:
        """The slots of a key; those of one key follow each other up to the first empty slot."""
        keys, last = self._keys, len(self._keys) - 1
        slot = key & last
        found = []
        while self._days[slot]:
            if keys[slot] == key:
                found.append(slot)
            slot = (slot + 1) & last
        return found

    def _put(self, key: int, ordinal: int) -> None:
        last = len(self._keys) - 1
        slot = key & last
        while self._days[slot]:
            slot = (slot + 1) & last
        self._keys[slot] = key
        self._days[slot] = ordinal

    def _grow(self) -> None:
        keys, days = self._keys, self._days
        self._resize(2 * len(keys))
        for key, ordinal in zip(keys, days, strict=True):
            if ordinal:
                self._put(key, ordinal)

    def _resize(self, slots: int) -> None:
        self._keys = array("Q", bytes(8 * slots))
        self._days = array("L" if array("I").itemsize < 4 else "I", bytes(4 * slots))


def digest(*parts: str) -> int:
    """A 64-bit key of some text, the same in every run."""
    text = "\x1f".join(parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def patient_key(claim: Claim) -> int | None:
    """What tells one payer's patient from another within a file, `None` where the member id is missing.

    Payer, member id and birth date, and the name of a dependent: twins share all the rest.
    """
    subscriber, patient = claim.context.subscriber, claim.patient
    member = subscriber.text("member_id").strip().upper() if subscriber else ""
    if subscriber is None or patient is None or not member:
        return None
    dependent = claim.context.patient
    names = (dependent.text("last_name").upper(), dependent.text("first_name").upper()) if dependent else ()
    return digest(subscriber.text("payer_id"), member, patient.text("birth_date"), *names)
