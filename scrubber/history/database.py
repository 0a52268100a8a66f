"""The store of a history as a database: opening, checking, making it.

Words: a *state* is what the history holds at one time. States are numbered from 0, for an empty history. Each change
makes the next state, and its hash follows from the hash before it and from the change. So a number with its hash names
one state of one history.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from scrubber.claims.earlier import HistoryBusyError, HistoryError
from scrubber.history import key as keys
from scrubber.history import meta, tables
from scrubber.history.key import Key
from scrubber.history.tables import APPLICATION_ID, VERSION

BUSY_SECONDS = 60.0
_MADE_WITHIN = 2.0
_LONGEST = 200
_PAGES_BETWEEN_CHECKPOINTS = 8_000
"""32 MB. A page that changes several times meanwhile is written back once."""

_CLAIMS = """
    SELECT coalesce(sum(claims), 0) FROM files
    WHERE entered <= :number AND (withdrawn IS NULL OR withdrawn > :number)
"""


def in_one_line(error: sqlite3.Error) -> str:
    """What SQLite says. It quotes whole statements where a schema is damaged."""
    return " ".join(str(error).split())[:_LONGEST]


class State(NamedTuple):
    """A state of a history: its number and its hash."""

    number: int
    sha256: str


class Database:
    """An open history. All its errors are `HistoryError`s: missing, damaged, newer, without its key, not writable.

    With `create` it is made where neither store nor key is there.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if create and not path.exists():
            _make_once(path)
        if path.is_dir():
            raise HistoryError(f"the history {path} is a folder", "name a file")
        if path.exists() and not path.is_file():
            raise HistoryError(f"the history {path} is a device or a pipe", "name a file")
        if not path.is_file():
            raise HistoryError(f"the history {path} is not there", _missing)
        if not path.stat().st_size:
            raise HistoryError(f"the history {path} is an empty file", "delete it, or bring it back from a backup")
        with self.guarded():
            self.connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            with self.guarded():
                tables.use_sums(self.connection)
                self._prepare()
            self._file = path.stat().st_ino
            self.key: Key = keys.read(path)
            self.id = self.meta("id")
            if self.meta("key") != self.key.check:
                raise HistoryError(f"{keys.path_of(path)} is not the key of the history {path}")
        except BaseException:
            self.close()
            raise

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Errors of SQLite as `HistoryError`."""
        try:
            yield
        except sqlite3.OperationalError as error:
            # such as a table that is not there; text that is not UTF-8 has no code at all
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
                raise HistoryError(f"the history {self.path} is damaged: {in_one_line(error)}", _rebuilt) from error
            raise HistoryBusyError(f"the history {self.path} cannot be used now: {in_one_line(error)}") from error
        except sqlite3.DatabaseError as error:
            raise HistoryError(f"the history {self.path} is damaged: {in_one_line(error)}", _rebuilt) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on the disk when it ends; no other process writes meanwhile. An exception undoes it."""
        with self.guarded():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def meta(self, key: str) -> str:
        """A value of the table meta, empty if there is none. Raises `HistoryError`."""
        with self.guarded():
            return meta.value(self.connection, key)

    def state(self) -> State:
        """The latest state."""
        with self.guarded():
            query = "SELECT number, sha256 FROM states ORDER BY number DESC LIMIT 1"
            found = self.connection.execute(query).fetchone()
        if found is None or [*map(type, found)] != [int, str]:
            raise HistoryError(f"the history {self.path} is damaged: it has no state", _rebuilt)
        return State(*found)

    def state_at(self, number: int) -> State | None:
        """A state by its number, `None` if there is none."""
        with self.guarded():
            row = self.connection.execute("SELECT number, sha256 FROM states WHERE number = ?", (number,)).fetchone()
        return State(*row) if row else None

    def claims_in(self, state: State) -> int:
        """How many released claims the history had in a state. That of the latest one is kept, as files may be many."""
        query = "SELECT (SELECT max(number) FROM states), (SELECT value FROM meta WHERE key = 'claims')"
        with self.guarded():
            latest, kept = self.connection.execute(query).fetchone()
            if kept is not None and latest == state.number:
                return int(kept)
            return int(self.connection.execute(_CLAIMS, state._asdict()).fetchone()[0])

    def more_claims(self, more: int) -> None:
        """Keep how many claims the latest state has, within the transaction that has made it."""
        kept = self.meta("claims")
        claims = int(kept) + more if kept else self.connection.execute(_CLAIMS, self.state()._asdict()).fetchone()[0]
        meta.keep(self.connection, "claims", claims)

    def changed(self, change: str) -> State:
        """Make the next state, within a transaction. `change` describes what was done, to the hash of its rows."""
        before = self.state()
        after = State(before.number + 1, hashlib.sha256(f"{before.sha256} {change}".encode()).hexdigest())
        self.connection.execute("INSERT INTO states VALUES (?, ?)", after)
        return after

    def is_still_there(self) -> bool:
        """Whether the path still is the file that was opened."""
        return is_same_file(self.path, self._file)

    def close(self) -> None:
        """Close the store."""
        self.connection.close()

    def _prepare(self) -> None:
        """Check that it is a history, before anything is changed. One of an older version gets the tables of this."""
        (application,) = self.connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise HistoryError(f"{self.path} is not a history of the scrubber")
        version = self._version()
        if version not in (*tables.OLDER, VERSION):
            raise HistoryError(
                f"the history {self.path} was written by another version of the scrubber: "
                f"its format is {version}, not {VERSION}"
            )
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA cache_size = -8000")
        self.connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_BETWEEN_CHECKPOINTS}")
        if version in tables.OLDER:
            with self.transaction() as store:
                if self._version() == version:  # no other process was first
                    tables.migrate(store)

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])


def is_same_file(path: Path, inode: int) -> bool:
    """Whether a path still is the file with this inode: not removed, and no other file put there."""
    try:
        return path.stat().st_ino == inode
    except OSError:
        return False


_rebuilt = "bring it back from a backup, or rebuild that of a drop folder with: scrubber watch rebuild-history DIR"
_missing = f"the first scrubber scrub makes it. If it was lost, {_rebuilt}"


def _make_once(path: Path) -> None:
    """Make a store, unless its key is there: then another process makes it at this moment, or the store was lost.

    A process may have been killed while it made the store. The key is written when the store is complete, so a complete
    store whose key is there only lacks its name.
    """
    if not keys.path_of(path).exists():
        with suppress(FileExistsError):
            _make(path)
    end = time.monotonic() + _MADE_WITHIN
    while not path.exists() and time.monotonic() < end:
        _name(path, keys.read(path))
        time.sleep(0.01)
    if path.exists():
        keys.remove_partial(path)


def _make(path: Path) -> None:
    """A new, empty store with a new key, still without its name. Raises `FileExistsError` where there is a key."""
    key = keys.new()
    partial = keys.partial_name(path, key)
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        partial.touch(0o600)
        connection = sqlite3.connect(partial, isolation_level=None)
        tables.create(connection)
        identity = os.urandom(12).hex()
        meta.keep(connection, "id", identity)
        meta.keep(connection, "key", key.check)
        first = hashlib.sha256(f"{identity} {key.check}".encode()).hexdigest()
        connection.execute("INSERT INTO states VALUES (0, ?)", (first,))
        connection.close()
        keys.write(path, key)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        if keys.path_of(path).exists():  # another process was first, and may have removed this store meanwhile
            raise FileExistsError from error
        reason = error.strerror if isinstance(error, OSError) else error
        raise HistoryError(f"the history {path} cannot be made: {reason}") from error


def _name(path: Path, key: Key) -> None:
    """Give a complete store its name, unless another process has done so."""
    with suppress(FileNotFoundError):
        keys.partial_name(path, key).rename(path)
