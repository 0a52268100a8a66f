"""How claims of a history are found: by *pairs*, in two tables of small rows.

A pair is a number of 64 bits: the upper half of the keyed hash of the patient above the lower half of that of the
content. Claims of a patient have pairs that follow each other. Two claims may have the same pair by chance, so the
hashes of a claim that is found are compared, too.

Pairs are in no order. In a large table each new row would change another page, and pages cost most to write. So rows go
to the small table `index_recent`. When it is full, all of them go to `index_main` at once, in order of pairs.

A row may remain after its claim was deleted. It then finds no claim, because no file gets the number of a deleted file
again. All functions but `either` work within a transaction of the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from scrubber.history import meta

MOST_RECENT = 60_000
"""The number of rows that fill `index_recent`, which then has about two hundred pages."""
TABLES = """
CREATE TABLE index_recent (
    pair INTEGER NOT NULL, file INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (pair, file, number)
) WITHOUT ROWID;
CREATE TABLE index_main (
    pair INTEGER NOT NULL, file INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (pair, file, number)
) WITHOUT ROWID;
"""

_LOWER = 0xFFFFFFFF
_UPPER = ~_LOWER
_NAMES = ("index_main", "index_recent")
_MOST_USELESS = 4
"""The rows of `index_main` without a claim are deleted when they are more than a quarter of it."""


def pair(patient: int, content: int) -> int:
    """The pair of a claim, from its keyed hashes."""
    return (patient & _UPPER) | (content & _LOWER)


def pairs_of(patient: int) -> tuple[int, int]:
    """The first and the last pair that claims of a patient may have."""
    return patient & _UPPER, patient | _LOWER


PAIR = f"(({{0}}.patient & {_UPPER}) | ({{0}}.content & {_LOWER}))"
"""SQL: the pair of a claim; `{0}` is its alias."""
PAIRS_OF_PATIENT = f"({{0}}.patient & {_UPPER}) AND ({{0}}.patient | {_LOWER})"
"""SQL, for BETWEEN: the pairs that claims of the patient of a claim may have; `{0}` is the alias of that claim."""


def either(query: str) -> str:
    """A query for both tables as one: `{index}` in it stands for the table.

    Rows move from one table to the other. Two statements one after the other could miss them.
    """
    return " UNION ALL ".join(query.format(index=name) for name in _NAMES)


def add(store: sqlite3.Connection, file: int, rows: Iterable[tuple[int, int]]) -> None:
    """Add claims of a file, each by its pair and its number in the file."""
    query = f"INSERT INTO index_recent VALUES (?, {file:d}, ?)"  # noqa: S608 - a number
    added = store.executemany(query, sorted(rows)).rowcount
    recent = meta.number(store, "recent") + max(added, 0)
    meta.keep(store, "recent", recent)
    if recent > MOST_RECENT:
        settle(store)


def settle(store: sqlite3.Connection) -> None:
    """Move all rows of `index_recent` to `index_main`. Those of files that were deleted meanwhile are left out."""
    query = "INSERT INTO index_main SELECT * FROM index_recent WHERE file IN (SELECT id FROM files) ORDER BY pair"
    rows = meta.number(store, "indexed") + store.execute(query).rowcount
    store.execute("DELETE FROM index_recent")
    claims = store.execute("SELECT coalesce(sum(claims), 0) FROM files").fetchone()[0]
    if rows - claims > rows // _MOST_USELESS:
        rows -= store.execute("DELETE FROM index_main WHERE file NOT IN (SELECT id FROM files)").rowcount
    meta.keep(store, "recent", 0)
    meta.keep(store, "indexed", rows)


def fill(store: sqlite3.Connection) -> None:
    """Make the index of a store that has none yet."""
    query = f"INSERT INTO index_main SELECT {PAIR.format('claims')} AS pair, file, number FROM claims ORDER BY pair"  # noqa: S608 - a constant
    meta.keep(store, "indexed", store.execute(query).rowcount)
