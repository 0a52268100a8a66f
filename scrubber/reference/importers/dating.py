"""The days that an edition is in force, from a line of the file or from the names of the file and its archive."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

import attrs

from scrubber.reference.editions import Edition
from scrubber.reference.importers.documents import Document, FileRefused

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "(" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS) + ")"
_SPAN = re.compile(
    rf"\b{_MONTH} (\d{{1,2}}), ?(\d{{4}}) (?:through|to|-) {_MONTH} (\d{{1,2}}), ?(\d{{4}})", re.IGNORECASE
)
_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}}), ?(\d{{4}})", re.IGNORECASE)
_YEAR = r"(20\d\d)"
_NAMED_QUARTERS = (
    re.compile(rf"{_YEAR}[-_ ]?q([1-4])(?!\d)", re.IGNORECASE),
    re.compile(rf"q([1-4])[-_ ]?{_YEAR}", re.IGNORECASE),
)
_EFFECTIVE = re.compile(rf"eff(?:ective)?[-_ ](\d\d)-?(\d\d)-?{_YEAR}", re.IGNORECASE)
_NCCI_VERSION = re.compile(r"v(\d\d)([0-3])r\d", re.IGNORECASE)
_MONTH_OF_YEAR = (
    re.compile(rf"(?<![a-z]){_MONTH}[-_ ]+(?:\d{{1,2}}[-_, ]+)?{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_YEAR}[-_ ]{_MONTH}(?![a-z])", re.IGNORECASE),
)
_DAY_IN_NAME = (
    re.compile(r"(?<!\d)(20\d\d)[-_]?(\d\d)[-_]?(\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(\d\d)(\d\d)(\d\d)(?!\d)"),
)
_NCCI_BEGAN = 1994


@attrs.frozen
class Given:
    """What the user states about a file: the first and last day of its edition, and whether it may be an excerpt."""

    since: date | None = None
    until: date | None = None
    excerpt: bool = False


@attrs.frozen
class Days:
    """The days that an edition is in force, both included."""

    since: date
    until: date
    release: str


def edition(document: Document, days: Days, *, reaches: date | None = None) -> Edition:
    """The edition of a document."""
    return Edition(days.release, days.since, days.until, reaches or days.since, document.sha256, document.names[0])


def quarter_of(day: date) -> Days:
    """The quarter of a day."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Days(first, _end_of(first, 3), f"{first.year} Q{(first.month + 2) // 3}")


def stated(texts: Iterable[str]) -> Days | None:
    """The days of a line such as `Effective October 1, 2025 through December 31, 2025`."""
    for text in texts:
        if found := _SPAN.search(text):
            since, until = _day(*found.group(1, 2, 3)), _day(*found.group(4, 5, 6))
            if since and until and since <= until:
                quarter = quarter_of(since)
                named = (since, until) == (quarter.since, quarter.until)
                return quarter if named else Days(since, until, f"{since} to {until}")
    return None


def day_in(text: str) -> date | None:
    """The first day in a text, written as `October 1, 2025`."""
    found = _DAY.search(text)
    return _day(*found.groups()) if found else None


def quarter(document: Document, given: Given, above: Iterable[str] = ()) -> Days:
    """The days of a quarterly file: as given, as a line above its headings states, or by its names.

    Raises `FileRefused` if none of them has it.
    """
    return by_user(given, 3) or stated(above) or must_be_known(document, _quarter_in_names(document))


def _quarter_in_names(document: Document) -> Days | None:
    for name in document.names:
        for index, pattern in enumerate(_NAMED_QUARTERS):
            if found := pattern.search(name):
                year, number = map(int, found.groups() if index == 0 else reversed(found.groups()))
                return quarter_of(date(year, 3 * number - 2, 1))
        if found := _EFFECTIVE.search(name):
            month, day, year = map(int, found.groups())
            if real := _real(year, month, day):
                return quarter_of(real)
        if found := _NCCI_VERSION.search(name):
            return quarter_of(date(_NCCI_BEGAN + int(found[1]), 3 * int(found[2]) + 1, 1))
        for index, pattern in enumerate(_MONTH_OF_YEAR):
            if found := pattern.search(name):
                month_name, written = found.groups() if index == 0 else reversed(found.groups())
                return quarter_of(date(int(written), _number(month_name), 1))
    return None


def snapshot_day(document: Document, given: Given) -> date:
    """The day of a file without a period: as given, by its names, or by its archive. Raises `FileRefused`."""
    day = given.since or _day_in_names(document) or document.written
    if day is None:
        raise unknown(document)
    return day


def _day_in_names(document: Document) -> date | None:
    for name in document.names:
        if found := _DAY_IN_NAME[0].search(name):
            year, month, day = map(int, found.groups())
        elif found := _DAY_IN_NAME[1].search(name):  # month, day and year of two digits
            month, day, year = map(int, found.groups())
            year += 2000
        else:
            continue
        if real := _real(year, month, day):
            return real
    return None


def by_user(given: Given, months: int) -> Days | None:
    """The days that the user gave; without a last day they are some months."""
    if given.since is None:
        return None
    until = given.until or _end_of(given.since, months)
    if until < given.since:
        raise FileRefused(f"the last day {until} is before the first day {given.since}")
    quarter = quarter_of(given.since)
    named = (given.since, until) == (quarter.since, quarter.until)
    return quarter if named else Days(given.since, until, f"{given.since} to {until}")


def must_be_known(document: Document, days: Days | None) -> Days:
    """The days, if they are known. Raises `FileRefused`."""
    if days is None:
        raise unknown(document)
    return days


def unknown(document: Document) -> FileRefused:
    """The refusal of a file that does not state the days on which it is in force."""
    return FileRefused(
        f"{document.label}: neither the file nor its name says from which day it is in force; give it by --since"
    )


def _end_of(first: date, months: int) -> date:
    """The last day of some months from a day on."""
    month = first.month - 1 + months
    following = _real(first.year + month // 12, month % 12 + 1, min(first.day, 28))
    return following - timedelta(1) if following else date.max


def _day(month: str, day: str, year: str) -> date | None:
    return _real(int(year), _number(month), int(day))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(month: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(month[:3].lower()))
