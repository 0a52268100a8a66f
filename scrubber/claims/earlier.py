"""What was released for a patient before this file, for file edits.

The claims themselves are not kept anywhere. A history (`scrubber.history`) has keyed hashes of them, and code, day and
units of their lines with infused drugs. So two claims can be compared, but the patient cannot be read from them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

from scrubber.claims.likeness import content
from scrubber.claims.model import Claim
from scrubber.x12.control import is_control_number


class HistoryError(Exception):
    """A history that cannot be used. The message is one line: the reason, and the remedy if there is one."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy)
        self.reason = reason

    def __str__(self) -> str:
        return "; ".join(filter(None, self.args))


UNKNOWN_DAY = 0
"""The number of an unknown day. All other days are proleptic ordinals."""

_SHOWN_DIGITS = 12


class HistoryBusyError(HistoryError):
    """A history that cannot be used now: it is locked, or its disk is full."""


VOID = "8"


class EarlierFile(NamedTuple):
    """A file that was released: its SHA-256, and ISA13 and date of the claim's interchange in it."""

    sha256: str
    control: str
    day: int

    def __str__(self) -> str:
        """By hash, ISA13 and date, as messages name it. A file name may be the name of a patient."""
        known = [f"ISA13 {self.control}" if is_control_number(self.control) else "", _written(self.day)]
        return f"file {self.sha256[:_SHOWN_DIGITS]} ({', '.join(filter(None, known))})"


class EarlierLine(NamedTuple):
    """A line with an infused drug. `discarded` is a line with JW. `likeness` is a keyed hash of what it bills."""

    procedure: str
    day: int
    units: Decimal | None
    discarded: bool
    likeness: int


class EarlierClaim(NamedTuple):
    """A claim that was released, as a row of a history.

    `content` (its own bytes), `likeness` (what its lines bill), `provider` (billing NPI) and `claim_id` are hashes.
    `file`, `number` and `interchange` are its origin. `ended` is the state from which it does not count any more,
    `None` if it counts. `written` are its lines with infused drugs, read into `lines` at the first use.
    """

    content: int
    file: int
    number: int
    interchange: int
    provider: int
    claim_id: int
    likeness: int
    frequency: str
    first_day: int
    last_day: int
    ended: int | None = None
    written: str = ""

    @property
    def lines(self) -> Sequence[EarlierLine]:
        """Its lines with infused drugs."""
        if len(self.written) > _KEPT_CHARACTERS:
            return _read_lines(self.written)
        return _lines(self.written) if self.written else ()

    @property
    def is_void(self) -> bool:
        """Whether the claim cancelled another one."""
        return self.frequency == VOID

    @property
    def key(self) -> tuple[int, int]:
        """Its file and its number there, which no other claim has."""
        return self.file, self.number


BETWEEN_LINES, DISCARDED_LINE, NO_UNITS = "|", "JW", "-"
"""How lines are written: `J0490 739164 80 - 123|...`, with code, day, units, JW if it was discarded, and likeness."""


_KEPT_CHARACTERS = 1_000
"""The length of the lines of a claim up to which they are kept once they are read. That is some 25 lines."""


@lru_cache(maxsize=1024)
def _lines(written: str) -> Sequence[EarlierLine]:
    """As `_read_lines`, kept: a claim is asked for its lines where its row is checked and by each edit."""
    return _read_lines(written)


def _read_lines(written: str) -> Sequence[EarlierLine]:
    return tuple(_line(*line.split(" ")) for line in written.split(BETWEEN_LINES))


def _line(procedure: str, day: str, units: str, discarded: str, alike: str) -> EarlierLine:
    number = None if units == NO_UNITS else Decimal(units)
    return EarlierLine(procedure, int(day), number, discarded == DISCARDED_LINE, int(alike))


Keyed = Callable[[int], int]
"""Makes a keyed hash of a number such as `scrubber.claims.likeness` gives."""


class Past:
    """The claims of a patient that were released before, the oldest first.

    If there are too many to look at, `claims` are some of them, and `find` looks for one with a keyed content. `former`
    no longer count, but the payer has them: claims that were replaced and not voided, and voids of claims that were
    billed again. `file_of` gives the file in which a claim was released.
    """

    def __init__(
        self,
        claims: Sequence[EarlierClaim],
        keyed: Keyed,
        file_of: Callable[[EarlierClaim], EarlierFile],
        find: Callable[[int], EarlierClaim | None] | None = None,
        former: Sequence[EarlierClaim] = (),
    ) -> None:
        self.claims = claims
        self.former = former
        self.file_of = file_of
        self._keyed = keyed
        self._find = find

    @property
    def complete(self) -> bool:
        """Whether `claims` are all of them."""
        return self._find is None

    def same_claim(self, claim: Claim) -> EarlierClaim | None:
        """The earlier claim that a claim repeats: the first with the same bytes, found among any number of claims.

        A void names a claim that the payer has processed, by the payer's number (REF*F8). A claim that is billed after
        it gets another number, so the same void is always a repeat. Without a number it may be sent again if the claim
        was billed again.
        """
        if not (self.claims or self.former):
            return None
        key = self._keyed(content(claim))
        found = self._by_content.get(key) or (self._find(key) if self._find else None)
        if found and found.is_void and found.ended is not None and not claim.text("payer_claim_control_number"):
            return None
        return found

    def same_lines(self, likeness: int) -> EarlierClaim | None:
        """The first claim that bills the same lines."""
        return self._by_likeness.get(self._keyed(likeness)) if self.claims else None

    def same_line(self, likeness: int) -> EarlierClaim | None:
        """The first claim with a line that bills the same."""
        return self._by_line.get(self._keyed(likeness)) if self.claims else None

    def dose_days(self, procedures: frozenset[str], around: int, reach: int) -> Sequence[int]:
        """The days on which a drug of these codes was given, at most `reach` days away from a day, in order."""
        if not self.claims:
            return ()
        near: set[int] = set()
        for code in self._doses.keys() & procedures:
            days = self._doses[code]
            near.update(days[bisect_left(days, around - reach) : bisect_right(days, around + reach)])
        return sorted(near)

    def units(self, procedure: str, day: int, provider: int) -> Decimal:
        """The units of a code that a billing provider billed for a day, discarded ones included."""
        return self._units.get((procedure, day, self._keyed(provider)), Decimal(0)) if self.claims else Decimal(0)

    @cached_property
    def _by_content(self) -> Mapping[int, EarlierClaim]:
        return _first((claim.content, claim) for claim in (*self.claims, *self.former))

    @cached_property
    def _by_likeness(self) -> Mapping[int, EarlierClaim]:
        return _first((claim.likeness, claim) for claim in self.claims)

    @cached_property
    def _lines(self) -> Sequence[tuple[EarlierClaim, Sequence[EarlierLine]]]:
        """The claims, each with its lines with infused drugs. A claim that was released twice counts once."""
        return [(claim, claim.lines) for claim in _first((claim.content, claim) for claim in self.claims).values()]

    @cached_property
    def _by_line(self) -> Mapping[int, EarlierClaim]:
        return _first((line.likeness, claim) for claim, lines in self._lines for line in lines)

    @cached_property
    def _doses(self) -> Mapping[str, Sequence[int]]:
        """The days with a dose by code, in order."""
        days: dict[str, set[int]] = {}
        for line in (line for _, lines in self._lines for line in lines):
            if line.day != UNKNOWN_DAY and not line.discarded:
                days.setdefault(line.procedure, set()).add(line.day)
        return {code: sorted(found) for code, found in days.items()}

    @cached_property
    def _units(self) -> Mapping[tuple[str, int, int], Decimal]:
        units: dict[tuple[str, int, int], Decimal] = {}
        for claim, lines in self._lines:
            for line in lines:
                key = line.procedure, line.day, claim.provider
                units[key] = units.get(key, Decimal(0)) + (line.units or 0)
        return units


class Repeated(NamedTuple):
    """Where the same claim already is: in an earlier `file`, or, if that is `None`, earlier in the same file."""

    file: EarlierFile | None


NO_PAST = Past((), lambda number: number, lambda _: EarlierFile("", "", UNKNOWN_DAY))
"""The past of a patient without earlier claims."""


class Earlier(Protocol):
    """The claims that were released before a file, for the file edits of that file."""

    @property
    def known(self) -> bool:
        """Whether there is a history at all."""
        ...

    def look_up(self, claims: Iterable[Claim]) -> None:
        """Prepare for the next claims. It takes less time to look them up together."""
        ...

    def of(self, claim: Claim) -> Past:
        """The earlier claims of the claim's patient and payer. Those that no longer count are left out, or `former`."""
        ...

    def repeated(self, claim: Claim) -> Repeated | None:
        """Where the same claim already is. Call it for claims in the order of the file."""
        ...

    def may_end(self, claim: Claim) -> bool:
        """Whether a void or a replacement in the file can end anything. It may not be released in the end."""
        ...

    def ends(self, claim: Claim) -> None:
        """Learn that a void or a replacement of the file goes out: what it ends does not count for claims after it."""
        ...


class NothingEarlier:
    """There is no history: no claim has a past."""

    known = False

    def look_up(self, _: Iterable[Claim]) -> None:
        """There is nothing to look up."""

    def of(self, _: Claim) -> Past:
        """No claims."""
        return NO_PAST

    def repeated(self, _: Claim) -> None:
        """No claim is a repeat."""

    def may_end(self, _: Claim) -> bool:
        """There is nothing to end."""
        return False

    def ends(self, _: Claim) -> None:
        """There is nothing to end."""


NOTHING_EARLIER = NothingEarlier()


class KnownHistory(Protocol):
    """A history as the engine uses it: it gives each file what was released before."""

    def pinned(self) -> KnownHistory:
        """The history as it is now, whatever is entered later."""
        ...

    def at(self, record: Mapping[str, Any]) -> KnownHistory:
        """The history as it was when `record` was made. Raises `HistoryError` where that is another history."""
        ...

    def before(self, sha256: str | None) -> Earlier:
        """What was released before a file with this SHA-256, that of the same file left out."""
        ...

    def record(self) -> Mapping[str, Any]:
        """The state in use, for reports and manifests."""
        ...

    def close(self) -> None:
        """Close its files. It must not be used after that."""
        ...


def ended_by(
    provider: int, claim_id: int, days: tuple[int, int], claims: Iterable[EarlierClaim]
) -> Sequence[EarlierClaim]:
    """The claims of a patient that a void or replacement with this provider, claim id and days of service ends.

    Many practices give all claims of a patient one claim id. So it ends those that share a day of service with it. If
    there are none, it ends the latest, as a replacement may correct the day. It ends no earlier void.
    """
    named = _named(provider, claim_id, claims)
    return _sharing_days(days, named) or named[-1:]


def voided_by(
    provider: int, claim_id: int, days: tuple[int, int], former: Iterable[EarlierClaim]
) -> Sequence[EarlierClaim]:
    """The replaced claims of a patient that a void cancels together with what replaced them: those of its days."""
    return _sharing_days(days, _named(provider, claim_id, former))


def _named(provider: int, claim_id: int, claims: Iterable[EarlierClaim]) -> Sequence[EarlierClaim]:
    return [claim for claim in claims if (claim.provider, claim.claim_id) == (provider, claim_id) and not claim.is_void]


def _sharing_days(days: tuple[int, int], claims: Iterable[EarlierClaim]) -> Sequence[EarlierClaim]:
    return [claim for claim in claims if claim.first_day <= days[1] and days[0] <= claim.last_day]


def _first(pairs: Iterable[tuple[int, EarlierClaim]]) -> dict[int, EarlierClaim]:
    found: dict[int, EarlierClaim] = {}
    for key, claim in pairs:
        found.setdefault(key, claim)
    return found


def _written(day: int) -> str:
    return date.fromordinal(day).isoformat() if day else ""
