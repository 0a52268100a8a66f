"""The tables of a history, and how a store with those of an older version gets them."""

from __future__ import annotations

import sqlite3

from scrubber.claims.earlier import EarlierClaim
from scrubber.history import claim_index
from scrubber.history.rows import sum_of

APPLICATION_ID = 0x53435248
"""Marks a SQLite file as a history (`PRAGMA application_id`): the letters SCRH."""
VERSION = 3
"""The version of the tables below (`PRAGMA user_version`)."""
OLDER = (1, 2)
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
    withdrawn INTEGER,  -- the state from which it does not count any more
    sum INTEGER NOT NULL DEFAULT 0  -- the checksum of the values before it
);
CREATE INDEX by_content ON files (origin, sha256);
CREATE INDEX by_day ON files (day) WHERE entered IS NOT NULL;
CREATE TABLE claims (  -- keyed hashes, but for frequency, days and lines
    file INTEGER NOT NULL, number INTEGER NOT NULL, patient INTEGER NOT NULL, content INTEGER NOT NULL,
    interchange INTEGER NOT NULL, provider INTEGER NOT NULL, claim_id INTEGER NOT NULL, likeness INTEGER NOT NULL,
    frequency TEXT NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, lines TEXT NOT NULL,
    ended INTEGER,  -- the state from which it does not count any more: it was voided or replaced
    sum INTEGER NOT NULL DEFAULT 0,  -- the checksum of the other values, in the order of an EarlierClaim
    PRIMARY KEY (file, number)  -- the claims of a file follow each other: that writes the fewest pages
) WITHOUT ROWID;
CREATE INDEX voids ON claims (patient) WHERE frequency = '8';
{claim_index.TABLES}
"""
_CLAIM_COLUMNS = (
    "file, number, patient, content, interchange, provider, claim_id, likeness, "
    "frequency, first_day, last_day, lines, ended"
)
SUMMED_OF_CLAIM = ", ".join(("patient", *EarlierClaim._fields)).replace("written", "lines")
"""The values of a claim that its checksum is of, in order."""
FILE_COLUMNS = "id, origin, sha256, token, claims, day, rows, entered, confirmed, withdrawn"
"""The columns of a file, without its checksum, which is of them in this order."""
SUM = "row_sum"
"""The function of SQL that makes a checksum; `use_sums` gives a connection that function."""
_INDEXES_OF_1 = ("by_content", "by_day", "by_file", "changes", "voids")
"""In version 1, claims were in the order of patients, and each new one changed a page somewhere in the file."""


def create(store: sqlite3.Connection) -> None:
    """Make the tables of a new store."""
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    store.executescript(marks + _META + _FILES_AND_CLAIMS)


def use_sums(store: sqlite3.Connection) -> None:
    """Let statements of a connection make checksums."""
    store.create_function(SUM, -1, sum_of, deterministic=True)


def migrate(store: sqlite3.Connection) -> None:
    """Give a store of an older version the tables of this one, within a transaction.

    States and hashes stay as they are. Version 2 had no checksums; version 1 had another index, too.
    """
    if store.execute("PRAGMA user_version").fetchone()[0] == 1:
        _replace_tables(store)
    else:
        for table in ("files", "claims"):
            store.execute(f"ALTER TABLE {table} ADD COLUMN sum INTEGER NOT NULL DEFAULT 0")
    for table, columns in (("files", FILE_COLUMNS), ("claims", SUMMED_OF_CLAIM)):
        store.execute(f"UPDATE {table} SET sum = {SUM}({columns})")  # noqa: S608 - constants
    store.execute(f"PRAGMA user_version = {VERSION}")


def _replace_tables(store: sqlite3.Connection) -> None:
    for index in _INDEXES_OF_1:
        store.execute(f"DROP INDEX {index}")
    for table in ("files", "claims"):
        store.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in _statements(_FILES_AND_CLAIMS):
        store.execute(statement)
    store.execute(f"INSERT INTO files ({FILE_COLUMNS}) SELECT {FILE_COLUMNS} FROM old_files")  # noqa: S608
    columns = _CLAIM_COLUMNS
    store.execute(f"INSERT INTO claims ({columns}) SELECT {columns} FROM old_claims ORDER BY file, number")  # noqa: S608
    claim_index.fill(store)
    for table in ("files", "claims"):
        store.execute(f"DROP TABLE old_{table}")


def _statements(script: str) -> list[str]:
    """The statements of a script one by one: run as a whole, it would end the transaction."""
    lines = [line.partition("--")[0] for line in script.splitlines()]
    return [statement for statement in "\n".join(lines).split(";") if statement.strip()]
