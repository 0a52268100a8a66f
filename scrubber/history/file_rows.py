"""The table of files of a history: each row has a checksum, which is compared wherever the row is read or changed.

All functions work within a transaction of the store, and raise `sqlite3.DatabaseError` for a damaged row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scrubber.history.rows import sum_of
from scrubber.history.tables import FILE_COLUMNS

_NAMES = FILE_COLUMNS.split(", ")


def some(store: sqlite3.Connection, where: str, given: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """The files for which a condition of SQL holds, by columns; `where` may give an order and a limit, too."""
    for *row, kept in store.execute(f"SELECT {FILE_COLUMNS}, sum FROM files WHERE {where}", given).fetchall():  # noqa: S608 - a constant
        if sum_of(*row) != kept:
            raise sqlite3.DatabaseError("it has a file with damaged values")
        yield dict(zip(_NAMES, row, strict=True))


def one(store: sqlite3.Connection, file: int) -> Mapping[str, Any] | None:
    """A file by its number, `None` if there is none."""
    return next(some(store, "id = ?", (file,)), None)


def add(store: sqlite3.Connection, **values: Any) -> int:
    """Add a file that is proposed, with `origin`, `sha256`, `token`, `claims`, `day` and `rows`; returns its number."""
    marks = ", ".join("?" * len(values))
    query = f"INSERT INTO files ({', '.join(values)}) VALUES ({marks})"  # noqa: S608 - names of columns
    file = store.execute(query, (*values.values(),)).lastrowid
    assert file is not None
    made = {"id": file, **values, "entered": None, "confirmed": 0, "withdrawn": None}
    _put(store, made, {})
    return file


def change(store: sqlite3.Connection, where: str, given: Sequence[Any], **values: Any) -> None:
    """Give new values to the files for which a condition of SQL holds."""
    for row in some(store, where, given):
        _put(store, row, values)


def _put(store: sqlite3.Connection, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    changed = {**row, **values}
    kept = {**values, "sum": sum_of(*(changed[name] for name in _NAMES))}
    query = f"UPDATE files SET {', '.join(f'{name} = ?' for name in kept)} WHERE id = ?"  # noqa: S608 - names of columns
    store.execute(query, (*kept.values(), row["id"]))
