"""A state of a history as the file edits of one file look at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import starmap

from scrubber.claims import likeness
from scrubber.claims.earlier import NO_PAST, EarlierClaim, EarlierFile, Past, ended_by
from scrubber.claims.model import Claim
from scrubber.history.database import Database, State
from scrubber.history.rows import claim_id_of, lines_of

MOST_CLAIMS = 2_000
"""The most claims of a patient that edits compare with. Nobody has more within some years; a test patient may."""
_MOST_ENDINGS = 200
"""The most voids and replacements of a patient in a file that count for the claims behind them in the same file."""
_PATIENTS = 512

_COUNTING = """
    SELECT claims.content, claims.file, claims.number, interchange, provider, claim_id, likeness, frequency, first_day,
        last_day, lines
    FROM claims JOIN files ON files.id = claims.file
    WHERE patient = :patient {also} AND entered <= :state AND (withdrawn IS NULL OR withdrawn > :state)
        AND (ended IS NULL OR ended > :state) AND NOT (origin = :origin AND sha256 = :sha256)
    ORDER BY entered, claims.number LIMIT :most
"""
_OF_PATIENT, _OF_CONTENT = _COUNTING.format(also=""), _COUNTING.format(also="AND content = :content")


class Snapshot:
    """What was released before a file, as of a state. What the history has of the same file and origin is left out."""

    known = True

    def __init__(self, database: Database, state: State, origin: str, sha256: str) -> None:
        self._database = database
        self._given = {"state": state.number, "origin": origin, "sha256": sha256}
        self._pasts: OrderedDict[int, Past] = OrderedDict()
        self._ended: dict[int, list[tuple[int, frozenset[tuple[int, int]]]]] = {}
        self._left: dict[tuple[int, int], Past] = {}
        self._file = lru_cache(maxsize=1024)(self._read_file)

    def of(self, claim: Claim) -> Past:
        """The earlier claims of the claim's patient and payer, without those that the file itself has ended so far."""
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
        endings = self._ended.setdefault(key.of(likeness.person(claim)), [])
        past = self.of(claim)
        if not past.claims or len(endings) == _MOST_ENDINGS:
            return
        provider, claim_id = key.of(likeness.provider(claim)), key.of(claim_id_of(claim))
        span = (days[0].toordinal(), days[-1].toordinal()) if days else (0, 0)
        ended = frozenset(one.place for one in ended_by(provider, claim_id, span, past.claims))
        endings.append((claim.number, ended))

    def _without_ended(self, past: Past, patient: int, number: int) -> Past:
        ended = {place for at, places in self._ended[patient] if at < number for place in places}
        if not ended:
            return past
        left = self._left.get((patient, len(ended)))
        if left is not None:
            return left

        def find(content: int) -> EarlierClaim | None:
            found = self._finder(patient)(content)
            return None if found and found.place in ended else found

        claims = [claim for claim in past.claims if claim.place not in ended]
        left = self._left[patient, len(ended)] = Past(claims, self._database.key.of, None if past.complete else find)
        return left

    def _read(self, patient: int) -> Past:
        claims = self._claims(_OF_PATIENT, patient=patient, most=MOST_CLAIMS + 1)
        if not claims:
            return NO_PAST
        complete = len(claims) <= MOST_CLAIMS
        return Past(claims[:MOST_CLAIMS], self._database.key.of, None if complete else self._finder(patient))

    def _finder(self, patient: int) -> Callable[[int], EarlierClaim | None]:
        def find(content: int) -> EarlierClaim | None:
            found = self._claims(_OF_CONTENT, patient=patient, content=content, most=1)
            return found[0] if found else None

        return find

    def _claims(self, query: str, **given: int) -> Sequence[EarlierClaim]:
        with self._database.guarded():
            rows = self._database.connection.execute(query, {**self._given, **given}).fetchall()
        return list(starmap(self._claim, rows))

    def _claim(self, content: int, file: int, number: int, interchange: int, *values: int | str) -> EarlierClaim:
        provider, claim_id, alike, frequency, first_day, last_day, lines = values
        return EarlierClaim(
            self._file(file, interchange),
            provider,  # type: ignore[arg-type]  # the columns have these types
            claim_id,  # type: ignore[arg-type]
            content,
            alike,  # type: ignore[arg-type]
            str(frequency),
            first_day,  # type: ignore[arg-type]
            last_day,  # type: ignore[arg-type]
            lines_of(str(lines)),
            (file, number),
        )

    def _read_file(self, file: int, interchange: int) -> EarlierFile:
        query = """
            SELECT sha256, control, interchanges.day FROM files JOIN interchanges ON file = id
            WHERE id = ? AND number = ?
        """
        return EarlierFile(*self._database.connection.execute(query, (file, interchange)).fetchone())
