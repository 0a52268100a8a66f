"""The tables of a history, and how a store with those of an older version gets them."""

from __future__ import annotations

import sqlite3

from scrubber.history import claim_index

APPLICATION_ID = 0x53435248
"""Marks a SQLite file as a history (`PRAGMA application_id`): the letters SCRH."""
VERSION = 2
"""The version of the tables below (`PRAGMA user_version`)."""
OLDER = (1,)
"""Older versions, which `migrate` changes to this one."""

# Histories on users' disks have these tables: a change needs a new VERSION and a migration.
_META = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE states (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE interchanges (
    file INTEGER NOT NULL, number INTEGER NOT NULL,
    sender INTEGER NOT NULL, receiver INTEGER NOT NULL, control TEXT NOT NULL, day INTEGER NOT NULL,
    PRIMARY KEY (file, number)
) WITHOUT ROWID;
"""
_FILES_AND_CLAIMS = f"""
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: the index may have rows of a file that was deleted
    origin TEXT NOT NULL,  -- the ledger of a drop folder; empty for a run of the command line or Python
    sha256 TEXT NOT NULL,
    token TEXT NOT NULL,  -- the drop of a drop folder: one content may be dropped several times
    claims INTEGER NOT NULL,
    day INTEGER NOT NULL,  -- the latest date of its interchanges; days are proleptic ordinals, 0 if not known
    rows TEXT NOT NULL,  -- the hash of its rows
    entered INTEGER,  -- the state from which it counts; none while it is only proposed
    confirmed INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER  -- the state from which it does not count any more
);
CREATE INDEX by_content ON files (origin, sha256);
CREATE INDEX by_day ON files (day) WHERE entered IS NOT NULL;
CREATE TABLE claims (  -- keyed hashes, but for frequency, days and lines
    file INTEGER NOT NULL, number INTEGER NOT NULL, patient INTEGER NOT NULL, content INTEGER NOT NULL,
    interchange INTEGER NOT NULL, provider INTEGER NOT NULL, claim_id INTEGER NOT NULL, likeness INTEGER NOT NULL,
    frequency TEXT NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, lines TEXT NOT NULL,
    ended INTEGER,  -- the state from which it does not count any more: it was voided or replaced
    PRIMARY KEY (file, number)  -- the claims of a file follow each other: that writes the fewest pages
) WITHOUT ROWID;
CREATE INDEX voids ON claims (patient) WHERE frequency = '8';
{claim_index.TABLES}
"""
_CLAIM_COLUMNS = (
    "file, number, patient, content, interchange, provider, claim_id, likeness, "
    "frequency, first_day, last_day, lines, ended"
)
_FILE_COLUMNS = "id, origin, sha256, token, claims, day, rows, entered, confirmed, withdrawn"
_INDEXES_OF_1 = ("by_content", "by_day", "by_file", "changes", "voids")
"""In version 1, claims were in the order of patients, and each new one changed a page somewhere in the file."""


def create(store: sqlite3.Connection) -> None:
    """Make the tables of a new store."""
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    store.executescript(marks + _META + _FILES_AND_CLAIMS)


def migrate(store: sqlite3.Connection) -> None:
    """Give a store of version 1 the tables of this one, within a transaction. States and hashes stay as they are."""
    for index in _INDEXES_OF_1:
        store.execute(f"DROP INDEX {index}")
    for table in ("files", "claims"):
        store.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in _statements(_FILES_AND_CLAIMS):
        store.execute(statement)
    store.execute(f"INSERT INTO files ({_FILE_COLUMNS}) SELECT {_FILE_COLUMNS} FROM old_files")  # noqa: S608
    query = f"INSERT INTO claims SELECT {_CLAIM_COLUMNS} FROM old_claims ORDER BY file, number"  # noqa: S608
    store.execute(query)
    claim_index.fill(store)
    for table in ("files", "claims"):
        store.execute(f"DROP TABLE old_{table}")
    store.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> list[str]:
    """The statements of a script one by one: run as a whole, it would end the transaction."""
    lines = [line.partition("--")[0] for line in script.splitlines()]
    return [statement for statement in "\n".join(lines).split(";") if statement.strip()]
