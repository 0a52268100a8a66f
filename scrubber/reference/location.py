"""Where the store of public tables is: as the user says, else in the data folder of the platform."""

from __future__ import annotations

import os
from pathlib import Path

import attrs

from scrubber.reference.editions import Stacked, Table
from scrubber.reference.facts import Facts
from scrubber.reference.store import Store

VARIABLE = "SCRUBBER_REFERENCE"
"""The environment variable with the path of the store. If it is set and empty, no store is used."""

_NAME = "reference.sqlite"


def default_path() -> Path:
    """The store in the data folder of the platform, such as `~/.local/share/scrubber/reference.sqlite`."""
    from platformdirs import user_data_path  # only imported where nothing else names the store

    return user_data_path("scrubber", appauthor=False) / _NAME


def store_path(option: Path | None = None, of_profile: Path | None = None) -> Path | None:
    """The path of the store: an option, the environment, the profile, else the data folder. `None` is no store.

    A store in the data folder need not exist; `None` then. One that is named anywhere else must exist.
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

    Where the scrubber ships a table, too, the store answers for the days of its editions, the shipped table for others.
    """
    if path is None:
        return facts
    tables: dict[str, Table] = dict(facts.tables)
    for name, table in Store(path).tables.items():
        tables[name] = Stacked(table, tables[name]) if name in tables else table
    return attrs.evolve(facts, tables=tables)
