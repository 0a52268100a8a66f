"""Values of the table `meta` of a history, by name."""

from __future__ import annotations

import sqlite3


def value(store: sqlite3.Connection, key: str) -> str:
    """A value, empty if there is none."""
    row = store.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def number(store: sqlite3.Connection, key: str) -> int:
    """A value that is a number, 0 if there is none."""
    return int(value(store, key) or 0)


def keep(store: sqlite3.Connection, key: str, new: str | int) -> None:
    """Keep a value in place of the one before."""
    store.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(new)))
