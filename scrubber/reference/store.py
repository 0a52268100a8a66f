"""The store of public tables: one SQLite file with all editions that were imported, side by side.

The file is never changed in place: an import writes a new one and puts it in place of the old one. A run keeps the file
open that it began with, so it answers the same until its end, whatever is imported meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from scrubber.reference.editions import Edition, LookupTable, Row, StoreError, edition_for, nearest_edition
from scrubber.side_files.plain_file import must_be_plain
from scrubber.x12.remembering import remembered

APPLICATION_ID = 0x53435242
"""Marks a SQLite file as a store of the scrubber (`PRAGMA application_id`): the letters SCRB."""

VERSION = 2
"""The version of the tables below (`PRAGMA user_version`)."""

BETWEEN_VALUES = "\x1f"
"""Separates the values of a row in the column `data`."""

SCHEMA = f"""
    PRAGMA application_id = {APPLICATION_ID};
    PRAGMA user_version = {VERSION};
    CREATE TABLE edition (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,  -- of the table
        release TEXT NOT NULL,
        since TEXT,  -- ISO dates
        until TEXT,
        reaches TEXT,
        part INTEGER,  -- of an edition that is published in several files
        columns TEXT NOT NULL,  -- the names of the values
        sha256 TEXT NOT NULL,  -- of the file
        source TEXT NOT NULL,  -- its name
        reader INTEGER NOT NULL,  -- the version of the importers
        rows INTEGER NOT NULL,
        first TEXT NOT NULL,  -- the smallest and the greatest key
        last TEXT NOT NULL
    );
    CREATE TABLE row (
        edition INTEGER NOT NULL,
        key TEXT NOT NULL,
        number INTEGER NOT NULL,
        since INTEGER,  -- proleptic ordinals of days
        until INTEGER,
        data TEXT NOT NULL,
        PRIMARY KEY (edition, key, number)
    ) WITHOUT ROWID;
"""

_ANSWERS = 16_384
"""How many answers of each table are remembered."""

_LONG_AGO = date(1900, 1, 1)


@attrs.frozen
class Entry:
    """A file that was imported into a table, as the store lists it: an edition, or a part of one."""

    id: int
    name: str
    release: str
    since: date | None
    until: date | None
    reaches: date | None
    part: int | None
    columns: tuple[str, ...]
    sha256: str
    source: str
    reader: int
    rows: int
    first: str
    last: str


@attrs.frozen
class StoredEdition:
    """An edition of the store with its files, in the order of their keys.

    `lacks` names the parts that are missing. An edition without all of its parts is not used.
    """

    edition: Edition
    entries: tuple[Entry, ...]
    lacks: str = ""

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(entry.rows for entry in self.entries)


class StoredTable(LookupTable):
    """A table of a store."""

    def __init__(self, name: str, editions: Sequence[StoredEdition], connection: sqlite3.Connection) -> None:
        self.name = name
        self.stored = tuple(editions)
        self.editions = tuple(one.edition for one in editions if not one.lacks)
        self._entries = {one.edition: one.entries for one in editions if not one.lacks}
        self._nameable = tuple(
            attrs.evolve(one.edition, release=f"{one.edition.release}, which lacks {one.lacks}")
            if one.lacks
            else one.edition
            for one in editions
        )
        self._connection = connection
        self._keys: frozenset[str] | None = None
        self.row = remembered(_ANSWERS)(super().row)  # type: ignore[method-assign]
        self.has = remembered(_ANSWERS)(super().has)  # type: ignore[method-assign]
        self.edition = remembered(_ANSWERS)(self._edition_for)  # type: ignore[method-assign]
        self._rows = remembered(_ANSWERS)(self._rows_in_file)  # type: ignore[method-assign]

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        if self._keys is None:
            query = "SELECT DISTINCT key FROM row WHERE edition = ?"
            numbers = [entry.id for entries_ in self._entries.values() for entry in entries_]
            self._keys = frozenset(key for number in numbers for (key,) in self._connection.execute(query, (number,)))
        return self._keys

    def nearest(self, on: date) -> Edition | None:
        """The edition nearest to a day, also one without all of its parts: its release says so."""
        return nearest_edition(self._nameable, on)

    def _edition_for(self, on: date) -> Edition | None:
        return edition_for(self.editions, on)

    def _rows_in_file(self, edition: Edition, key: str) -> Sequence[Row]:
        return tuple(
            row
            for entry in self._entries[edition]
            if entry.first <= key <= entry.last
            for row in _read(self._connection, entry, key)
        )


def _read(connection: sqlite3.Connection, entry: Entry, key: str) -> Iterable[Row]:
    found = connection.execute(
        "SELECT since, until, data FROM row WHERE edition = ? AND key = ? ORDER BY number", (entry.id, key)
    )
    for since, until, data in found:
        values = zip(entry.columns, data.split(BETWEEN_VALUES), strict=False)
        yield Row(
            key,
            date.fromordinal(since) if since else _LONG_AGO,
            date.fromordinal(until) if until else None,
            {name: text for name, text in values if text},
        )


class Store:
    """A store, open to read. Raises `StoreError` if the file is none, and `OSError` if it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.stat()
        self._connection = connect(path)
        self.editions = stored_editions(entries(self._connection, path))

    @cached_property
    def tables(self) -> Mapping[str, StoredTable]:
        """Its tables by name."""
        by_name: dict[str, list[StoredEdition]] = {}
        for one in self.editions:
            by_name.setdefault(one.entries[0].name, []).append(one)
        return {name: StoredTable(name, found, self._connection) for name, found in sorted(by_name.items())}

    @cached_property
    def sha256(self) -> str:
        """A hash of all that it answers from: the tables, their editions and the files that these were read from."""
        return digest(entry for one in self.editions for entry in one.entries)

    def record(self) -> dict[str, Any]:
        """Its editions and its hash, for the record of a run."""
        editions = [
            {
                "table": one.entries[0].name,
                "release": one.edition.release,
                "since": one.edition.since and one.edition.since.isoformat(),
                "until": one.edition.until and one.edition.until.isoformat(),
                "sha256": one.edition.sha256,
            }
            for one in self.editions
            if not one.lacks
        ]
        return {"sha256": self.sha256, "editions": editions}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def must_be_file(path: Path) -> None:
    """Raise `StoreError` for a path that is no file."""
    try:
        must_be_plain(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection that only reads. The file under it stays; another may take its name. Raises `StoreError`."""
    must_be_file(path)
    try:  # several threads may read: SQLite itself makes them wait for each other
        uri = f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: the reference store cannot be opened ({error})") from error


def entries(connection: sqlite3.Connection, path: Path) -> Sequence[Entry]:
    """The files that were imported. Raises `StoreError` for a file that is no store, or one of another version."""
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise StoreError(f"{path}: this is not a reference store of the scrubber")
        if version != VERSION:
            wrong = f"the reference store has version {version}, and this scrubber reads {VERSION}"
            raise StoreError(f"{path}: {wrong}; import the files into a new store")
        found = connection.execute("SELECT * FROM edition ORDER BY name, since, until, part, id").fetchall()
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: this is not a reference store of the scrubber, or it is damaged") from error
    return [_entry(*row) for row in found]


def _entry(
    number: int,
    name: str,
    release: str,
    since: str | None,
    until: str | None,
    reaches: str | None,
    part: int | None,
    columns: str,
    *others: str | int,
) -> Entry:
    sha256, source, reader, rows, first, last = others
    names = tuple(columns.split(BETWEEN_VALUES)) if columns else ()
    days = (_day(since), _day(until), _day(reaches))
    counts = int(reader), int(rows)
    return Entry(number, name, release, *days, part, names, str(sha256), str(source), *counts, str(first), str(last))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def stored_editions(found: Iterable[Entry]) -> Sequence[StoredEdition]:
    """The editions that files make up, by table and from the oldest to the newest."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in found:
        groups.setdefault((entry.name, entry.since, entry.until, entry.part is None), []).append(entry)
    return [_edition(sorted(group, key=lambda entry: entry.part or 0)) for group in groups.values()]


def _edition(parts: Sequence[Entry]) -> StoredEdition:
    first = parts[0]
    sha256 = first.sha256 if first.part is None else digest(parts)
    source = ", ".join(entry.source for entry in parts)
    edition = Edition(first.release, first.since, first.until, first.reaches, sha256, source)
    return StoredEdition(edition, tuple(parts), "" if first.part is None else _lacking(parts))


def _lacking(parts: Sequence[Entry]) -> str:
    """The parts that an edition lacks, as a text; empty if it has all.

    No file says how many there are. The keys of the first part begin with digits, those of the last with letters.
    """
    numbers = {entry.part or 0 for entry in parts}
    lacking = [str(number) for number in range(1, max(numbers)) if number not in numbers]
    if not parts[-1].last[:1].isalpha():
        lacking.append(f"{max(numbers) + 1} and any after it")
    return f"part {', '.join(lacking)}" if lacking else ""


def digest(found: Iterable[Entry]) -> str:
    """A hash of some entries: the tables and days they answer for, their files, and how these were read."""
    parts = sorted(
        repr(
            (
                entry.name,
                entry.release,
                entry.since,
                entry.until,
                entry.reaches,
                entry.part,
                entry.columns,
                entry.sha256,
                entry.reader,
            )
        )
        for entry in found
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
