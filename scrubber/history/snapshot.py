"""A state of a history, for the file edits of one file."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from scrubber.claims import likeness
from scrubber.claims.earlier import NO_PAST, UNKNOWN_DAY, EarlierClaim, EarlierFile, Past, Repeated, ended_by, voided_by
from scrubber.claims.memory import NumbersByKey, paired
from scrubber.claims.model import Claim
from scrubber.history import file_rows
from scrubber.history.claim_index import either, pairs_of
from scrubber.history.claim_index import pair as pair_of
from scrubber.history.database import Database, State
from scrubber.history.endings import EARLIER, VOIDED
from scrubber.history.rows import claim_id_of, earlier_claim, keyed, proven

MOST_CLAIMS = 2_000
"""The most claims of a patient that edits compare with. Nobody has more within some years; a test patient may."""
_MOST_ENDINGS = 200
"""The most voids and replacements of a patient in a file that count for the claims after them in the same file."""
_PATIENTS = 512
_REPEATED = "repeated"
"""The name under which a claim keeps whether it is a repeat."""
_NEW = "new"
"""The name under which a claim keeps that the history has no claim of the same patient and content."""

_OF_PAIRS = either(
    f"""
    SELECT {EARLIER}, {VOIDED}, old.sum, old.patient, found.file, found.pair AS pair
    FROM {{index}} AS found LEFT JOIN claims AS old ON (old.file, old.number) = (found.file, found.number)
    WHERE found.pair BETWEEN :low AND :high
    """  # noqa: S608 - all values are parameters
)
"""Claims by pairs: of a patient, the first of them in order of content, or with one content.

Those of another patient whose pairs are the same by chance are among them, and damaged ones. A row of the index without
its claim has no values but its file and pair.
"""
_OF_PAIRS += "ORDER BY pair LIMIT :most"
_ASKED_AT_ONCE = 100
_NUMBERED = ", ".join(f"?{at}" for at in range(1, _ASKED_AT_ONCE + 1))
_WHICH_PAIRS = either(f"SELECT pair FROM {{index}} WHERE pair IN ({_NUMBERED})")  # noqa: S608 - all values are parameters


_DAMAGED = "it has a claim with damaged values"
_OF_FILE = (
    ("entered", "withdrawn", "origin", "sha256"),
    [[entered, gone, str, str] for entered in (int, type(None)) for gone in (int, type(None))],
)
"""What is read of a file, and its possible types: from which state until which it counts, its origin and its hash."""


class Snapshot:
    """What was released before a file, as of a state. Claims of the same file and origin are left out.

    It also keeps the claims of the file itself, in some ten bytes for each.
    """

    known = True

    def __init__(self, database: Database, state: State, origin: str, sha256: str) -> None:
        self._database = database
        self._state = state.number
        self._own = origin, sha256
        self._pasts: OrderedDict[int, Past] = OrderedDict()
        self._ended: dict[int, list[tuple[int, frozenset[tuple[int, int]], frozenset[tuple[int, int]]]]] = {}
        self._left: dict[tuple[int, int], Past] = {}
        self._in_file = NumbersByKey()
        self._file = lru_cache(maxsize=1024)(self._read_file)
        self._entered = lru_cache(maxsize=4096)(self._read_entered)

    def look_up(self, claims: Iterable[Claim]) -> None:
        """Find out which claims are new, many at a time. Most of them are, and need no other query."""
        unknown: dict[int, list[Claim]] = {}
        for claim in claims:
            unknown.setdefault(pair_of(*keyed(claim, self._database.key)), []).append(claim)
        pairs = list(unknown)
        for first in range(0, len(pairs), _ASKED_AT_ONCE):
            some = pairs[first : first + _ASKED_AT_ONCE]
            given = some + some[-1:] * (_ASKED_AT_ONCE - len(some))
            with self._database.guarded():
                found = {pair for (pair,) in self._database.connection.execute(_WHICH_PAIRS, given)}
            for pair in some:
                if pair not in found:
                    for claim in unknown[pair]:
                        claim.answers[_NEW] = True

    def of(self, claim: Claim) -> Past:
        """The earlier claims of the claim's patient and payer, without those that the file itself has ended so far."""
        found: Past | None = claim.answers.get(self)
        if found is None:
            found = claim.answers[self] = self._of(claim)
        return found

    def _of(self, claim: Claim) -> Past:
        patient, _ = keyed(claim, self._database.key)
        past = self._pasts.get(patient)
        if past is None:
            past = self._pasts[patient] = self._read(patient)
            if len(self._pasts) > _PATIENTS:
                self._pasts.popitem(last=False)
        return self._without_ended(past, patient, claim.number) if patient in self._ended else past

    def repeated(self, claim: Claim) -> Repeated | None:
        """Where the same claim already is: in an earlier file, or earlier in this one.

        A claim in doubt is not released. So it is no repeat within the file, and no later claim repeats it.
        """
        answers = claim.answers
        if _REPEATED not in answers:
            answers[_REPEATED] = self._repeated(claim)
        found: Repeated | None = answers[_REPEATED]
        return found

    def _repeated(self, claim: Claim) -> Repeated | None:
        if _NEW not in claim.answers:
            past = self.of(claim)
            before = past.same_claim(claim)
            if before:
                return Repeated(past.file_of(before))
            patient, content = keyed(claim, self._database.key)
            self._finder(patient)(content)  # a damaged hash may hide it
        if claim.event.doubt or self._in_file.is_new(paired(likeness.content(claim), likeness.person(claim))):
            return None
        return Repeated(None)

    def may_end(self, claim: Claim) -> bool:
        """Whether a void or a replacement can end anything. One that was released before ended what it names then."""
        past = self.of(claim)
        return bool(past.claims or past.former) and not self.repeated(claim)

    def ends(self, claim: Claim) -> None:
        """Note that a void or a replacement of the file is released. `may_end` must be true for it."""
        past = self.of(claim)
        key, days = self._database.key, claim.service_dates
        endings = self._ended.setdefault(key.of(likeness.person(claim)), [])
        if len(endings) == _MOST_ENDINGS:
            return
        provider, claim_id = key.of(likeness.provider(claim)), key.of(claim_id_of(claim))
        span = (days[0].toordinal(), days[-1].toordinal()) if days else (0, 0)
        ended = frozenset(one.key for one in ended_by(provider, claim_id, span, past.claims))
        voided = ended.union(one.key for one in voided_by(provider, claim_id, span, past.former))
        endings.append((claim.number, ended, voided if claim.is_void else frozenset()))

    def _without_ended(self, past: Past, patient: int, number: int) -> Past:
        before = [(ended, voided) for at, ended, voided in self._ended[patient] if at < number]
        ended = frozenset[tuple[int, int]]().union(*(ended for ended, _ in before))
        voided = frozenset[tuple[int, int]]().union(*(voided for _, voided in before))
        if not (ended or voided):
            return past
        left = self._left.get((patient, len(before)))
        if left is not None:
            return left

        def find(content: int) -> EarlierClaim | None:
            found = self._finder(patient)(content)
            return None if found and found.key in voided else found

        claims = [claim for claim in past.claims if claim.key not in ended]
        former = [*past.former, *(claim for claim in past.claims if claim.key in ended)]
        former = [claim for claim in former if claim.key not in voided]
        left = Past(claims, self._database.key.of, self._file_of, None if past.complete else find, former)
        self._left[patient, len(before)] = left
        return left

    def _read(self, patient: int) -> Past:
        rows = self._rows(pairs_of(patient), MOST_CLAIMS + 1)
        if not rows:
            return NO_PAST
        released, find = self._released(patient, rows), self._finder(patient) if len(rows) > MOST_CLAIMS else None
        if not (released or find):
            return NO_PAST
        claims = [claim for claim in released if claim.ended is None]
        former = [claim for claim in released if claim.ended is not None]
        return Past(claims, self._database.key.of, self._file_of, find, former)

    def _finder(self, patient: int) -> Callable[[int], EarlierClaim | None]:
        def find(content: int) -> EarlierClaim | None:
            pair = pair_of(patient, content)
            alike = self._released(patient, self._rows((pair, pair), MOST_CLAIMS))
            found = [one for one in alike if one.content == content]
            return next((claim for claim in found if claim.ended is None), next(iter(found), None))

        return find

    def _rows(self, pairs: tuple[int, int], most: int) -> Sequence[tuple[Any, ...]]:
        given = {"low": pairs[0], "high": pairs[1], "most": most, "state": self._state}
        with self._database.guarded():
            return self._database.connection.execute(_OF_PAIRS, given).fetchall()

    def _released(self, patient: int, rows: Iterable[tuple[Any, ...]]) -> Sequence[EarlierClaim]:
        """The claims that count in this state and the former ones, the oldest first. Voided claims are left out.

        The state of each file is read once. Raises `HistoryError` for a row that is damaged.
        """
        with self._database.guarded():
            claims = []
            for *row, voided, kept, whose, file, pair in rows:
                if row[1] is None:
                    if file_rows.one(self._database.connection, file):  # else it was deleted with its claims
                        raise sqlite3.DatabaseError("it lacks a claim")
                    continue
                claim = earlier_claim(row)
                if type(whose) is not int or pair_of(whose, claim.content) != pair:
                    raise sqlite3.DatabaseError(_DAMAGED)
                proven(claim, whose, kept)
                claims.append((claim, voided, whose))
        found = []
        for claim, voided, whose in claims:
            if whose != patient:
                continue
            entered = self._entered(claim.file)
            if entered is None or voided:
                continue
            if claim.ended is not None and claim.ended > self._state:
                claim = claim._replace(ended=None)
            found.append((entered, claim.number, claim))
        return [claim for _, _, claim in sorted(found)]

    def _file_of(self, claim: EarlierClaim) -> EarlierFile:
        return self._file(claim.file, claim.interchange)

    def _read_entered(self, file: int) -> int | None:
        """The state from which a file counts, `None` if it does not count in this one."""
        with self._database.guarded():
            row = file_rows.one(self._database.connection, file)
            if row and [type(row[name]) for name in _OF_FILE[0]] not in _OF_FILE[1]:
                raise sqlite3.DatabaseError("it has a file with impossible values")
        if row is None:
            return None
        entered, withdrawn = row["entered"], row["withdrawn"]
        if entered is None or entered > self._state or (withdrawn is not None and withdrawn <= self._state):
            return None
        return None if (row["origin"], row["sha256"]) == self._own else int(entered)

    def _read_file(self, file: int, interchange: int) -> EarlierFile:
        query = """
            SELECT sha256, control, interchanges.day FROM files LEFT JOIN interchanges ON file = id AND number = ?
            WHERE id = ?
        """
        with self._database.guarded():
            row = self._database.connection.execute(query, (interchange, file)).fetchone()
            found = EarlierFile(*row) if row else EarlierFile("", "", UNKNOWN_DAY)  # it was deleted meanwhile
            if [*map(type, found)] != [str, str, int] or not UNKNOWN_DAY <= found.day <= date.max.toordinal():
                raise sqlite3.DatabaseError("it has a file with impossible values")
            return found
