"""Public tables that come with the scrubber. If the store has the same table, its editions come first."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from importlib import resources

from scrubber.reference.editions import Edition, LookupTable, Row, by_key
from scrubber.reference.external import (
    ADJUSTMENT_REASONS,
    ICD10CM,
    ICD10CM_TABULAR,
    MODIFIERS,
    PLACES_OF_SERVICE,
    REMARKS,
)
from scrubber.reference.tables import table
from scrubber.x12.remembering import remembered

_DATA = resources.files("scrubber.reference") / "data"
_FOLDER = _DATA / "icd10cm"
_ANSWERS = 16_384
"""How many answers of each table are remembered."""

CODE_WIDTH = 7
"""Characters of a code in `codes.txt`, filled with blanks. A blank and a character for each edition follow."""


class ShippedTable(LookupTable):
    """A table that comes with the scrubber. It is read at its first use."""

    def __init__(self, name: str, editions: Sequence[Edition]) -> None:
        self.name = name
        self.editions = tuple(editions)
        self.row = remembered(_ANSWERS)(super().row)  # type: ignore[method-assign]
        self.edition = remembered(_ANSWERS)(super().edition)  # type: ignore[method-assign]

    @property
    def last_day(self) -> date | None:
        """The last day that it answers for, `None` if there is no last day."""
        days = [edition.until for edition in self.editions]
        return None if None in days else max((day for day in days if day), default=None)


class ShippedCodes(ShippedTable):
    """All ICD-10-CM codes by edition, from lines of one width in the order of the codes.

    A line has a code and, for each edition, 1 for a complete code, 0 for a heading or - for no code.
    """

    @cached_property
    def _lines(self) -> bytes:
        return (_FOLDER / "codes.txt").read_bytes()

    @cached_property
    def _width(self) -> int:
        return CODE_WIDTH + 1 + len(self.editions) + 1

    @cached_property
    def _values(self) -> Mapping[str, Mapping[str, str]]:
        return {flag: {"billable": flag} for flag in "01"}

    def _rows(self, edition: Edition, key: str) -> Sequence[Row]:
        position = self._position(key)
        if position is None:
            return ()
        flag = chr(self._lines[position + CODE_WIDTH + 1 + self.editions.index(edition)])
        return () if flag == "-" else (Row(key, edition.since or date.min, edition.until, self._values[flag]),)

    def _position(self, key: str) -> int | None:
        """The position of the line of a code, by bisection."""
        if len(key) > CODE_WIDTH or not key.isascii():
            return None
        wanted, lines, width = key.ljust(CODE_WIDTH).encode(), self._lines, self._width
        low, high = 0, len(lines) // width
        while low < high:
            middle = (low + high) // 2
            if lines[middle * width : middle * width + CODE_WIDTH] < wanted:
                low = middle + 1
            else:
                high = middle
        found = lines[low * width : low * width + CODE_WIDTH] == wanted
        return low * width if found else None

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key."""
        return self._position(key) is not None

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        return frozenset(line[:CODE_WIDTH].decode().rstrip() for line in self._lines.splitlines())


class ShippedNotes(ShippedTable):
    """The notes of the tabular list by edition, from lines `code,note,codes,editions`."""

    @cached_property
    def _lines(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for line in (_FOLDER / "notes.csv").read_text("utf-8").splitlines():
            if line[:1] != "#":
                code, _, rest = line.partition(",")
                found.setdefault(code, []).append(rest)
        return found

    def _rows(self, edition: Edition, key: str) -> Sequence[Row]:
        number, rows = self.editions.index(edition), []
        for line in self._lines.get(key, ()):
            note, codes, flags = line.split(",")
            if flags[number] == "1":
                values = {"note": note, "codes": codes}
                rows.append(Row(key, edition.since or date.min, edition.until, values))
        return rows

    def has(self, key: str) -> bool:
        """Whether any edition has a row of a key."""
        return key in self._lines

    def keys(self) -> frozenset[str]:
        """All keys of all editions."""
        return frozenset(self._lines)


class ShippedList(ShippedTable):
    """A list of codes with the days on which they are in force, from a CSV file.

    It has one edition for all days. Its value `confidence` is how sure a row is.
    """

    def __init__(self, name: str, file: str) -> None:
        super().__init__(name, [Edition("shipped")])
        self._file = file

    @cached_property
    def _codes(self) -> Mapping[str, Sequence[Row]]:
        text = (_DATA / "code_lists" / self._file).read_text("utf-8")
        lines = csv.DictReader(line for line in text.splitlines() if line[:1] != "#")
        return by_key(
            Row(
                line["code"],
                date.fromisoformat(line["since"]) if line["since"] else date.min,
                date.fromisoformat(line["until"]) if line["until"] else None,
                {"confidence": line["confidence"]},
            )
            for line in lines
        )

    def _rows(self, edition: Edition, key: str) -> Sequence[Row]:  # noqa: ARG002 - there is one edition
        return self._codes.get(key, ())

    def keys(self) -> frozenset[str]:
        """All codes."""
        return frozenset(self._codes)


_LISTS = {
    PLACES_OF_SERVICE: "places_of_service.csv",
    MODIFIERS: "modifiers.csv",
    ADJUSTMENT_REASONS: "adjustment_reasons.csv",
    REMARKS: "remarks.csv",
}


def shipped_public_tables() -> Mapping[str, ShippedTable]:
    """The tables by name. Those of ICD-10-CM answer for the days of `icd10cm.toml`, the lists for all days."""
    editions = [
        Edition(f"{row['release']}, shipped", row["since"], row["until"]) for row in table("icd10cm")["edition"]
    ]
    lists = {name: ShippedList(name, file) for name, file in _LISTS.items()}
    codes, notes = ShippedCodes(ICD10CM, editions), ShippedNotes(ICD10CM_TABULAR, editions)
    return {ICD10CM: codes, ICD10CM_TABULAR: notes, **lists}
