"""Writes X12 segments: delimiters, clean values, amounts and dates, and segments that wait in a temporary file."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import le
from typing import BinaryIO, TypeAlias, cast

from scrubber.claims.values import money
from scrubber.x12.delimiters import Delimiters, shared

Element: TypeAlias = str | Sequence[str]
"""An element: text, or the components of a composite."""

USUAL = shared("*", ":", "^", "~")

_ALLOWED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz !\"&'()*+,-./:;?=%~@[]_{}\\|<>^`#$"
)
"""The basic and extended character set of X12 5010 (appendix B of its guides)."""

_LINE_BREAKS = frozenset("\r\n")
_OF_NUMBERS = frozenset("-.")
"""The sign, the point, and what stands between two dates: no answer can do without them."""
_REPETITIONS = "^!|&>"
_INSTEAD = {":": ";", ";": ",", "*": "+", "~": "-", "^": "'", "|": "/", ">": ")"}
"""What is written in place of a character that is a delimiter of the answer."""
_UNKNOWN_CHARACTER = "?"

LONGEST: Mapping[str, Mapping[int, int]] = {
    "AK1": {3: 12},
    "AK2": {2: 9, 3: 35},
    "BHT": {3: 50},
    "CLP": {1: 38, 7: 50, 8: 2, 9: 1},
    "IK4": {4: 99},
    "LQ": {2: 30},
    "N1": {2: 60, 4: 80},
    "NM1": {3: 60, 4: 35, 5: 25, 6: 10, 7: 10, 9: 80},
    "REF": {2: 50},
    "STC": {12: 264},
    "SVC": {4: 48},
    "TRN": {2: 50},
}
"""The most characters of elements that take text from claims."""

_NO_LIMITS: Mapping[int, int] = {}
_MOST_SEGMENT = 1 << 20
_LIMITS: Mapping[str, Sequence[int]] = {
    tag: [most.get(number, _MOST_SEGMENT) for number in range(1, max(most) + 1)] for tag, most in LONGEST.items()
}
"""The same for the elements 1, 2 … of a segment; the others have no limit of their own."""
_MOST_DIGITS = 18
_IN_MEMORY = 1 << 18
_MOST_REPEATED = 1024
_MOST_UNWRITTEN = 128


def delimiters_for(given: Delimiters) -> Delimiters:
    """The delimiters of an answer: those of the sender's file, which no value of it can hold.

    If one of them is not a printable character of X12, or stands in amounts and dates, the usual ones are used.
    """
    element, component, repetition, terminator = given.characters
    printable = {element, component} <= _ALLOWED and terminator in _ALLOWED | _LINE_BREAKS
    if not printable or given.clash or not _OF_NUMBERS.isdisjoint((element, component, terminator)):
        return USUAL
    if repetition not in _ALLOWED or repetition.isalnum() or repetition in _OF_NUMBERS:
        repetition = next(c for c in _REPETITIONS if c not in (element, component, terminator))
    return shared(element, component, repetition, terminator)


@lru_cache(maxsize=64)
def _table(delimiters: Delimiters) -> bytes:
    """A table for `bytes.translate`, far faster than that of `str`: characters outside X12, and delimiters, change."""
    taken = delimiters.characters
    free = next(c for c in (_UNKNOWN_CHARACTER, "-", " ") if c not in taken)
    table = bytearray(free.encode() * 256)
    for character in _ALLOWED.difference(taken):
        table[ord(character)] = ord(character)
    for character in taken:
        instead = _INSTEAD.get(character, character)
        if instead not in taken:
            table[ord(character)] = ord(instead)
    return bytes(table)


class Segments:
    """Writes segments to a binary stream. `count` is their number so far, `end` is what follows each of them."""

    def __init__(self, out: BinaryIO, delimiters: Delimiters, gap: str = "") -> None:
        self.count = 0
        self._out = out
        self.delimiters = delimiters
        self.end = delimiters.terminator + gap
        self._table = _table(delimiters)
        self._repeated: dict[tuple[Element, ...], str] = {}

    def write(self, tag: str, *elements: Element) -> None:
        """Write a segment. Values are cleaned and cut to their longest; empty elements at its end are left out."""
        self.raw(self.text(tag, *elements))

    def text(self, tag: str, *elements: Element) -> str:
        """The text of a segment as `write` writes it, for `raw`."""
        clean, component = self.cleaned, self.delimiters.component
        values = [tag]
        for given in elements:
            if not isinstance(given, str):
                values.append(component.join(map(clean, given)).rstrip(component))
            else:  # no delimiter is a letter or a digit
                values.append(given if not given or (given.isalnum() and given.isascii()) else clean(given))
        for number, most in LONGEST.get(tag, _NO_LIMITS).items():
            if number < len(values) and len(values[number]) > most:
                values[number] = values[number][:most].rstrip()
        while not values[-1]:
            values.pop()
        return self.delimiters.element.join(values)

    def simple(self, tag: str, *elements: str) -> str:
        """As `text`, for elements without components. Most need no change, which one look at all of them shows."""
        together = "".join(elements)
        plain = together.isalnum() and together.isascii()  # no delimiter is a letter or a digit
        if plain and elements[-1] and all(map(le, map(len, elements), _LIMITS.get(tag, ()))):
            return self.delimiters.element.join((tag, *elements))
        return self.text(tag, *elements)

    def repeated(self, *elements: str | tuple[str, ...]) -> str:
        """As `text`, for segments that a file has many times: their texts are kept."""
        kept = self._repeated
        text = kept.get(elements)
        if text is None:
            if len(kept) == _MOST_REPEATED:
                kept.clear()
            tag = elements[0]
            assert isinstance(tag, str)
            text = kept[elements] = self.text(tag, *elements[1:])
        return text

    def raw(self, *texts: str) -> None:
        """Write segments whose text is clean already."""
        self._out.write((self.end.join(texts) + self.end).encode("latin-1"))
        self.count += len(texts)

    def joined(self, texts: Sequence[str]) -> str:
        """Segments whose text is clean already as one text, for `Spool.block`."""
        return self.end.join(texts)

    def append(self, other: Spool) -> None:
        """Write the segments of a spool, which is then empty."""
        self.count += other.count
        other.pour(self._out)

    def cleaned(self, value: str) -> str:
        """A value without delimiters, characters outside of X12, and blanks around it."""
        if not value or (value.isalnum() and value.isascii()):  # no delimiter is a letter or a digit
            return value
        return value.encode("latin-1", "replace").translate(self._table).decode("ascii").strip()


class Spool(Segments):
    """Segments that wait in memory, and beyond 256 KB in a temporary file without a name, until totals are known."""

    def __init__(self, delimiters: Delimiters, gap: str = "") -> None:
        self._file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - `close`
        self._unwritten: list[str] = []
        super().__init__(self._file, delimiters, gap)

    def raw(self, *texts: str) -> None:
        """Keep segments whose text is clean already."""
        self._unwritten += texts
        self.count += len(texts)
        if len(self._unwritten) >= _MOST_UNWRITTEN:
            self._flush()

    def block(self, text: str, count: int) -> None:
        """Keep segments that `joined` has joined. `count` is their number."""
        self._unwritten.append(text)
        self.count += count
        if len(self._unwritten) >= _MOST_UNWRITTEN:
            self._flush()

    def _flush(self) -> None:
        if self._unwritten:
            self._out.write((self.end.join(self._unwritten) + self.end).encode("latin-1"))
            self._unwritten.clear()

    def append(self, other: Spool) -> None:
        """Write the segments of a spool, which is then empty."""
        self._flush()
        super().append(other)

    def pour(self, out: BinaryIO) -> None:
        """Move all segments to a stream."""
        self._flush()
        self._file.seek(0)
        shutil.copyfileobj(self._file, out)
        self.discard()

    def discard(self) -> None:
        """Drop all segments."""
        self._unwritten.clear()
        self._file.seek(0)
        self._file.truncate()
        self.count = 0

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()


def amount(value: Decimal) -> str:
    """An amount in US dollars as X12 writes it: at most two decimals, no trailing zeros, at most 18 digits."""
    return _plain(Decimal(money(value)))


def quantity(value: Decimal) -> str:
    """A quantity, without trailing zeros."""
    return _plain(value)


def _plain(value: Decimal) -> str:
    """The number without trailing zeros. One with too many digits, as only a hostile file has, loses its decimals."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if _digits(text) > _MOST_DIGITS:
        text = f"{value:.0f}"
    if _digits(text) > _MOST_DIGITS:
        return "9" * _MOST_DIGITS
    return text if text not in ("-0", "") else "0"


def _digits(text: str) -> int:
    return len(text.strip("-").replace(".", ""))


@lru_cache(maxsize=4096)
def day(value: date) -> str:
    """A date as CCYYMMDD."""
    return f"{value.year:04}{value.month:02}{value.day:02}"


_CODE = re.compile(r"[A-Z0-9]+", re.ASCII)


def is_code(text: str, least: int, most: int) -> bool:
    """Whether a text is a code of capital letters and digits of such a length."""
    return least <= len(text) <= most and bool(_CODE.fullmatch(text))
