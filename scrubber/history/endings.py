"""Ends what the voids and replacements of a file name: from a state on, those claims no longer count.

All functions work within a transaction of the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from scrubber.claims.earlier import VOID, EarlierClaim, ended_by
from scrubber.history.claim_index import PAIRS_OF_PATIENT, either, pairs_of
from scrubber.history.rows import earlier_claim, proven, sum_of

EARLIER = ", ".join(f"old.{name} AS {name}" for name in EarlierClaim._fields).replace("old.written", "old.lines")
"""SQL: the columns of the claim `old` in the order of `EarlierClaim`."""

VOIDED = """(old.ended IS NOT NULL AND EXISTS (
    SELECT 1 FROM claims AS void INDEXED BY voids JOIN files AS cancelling ON cancelling.id = void.file
    WHERE void.patient = old.patient AND void.frequency = '8' AND old.frequency <> '8' AND void.file <> old.file
        AND (void.provider, void.claim_id) = (old.provider, old.claim_id)
        AND cancelling.entered BETWEEN old.ended AND :state
        AND (cancelling.withdrawn IS NULL OR cancelling.withdrawn > :state)
        AND (cancelling.entered = old.ended OR (void.first_day <= old.last_day AND void.last_day >= old.first_day))
))"""
"""SQL: whether the claim `old` was voided until `:state`, itself or with what replaced it.

A void names a claim that the payer has processed, so one of another file. A void that no longer counts was not voided:
its claim was billed again.
"""

_COUNTING = either(
    f"""
    SELECT {EARLIER}, old.sum, entered
    FROM {{index}} AS found CROSS JOIN claims AS old ON (old.file, old.number) = (found.file, found.number)
    JOIN files ON files.id = old.file
    WHERE found.pair BETWEEN :low AND :high AND patient = :patient AND provider = :provider AND claim_id = :claim_id
        AND entered IS NOT NULL AND withdrawn IS NULL AND ended IS NULL
    """  # noqa: S608 - all values are parameters
)
_ENDED_BY_FILE = either(
    f"""
    SELECT old.file, old.number FROM claims AS own
    CROSS JOIN {{index}} AS found ON found.pair BETWEEN {PAIRS_OF_PATIENT.format("own")}
    CROSS JOIN claims AS old ON (old.file, old.number) = (found.file, found.number)
    WHERE own.file = :file AND old.patient = own.patient AND old.ended = :entered
    """  # noqa: S608 - all values are parameters
)


def end(store: sqlite3.Connection, file: int, state: int) -> None:
    """End the claims that the voids and replacements of a file end, and the voids of claims that it bills again.

    A void ends claims of other files only. A replacement also ends one earlier in its own file, so that what both bill
    does not count twice.
    """
    changing = """
        SELECT patient, number, provider, claim_id, frequency, first_day, last_day FROM claims
        WHERE file = ? AND frequency IN ('7', '8') ORDER BY number
    """
    for row in store.execute(changing, (file,)).fetchall():
        patient, number, provider, claim_id, frequency, first_day, last_day = row
        counting = _counting(store, patient, provider, claim_id)
        limit = 0 if frequency == VOID else number
        before = (claim for claim in counting if claim.file != file or claim.number < limit)
        for claim in ended_by(provider, claim_id, (first_day, last_day), before):
            _mark(store, claim.key, state)
    query = """
        SELECT DISTINCT void.file, void.number FROM claims AS own
        CROSS JOIN claims AS void INDEXED BY voids ON void.patient = own.patient
        WHERE own.file = :file AND own.frequency NOT IN ('7', '8')
            AND void.frequency = '8' AND void.ended IS NULL AND void.file <> :file
            AND (void.provider, void.claim_id) = (own.provider, own.claim_id)
    """
    for void in store.execute(query, {"file": file}).fetchall():
        _mark(store, void, state)


def undo(store: sqlite3.Connection, file: int, entered: int) -> None:
    """Let what a file has ended count again."""
    for claim in store.execute(_ENDED_BY_FILE, {"file": file, "entered": entered}).fetchall():
        _mark(store, claim, None)


def _counting(store: sqlite3.Connection, patient: int, provider: int, claim_id: int) -> Iterator[EarlierClaim]:
    """The claims of a patient with this provider and claim id that count, the oldest first."""
    low, high = pairs_of(patient)
    given = {"low": low, "high": high, "patient": patient, "provider": provider, "claim_id": claim_id}
    for *row, kept, _ in store.execute(f"{_COUNTING} ORDER BY entered, number", given).fetchall():
        claim = earlier_claim(row)
        proven(claim, patient, kept)
        yield claim


def _mark(store: sqlite3.Connection, claim: tuple[int, int], state: int | None) -> None:
    """Set from which state on a claim (file, number) no longer counts; with `None` it counts again."""
    query = f"SELECT old.sum, old.patient, {EARLIER} FROM claims AS old WHERE (file, number) = (?, ?)"  # noqa: S608
    for kept, patient, *row in store.execute(query, claim).fetchall():
        before = earlier_claim(row)
        proven(before, patient, kept)
        changed = state, sum_of(patient, *before._replace(ended=state)), *claim
        store.execute("UPDATE claims SET ended = ?, sum = ? WHERE file = ? AND number = ?", changed)
