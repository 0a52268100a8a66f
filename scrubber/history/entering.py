"""Collects what a run puts into the clean file, as rows for a history."""

from __future__ import annotations

import hashlib
import marshal
import tempfile
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import attrs

from scrubber.claims.earlier import UNKNOWN_DAY
from scrubber.claims.memory import digest
from scrubber.claims.model import Claim
from scrubber.claims.values import day as read_day
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.history.key import Key
from scrubber.history.numbers import ClaimNumbers
from scrubber.history.rows import ClaimRow, hashed, row_of
from scrubber.reference import Facts
from scrubber.x12.events import Event
from scrubber.x12.segments import element

_ROWS_IN_MEMORY = 10_000


@attrs.frozen
class ReleasedInterchange:
    """An interchange of a file: keyed hashes of ISA06 and ISA08, ISA13, and the date as an ordinal."""

    number: int
    sender: int
    receiver: int
    control: str
    day: int


class Digest(NamedTuple):
    """What is kept of a claim: its row, still without its interchange, and the date of the file (CCYYMMDD)."""

    file_date: str
    row: ClaimRow


class Collector:
    """A sink: keeps the rows of clean claims in a temporary file that only this user can read."""

    def __init__(self, key: Key, facts: Facts) -> None:
        self._key = key
        self._facts = facts
        self._recent: list[tuple[Any, ...]] = []
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` ends it
        self._hash = hashlib.sha256()
        self._header = 0, 0, ""
        self._open: tuple[tuple[int, int, str], str] | None = None
        self.interchanges: list[ReleasedInterchange] = []
        self.claims = 0
        self.numbers = ClaimNumbers()

    def event(self, event: Event) -> None:
        """Take the next event that is not a claim: from an ISA on, claims stand in another interchange."""
        if event.kind == "header" and event.piece.tag == "ISA":
            isa = event.segments[0]
            parties = (self._key.of(digest(element(isa, number).strip())) for number in (6, 8))
            control = "".join(filter(str.isalnum, element(isa, 13)))
            self._header = next(parties), next(parties), control
            self._open = None

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""
        self.put(scrubbed.claim.event, self.digest(scrubbed))

    def digest(self, scrubbed: ScrubbedClaim) -> Digest | None:
        """What is kept of a claim, `None` if it is not clean. It does not depend on other claims."""
        return self._digest(scrubbed.claim) if scrubbed.goes_to == "clean" else None

    def enter(self, claim: Claim) -> None:
        """Take a claim that went to the clean file, with or without findings now."""
        self.put(claim.event, self._digest(claim))

    def _digest(self, claim: Claim) -> Digest:
        return Digest(claim.context.file_date, row_of(claim, 0, self._key, self._facts))

    def put(self, _: Event, digest: Digest | None) -> None:
        """Take the next claim, given its digest."""
        if digest is None:
            return
        here = self._header, digest.file_date
        if here != self._open:
            self._open = here
            number = len(self.interchanges)
            self.interchanges.append(ReleasedInterchange(number, *self._header, _ordinal(digest.file_date)))
        patient, content, number, _no_interchange, *others = digest.row
        self._hash.update(hashed(patient, content))
        self._recent.append((patient, content, number, len(self.interchanges) - 1, *others))
        self.claims += 1
        self.numbers.add(number)
        if len(self._recent) == _ROWS_IN_MEMORY:
            marshal.dump(self._recent, self._spool)
            self._recent.clear()

    @property
    def day(self) -> int:
        """The latest date of its interchanges, as an ordinal."""
        return max((interchange.day for interchange in self.interchanges), default=UNKNOWN_DAY)

    @property
    def sha256(self) -> str:
        """The hash of the rows."""
        return self._hash.hexdigest()

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows in portions, with the values of `ClaimRow`."""
        end = self._spool.tell()
        self._spool.seek(0)
        while self._spool.tell() < end:
            yield marshal.load(self._spool)  # noqa: S302 - it is this object's own, without a name
        yield self._recent

    def close(self) -> None:
        """Delete the temporary file."""
        self._spool.close()


def _ordinal(text: str) -> int:
    try:
        return read_day(text).toordinal()
    except ValueError:
        return UNKNOWN_DAY
