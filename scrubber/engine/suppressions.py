"""Suppressions: accepted findings, each with reason, author and expiry. They are reported apart and do not count.

They stand in a TOML file, because an 837 has no comments:

    [[suppress]]
    claim = "CD261014-005"     # CLM01, for every claim with that id; or claim_sha256, for this claim only
    line = 1                   # LX01; without it the whole claim
    code = "JWJZ01"            # one whole code
    reason = "the payer takes our waste log, see ticket 4711"
    author = "A. Biller"
    expires = 2027-01-31       # its last day; the file's own date is compared with it

READ03 (the claim may be incomplete), errors of a file and SCRUB01 (an edit failed) cannot be suppressed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Finding
from scrubber.engine import toml_file
from scrubber.engine.catalogue import Catalogue, nearest
from scrubber.engine.codes import TOOL_CODES
from scrubber.engine.toml_file import TomlError
from scrubber.reference import Facts
from scrubber.side_files.plain_text import of_toml
from scrubber.x12.errors import FILE_ERRORS
from scrubber.x12.notes import without_notes

Standing: TypeAlias = Literal["no_claim", "unused", "used", "undated", "expired"]
STANDINGS: tuple[Standing, ...] = ("no_claim", "unused", "used", "undated", "expired")
"""The outcomes of a suppression. If it has several, the last in this list is reported.

The file has no such claim; the claim has no such finding; it was used; it fits a finding, but the file has no date; it
fits a finding, but is past its last day.
"""

FAILED = tuple(standing for standing in STANDINGS if standing != "used")
"""The outcomes of a suppression that did not work."""

_Name: TypeAlias = tuple[str, int | None]
"""A code and a line, `None` for the whole claim."""

Covers: TypeAlias = Callable[[str, Finding], bool]
"""Whether a baseline has a finding on the claim of a SHA-256."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = ("claim", "claim_sha256", "line", "code", "reason", "author", "expires")


class SuppressionError(Exception):
    """Suppressions that cannot be used. The message is one line with the file, the entry and the nearest right name."""


@attrs.frozen
class Suppression:
    """One entry, known by its file and its number there, from 1. It holds up to the day `expires`, and on it."""

    file: str
    number: int
    code: str = attrs.field(eq=False)
    reason: str = attrs.field(eq=False)
    author: str = attrs.field(eq=False)
    expires: date = attrs.field(eq=False)
    claim: str | None = attrs.field(default=None, eq=False)
    claim_sha256: str | None = attrs.field(default=None, eq=False)
    line: int | None = attrs.field(default=None, eq=False)

    @property
    def about(self) -> _Name:
        """The code and line of the findings that it is about, on its claim."""
        return self.code, self.line

    def holds(self, day: date | None) -> bool:
        """Whether it is in force on a day; on one that is not known it is not."""
        return day is not None and day <= self.expires


@attrs.frozen
class SuppressionFile:
    """The suppressions of a file; `path` as the user gave it."""

    path: str
    sha256: str
    entries: tuple[Suppression, ...]


@attrs.frozen
class Suppressed:
    """A finding that does not count, and by which suppression; `None` if it is in the baseline."""

    finding: Finding
    by: Suppression | None


def claim_sha256(claim: Claim) -> str:
    """SHA-256 of the bytes of a claim, from CLM to its last segment, without the scrubber's notes."""
    text = without_notes(claim.piece.text, claim.span.delimiters)
    return hashlib.sha256(text.encode("latin-1")).hexdigest()


class Suppressing:
    """Suppressions and baseline at work on the claims of a file; `standings` is what has become of each so far."""

    def __init__(self, entries: Iterable[Suppression], facts: Facts, baseline: Covers | None = None) -> None:
        self.standings: dict[Suppression, Standing] = dict.fromkeys(entries, "no_claim")
        self._facts = facts
        self._baseline = baseline
        self._by_id = _grouped((entry.claim, entry) for entry in self.standings)
        self._by_sha256 = _grouped((entry.claim_sha256, entry) for entry in self.standings)

    def parted(
        self, claim: Claim, findings: Sequence[Finding], shadow: Sequence[Finding] = ()
    ) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        """The findings of a claim that count, and those that do not; one that only meets `shadow` is in use."""
        sha256 = claim_sha256(claim) if self._by_sha256 or (self._baseline and findings) else ""
        entries = [*self._by_id.get(claim.claim_id, ()), *self._by_sha256.get(sha256, ())]
        if not entries and not self._baseline:
            return tuple(findings), ()
        day = self._facts.today(claim.context.file_date)
        present = {named for finding in (*findings, *shadow) for named in _names(finding)}
        merge(self.standings, {entry: _standing(entry, present, day) for entry in entries})
        first: dict[_Name, Suppression] = {}
        for entry in entries:
            if entry.holds(day):
                first.setdefault(entry.about, entry)
        order = {entry: number for number, entry in enumerate(entries)}
        count: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            by = min((first[name] for name in _names(finding) if name in first), key=order.__getitem__, default=None)
            if by or (self._baseline and self._baseline(sha256, finding)):
                suppressed.append(Suppressed(finding, by))
            else:
                count.append(finding)
        return tuple(count), tuple(suppressed)


def merge(standings: dict[Suppression, Standing], others: Mapping[Suppression, Standing]) -> None:
    """Add what has become of suppressions elsewhere."""
    for entry, standing in others.items():
        standings[entry] = max(standings.get(entry, standing), standing, key=STANDINGS.index)


def _names(finding: Finding) -> tuple[_Name, _Name]:
    """What suppressions of a finding on its claim may be about: its code on its line, or on the whole claim."""
    return (finding.code, finding.location.service_line), (finding.code, None)


def _standing(entry: Suppression, present: Container[_Name], day: date | None) -> Standing:
    """What becomes of a suppression on a claim whose findings have the names `present`."""
    if entry.about not in present:
        return "unused"
    if day is None:
        return "undated"
    return "used" if entry.holds(day) else "expired"


def _grouped(named: Iterable[tuple[str | None, Suppression]]) -> dict[str, list[Suppression]]:
    groups: dict[str, list[Suppression]] = {}
    for name, entry in named:
        if name is not None:
            groups.setdefault(name, []).append(entry)
    return groups


def load(path: Path, catalogue: Catalogue) -> SuppressionFile:
    """The suppressions in a file. Raises `SuppressionError`."""
    try:
        table, sha256, _ = toml_file.read(path)
        toml_file.must_be_known(table, ["suppress"], "key")
        rows = enumerate(toml_file.tables(table, "suppress"), 1)
        return SuppressionFile(str(path), sha256, tuple(_entry(path, number, row, catalogue) for number, row in rows))
    except OSError as error:
        raise SuppressionError(f"{path}: {error.strerror}") from error
    except TomlError as error:
        raise SuppressionError(f"{path}: {error}") from error


def with_entry(path: Path, entry: Suppression, catalogue: Catalogue) -> str:
    """The text of a suppressions file with one more entry at its end. A missing file is like an empty one.

    Raises `SuppressionError` where the entry could not be used.
    """
    before = toml_file.read(path)[2] if path.exists() else ""
    text = f"{before.rstrip()}\n\n{_as_toml(entry)}".lstrip()
    try:
        rows = toml_file.tables(of_toml(text), "suppress")
        again = _entry(path, len(rows), rows[-1], catalogue)
        if attrs.asdict(again) != attrs.asdict(entry):
            raise TomlError("the entry cannot be written, it has characters that TOML cannot hold")
    except (TomlError, ValueError) as error:
        raise SuppressionError(f"{path}: {error}") from error
    return text


def _as_toml(entry: Suppression) -> str:
    values = {"claim": entry.claim, "claim_sha256": entry.claim_sha256, "line": entry.line, "code": entry.code}
    values |= {"reason": entry.reason, "author": entry.author}
    rows = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    return "\n".join(["[[suppress]]", *rows, f"expires = {entry.expires.isoformat()}", ""])


def _toml(value: object) -> str:
    """A string or a number; a JSON string is one of TOML, except for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(path: Path, number: int, row: dict[str, Any], catalogue: Catalogue) -> Suppression:
    try:
        toml_file.must_be_known(row, _KEYS, "key")
        by_id, by_sha256 = _text(row, "claim"), _text(row, "claim_sha256")
        if (by_id is None) == (by_sha256 is None):
            raise TomlError("it needs either claim or claim_sha256")
        if by_sha256 is not None and not _SHA256.fullmatch(by_sha256):
            raise TomlError("claim_sha256 must be 64 hexadecimal digits in lower case")
        return Suppression(
            file=str(path),
            number=number,
            code=_code(_needed(row, "code"), catalogue),
            reason=_needed(row, "reason"),
            author=_needed(row, "author"),
            expires=_expires(row),
            claim=by_id,
            claim_sha256=by_sha256,
            line=_line(row),
        )
    except TomlError as error:
        raise TomlError(f"entry {number}: {error}") from error


def _text(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise TomlError(f"{key} must be a string that is not empty")
    return value


def _needed(row: dict[str, Any], key: str) -> str:
    text = _text(row, key)
    if text is None:
        raise TomlError(f"it needs {key}")
    return text


def _code(code: str, catalogue: Catalogue) -> str:
    if code in TOOL_CODES or code in FILE_ERRORS:
        raise TomlError(f"{code} cannot be suppressed")
    if code not in catalogue.codes:
        raise TomlError(f"unknown code {code!r}{nearest(code, catalogue.codes)}")
    return code


def _line(row: dict[str, Any]) -> int | None:
    line = row.get("line")
    if line is not None and (type(line) is not int or line < 1):
        raise TomlError("line must be a whole number from 1 on")
    return line


def _expires(row: dict[str, Any]) -> date:
    day = row.get("expires")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise TomlError("it needs expires, a date without quotes such as 2027-01-31")
    return day
