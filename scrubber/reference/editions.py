"""Tables with editions: each answer is from the edition that is valid on a day.

A new edition of a public table comes out each quarter or year. The edition of the date of service decides about a
claim. If no edition is loaded for that day, the table raises `NoEdition`. The engine then reports the edit as *not
checked*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

import attrs


class NoAnswer(Exception):  # noqa: N818 - names what is not loaded, not a fault of the program
    """A table cannot answer. The message gives the reason, without data of the claim."""


class NotLoaded(NoAnswer):
    """A table that is not loaded."""

    def __init__(self, name: str) -> None:
        super().__init__(not_loaded([name]))


def not_loaded(tables: Sequence[str]) -> str:
    """The reason that tables are not loaded: `table pos is not loaded`, `tables pos and ndc are not loaded`."""
    return f"table {tables[0]} is not loaded" if len(tables) == 1 else f"tables {enumerated(tables)} are not loaded"


def enumerated(names: Sequence[str]) -> str:
    """Names in a sentence: `pos`, `pos and ndc`, `pos, ndc and hcpcs`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


class NoEdition(NoAnswer):
    """A table that is loaded, but has no edition for a day."""

    def __init__(self, table: Table, on: date) -> None:
        nearest = table.nearest(on)
        named = f"; the nearest is {nearest}" if nearest else ""
        super().__init__(f"table {table.name} has no edition for the date of service{named}")


class StoreError(Exception):
    """A store of tables that cannot be used. The message gives the reason."""


@attrs.frozen
class Row:
    """A row of a table, in force from `since` to `until`, both included."""

    key: str
    since: date
    until: date | None = None
    values: Mapping[str, str] = attrs.field(factory=dict, eq=False)

    def in_force(self, on: date) -> bool:
        """Whether the row holds on a day."""
        return self.since <= on and (self.until is None or on <= self.until)

    def text(self, name: str) -> str:
        """A value as text, empty where the row has none."""
        return self.values.get(name, "")

    def number(self, name: str) -> Decimal | None:
        """A value as a number, `None` where the row has none."""
        text = self.values.get(name)
        return Decimal(text) if text else None


@attrs.frozen(cache_hash=True)
class Edition:
    """One release of a table.

    It is the table in force from `since` to `until`, both included; `None` is without bound. Where its rows have dates
    of their own, it also answers for days before `since`, back to `reaches`. `sha256` is the hash of the file that it
    was read from, `source` the name of that file; both are empty for a table that came with the scrubber.
    """

    release: str
    since: date | None = None
    until: date | None = None
    reaches: date | None = attrs.field()
    sha256: str = ""
    source: str = ""

    @reaches.default
    def _reaches_no_further(self) -> date | None:
        return self.since

    def __str__(self) -> str:
        """Its release and its days, for a message."""
        if self.since is None and self.until is None:
            return self.release
        since = self.since.isoformat() if self.since else ""
        until = f"to {self.until}" if self.until else ""
        return f"{self.release} ({' '.join(filter(None, (since if until else f'from {since}', until)))})"

    def covers(self, on: date) -> bool:
        """Whether it answers for a day."""
        return (self.reaches is None or self.reaches <= on) and (self.until is None or on <= self.until)

    def distance(self, on: date) -> int:
        """How many days lie between a day and the days that it answers for; 0 if it answers for the day."""
        before = (self.reaches - on).days if self.reaches else 0
        after = (on - self.until).days if self.until else 0
        return max(before, after, 0)


def edition_for(editions: Iterable[Edition], on: date) -> Edition | None:
    """The edition that answers for a day, `None` if none does.

    That is the edition in force on the day, the newest of several. If none is in force, it is the next one after the
    day whose rows reach back to it.
    """
    covering = [edition for edition in editions if edition.covers(on)]
    in_force = [edition for edition in covering if (edition.since or date.min) <= on]
    if in_force:
        return max(in_force, key=lambda edition: (edition.since or date.min, edition.until or date.max))
    return min(covering, key=lambda edition: edition.since or date.min, default=None)


def nearest_edition(editions: Iterable[Edition], on: date) -> Edition | None:
    """The edition nearest to a day, `None` if there is none at all."""
    return min(editions, key=lambda edition: edition.distance(on), default=None)


class Table(Protocol):
    """A table by name. All questions about rows raise `NoEdition` if no edition answers for the day."""

    @property
    def name(self) -> str:
        """Its name, one of those in `scrubber.reference.external`."""

    @property
    def editions(self) -> Sequence[Edition]:
        """All editions, from the oldest to the newest."""

    def row(self, key: str, on: date) -> Row | None:
        """The row of a key that is in force on a day, the first of several."""

    def rows(self, key: str, on: date) -> Sequence[Row]:
        """All rows of a key that are in force on a day."""

    def all_rows(self, key: str, on: date) -> Sequence[Row]:
        """All rows of a key in the edition of a day, also those that are not in force on it."""

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key, on any day."""

    def keys(self) -> frozenset[str]:
        """All keys of all editions. Use it only for tables of a few thousand keys, and once in a run."""

    def edition(self, on: date) -> Edition | None:
        """The edition that answers for a day, `None` if none does."""

    def nearest(self, on: date) -> Edition | None:
        """The edition nearest to a day."""

    def covers(self, on: date) -> bool:
        """Whether an edition answers for a day."""


class LookupTable:
    """The look-ups that tables have in common. A table itself has `editions`, `keys`, and `_rows` of an edition."""

    name: str
    editions: Sequence[Edition]

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        raise NotImplementedError

    def _rows(self, edition: Edition, key: str) -> Sequence[Row]:
        raise NotImplementedError

    def row(self, key: str, on: date) -> Row | None:
        """The row of a key that is in force on a day, the first of several. Raises `NoEdition`."""
        for row in self.all_rows(key, on):
            if row.in_force(on):
                return row
        return None

    def rows(self, key: str, on: date) -> Sequence[Row]:
        """All rows of a key that are in force on a day. Raises `NoEdition`."""
        return [row for row in self.all_rows(key, on) if row.in_force(on)]

    def all_rows(self, key: str, on: date) -> Sequence[Row]:
        """All rows of a key in the edition of a day, also those that are not in force on it. Raises `NoEdition`."""
        edition = self.edition(on)
        if edition is None:
            raise NoEdition(self, on)
        return self._rows(edition, key)

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key, on any day."""
        return any(self._rows(edition, key) for edition in self.editions)

    def edition(self, on: date) -> Edition | None:
        """The edition that answers for a day, `None` if none does."""
        return edition_for(self.editions, on)

    def nearest(self, on: date) -> Edition | None:
        """The edition nearest to a day."""
        return nearest_edition(self.editions, on)

    def covers(self, on: date) -> bool:
        """Whether an edition answers for a day."""
        return self.edition(on) is not None


@attrs.frozen
class MemoryTable(LookupTable):
    """A table in memory: the rows of each edition by key."""

    name: str
    contents: Mapping[Edition, Mapping[str, Sequence[Row]]]

    @property
    def editions(self) -> Sequence[Edition]:  # type: ignore[override]
        """All editions, as they were given."""
        return tuple(self.contents)

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        return frozenset().union(*self.contents.values())

    def _rows(self, edition: Edition, key: str) -> Sequence[Row]:
        return self.contents[edition].get(key, ())


class StackedTable(LookupTable):
    """A table, and another table for the days on which the first has no edition."""

    def __init__(self, first: Table, second: Table) -> None:
        self.name = first.name
        self.editions = (*second.editions, *first.editions)
        self._tables = (first, second)

    def all_rows(self, key: str, on: date) -> Sequence[Row]:
        """All rows of a key in the edition of a day, of the first table if it has one. Raises `NoEdition`."""
        return self._of(on).all_rows(key, on)

    def row(self, key: str, on: date) -> Row | None:
        """The row of a key that is in force on a day, the first of several. Raises `NoEdition`."""
        return self._of(on).row(key, on)

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key, on any day."""
        return any(table.has(key) for table in self._tables)

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        return frozenset().union(*(table.keys() for table in self._tables))

    def edition(self, on: date) -> Edition | None:
        """The edition that answers for a day, `None` if none does."""
        return next((edition for table in self._tables if (edition := table.edition(on))), None)

    def _of(self, on: date) -> Table:
        for table in self._tables:
            if table.covers(on):
                return table
        raise NoEdition(self, on)


class TableOfDay(LookupTable):
    """A table that gives the answers of one chosen day for every day."""

    def __init__(self, table: Table, day: date) -> None:
        self.name = table.name
        self._table, self._day = table, day
        edition = table.edition(day)
        self.editions = () if edition is None else (edition,)

    def all_rows(self, key: str, on: date) -> Sequence[Row]:  # noqa: ARG002 - answers for its own day
        """All rows of a key in the edition of its day. Raises `NoEdition`."""
        return self._table.all_rows(key, self._day)

    def rows(self, key: str, on: date) -> Sequence[Row]:  # noqa: ARG002
        """All rows of a key that are in force on its day. Raises `NoEdition`."""
        return self._table.rows(key, self._day)

    def row(self, key: str, on: date) -> Row | None:  # noqa: ARG002
        """The row of a key that is in force on its day, the first of several. Raises `NoEdition`."""
        return self._table.row(key, self._day)

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key, on any day."""
        return self._table.has(key)

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        return self._table.keys()

    def edition(self, on: date) -> Edition | None:  # noqa: ARG002
        """The edition that answers for its day, `None` if none does."""
        return self._table.edition(self._day)


def external_table(
    name: str, release: str, rows: Iterable[Row], since: date | None = None, until: date | None = None
) -> MemoryTable:
    """A table of one edition with the given rows. Without `since` and `until` it answers for every day."""
    return MemoryTable(name, {Edition(release, since, until): by_key(rows)})


def by_key(rows: Iterable[Row]) -> Mapping[str, Sequence[Row]]:
    """Rows grouped by key, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found
