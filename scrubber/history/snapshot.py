"""A state of a history as the file edits of one file look at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from scrubber.claims import likeness
from scrubber.claims.earlier import NO_PAST, EarlierClaim, EarlierFile, Past, ended_by
from scrubber.claims.model import Claim
from scrubber.history.database import Database, State
from scrubber.history.rows import claim_id_of

MOST_CLAIMS = 2_000
"""The most claims of a patient that edits compare with. Nobody has more within some years; a test patient may."""
_MOST_ENDINGS = 200
"""The most voids and replacements of a patient in a file that count for the claims behind them in the same file."""
_PATIENTS = 512

_OF_PATIENT = """
    SELECT content, file, number, interchange, provider, claim_id, likeness, frequency, first_day, last_day, ended,
        lines
    FROM claims WHERE patient = ? LIMIT ?
"""
_VOIDED_SINCE = """
    SELECT 1 FROM claims INDEXED BY voids JOIN files ON id = file
    WHERE patient = ? AND frequency = '8' AND provider = ? AND claim_id = ?
        AND entered BETWEEN ? AND ? AND (withdrawn IS NULL OR withdrawn > ?)
    LIMIT 1
"""
_OF_CONTENT = _OF_PATIENT.replace("LIMIT", "AND content = ? LIMIT")


class Snapshot:
    """What was released before a file, as of a state. What the history has of the same file and origin is left out."""

    known = True

    def __init__(self, database: Database, state: State, origin: str, sha256: str) -> None:
        self._database = database
        self._state = state.number
        self._own = origin, sha256
        self._pasts: OrderedDict[int, Past] = OrderedDict()
        self._ended: dict[int, list[tuple[int, frozenset[tuple[int, int]], frozenset[tuple[int, int]]]]] = {}
        self._left: dict[tuple[int, int], Past] = {}
        self._file = lru_cache(maxsize=1024)(self._read_file)
        self._entered = lru_cache(maxsize=4096)(self._read_entered)

    def of(self, claim: Claim) -> Past:
        """The earlier claims of the claim's patient and payer, without those that the file itself has ended so far."""
        found: Past | None = claim.answers.get(self)
        if found is None:
            found = claim.answers[self] = self._of(claim)
        return found

    def _of(self, claim: Claim) -> Past:
        patient = self._database.key.of(likeness.person(claim))
        past = self._pasts.get(patient)
        if past is None:
            past = self._pasts[patient] = self._read(patient)
            if len(self._pasts) > _PATIENTS:
                self._pasts.popitem(last=False)
        return self._without_ended(past, patient, claim.number) if patient in self._ended else past

    def ends(self, claim: Claim) -> None:
        """Learn of a void or a replacement in the file."""
        key, days = self._database.key, claim.service_dates
        past = self.of(claim)
        if not (past.claims or past.replaced):
            return
        endings = self._ended.setdefault(key.of(likeness.person(claim)), [])
        if len(endings) == _MOST_ENDINGS:
            return
        provider, claim_id = key.of(likeness.provider(claim)), key.of(claim_id_of(claim))
        span = (days[0].toordinal(), days[-1].toordinal()) if days else (0, 0)
        ended = frozenset(one.place for one in ended_by(provider, claim_id, span, past.claims))
        voided = ended | {one.place for one in past.replaced if (one.provider, one.claim_id) == (provider, claim_id)}
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
            return None if found and found.place in voided else found

        claims = [claim for claim in past.claims if claim.place not in ended]
        replaced = [*past.replaced, *(claim for claim in past.claims if claim.place in ended)]
        replaced = [claim for claim in replaced if claim.place not in voided]
        left = Past(claims, self._database.key.of, self._file_of, None if past.complete else find, replaced)
        self._left[patient, len(before)] = left
        return left

    def _read(self, patient: int) -> Past:
        with self._database.guarded():
            rows = self._database.connection.execute(_OF_PATIENT, (patient, MOST_CLAIMS + 1)).fetchall()
        if not rows:
            return NO_PAST
        released, find = self._released(patient, rows), self._finder(patient) if len(rows) > MOST_CLAIMS else None
        if not (released or find):
            return NO_PAST
        claims = [claim for claim in released if self._counts(claim)]
        replaced = [claim for claim in released if not self._counts(claim)]
        return Past(claims, self._database.key.of, self._file_of, find, replaced)

    def _finder(self, patient: int) -> Callable[[int], EarlierClaim | None]:
        def find(content: int) -> EarlierClaim | None:
            with self._database.guarded():
                rows = self._database.connection.execute(_OF_CONTENT, (patient, content, MOST_CLAIMS)).fetchall()
            return next(iter(self._released(patient, rows)), None)

        return find

    def _released(self, patient: int, rows: Iterable[tuple[Any, ...]]) -> Sequence[EarlierClaim]:
        """The claims that count in this state and those that were replaced, the oldest first.

        The state is asked of each file once.
        """
        found = []
        for claim in map(EarlierClaim._make, rows):
            entered = self._entered(claim.file)
            if entered and (self._counts(claim) or self._is_replaced(patient, claim)):
                found.append((entered, claim.number, claim))
        return [claim for _, _, claim in sorted(found)]

    def _counts(self, claim: EarlierClaim) -> bool:
        return claim.ended is None or claim.ended > self._state

    def _is_replaced(self, patient: int, claim: EarlierClaim) -> bool:
        """Whether a claim that counts no more was replaced, and neither voided with that nor since.

        A void that counts no more was followed by a new bill: it may be sent again.
        """
        if claim.is_void:
            return False
        given = (patient, claim.provider, claim.claim_id, claim.ended, self._state, self._state)
        with self._database.guarded():
            return self._database.connection.execute(_VOIDED_SINCE, given).fetchone() is None

    def _file_of(self, claim: EarlierClaim) -> EarlierFile:
        return self._file(claim.file, claim.interchange)

    def _read_entered(self, file: int) -> int | None:
        """The state from which a file counts, `None` if it does not count in this one."""
        query = "SELECT entered, withdrawn, origin, sha256 FROM files WHERE id = ?"
        with self._database.guarded():
            row = self._database.connection.execute(query, (file,)).fetchone()
        entered, withdrawn, *named = row or (None, None)
        if entered is None or entered > self._state or (withdrawn is not None and withdrawn <= self._state):
            return None
        return None if tuple(named) == self._own else int(entered)

    def _read_file(self, file: int, interchange: int) -> EarlierFile:
        query = """
            SELECT sha256, control, interchanges.day FROM files JOIN interchanges ON file = id
            WHERE id = ? AND number = ?
        """
        with self._database.guarded():
            return EarlierFile(*self._database.connection.execute(query, (file, interchange)).fetchone())
