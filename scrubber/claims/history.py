"""The memory of a file edit for earlier claims: numbers and sums under a patient's key, in some ten bytes each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim

REACH = 255
"""So many days apart, two days of a patient are no longer compared."""

_KEY = 8
"""The bytes of a key."""
_BESIDE_BUCKET = 54
"""The bits of a key that do not choose its bucket. The other ten do, so there are 1,024 buckets."""


class _Records:
    """Records of one width, each a 64-bit key and a value behind it. A key may have many values.

    Those whose keys begin alike stand one behind the other in a bucket, which is searched as bytes. So a record takes
    hardly more than its width, and as the records grow in number, only a bucket at a time is copied. A dictionary would
    take ten times as much. With a million records a bucket has about 10 KB. To search it takes some microseconds.
    """

    def __init__(self, value: int) -> None:
        self._width = _KEY + value
        self._buckets: dict[int, bytearray] = {}

    def find(self, key: int) -> tuple[bytearray, Sequence[int]]:
        """The bucket of a key, and where in it the values under the key begin, in the order in which they were added.

        A value there can be replaced by one of the same width.
        """
        bucket = self._buckets.get(key >> _BESIDE_BUCKET, _NO_RECORDS)
        searched = key.to_bytes(_KEY)
        at = bucket.find(searched)
        if at < 0:
            return bucket, ()
        found = []
        while at >= 0:
            if at % self._width == 0:  # otherwise it stands in two records
                found.append(at + _KEY)
            at = bucket.find(searched, at + 1)
        return bucket, found

    def add(self, key: int, value: bytes) -> None:
        """Add a value under a key."""
        bucket = self._buckets.setdefault(key >> _BESIDE_BUCKET, bytearray())
        bucket += key.to_bytes(_KEY) + value


_NO_RECORDS = bytearray()


class History:
    """Numbers from 1 to 255 under 64-bit keys. A key may have many numbers. Each takes some ten bytes."""

    def __init__(self) -> None:
        self._records = _Records(1)

    def of(self, key: int) -> list[int]:
        """The numbers under a key."""
        bucket, found = self._records.find(key)
        return [bucket[at] for at in found] if found else []

    def __contains__(self, key: int) -> bool:
        """Whether there is a number under a key."""
        return bool(self._records.find(key)[1])

    def remember(self, key: int, number: int) -> None:
        """Add a number from 1 to 255 under a key."""
        self._records.add(key, bytes((number,)))

    def is_new(self, key: int) -> bool:
        """Remember a key. Returns whether it was not there."""
        if key in self:
            return False
        self.remember(key, 1)
        return True


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
    """Sums of amounts under 64-bit keys, to three decimal places. Each takes some eighteen bytes."""

    def __init__(self) -> None:
        self._records = _Records(_SUM)

    def of(self, key: int) -> Decimal:
        """The sum under a key."""
        bucket, found = self._records.find(key)
        return Decimal(_sum_at(bucket, found[0])).scaleb(-_PLACES) if found else Decimal(0)

    def add(self, key: int, amount: Decimal) -> None:
        """Add an amount under a key. Negative amounts are left out."""
        thousandths = int(max(amount, Decimal(0)).scaleb(_PLACES))
        bucket, found = self._records.find(key)
        if found:
            total = min(_sum_at(bucket, found[0]) + thousandths, _GREATEST)
            bucket[found[0] : found[0] + _SUM] = total.to_bytes(_SUM)
        else:
            self._records.add(key, min(thousandths, _GREATEST).to_bytes(_SUM))


def _sum_at(bucket: bytearray, at: int) -> int:
    return int.from_bytes(bucket[at : at + _SUM])


_SUM = 8
"""The bytes of a sum."""
_PLACES = 3
_GREATEST = (1 << 8 * _SUM) - 1
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
