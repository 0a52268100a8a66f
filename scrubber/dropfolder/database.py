"""The ledger as a database: opening, checking, making it; one transaction at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scrubber.dropfolder import effects
from scrubber.dropfolder.errors import AlreadyReleasedError, CorruptLedgerError, WatchError
from scrubber.history.database import in_one_line, is_same_file
from scrubber.side_files.plain_file import must_be_plain

SCHEMA = "1"
BUSY_SECONDS = 10.0

# Ledgers on users' disks have these tables: renaming a column needs a new SCHEMA and a migration.
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS watchers (id TEXT PRIMARY KEY, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS drops (
    token TEXT PRIMARY KEY, name BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen REAL NOT NULL,
    whole_by REAL NOT NULL, state TEXT NOT NULL, owner TEXT, attempt INTEGER NOT NULL DEFAULT 1,
    tries INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, run INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT, control TEXT, stem BLOB, stem_key BLOB, verdict TEXT, spent INTEGER NOT NULL DEFAULT 0, reason TEXT,
    boot TEXT, finished REAL, claims INTEGER, rejected INTEGER, kept_in TEXT, kept_name BLOB,
    flagged INTEGER, held INTEGER, findings TEXT, notify INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS one_stem ON drops (stem_key) WHERE stem_key IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_release ON drops (sha256, run) WHERE spent;
CREATE INDEX IF NOT EXISTS by_age ON drops (seen) WHERE finished IS NULL;
CREATE VIEW IF NOT EXISTS open_drops AS
    SELECT *, coalesce((SELECT expires FROM watchers WHERE id = owner), 0) AS held_until
    FROM drops WHERE finished IS NULL;
CREATE INDEX IF NOT EXISTS by_content ON drops (sha256);
CREATE INDEX IF NOT EXISTS by_name ON drops (name);
CREATE TABLE IF NOT EXISTS moves (
    token TEXT NOT NULL, place INTEGER NOT NULL, from_folder TEXT NOT NULL, from_name BLOB NOT NULL,
    to_folder TEXT NOT NULL, to_name BLOB NOT NULL, PRIMARY KEY (token, place)
);
CREATE TABLE IF NOT EXISTS unclosed (
    name BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, since REAL NOT NULL
);
"""

_RELEASED_CLAIMS = "CREATE TABLE IF NOT EXISTS went (token TEXT PRIMARY KEY, claims BLOB NOT NULL)"
"""The released claims of a file, by their numbers: see `scrubber.history.numbers`."""
_ADDED = {"flagged": "INTEGER", "held": "INTEGER", "findings": "TEXT", "notify": "INTEGER NOT NULL DEFAULT 0"}
"""Columns of drops that older ledgers lack. A ledger gets them when it is opened."""
_BY_NOTICE = "CREATE INDEX IF NOT EXISTS by_notice ON drops (finished) WHERE notify"


class Generation(NamedTuple):
    """How many releases there were, and the token of the last one."""

    releases: int
    last: str


NO_RELEASE = Generation(0, "")


class Database:
    """An open ledger, on a local disk. `sqlite3.OperationalError` means that it cannot be read or written now.

    Opening raises `CorruptLedgerError` where it is not a sound database, and `WatchError` where it is missing and
    `create` is false.
    """

    def __init__(self, path: Path, *, create: bool = False, busy: float = BUSY_SECONDS) -> None:
        self.path = path
        if not create and not path.is_file():
            raise WatchError(f"the ledger {path} is not there")
        try:
            if create:
                path.touch(0o600)  # SQLite gives the files beside it the same permissions
            must_be_plain(path)
            self._connection = sqlite3.connect(path, timeout=busy, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            sound = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if sound != "ok":
                raise CorruptLedgerError(f"the ledger {path} is damaged")
            self.id = self._identity() or self._make()
            self._add_columns()
        except sqlite3.OperationalError as error:
            raise WatchError(f"the ledger {path} cannot be opened: {in_one_line(error)}") from error
        except sqlite3.DatabaseError as error:
            raise CorruptLedgerError(f"the ledger {path} is damaged: {in_one_line(error)}") from error
        self._file = path.stat().st_ino

    def close(self) -> None:
        """Close the ledger."""
        self._connection.close()

    def is_still_there(self) -> bool:
        """Whether the path still is the file that was opened."""
        return is_same_file(self.path, self._file)

    def generation(self) -> Generation:
        """The releases that this ledger knows."""
        meta = self._meta()
        return Generation(int(meta.get("releases", NO_RELEASE.releases)), meta.get("last_release", NO_RELEASE.last))

    @contextmanager
    def holding_generation(self) -> Iterator[Generation]:
        """The generation. No watcher of this ledger changes it meanwhile."""
        with self._transaction():
            yield self.generation()

    def adopt(self, generation: Generation) -> None:
        """Take over the generation of a folder: its releases were restored."""
        with self._transaction() as ledger:
            self._put(ledger, generation)

    def archived_names(self) -> set[str]:
        """Names of the originals that are in the archive, or on their way."""
        rows = self._connection.execute(
            "SELECT kept_name FROM drops WHERE kept_in = 'archive' "
            "UNION SELECT to_name FROM moves WHERE to_folder = 'archive'"
        )
        return {os.fsdecode(row[0]) for row in rows if row[0] is not None}

    def forget_unfinished(self) -> None:
        """Delete the drops that are in work: an older ledger does not know what became of them."""
        with self._transaction() as ledger:
            ledger.execute("DELETE FROM moves WHERE token IN (SELECT token FROM open_drops)")
            ledger.execute("DELETE FROM drops WHERE finished IS NULL")

    def _put(self, ledger: sqlite3.Connection, generation: Generation) -> None:
        rows = (("releases", str(generation.releases)), ("last_release", generation.last))
        ledger.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _meta(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT key, value FROM meta").fetchall())

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction; no other process writes meanwhile. An exception undoes it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            effects.commit(self._connection)
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise AlreadyReleasedError from error
            raise

    def _identity(self) -> str | None:
        """The ledger's own id; `None` for a new one."""
        tables = self._connection.execute("SELECT name FROM sqlite_master WHERE name = 'meta'").fetchone()
        if not tables:
            return None
        meta = self._meta()
        if meta and meta.get("schema") != SCHEMA:
            raise WatchError(f"the ledger {self.path} was written by another version of the scrubber")
        return meta.get("id")

    def _add_columns(self) -> None:
        """Bring an older ledger up to date. Older versions of the scrubber can still use it."""
        if not self._missing():
            return
        with self._transaction() as ledger:
            for name in _ADDED.keys() & self._missing():  # asked again: another watcher may have been first
                ledger.execute(f"ALTER TABLE drops ADD COLUMN {name} {_ADDED[name]}")
            ledger.execute(_BY_NOTICE)
            ledger.execute(_RELEASED_CLAIMS)

    def _missing(self) -> list[str]:
        """The columns and the table that are missing."""
        known = {row["name"] for row in self._connection.execute("PRAGMA table_info(drops)")}
        known |= {row["name"] for row in self._connection.execute("SELECT name FROM sqlite_master")}
        return [name for name in (*_ADDED, "went") if name not in known]

    def _make(self) -> str:
        with self._transaction() as ledger:
            for statement in filter(str.strip, [*_TABLES.split(";"), _BY_NOTICE, _RELEASED_CLAIMS]):
                ledger.execute(statement)
            ledger.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (SCHEMA,))
            ledger.execute("INSERT OR IGNORE INTO meta VALUES ('id', ?)", (new_token(),))
        made = self._identity()
        assert made is not None
        return made


def new_token() -> str:
    """A new, unique name."""
    return os.urandom(12).hex()
