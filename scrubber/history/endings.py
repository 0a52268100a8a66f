"""What the voids and replacements of a file end: from a state on, the claims that they name count no more.

All functions work within a transaction of the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from scrubber.claims.earlier import VOID, EarlierClaim, ended_by

VOIDED = """EXISTS (
    SELECT 1 FROM claims AS void INDEXED BY voids JOIN files AS cancelling ON cancelling.id = void.file
    WHERE void.patient = old.patient AND void.frequency = '8' AND old.frequency <> '8' AND void.file <> old.file
        AND (void.provider, void.claim_id) = (old.provider, old.claim_id)
        AND cancelling.entered BETWEEN old.ended AND :state
        AND (cancelling.withdrawn IS NULL OR cancelling.withdrawn > :state)
        AND (cancelling.entered = old.ended OR (void.first_day <= old.last_day AND void.last_day >= old.first_day))
)"""
"""SQL: whether the claim `old`, which counts no more, was voided until `:state`, itself or with what replaced it.

A void names a claim that the payer has processed, which is none of its own file. A void that counts no more is not
voided: the claim was billed again.
"""


def end(store: sqlite3.Connection, file: int, state: int) -> None:
    """End the claims that the voids and replacements of a file end, and the voids of claims that it bills again.

    A void ends claims of other files only. A replacement also ends one further up in its own file, so that what both
    bill does not count twice.
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
            _mark(store, (patient, claim.content, *claim.place), state)
    query = """
        SELECT patient, content, file, number FROM claims AS void INDEXED BY voids
        WHERE frequency = '8' AND ended IS NULL AND file <> :file
            AND patient IN (SELECT patient FROM claims WHERE file = :file)
            AND EXISTS (SELECT 1 FROM claims AS own WHERE own.patient = void.patient AND own.file = :file
                AND (own.provider, own.claim_id) = (void.provider, void.claim_id) AND own.frequency NOT IN ('7', '8'))
    """
    for void in store.execute(query, {"file": file}).fetchall():
        _mark(store, void, state)


def undo(store: sqlite3.Connection, file: int, entered: int) -> None:
    """Let what a file has ended count again."""
    query = """
        SELECT DISTINCT old.patient, old.content, old.file, old.number FROM claims AS own
        JOIN claims AS old ON old.patient = own.patient WHERE own.file = ? AND old.ended = ?
    """
    for claim in store.execute(query, (file, entered)).fetchall():
        _mark(store, claim, None)


def _counting(store: sqlite3.Connection, patient: int, provider: int, claim_id: int) -> Iterator[EarlierClaim]:
    """The claims of a patient with this provider and claim id that count, the oldest first. They have no lines."""
    query = """
        SELECT content, file, number, interchange, provider, claim_id, likeness, frequency, first_day, last_day
        FROM claims JOIN files ON files.id = claims.file
        WHERE patient = ? AND provider = ? AND claim_id = ? AND entered IS NOT NULL AND withdrawn IS NULL
            AND ended IS NULL
        ORDER BY entered, number
    """
    rows = store.execute(query, (patient, provider, claim_id)).fetchall()
    return map(EarlierClaim._make, ((*row, None, "") for row in rows))


def _mark(store: sqlite3.Connection, claim: Sequence[int], state: int | None) -> None:
    """A claim (patient, content, file, number) counts no more from a state on, or counts again."""
    store.execute(
        "UPDATE claims SET ended = ? WHERE patient = ? AND content = ? AND file = ? AND number = ?", (state, *claim)
    )
