"""The memory of a file edit for earlier claims: numbers and sums under a patient's key, in some ten bytes each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim

REACH = 255
"""The most days between two days of a patient that are compared."""

_KEY = 8
"""The bytes of a key."""
_BESIDE_BUCKET = 53
"""The bits of a key that do not choose its bucket. The other eleven do, so there are 2,048 buckets."""
_PAGE = 440
"""The bytes of a full page. Python has pools for objects of up to 512 bytes, which leave no gaps in memory."""


class _Records:
    """Records of one width, each a 64-bit key and a value after it. A key may have many values.

    Those whose keys begin alike are in one bucket, a list of pages. A page has records one after the other, and is
    searched as bytes. So a record takes hardly more than its width, and nothing is copied as a whole when there are
    more of them. A dictionary would take ten times as much. With a million records a bucket has ten pages, which takes
    about two microseconds to search.
    """

    def __init__(self, value: int) -> None:
        self._width = _KEY + value
        self._buckets: dict[int, list[bytes]] = {}

    def values(self, key: int) -> list[bytes]:
        """The values under a key, in the order in which they were added."""
        searched, found = key.to_bytes(_KEY), []
        for page in self._buckets.get(key >> _BESIDE_BUCKET, ()):
            if searched in page:
                found += [page[at + _KEY : at + self._width] for at in self._offsets(page, searched)]
        return found

    def add(self, key: int, value: bytes) -> None:
        """Add a value under a key."""
        pages = self._buckets.setdefault(key >> _BESIDE_BUCKET, [b""])
        if len(pages[-1]) >= _PAGE:
            pages.append(b"")
        pages[-1] += key.to_bytes(_KEY) + value

    def put(self, key: int, value: bytes) -> None:
        """Let a key have this value in place of the one it has, if any."""
        searched = key.to_bytes(_KEY)
        pages = self._buckets.get(key >> _BESIDE_BUCKET, [])
        for number, page in enumerate(pages):
            for at in self._offsets(page, searched):
                pages[number] = page[: at + _KEY] + value + page[at + self._width :]
                return
        self.add(key, value)

    def _offsets(self, page: bytes, searched: bytes) -> Iterator[int]:
        """Where the records of a key begin in a page."""
        at = page.find(searched)
        while at >= 0:
            if at % self._width == 0:  # otherwise it stands in two records
                yield at
            at = page.find(searched, at + 1)


class NumbersByKey:
    """Numbers from 1 to 255 under 64-bit keys. A key may have many numbers. Each takes some ten bytes."""

    def __init__(self) -> None:
        self._records = _Records(1)

    def of(self, key: int) -> list[int]:
        """The numbers under a key."""
        return [value[0] for value in self._records.values(key)]

    def __contains__(self, key: int) -> bool:
        """Whether there is a number under a key."""
        return bool(self._records.values(key))

    def remember(self, key: int, number: int) -> None:
        """Add a number from 1 to 255 under a key."""
        self._records.add(key, bytes((number,)))

    def is_new(self, key: int) -> bool:
        """Remember a key. Returns whether it was not there."""
        if key in self:
            return False
        self.remember(key, 1)
        return True


class DaysByKey:
    """Days under 64-bit keys, as ordinals, found by their neighbourhood: a key may have very many of them.

    Days are kept in spans of `REACH` days. The span is part of the key, so the day within it fits into a byte.
    """

    def __init__(self) -> None:
        self._history = NumbersByKey()

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


class SumsByKey:
    """Sums of amounts under 64-bit keys, to three decimal places. Each takes some eighteen bytes."""

    def __init__(self) -> None:
        self._records = _Records(_SUM)

    def of(self, key: int) -> Decimal:
        """The sum under a key."""
        return Decimal(self._thousandths(key)).scaleb(-_DECIMALS)

    def add(self, key: int, amount: Decimal) -> None:
        """Add an amount under a key. Negative amounts are left out."""
        total = self._thousandths(key) + int(max(amount, Decimal(0)).scaleb(_DECIMALS))
        self._records.put(key, min(total, _GREATEST).to_bytes(_SUM))

    def _thousandths(self, key: int) -> int:
        return sum(map(int.from_bytes, self._records.values(key)))


_SUM = 8
"""The bytes of a sum."""
_DECIMALS = 3
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
