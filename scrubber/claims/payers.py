"""Groups of payers, by the ids and names that claims use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

import attrs

_NOT_IN_NAMES = re.compile(r"[^A-Z0-9*]+")

ANY = "*"
"""At the end of a name or code it stands for any further characters."""

PayerKey: TypeAlias = tuple[str, str, str]
"""A claim's own payer: filing indicator (SBR09), id and name (NM109 and NM103 of loop 2010BB)."""


def matches(text: str, pattern: str) -> bool:
    """Whether a text equals a pattern, or begins with it if the pattern ends in `*`."""
    return text.startswith(pattern[:-1]) if pattern.endswith(ANY) else text == pattern


def plain_name(name: str) -> str:
    """A payer's name in capitals, with one blank for other characters than letters and digits."""
    return _NOT_IN_NAMES.sub(" ", name.upper()).strip()


@attrs.frozen
class Payers:
    """Some payers, by up to three kinds of values. A payer must have one of the values of each kind that is given.

    `filing_indicators` are SBR09. `ids` are NM109 and `names` NM103 of loop 2010BB. Names are written as by
    `plain_name`; one with a `*` at the end stands for all that begin with it. Values are sorted, so that groups with
    the same values are equal.
    """

    filing_indicators: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, filing_indicators: Iterable[str], ids: Iterable[str], names: Iterable[str]) -> Payers:
        """The payers with these values. Names may be written in any way."""
        capitals, plain = map(str.upper, filing_indicators), map(plain_name, names)
        return cls(*(tuple(sorted(set(values))) for values in (capitals, ids, plain)))

    def __bool__(self) -> bool:
        """Whether there is any value."""
        return bool(self.filing_indicators or self.ids or self.names)

    @property
    def precision(self) -> int:
        """How precisely payers are named: 2 by id, 1 by name, 0 by filing indicator alone."""
        return 2 if self.ids else 1 if self.names else 0

    def include(self, payer: PayerKey) -> bool:
        """Whether a claim's payer is one of them. Without any value, every payer is."""
        filing_indicator, payer_id, name = payer
        return (
            (not self.filing_indicators or filing_indicator in self.filing_indicators)
            and (not self.ids or payer_id in self.ids)
            and (not self.names or self._named(name))
        )

    def _named(self, name: str) -> bool:
        plain = plain_name(name)
        return any(matches(plain, pattern) for pattern in self.names)

    def __str__(self) -> str:
        kinds = {"filing indicator": self.filing_indicators, "payer id": self.ids, "payer name": self.names}
        return ", ".join(f"{kind} {' or '.join(values)}" for kind, values in kinds.items() if values)
