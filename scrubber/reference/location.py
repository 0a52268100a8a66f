"""Where the store of public tables is: as the user sets it, else in the data folder of the platform."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from scrubber.reference.editions import StackedTable, Table
from scrubber.reference.facts import Facts

VARIABLE = "SCRUBBER_REFERENCE"
"""The environment variable with the path of the store. If it is set and empty, no store is used."""

_NAME = "reference.sqlite"


def default_path() -> Path:
    """The store in the data folder of the platform, such as `~/.local/share/scrubber/reference.sqlite`."""
    from platformdirs import user_data_path  # only imported where nothing else names the store

    return user_data_path("scrubber", appauthor=False) / _NAME


def store_path(option: Path | None = None, of_profile: Path | None = None) -> Path | None:
    """The path of the store: an option, the environment, the profile, else the data folder. `None` is no store.

    Without a store in the data folder it is `None`. A store that is named anywhere else must exist.
    """
    named = os.environ.get(VARIABLE)
    if option is None and named == "":
        return None
    found = option or (Path(named) if named else None) or of_profile
    if found is not None:
        return found
    path = default_path()
    return path if path.exists() else None


def path_to_write(option: Path | None = None) -> Path:
    """The path of the store to import into: an option, the environment, else the data folder."""
    named = os.environ.get(VARIABLE)
    return option or (Path(named) if named else default_path())


def with_store(facts: Facts, path: Path | None) -> Facts:
    """The facts with the tables of a store. Raises `StoreError`, and `OSError` if it is not there.

    If the scrubber also ships a table, the store's editions are used on their days, and the shipped table on other
    days.
    """
    if path is None:
        return facts
    from scrubber.reference.store import Store  # SQLite takes time to load, and most runs may have no store

    store = Store(path)
    return attrs.evolve(facts, tables=_Together(store.tables, facts.tables), loaded=store.record())


class _Together(Mapping[str, Table]):
    """The tables of a store and others. A table is made at its first use, because large ones may be slow to load."""

    def __init__(self, stored: Mapping[str, Table], others: Mapping[str, Table]) -> None:
        self._stored = stored
        self._others = others
        self._made: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            found = [tables[name] for tables in (self._stored, self._others) if name in tables]
            if not found:
                raise KeyError(name)
            self._made[name] = StackedTable(*found) if len(found) > 1 else found[0]
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._stored or name in self._others

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._stored, *self._others}))

    def __len__(self) -> int:
        return len({*self._stored, *self._others})
