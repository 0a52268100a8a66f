"""How reports name claims and days: as the file does, or with `--no-phi` so that nobody learns who they are.

Hidden, an id becomes a keyed hash (HMAC-SHA256 under the user's own key), the same for the same id, so that whoever
has the key and the file can find the claim again; a date keeps its year. Billing codes and charges stay.
"""

from __future__ import annotations

import hmac
import re
from datetime import date
from pathlib import Path

import attrs

LEAST_KEY = 16
"""Bytes that a key must have."""

_DIGITS = 16
_DAY = re.compile(r"\b(\d{4})-\d\d-\d\d\b", re.ASCII)


class NamingError(Exception):
    """A key that cannot be used."""


@attrs.frozen
class Naming:
    """Names claims openly, or hidden by `key`."""

    key: bytes | None = attrs.field(default=None, repr=False)

    def identifier(self, text: str) -> str:
        """A claim id or another number that stands for one; nothing stays nothing."""
        if self.key is None or not text:
            return text
        return f"id-{hmac.digest(self.key, text.encode(), 'sha256').hex()[:_DIGITS]}"

    def day(self, day: date) -> str:
        """A date, or its year."""
        return day.isoformat() if self.key is None else f"{day.year:04}"

    def message(self, text: str) -> str:
        """The message of a finding, its days as `day` names them."""
        return text if self.key is None else _DAY.sub(r"\1", text)


OPEN = Naming()


def hidden(key_file: Path) -> Naming:
    """Naming by the key in a file. Raises `NamingError`, and `OSError` where it cannot be read."""
    key = key_file.read_bytes()
    if len(key) < LEAST_KEY:
        raise NamingError(f"{key_file}: a key needs at least {LEAST_KEY} bytes")
    return Naming(key)
