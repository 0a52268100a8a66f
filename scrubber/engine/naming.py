"""How reports name claims and days: as the file does, or hidden with `--no-phi`.

A hidden id is a keyed hash (HMAC-SHA256 under the user's own key). The same id gives the same hash, so the owner of the
key and the file can find the claim again. A hidden date is its year. Billing codes and charges stay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import attrs

from scrubber.side_files.plain_text import content_of
from scrubber.side_files.plain_text import visible as visible
from scrubber.x12.control import is_control_number
from scrubber.x12.remembering import remembered

LEAST_KEY = 16
"""The fewest bytes of a key."""

LONGEST = 100
"""The most characters that reports show of a number or name."""
MOST_HIDDEN = 20
"""The most `#` that stand for a value. A longer value has three dots after them."""
_DIGITS = 16
_OLD_COMMAND = re.compile(r"(##(?:vso)?)\[", re.IGNORECASE)
_COMMAND = re.compile(r"^(?=[^\S\n]*::)", re.MULTILINE)
_DAY = re.compile(r"\b(\d{4})-\d\d-\d\d\b", re.ASCII)


def inert(text: str) -> str:
    """Text of one or more lines in which a build system finds no command.

    `##[` is broken up, since it begins a command anywhere in a line. A line that begins with `::` gets `? ` before it.
    """
    if "::" not in text and "##" not in text:
        return text
    return _COMMAND.sub("? ", _OLD_COMMAND.sub(r"\1 [", text))


def shown_path(path: str) -> str:
    """A path as messages and reports show it, on one line.

    One that would begin a command of a build system, such as `::error::.837`, has `./` before it.
    """
    text = visible(path)
    return inert(f"./{text}" if text.lstrip().startswith("::") else text)


def cut(text: str) -> str:
    """A number or name as reports show it. One that is longer than any guide allows is cut, and ends with its hash."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}...{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def placeholder(value: str) -> str:
    """As many `#` as a value has characters, for one that may be of a person."""
    return "#" * len(value) if len(value) <= MOST_HIDDEN else "#" * MOST_HIDDEN + "..."


@remembered(1_024)
def control_number(text: str) -> str:
    """A control number as reports show it. A text that is no control number is shown as `#`."""
    return text if not text or is_control_number(text) else placeholder(text)


class NamingError(Exception):
    """A key that cannot be used."""


@attrs.frozen
class Naming:
    """Names claims openly, or hidden by `key`."""

    key: bytes | None = attrs.field(default=None, repr=False)

    def identifier(self, text: str) -> str:
        """A claim id or similar number, hidden if there is a key. An empty text stays empty, a long one is cut."""
        if self.key is None or not text:
            return text if len(text) <= LONGEST else cut(text)
        return f"id-{hmac.digest(self.key, text.encode(), 'sha256').hex()[:_DIGITS]}"

    def day(self, day: date) -> str:
        """A date, or its year."""
        return day.isoformat() if self.key is None else f"{day.year:04}"

    def days(self, days: Iterable[date]) -> list[str]:
        """The same for some dates."""
        return [day.isoformat() for day in days] if self.key is None else [f"{day.year:04}" for day in days]

    def message(self, text: str) -> str:
        """The message of a finding, with its days hidden if there is a key."""
        return text if self.key is None else _DAY.sub(r"\1", text)


OPEN = Naming()


def hidden(key_file: Path) -> Naming:
    """Naming with the key in a file. Raises `NamingError`, and `OSError` if the file cannot be read."""
    key = content_of(key_file)
    if len(key) < LEAST_KEY:
        raise NamingError(f"{key_file}: a key needs at least {LEAST_KEY} bytes")
    return Naming(key)
