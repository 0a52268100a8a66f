"""The history: what files have released, one state after another.

A file is *proposed* with its rows, which do not count yet. It is *entered* in one transaction, before its clean file
gets its name: from then on its claims count. It is *confirmed* when its release is certain. What was entered and never
confirmed is withdrawn when the same file is entered again, so that a crash between the steps leaves nothing wrong:
claims may count that were not released yet, never the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from scrubber.claims.earlier import HistoryError
from scrubber.history import claim_index, endings, file_rows, meta
from scrubber.history.claim_index import PAIR, either
from scrubber.history.database import Database, State
from scrubber.history.endings import VOIDED
from scrubber.history.entering import Collector
from scrubber.history.rows import ClaimRow, sum_of_row
from scrubber.history.snapshot import Snapshot
from scrubber.reference import Facts

RETENTION_DAYS = 400
"""How long claims are remembered, by default: a year, and some days for a claim that comes late."""

_NEWER_FILES = 10
_FORGOTTEN_AT_ONCE = 20
_OF_COMMAND_LINE = ""
_UNCONFIRMED = "origin = ? AND sha256 = ? AND token = ? AND entered IS NOT NULL AND withdrawn IS NULL AND NOT confirmed"
_ROW = ", ".join(ClaimRow._fields)

_RELEASED_SINCE = either(
    f"""
    SELECT 1 FROM claims AS own CROSS JOIN {{index}} AS found ON found.pair = {PAIR.format("own")}
    CROSS JOIN claims AS old ON (old.file, old.number) = (found.file, found.number)
    JOIN files ON files.id = old.file
    WHERE own.file = :file AND old.file <> :file AND (old.patient, old.content) = (own.patient, own.content)
        AND entered > :judged AND withdrawn IS NULL AND NOT {VOIDED}
        AND NOT EXISTS (SELECT 1 FROM files AS me WHERE me.id = :file
                        AND (me.origin, me.sha256) = (files.origin, files.sha256))
    """  # noqa: S608 - all values are parameters
)


@attrs.frozen
class Proposal:
    """A file that was proposed: its number in the store, and the state by which its claims were judged.

    `claims` are the numbers of the proposed claims in the file, as `ClaimNumbers` packs them.
    """

    file: int
    state: State
    claims: bytes = b""


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
        self._recorded: Mapping[str, Any] | None = None

    @property
    def state(self) -> State:
        """The state that files are judged by."""
        return self.looking_at or self.database.state()

    def pinned(self) -> HistoryStore:
        """The history as it is now."""
        if self.looking_at:
            return self
        pinned = self._looking_at(self.database.state())
        pinned.record()  # while this is the latest state, whose claims are counted already
        return pinned

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
        """The state that files are judged by, and how many claims it has, for reports and manifests."""
        if self.looking_at and self._recorded:
            return self._recorded
        state = self.state
        self._recorded = {**_record(state), "claims": self.database.claims_in(state)}
        return self._recorded

    def latest(self) -> Mapping[str, Any]:
        """The latest state, whatever files are judged by."""
        return _record(self.database.state())

    # -- entering

    def collector(self, facts: Facts) -> Collector:
        """A sink for the claims of a file."""
        return Collector(self.database.key, facts)

    def propose(self, sha256: str, collected: Collector, token: str = "") -> Proposal:
        """Add a file with its rows, which do not count yet. An earlier proposal of the same file is replaced.

        `token` distinguishes several drops of one content.
        """
        state, portions = self.state, collected.rows()
        with self.database.transaction() as store:
            self._delete_proposals(sha256, token)
            file = file_rows.add(
                store,
                origin=self.origin,
                sha256=sha256,
                token=token,
                claims=collected.claims,
                day=collected.day,
                rows=collected.sha256,
            )
            interchanges = ((file, *attrs.astuple(interchange)) for interchange in collected.interchanges)
            store.executemany("INSERT INTO interchanges VALUES (?, ?, ?, ?, ?, ?)", interchanges)
            self._insert(file, next(portions))
        for rows in portions:  # in transactions of their own, so that others can write in between
            with self.database.transaction():
                self._insert(file, rows)
        return Proposal(file, state, collected.numbers.packed())

    def enter(self, proposal: Proposal, *, again: bool = False) -> bool:
        """Make a proposed file count. Does nothing and gives False if a claim of it was released since it was judged.

        The file must then be scrubbed again. With `again` it is entered in any case.
        """
        file = proposal.file
        with self.database.transaction() as store:
            found = next(file_rows.some(store, "id = ? AND entered IS NULL", (file,)), None)
            if found is None or not (again or not self._released_since(proposal)):
                return False
            sha256, day = found["sha256"], found["day"]
            gone = self._withdraw(sha256, found["token"])
            state = self.database.changed(f"enter {found['origin'] or '-'} {sha256} {found['rows']}")
            day = day or store.execute("SELECT max(day) FROM files WHERE entered IS NOT NULL").fetchone()[0] or 0
            file_rows.change(store, "id = ?", (file,), entered=state.number, day=day)
            endings.end(store, file, state.number)
            gone += self._forget()
            self.database.more_claims(found["claims"] - gone)
        return True

    def confirm(self, sha256: str, token: str = "") -> None:
        """Note that the release of an entered file is certain. Can be called again."""
        with self.database.transaction() as store:
            file_rows.change(store, _UNCONFIRMED, (self.origin, sha256, token), confirmed=1)

    def withdraw(self, sha256: str, token: str = "") -> None:
        """A file is not released after all: forget what was proposed or entered and not confirmed."""
        with self.database.transaction():
            self._delete_proposals(sha256, token)
            if gone := self._withdraw(sha256, token):
                self.database.more_claims(-gone)

    def adopt(self, origin: str) -> None:
        """Take over the files of another origin: the ledger of a drop folder was rebuilt."""
        with self.database.transaction() as store:
            file_rows.change(store, "origin = ?", (origin,), origin=self.origin)

    def close(self) -> None:
        """Close the store."""
        self.database.close()

    # -- internals: all within a transaction

    def _released_since(self, proposal: Proposal) -> bool:
        """Whether a claim of a proposed file was released, by another file, after the state that judged it."""
        now = self.database.state().number
        if now == proposal.state.number:
            return False
        given = {"file": proposal.file, "judged": proposal.state.number, "state": now}
        return self.database.connection.execute(_RELEASED_SINCE, given).fetchone() is not None

    def _insert(self, file: int, rows: Sequence[tuple[Any, ...]]) -> None:
        query = f"INSERT INTO claims ({_ROW}, sum, file) VALUES ({', '.join('?' * 12)}, {file:d})"  # noqa: S608 - a number
        store = self.database.connection
        store.executemany(query, ((*row, sum_of_row(row, file)) for row in rows))
        claim_index.add(store, file, ((claim_index.pair(row[0], row[1]), row[2]) for row in rows))

    def _delete_proposals(self, sha256: str, token: str) -> None:
        query = "SELECT id FROM files WHERE origin = ? AND sha256 = ? AND token = ? AND entered IS NULL"
        for (file,) in self.database.connection.execute(query, (self.origin, sha256, token)).fetchall():
            self._delete(file)

    def _withdraw(self, sha256: str, token: str) -> int:
        """Withdraw what was entered under this name and never confirmed. What it had ended counts again.

        Returns how many claims it was.
        """
        store = self.database.connection
        found = [*file_rows.some(store, _UNCONFIRMED, (self.origin, sha256, token))]
        for file in found:
            state = self.database.changed(f"withdraw {self.origin or '-'} {sha256}")
            file_rows.change(store, "id = ?", (file["id"],), withdrawn=state.number)
            endings.undo(store, file["id"], file["entered"])
        return sum(file["claims"] for file in found)

    def _forget(self) -> int:
        """Delete some of the files that are too old, by the dates of files: nothing here reads the clock.

        Returns how many claims do not count any more.
        A file with a wrong date in the future must not empty the history. So the latest day is one that ten files
        reach.
        """
        store = self.database.connection
        query = "SELECT day FROM files WHERE entered IS NOT NULL ORDER BY day DESC LIMIT 1 OFFSET ?"
        latest = store.execute(query, (_NEWER_FILES - 1,)).fetchone()
        if latest is None:
            return 0
        before = latest[0] - self._retention_days
        which = "entered IS NOT NULL AND day < ? ORDER BY day, id LIMIT ?"
        old = [*file_rows.some(store, which, (before, _FORGOTTEN_AT_ONCE))]
        for file in old:
            self._delete(file["id"])
        if old:
            state = self.database.changed(f"forget {len(old)} files before day {before}")
            meta.keep(store, "forgot", state.number)
        return sum(file["claims"] for file in old if file["withdrawn"] is None)

    def _delete(self, file: int) -> None:
        for table, column in (("claims", "file"), ("interchanges", "file"), ("files", "id")):
            self.database.connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (file,))  # noqa: S608


def _record(state: State) -> Mapping[str, Any]:
    return {"state": state.number, "sha256": state.sha256}
