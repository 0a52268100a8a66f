"""Reads tables of facts: those that come with the scrubber, and those of a user's folder.

A table is a file `NAME.toml` or `NAME.csv`, or both. In TOML a row is a table of an array (`[[drug]]`), or a table with
a name (`[sle]`). In CSV the first line names the columns; an empty cell is a column that is left out, and the values of
a list have semicolons between them. Lines that begin with # are comments.

A row has a key, such as the HCPCS code of a drug. A user's rows replace all shipped rows of the same key.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import attrs

from scrubber.reference.forms import FORMS, Form
from scrubber.side_files.plain_text import LONGEST, of_toml

_DATA = resources.files("scrubber.reference") / "data"
_SPLIT = "substances"


@attrs.frozen(eq=False)
class FactRow:
    """A row of a table. It has a name if the table goes by names, and a position for error messages."""

    form: Form
    values: Mapping[str, Any]
    name: str = ""
    position: str = ""
    is_text: bool = False

    def typed(self) -> Mapping[str, Any]:
        """Its values with their types. Raises `ValueError`."""
        return self.form.columns.typed(self.values) if self.is_text else self.values

    def record(self) -> Any:
        """The record that it describes. Raises `TypeError` and `ValueError`."""
        return self.form.record(**self.typed())

    def known_by(self) -> Iterator[tuple[object, ...]]:
        """Its keys. A row for several substances has one for each."""
        if not self.form.key:
            yield (self.name,)
            return
        values = self.typed()
        parts = [_hashable(values.get(column)) for column in self.form.key]
        if self.form.key[0] != _SPLIT:
            yield tuple(parts)
            return
        for substance in values[_SPLIT]:
            yield (substance, *parts[1:])

    def without(self, keys: frozenset[tuple[object, ...]]) -> FactRow | None:
        """The row without some of its keys, `None` if nothing is left."""
        kept = [key for key in self.known_by() if key not in keys]
        if not kept:
            return None
        if self.form.key[:1] != (_SPLIT,):
            return self
        values = {**self.typed(), _SPLIT: [key[0] for key in kept]}
        return attrs.evolve(self, values=values, is_text=False)


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@attrs.frozen(eq=False)
class Tables:
    """All tables by name, and a hash of the files that they were read from."""

    rows: Mapping[str, Sequence[FactRow]]
    sha256: str

    def records(self, name: str) -> Iterator[Any]:
        """The records of a table."""
        return (row.record() for row in self.rows.get(name, ()))

    def named(self, name: str) -> dict[str, Any]:
        """The records of a table of names, by name."""
        return {row.name: row.record() for row in self.rows.get(name, ())}

    def joined(self, others: Tables) -> Tables:
        """These tables with the rows of others, which replace rows of the same key."""
        rows = {name: _joined(self.rows.get(name, ()), others.rows.get(name, ())) for name in FORMS}
        return Tables(rows, hashlib.sha256(f"{self.sha256} {others.sha256}".encode()).hexdigest())


def _joined(own: Sequence[FactRow], others: Sequence[FactRow]) -> Sequence[FactRow]:
    replaced = frozenset(key for row in others for key in row.known_by())
    if not replaced:
        return own
    return [*(row for row in (row.without(replaced) for row in own) if row), *others]


def table(name: str) -> dict[str, Any]:
    """The shipped table `data/NAME.toml`, as it stands."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def shipped_tables() -> Tables:
    """The tables that come with the scrubber."""
    digest = hashlib.sha256()
    rows: dict[str, list[FactRow]] = {}
    for item in sorted(_DATA.iterdir(), key=lambda item: item.name):
        name, _, suffix = item.name.rpartition(".")
        if suffix not in READERS:
            continue
        content = item.read_bytes()
        digest.update(content)
        if name in FORMS:
            rows.setdefault(name, []).extend(READERS[suffix](content.decode("utf-8"), FORMS[name]))
    return Tables(rows, digest.hexdigest())


def _from_toml(text: str, form: Form) -> Iterable[FactRow]:
    """The rows of a TOML file. Raises `ValueError`."""
    content = of_toml(text)
    if not form.array:
        return [FactRow(form, _table(name, values), name, f"[{name}]") for name, values in content.items()]
    for key in content:
        if key != form.array:
            raise ValueError(f"{key!r} is no part of this table; its rows are [[{form.array}]]")
    rows = content.get(form.array, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"its rows must be [[{form.array}]]")
    return [FactRow(form, values, position=f"{form.array} {number}") for number, values in enumerate(rows, start=1)]


def _table(name: str, values: object) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ValueError(f"{name!r} must be a table, [{name}]")
    return values


def _from_csv(text: str, form: Form) -> Iterable[FactRow]:
    """The rows of a CSV file. A table of names has them in the column `name`. Raises `ValueError`."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line[:1] not in ("#", "")]
    lines = csv.reader([line for _, line in numbered], strict=True)
    try:
        columns = next(lines, [])
        rows = []
        for (number, _), cells in zip(numbered[1:], lines, strict=False):
            if len(cells) != len(columns):
                raise ValueError(f"line {number} has {len(cells)} cells, but there are {len(columns)} columns")
            if max(map(len, cells)) > LONGEST:
                raise ValueError(f"line {number} has a text of more than {LONGEST:,} characters")
            values = dict(zip(columns, cells, strict=True))
            name = "" if form.array else values.pop("name", "")
            rows.append(FactRow(form, values, name, f"line {number}", is_text=True))
    except csv.Error as error:
        raise ValueError(f"line {numbered[lines.line_num - 1][0]}: {error}") from error
    return rows


READERS = {"toml": _from_toml, "csv": _from_csv}
"""The readers of tables by the ending of a file's name. They raise `ValueError`."""
