"""Writes editions into a store: all of an import or nothing, and one import after the other.

The new store is written beside the old one and takes its place at the end. So a run that reads the old one is not
disturbed, and an import that fails or is killed leaves the old one as it was.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from scrubber.reference.editions import Edition, StoreError
from scrubber.reference.store import BETWEEN_VALUES, SCHEMA, Entry, StoredEdition, connect, entries, must_be_file

StoredRow: TypeAlias = tuple[str, int | None, int | None, str]
"""Key, first and last day as ordinals (`None` is without bound), and the values with `BETWEEN_VALUES` between them."""

ImportOutcome: TypeAlias = Literal["loaded", "replaced", "already there"]

READER = 1
"""The version of the importers. Raise it where one reads other values: a file that was loaded is then read again."""

_WAIT = 3600.0
"""Seconds to wait for another import."""
_PATIENCE = 1.0
"""Seconds to wait before the next try: SQLite itself does not end at Ctrl-C."""
_CACHE = "PRAGMA cache_size = -32768"
_TEMPORARY = ".import"
_MODE = 0o666


@attrs.frozen
class Contents:
    """What was read from a file for one table.

    `edition` has the hash of the file. `part` numbers the files of an edition that is published in several. `rows` can
    be read once.
    """

    name: str
    edition: Edition
    columns: tuple[str, ...]
    rows: Iterable[StoredRow] = attrs.field(repr=False)
    part: int | None = None


Begins: TypeAlias = Callable[[Contents], None]
"""Is called with what is read next, such as to show progress."""


@attrs.frozen
class Imported:
    """What became of one file in one table."""

    name: str
    edition: Edition
    part: int | None
    rows: int
    outcome: ImportOutcome


def joined(*values: str) -> str:
    """The values of a row as the store keeps them."""
    return BETWEEN_VALUES.join(values)


def store(path: Path, found: Iterable[Contents], begins: Begins | None = None) -> Sequence[Imported]:
    """Put editions into the store, which is made if it is not there.

    An edition with the same days as one in the store replaces it; the same file again changes nothing. `begins` is
    called before each edition is read. Raises
    `StoreError`, `OSError`, and what reading `found` raises. The store is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _stored(path, found, begins)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: the store cannot be written ({error})") from error


def _stored(path: Path, found: Iterable[Contents], begins: Begins | None) -> Sequence[Imported]:
    with _alone(path), _copy(path) as (connection, keep):
        known = list(entries(connection, path))
        results = []
        for contents in found:
            if begins:
                begins(contents)
            results.append(_put(connection, known, contents))
        if any(result.outcome != "already there" for result in results):
            keep()
        return results


def remove(path: Path, editions: Iterable[StoredEdition]) -> None:
    """Take editions out of a store, with all of their parts. Its file becomes smaller.

    Raises `StoreError`, also if one of them is not there any more, and `OSError`. The store is then as it was.
    """
    gone = [entry for one in editions for entry in one.entries]
    try:
        with _alone(path), _copy(path) as (connection, keep):
            if not {*gone} <= {*entries(connection, path)}:
                raise StoreError(f"{path}: the store has changed meanwhile; nothing was removed")
            for entry in gone:
                _delete(connection, entry)
            for statement in ("COMMIT", "VACUUM", "BEGIN"):  # space is given back outside of a transaction only
                connection.execute(statement)
            keep()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: the store cannot be written ({error})") from error


def _delete(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute("DELETE FROM row WHERE edition = ?", (entry.id,))
    connection.execute("DELETE FROM edition WHERE id = ?", (entry.id,))


def _put(connection: sqlite3.Connection, known: list[Entry], contents: Contents) -> Imported:
    """Write one edition, or one part of it, unless it is there."""
    edition = contents.edition
    rivals = [entry for entry in known if _has_days_of(entry, contents)]
    read = (edition.sha256, contents.columns, READER)
    same = [entry for entry in rivals if (entry.sha256, entry.columns, entry.reader) == read]
    if same:
        return Imported(contents.name, edition, contents.part, same[0].rows, "already there")
    for entry in rivals:
        _delete(connection, entry)
        known.remove(entry)
    number = max((entry.id for entry in known), default=0) + 1
    rows = ((number, key, at, since, until, data) for at, (key, since, until, data) in enumerate(contents.rows))
    connection.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", rows)
    query = "SELECT count(*), min(key), max(key) FROM row WHERE edition = ?"
    count, first, last = connection.execute(query, (number,)).fetchone()
    entry = Entry(
        number,
        contents.name,
        edition.release,
        edition.since,
        edition.until,
        edition.reaches,
        contents.part,
        contents.columns,
        edition.sha256,
        edition.source,
        READER,
        count,
        first or "",
        last or "",
    )
    connection.execute(f"INSERT INTO edition VALUES ({', '.join('?' * 14)})", _values(entry))  # noqa: S608
    known.append(entry)
    return Imported(contents.name, edition, contents.part, count, "replaced" if rivals else "loaded")


def _has_days_of(entry: Entry, contents: Contents) -> bool:
    """Whether an entry is the same table and part for the same days.

    A file with all of an edition stands for the parts of it, and the other way round.
    """
    edition = contents.edition
    same = (entry.name, entry.since, entry.until) == (contents.name, edition.since, edition.until)
    return same and (entry.part is None or contents.part is None or entry.part == contents.part)


def _values(entry: Entry) -> tuple[object, ...]:
    return tuple(
        value.isoformat() if isinstance(value, date) else joined(*value) if isinstance(value, tuple) else value
        for value in attrs.astuple(entry, recurse=False)
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process imports. The lock is one of SQLite, which ends with its process."""
    if path.exists():
        must_be_file(path)
    lock = path.with_name(f".{path.name}.lock")
    try:
        connection = sqlite3.connect(lock, timeout=_PATIENCE, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path}: its folder cannot be written to") from error
    with closing(connection):
        latest = time.monotonic() + _WAIT
        while not _locked(connection):
            if time.monotonic() > latest:
                raise StoreError(f"{path}: another import has not ended, or the folder cannot be written to")
        yield


def _locked(connection: sqlite3.Connection) -> bool:
    """Try to get the lock."""
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


@contextmanager
def _copy(path: Path) -> Iterator[tuple[sqlite3.Connection, Callable[[], None]]]:
    """A connection to a copy of the store, and a function that marks it to become the store."""
    for left in path.parent.glob(f".{path.name}-*{_TEMPORARY}"):  # of an import that was killed
        left.unlink(missing_ok=True)
    descriptor, name = tempfile.mkstemp(_TEMPORARY, f".{path.name}-", path.parent)
    os.close(descriptor)
    copy, kept = Path(name), []
    try:
        old = path.exists()
        if old:
            with closing(connect(path)) as current:
                entries(current, path)  # raises an error if it is no store
            shutil.copyfile(path, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_CACHE)
            if not old:
                connection.executescript(SCHEMA)
            connection.execute("BEGIN")
            yield connection, lambda: kept.append(True)
            connection.execute("COMMIT")
        if kept:
            _put_in_place(copy, path)
    finally:
        copy.unlink(missing_ok=True)


def _put_in_place(copy: Path, path: Path) -> None:
    copy.chmod(path.stat().st_mode & 0o777 if path.exists() else _MODE & ~_umask())
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    copy.replace(path)
    with suppress(OSError):  # not every system can sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
