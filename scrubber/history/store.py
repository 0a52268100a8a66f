"""The history: what files have released, one state after another.

A file is *proposed* with its rows, which do not count yet. It is *entered* in one transaction, before its clean file
gets its name: from then on its claims count. It is *confirmed* when its release is certain. What was entered and never
confirmed is withdrawn when the same file is entered again, so that a crash between the steps leaves nothing wrong:
claims may count that were not released yet, never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from scrubber.claims.earlier import EarlierClaim, HistoryError, ended_by
from scrubber.history.database import Database, State
from scrubber.history.entering import Collector
from scrubber.history.snapshot import Snapshot
from scrubber.reference import Facts

RETENTION_DAYS = 400
"""How long claims are remembered, by default: a year, and some days for a claim that comes late."""

_NEWER_FILES = 10
_FORGOTTEN_AT_ONCE = 20
_OF_COMMAND_LINE = ""


@attrs.frozen
class Proposal:
    """A file that was proposed: its number in the store, and the state by which its claims were judged."""

    file: int
    state: State


class HistoryStore:
    """A history in a file. `origin` is the id of a drop folder's ledger, empty for other runs.

    All methods raise `HistoryError`. `looking_at` is the state that files are judged by; without one it is the latest.
    Files older than `retention_days` are forgotten.
    """

    def __init__(
        self,
        database: Database,
        origin: str = _OF_COMMAND_LINE,
        looking_at: State | None = None,
        retention_days: int = RETENTION_DAYS,
    ) -> None:
        self.database = database
        self.origin = origin
        self.looking_at = looking_at
        self._retention_days = retention_days

    @property
    def state(self) -> State:
        """The state that files are judged by."""
        return self.looking_at or self.database.state()

    def pinned(self) -> HistoryStore:
        """The history as it is now."""
        return self if self.looking_at else self._looking_at(self.database.state())

    def _looking_at(self, state: State) -> HistoryStore:
        return HistoryStore(self.database, self.origin, state, self._retention_days)

    def at(self, record: Mapping[str, Any]) -> HistoryStore:
        """The history at a state that `record` gave. Raises `HistoryError` where it is not a state of this history."""
        state = State(int(record["state"]), str(record["sha256"]))
        if self.database.state_at(state.number) != state:
            raise HistoryError(f"{self.database.path} is another history than that of the run, or an older copy of it")
        if state.number < int(self.database.meta("forgot") or 0):
            raise HistoryError(f"the history {self.database.path} has forgotten claims that counted in the run")
        return self._looking_at(state)

    def before(self, sha256: str | None) -> Snapshot:
        """What was released before a file with this SHA-256."""
        return Snapshot(self.database, self.state, self.origin, sha256 or "")

    def record(self) -> Mapping[str, Any]:
        """The state that files are judged by, for reports and manifests."""
        return _record(self.state)

    def latest(self) -> Mapping[str, Any]:
        """The latest state, whatever files are judged by."""
        return _record(self.database.state())

    # -- entering

    def collector(self, facts: Facts) -> Collector:
        """A sink for the claims of a file."""
        return Collector(self.database.key, facts)

    def propose(self, sha256: str, collected: Collector, token: str = "") -> Proposal:
        """Add a file with its rows, which do not count yet. An earlier proposal of the same file is replaced.

        `token` tells apart several drops of one content.
        """
        state, portions = self.state, collected.rows()
        with self.database.transaction() as store:
            self._delete_proposals(sha256, token)
            values = (self.origin, sha256, token, collected.claims, collected.day, collected.sha256)
            file = store.execute(
                "INSERT INTO files (origin, sha256, token, claims, day, rows) VALUES (?, ?, ?, ?, ?, ?)", values
            ).lastrowid
            assert file is not None
            interchanges = ((file, *attrs.astuple(interchange)) for interchange in collected.interchanges)
            store.executemany("INSERT INTO interchanges VALUES (?, ?, ?, ?, ?, ?)", interchanges)
            self._insert(file, next(portions))
        for rows in portions:  # in transactions of their own, so that others can write in between
            with self.database.transaction():
                self._insert(file, rows)
        return Proposal(file, state)

    def enter(self, proposal: Proposal, *, again: bool = False) -> bool:
        """Make a proposed file count. False, and nothing is done, if a claim of it was released since it was judged.

        The file must then be scrubbed again. With `again` it is entered all the same.
        """
        file = proposal.file
        with self.database.transaction() as store:
            query = "SELECT origin, sha256, token, rows, day FROM files WHERE id = ? AND entered IS NULL"
            found = store.execute(query, (file,)).fetchone()
            if found is None or not (again or not self._released_since(proposal)):
                return False
            origin, sha256, token, rows, day = found
            self._withdraw(sha256, token)
            state = self.database.changed(f"enter {origin or '-'} {sha256} {rows}")
            day = day or store.execute("SELECT max(day) FROM files WHERE entered IS NOT NULL").fetchone()[0] or 0
            store.execute("UPDATE files SET entered = ?, day = ? WHERE id = ?", (state.number, day, file))
            self._end(file, state.number)
            self._forget()
        return True

    def confirm(self, sha256: str, token: str = "") -> None:
        """The release of a file that was entered is certain. It can be said again."""
        with self.database.transaction() as store:
            store.execute(
                "UPDATE files SET confirmed = 1 WHERE origin = ? AND sha256 = ? AND token = ? "
                "AND entered IS NOT NULL AND withdrawn IS NULL AND NOT confirmed",
                (self.origin, sha256, token),
            )

    def withdraw(self, sha256: str, token: str = "") -> None:
        """A file is not released after all: forget what was proposed or entered and not confirmed."""
        with self.database.transaction():
            self._delete_proposals(sha256, token)
            self._withdraw(sha256, token)

    def adopt(self, origin: str) -> None:
        """Take over the files of another origin: the ledger of a drop folder was made anew."""
        with self.database.transaction() as store:
            store.execute("UPDATE files SET origin = ? WHERE origin = ?", (self.origin, origin))

    def close(self) -> None:
        """Close the store."""
        self.database.close()

    # -- internals: all within a transaction

    def _released_since(self, proposal: Proposal) -> bool:
        """Whether a claim of a proposed file was released, by another file, after the state that judged it."""
        query = """
            SELECT 1 FROM claims AS own
            JOIN claims AS other ON other.patient = own.patient AND other.content = own.content
            JOIN files ON files.id = other.file
            WHERE own.file = :file AND other.file <> :file AND entered > :state AND withdrawn IS NULL
                AND (other.ended IS NULL OR (other.frequency <> '8' AND NOT EXISTS (
                    SELECT 1 FROM claims AS void JOIN files AS cancelled ON cancelled.id = void.file
                    WHERE void.patient = other.patient AND void.frequency = '8'
                        AND (void.provider, void.claim_id) = (other.provider, other.claim_id)
                        AND cancelled.entered >= other.ended AND cancelled.withdrawn IS NULL)))
                AND NOT EXISTS (SELECT 1 FROM files AS me WHERE me.id = :file
                                AND (me.origin, me.sha256) = (files.origin, files.sha256))
            LIMIT 1
        """
        if self.database.state().number == proposal.state.number:
            return False
        given = {"file": proposal.file, "state": proposal.state.number}
        return self.database.connection.execute(query, given).fetchone() is not None

    def _insert(self, file: int, rows: Iterable[tuple[Any, ...]]) -> None:
        query = f"INSERT INTO claims VALUES (?, ?, {file:d}, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"  # noqa: S608 - a number
        self.database.connection.executemany(query, rows)

    def _delete_proposals(self, sha256: str, token: str) -> None:
        query = "SELECT id FROM files WHERE origin = ? AND sha256 = ? AND token = ? AND entered IS NULL"
        for (file,) in self.database.connection.execute(query, (self.origin, sha256, token)).fetchall():
            self._delete(file)

    def _withdraw(self, sha256: str, token: str) -> None:
        """Withdraw what was entered under this name and never confirmed. What it had ended counts again."""
        store = self.database.connection
        query = (
            "SELECT id, entered FROM files WHERE origin = ? AND sha256 = ? AND token = ? AND entered IS NOT NULL "
            "AND withdrawn IS NULL AND NOT confirmed"
        )
        for file, entered in store.execute(query, (self.origin, sha256, token)).fetchall():
            state = self.database.changed(f"withdraw {self.origin or '-'} {sha256}")
            store.execute("UPDATE files SET withdrawn = ? WHERE id = ?", (state.number, file))
            for key in self._endings(file, entered):
                self._mark(*key, None)

    def _endings(self, file: int, entered: int) -> Sequence[tuple[int, int, int, int]]:
        """The claims that a file has ended."""
        query = """
            SELECT DISTINCT old.patient, old.content, old.file, old.number FROM claims AS own
            JOIN claims AS old ON old.patient = own.patient WHERE own.file = ? AND old.ended = ?
        """
        found: Sequence[tuple[int, int, int, int]] = self.database.connection.execute(query, (file, entered)).fetchall()
        return found

    def _end(self, file: int, state: int) -> None:
        """End the claims that the voids and replacements of a file end, and the voids of claims that it bills again."""
        store = self.database.connection
        changing = "SELECT * FROM claims WHERE file = ? AND frequency IN ('7', '8') ORDER BY number"
        for row in store.execute(changing, (file,)).fetchall():
            patient, _, _, number, _, provider, claim_id, *_, first_day, last_day, _, _ = row
            counting = self._counting(patient, provider, claim_id)
            before = (claim for claim in counting if claim.place[0] != file or claim.place[1] < number)
            for claim in ended_by(provider, claim_id, (first_day, last_day), before):
                self._mark(patient, claim.content, *claim.place, state)
        for void in self._voids_of_patients(file):
            if self._bills_again(file, void):
                self._mark(*void[:4], state)

    def _voids_of_patients(self, file: int) -> Sequence[tuple[int, int, int, int, int, int]]:
        """The voids that count, of all patients of a file."""
        query = """
            SELECT patient, content, file, number, provider, claim_id FROM claims INDEXED BY voids
            WHERE frequency = '8' AND ended IS NULL AND patient IN (SELECT patient FROM claims WHERE file = ?)
        """
        found: Sequence[tuple[int, int, int, int, int, int]] = self.database.connection.execute(
            query, (file,)
        ).fetchall()
        return found

    def _bills_again(self, file: int, void: tuple[int, int, int, int, int, int]) -> bool:
        """Whether a file bills a claim that a void has cancelled, in a file before or further up in the same one."""
        patient, _, of_file, number, provider, claim_id = void
        query = """
            SELECT 1 FROM claims WHERE patient = ? AND file = ? AND provider = ? AND claim_id = ?
                AND frequency NOT IN ('7', '8') AND (? OR number > ?) LIMIT 1
        """
        given = (patient, file, provider, claim_id, of_file != file, number)
        return self.database.connection.execute(query, given).fetchone() is not None

    def _counting(self, patient: int, provider: int, claim_id: int) -> Iterator[EarlierClaim]:
        """The claims of a patient with this provider and claim id that count, the oldest first. They have no lines."""
        query = """
            SELECT content, file, number, interchange, provider, claim_id, likeness, frequency, first_day, last_day
            FROM claims JOIN files ON files.id = claims.file
            WHERE patient = ? AND provider = ? AND claim_id = ? AND entered IS NOT NULL AND withdrawn IS NULL
                AND ended IS NULL
            ORDER BY entered, number
        """
        rows = self.database.connection.execute(query, (patient, provider, claim_id)).fetchall()
        return map(EarlierClaim._make, ((*row, None, "") for row in rows))

    def _mark(self, patient: int, content: int, file: int, number: int, state: int | None) -> None:
        """A claim does not count any more from a state on, or counts again."""
        self.database.connection.execute(
            "UPDATE claims SET ended = ? WHERE patient = ? AND content = ? AND file = ? AND number = ?",
            (state, patient, content, file, number),
        )

    def _forget(self) -> None:
        """Delete some of the files that are too old, by the dates of files: nothing here reads the clock.

        A file with a wrong date in the future must not empty the history. So the latest day is one that ten files
        reach.
        """
        store = self.database.connection
        query = "SELECT day FROM files WHERE entered IS NOT NULL ORDER BY day DESC LIMIT 1 OFFSET ?"
        latest = store.execute(query, (_NEWER_FILES - 1,)).fetchone()
        if latest is None:
            return
        before = latest[0] - self._retention_days
        query = "SELECT id FROM files WHERE entered IS NOT NULL AND day < ? ORDER BY day, id LIMIT ?"
        old = store.execute(query, (before, _FORGOTTEN_AT_ONCE)).fetchall()
        for (file,) in old:
            self._delete(file)
        if old:
            state = self.database.changed(f"forget {len(old)} files before day {before}")
            store.execute("INSERT OR REPLACE INTO meta VALUES ('forgot', ?)", (str(state.number),))

    def _delete(self, file: int) -> None:
        for table, column in (("claims", "file"), ("interchanges", "file"), ("files", "id")):
            self.database.connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (file,))  # noqa: S608


def _record(state: State) -> Mapping[str, Any]:
    return {"state": state.number, "sha256": state.sha256}
