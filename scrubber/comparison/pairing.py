"""Pairs the claims of two runs. Memory is bounded: the claims are in a private temporary database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from scrubber.comparison.reading import Begun, Ended, JudgedBy, Reported, parts

OLD, NEW = 0, 1

_SCHEMA = "create table claim (side, file, ordinal, id, content, primary key (side, file, ordinal)) without rowid"
_OF_FILE = "(select * from claim where side = {side} and file = :file{side})"
_NUMBERED = "(select *, row_number() over (partition by id order by ordinal) as again from {file})"
_JOINED = """
    select mine.ordinal, others.ordinal, mine.content, others.content
    from {mine} mine left join {others} others on {same} order by mine.ordinal
"""
_ALONE = "select ordinal, content from claim where side = ? and file = ? order by ordinal"


class FindingKey(NamedTuple):
    """What makes two findings the same: code, service line, element."""

    code: str
    service_line: int | None
    element: str


@attrs.frozen
class ReportedFinding:
    """A finding of a report."""

    key: FindingKey
    severity: str
    message: str


@attrs.frozen
class ReportedClaim:
    """A claim of a report: what is compared of it, and its amounts in US dollars.

    `allowed` is what Medicare allows for it, `None` if the report does not have it.
    """

    ordinal: int
    claim_id: str
    disposition: str
    charge: Decimal | None
    allowed: Decimal | None
    payer_id: str
    findings: tuple[ReportedFinding, ...]
    not_checked: tuple[str, ...]


@attrs.frozen
class Pair:
    """A claim in both runs, or in one of them. `same` is true if nothing that is compared differs."""

    path: str
    old: ReportedClaim | None
    new: ReportedClaim | None
    same: bool = False


@attrs.define
class ReportedFile:
    """A file of a report."""

    number: int
    path: str
    sha256: str = ""
    status: str = ""
    errors: Counter[str] = attrs.field(factory=Counter)
    unavailable: tuple[str, ...] = ()
    claims: int = 0


@attrs.define
class Run:
    """A report as a whole: what its claims were judged by, and its files."""

    name: str = ""
    rules: Mapping[str, Any] = attrs.field(factory=dict)
    files: list[ReportedFile] = attrs.field(factory=list)


class Pairing:
    """The claims of two reports, paired.

    Files are paired by path, else by the hash of their content, else by name. Claims of files with the same content are
    paired by their number in the file, so it does not matter whether one report hides their ids. Claims of other files
    are paired by claim id: the first of an id with the first, the second with the second. `names` name the runs, else
    their paths do. Raises what `parts` raises.
    """

    def __init__(self, old: Path, new: Path, names: tuple[str, str] | None = None) -> None:
        self._database = sqlite3.connect("")  # a temporary file of this process, gone with it
        self._database.execute(_SCHEMA)
        self.old, self.new = self._load(OLD, old), self._load(NEW, new)
        self.old.name, self.new.name = names or (str(old), str(new))
        self.files = list(_paired(self.old.files, self.new.files))

    def close(self) -> None:
        """Remove the database."""
        self._database.close()

    def __iter__(self) -> Iterator[Pair]:
        """All pairs in the order of the old report; claims that only the new one has follow those of their file."""
        for old, new in self.files:
            path = (new or old or ReportedFile(0, "")).path
            if old and new:
                yield from self._of_files(path, old, new)
            elif old:
                for ordinal, content in self._database.execute(_ALONE, (OLD, old.number)):
                    yield Pair(path, _claim(ordinal, content), None)
            elif new:
                for ordinal, content in self._database.execute(_ALONE, (NEW, new.number)):
                    yield Pair(path, None, _claim(ordinal, content))

    def _of_files(self, path: str, old: ReportedFile, new: ReportedFile) -> Iterator[Pair]:
        numbers = {f"file{OLD}": old.number, f"file{NEW}": new.number}
        of_both = [_OF_FILE.format(side=side) for side in (OLD, NEW)]
        same = "mine.ordinal = others.ordinal"
        if old.sha256 != new.sha256:
            of_both = [_NUMBERED.format(file=of_one) for of_one in of_both]
            same = "mine.id = others.id and mine.again = others.again"
        of_old, of_new = of_both
        query = _JOINED.format(mine=of_old, others=of_new, same=same)
        for was, now, before, after in self._database.execute(query, numbers):
            later = None if now is None else _claim(now, after)
            yield Pair(path, _claim(was, before), later, later is not None and _content(before) == _content(after))
        query = _JOINED.format(mine=of_new, others=of_old, same=same)
        for now, was, after, _ in self._database.execute(query, numbers):
            if was is None:
                yield Pair(path, None, _claim(now, after))

    def _load(self, side: int, report: Path) -> Run:
        run = Run()
        self._database.executemany("insert into claim values (?, ?, ?, ?, ?)", _rows(side, report, run))
        return run


def _rows(side: int, report: Path, run: Run) -> Iterator[tuple[int, int, int, str, str]]:
    """The claims of a report as rows; its rules and files go into `run`."""
    file = ReportedFile(0, "")
    for part in parts(report):
        if isinstance(part, Reported):
            file.claims += 1
            record = part.record
            yield side, file.number, file.claims, record["claim_id"] or "", _compared(record)
        elif isinstance(part, Begun):
            file = ReportedFile(len(run.files), part.path)
            run.files.append(file)
        elif isinstance(part, Ended):
            file.sha256, file.status = part.sha256, part.status
            file.errors.update(part.errors)
            file.unavailable = part.unavailable
        elif isinstance(part, JudgedBy):
            run.rules = part.rules


def _compared(record: Mapping[str, Any]) -> str:
    """What is compared of a claim, then what else is shown of it."""
    found = [
        [item["code"], item["service_line"], item["element"], item["severity"], item["message"]]
        for item in record["findings"]
    ]
    not_checked = sorted({item["code"] for item in record["not_checked"]})
    compared = [record["disposition"], [item[:4] for item in found], not_checked]
    amounts = [record["charge"], record.get("allowed")]
    shown = [record["claim_id"] or "", amounts, record["payer_id"] or "", [item[4] for item in found]]
    return json.dumps(compared) + "\n" + json.dumps(shown)


def _content(content: str) -> str:
    return content.partition("\n")[0]


def _claim(ordinal: int, content: str) -> ReportedClaim:
    (disposition, found, not_checked), (claim_id, amounts, payer_id, messages) = map(json.loads, content.split("\n"))
    findings = tuple(
        ReportedFinding(FindingKey(code, line, element), severity, message)
        for (code, line, element, severity), message in zip(found, messages, strict=True)
    )
    charge, allowed = (None if amount is None else Decimal(amount) for amount in amounts)
    return ReportedClaim(ordinal, claim_id, disposition, charge, allowed, payer_id, findings, tuple(not_checked))


def _paired(
    old: Sequence[ReportedFile], new: Sequence[ReportedFile]
) -> Iterator[tuple[ReportedFile | None, ReportedFile | None]]:
    """The files of both reports in pairs, in the order of the old one; files that only one has stand alone."""
    partners: dict[int, ReportedFile] = {}
    taken: set[int] = set()
    for key in (_path, _hash, _name):
        by_key: dict[str, list[ReportedFile]] = {}
        for other in new:
            if other.number not in taken:
                by_key.setdefault(key(other), []).append(other)
        once = Counter(key(file) for file in old if file.number not in partners)
        for file in old:
            found = by_key.get(key(file), ()) if file.number not in partners else ()
            if len(found) == 1 and once[key(file)] == 1:
                partners[file.number] = found[0]
                taken.add(found[0].number)
    for file in old:
        yield file, partners.get(file.number)
    for other in new:
        if other.number not in taken:
            yield None, other


def _path(file: ReportedFile) -> str:
    return file.path


def _hash(file: ReportedFile) -> str:
    return file.sha256


def _name(file: ReportedFile) -> str:
    return Path(file.path).name
