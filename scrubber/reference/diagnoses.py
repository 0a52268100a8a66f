"""Diagnosis codes: sets of them, incomplete ones, and pairs that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs


@attrs.frozen
class DiagnosisSet:
    """Diagnosis codes without the point: the `codes`, and all that begin with one of `begins`."""

    codes: frozenset[str]
    begins: tuple[str, ...] = ()

    def __contains__(self, code: str) -> bool:
        return code in self.codes or (bool(self.begins) and code.startswith(self.begins))

    def holds_any(self, codes: Iterable[str]) -> bool:
        """Whether one of the codes is in the set."""
        listed, begins = self.codes, self.begins
        return any(code in listed or (begins and code.startswith(begins)) for code in codes)


@attrs.frozen
class Diagnoses:
    """A set of diagnoses as it stands in the table: its codes, and the beginnings of others."""

    source: str
    codes: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    begins: tuple[str, ...] = attrs.field(default=(), converter=tuple)


@attrs.frozen
class Incomplete:
    """A diagnosis code that needs a further character from `since` on."""

    code: str
    since: date
    source: str
    confidence: float


@attrs.frozen
class CodeSetChange:
    """What a fiscal year that begins at `since` changed in the code set, as far as it is known.

    `new` are complete codes. `new_begins` are headings whose codes are new, `deleted_begins` beginnings of codes that
    were deleted.
    """

    since: date
    source: str
    confidence: float
    new: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    new_begins: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    deleted_begins: tuple[str, ...] = attrs.field(default=(), converter=tuple)

    def adds(self, code: str) -> bool:
        """Whether a code is new."""
        return code in self.new or (code not in self.new_begins and code.startswith(self.new_begins))

    def deletes(self, code: str) -> bool:
        """Whether a code was deleted."""
        return code.startswith(self.deleted_begins)


@attrs.frozen
class Excludes:
    """Two diagnoses, or beginnings of diagnosis codes, that exclude each other."""

    first: str
    second: str
    source: str
    confidence: float
