"""Reads reports of a run: a JSON or JSON lines report, or a manifest with the JSON reports that it names.

Reports are read as a stream: memory holds one claim at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias

import attrs
import ijson

from scrubber.edit import CODE
from scrubber.running import manifest
from scrubber.side_files.plain_file import open_plain
from scrubber.side_files.plain_text import json_events

RULES = ("tool", "catalogue", "profile", "reference")
"""The parts of a report that name what the claims were judged by."""

_REPORT = ".report.json"
_FIRST_LINE = 1 << 20
_CLAIM = "files.item.claims.item"
_FILE = "files.item"
_SCHEMA = "1"
_WORD = re.compile(r"[a-z]{1,20}")
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)


class ReportError(Exception):
    """A report that cannot be read. The message names the file and the reason, and quotes nothing from it."""


@attrs.frozen
class Begun:
    """A file of the report begins. `path` is as the report names it."""

    path: str


@attrs.frozen
class Ended:
    """A file of the report ends: the hash of its input, its status, and the codes of its errors."""

    sha256: str
    status: str
    errors: tuple[str, ...]
    unavailable: tuple[str, ...]


@attrs.frozen
class JudgedBy:
    """What the claims were judged by: the fingerprints of tool, catalogue, profile and reference tables."""

    rules: Mapping[str, Any]


@attrs.frozen
class Reported:
    """A claim of the current file, as the JSON report writes it."""

    record: Mapping[str, Any]


Part: TypeAlias = JudgedBy | Begun | Reported | Ended


def parts(path: Path) -> Iterator[Part]:
    """The parts of a report in order, first what the claims were judged by.

    `path` is a JSON report, a JSON lines report, a manifest, or a folder with a manifest. Raises `ReportError`, and
    `OSError` if a file cannot be read.
    """
    if path.is_dir():
        path = path / manifest.NAME
    with open_plain(path) as stream:
        start = stream.readline(_FIRST_LINE)
        following = stream.readline(_FIRST_LINE)
    if b'"manifest_version"' in start + following:
        yield from _of_manifest(path)
        return
    try:
        with open_plain(path) as stream:
            yield from _of_lines(stream) if _is_a_line(start) else _of_document(stream)
    except (
        ijson.JSONError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise ReportError(f"{path}: this is not a whole JSON or JSON lines report of the scrubber") from error


def _is_a_line(start: bytes) -> bool:
    try:
        return "record" in json.loads(start)
    except (ValueError, RecursionError):
        return False


def _of_manifest(path: Path) -> Iterator[Part]:
    """The reports that a manifest names. They lie beside it, and have the hashes that it states."""
    try:
        run = manifest.read(path)
    except manifest.ManifestError as error:
        raise ReportError(f"{path}: {error}") from error
    yield JudgedBy(run.rules)
    for entry in run.files:
        report = next((output for output in entry.outputs if output.name.endswith(_REPORT)), None)
        if report is None:
            raise ReportError(f"{path}: the run wrote no JSON report for {entry.path}")
        beside = path.parent / Path(report.name).name
        with open_plain(beside) as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != report.sha256:
                raise ReportError(f"{beside}: the report has changed since the run")
        yield from (part for part in parts(beside) if not isinstance(part, JudgedBy))


def _of_lines(stream: IO[bytes]) -> Iterator[Part]:
    begun, whole = None, False
    for line in stream:
        record = json.loads(line)
        kind = record["record"]
        if kind == "report":
            yield _judged(record)
        elif kind == "summary":
            whole = True
        elif "path" in record and begun is None:
            begun, errors = _begun(record), []
            yield begun
        if kind == "claim":
            yield _reported(record)
        elif kind == "error":
            errors.append(record)
        elif kind == "file":
            yield _ended({**record, "errors": errors})
            begun = None
    if not whole:
        raise ValueError("the last line is missing")


def _of_document(stream: IO[bytes]) -> Iterator[Part]:
    """The parts of a JSON report, from the events of a streaming parser."""
    head = ijson.ObjectBuilder()
    builder: ijson.ObjectBuilder | None = None
    claim: ijson.ObjectBuilder | None = None
    judged = begun = False
    for prefix, event, value in json_events(stream):
        if prefix.startswith(_CLAIM):
            if prefix == _CLAIM and event == "start_map":
                if not begun and builder:
                    yield _begun(builder.value)
                    begun = True
                claim = ijson.ObjectBuilder()
            if claim is not None:
                claim.event(event, value)
            if prefix == _CLAIM and event == "end_map" and claim is not None:
                yield _reported(claim.value)
                claim = None
        elif prefix.startswith(_FILE):
            if prefix == _FILE and event == "start_map":
                builder, begun = ijson.ObjectBuilder(), False
            if builder is not None:
                builder.event(event, value)
            if prefix == _FILE and event == "end_map" and builder is not None:
                if not begun:
                    yield _begun(builder.value)
                yield _ended(builder.value)
        elif prefix == "files" and event == "start_array":
            judged = True
            yield _judged(head.value)
        elif not judged:
            head.event(event, value)
    if not judged:
        raise ValueError("no files")


def _judged(record: Mapping[str, Any]) -> JudgedBy:
    if record["schema_version"] != _SCHEMA:
        raise ValueError("another schema version")
    rules = {name: record[name] for name in RULES}
    for rule in rules.values():
        for edition in rule.get("editions", ()) if isinstance(rule, Mapping) else ():
            _must_be_text(edition["table"], edition["release"], edition["sha256"])
    return JudgedBy(rules)


def _begun(record: Mapping[str, Any]) -> Begun:
    _must_be_text(record["path"])
    return Begun(record["path"])


def _reported(record: Mapping[str, Any]) -> Reported:
    """A claim of a report. Raises `ValueError` or `TypeError` if what is compared of it has not the form of reports."""
    _must_be_text(record["claim_id"], record["payer_id"])
    _must_fit(_WORD, record["disposition"], *(item["severity"] for item in record["findings"]))
    _must_fit(_AMOUNT, *(amount for amount in (record["charge"], record.get("allowed")) if amount is not None))
    _must_fit(CODE, *(item["code"] for item in (*record["findings"], *record["not_checked"])))
    for item in record["findings"]:
        _must_be_text(item["element"], item["message"])
        if not isinstance(item["service_line"], int | None):
            raise TypeError("no service line")
    return Reported(record)


def _ended(record: Mapping[str, Any]) -> Ended:
    errors = tuple(error["code"] for error in record["errors"])
    unavailable = tuple(item["code"] for item in record["not_checked"])
    _must_be_text(record["sha256"])
    _must_fit(_WORD, record["status"])
    _must_fit(CODE, *errors, *unavailable)
    return Ended(record["sha256"], record["status"], errors, unavailable)


def _must_fit(pattern: re.Pattern[str], *values: Any) -> None:
    if not all(pattern.fullmatch(value) for value in values):
        raise ValueError("another form")


def _must_be_text(*values: Any) -> None:
    for value in values:
        if value is not None:
            value.encode()  # raises `AttributeError` for other types, `UnicodeEncodeError` for half a character
