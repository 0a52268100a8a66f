"""The sidecar of a test claim file: `NAME.expected` beside NAME. Each line states one thing to be found in the file.

    # A line that begins with # is a comment; it stays when the file is updated.
    error READ29
    claim CLEAN-1
    claim WASTE-2
      line 1: reject JWJZ01 at SV101-3
      claim: warn DX12 at HI02-2
      not checked INT01

The errors of the file come first, by code, including guide errors outside of claims. All claims follow by claim id,
also those without findings. Each has its findings and the edits that cannot decide on it. Claims with the same id are
matched by their order. No other order matters, and no white space around a line. A claim id or an element that is
not plain ASCII is written as a JSON string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

import attrs

from scrubber.edit import SEVERITIES
from scrubber.engine.catalogue import Catalogue, nearest
from scrubber.engine.registry import registry
from scrubber.outputs.files import new_file
from scrubber.outputs.wording import visible
from scrubber.side_files.plain_text import LONGEST, content_of

SUFFIX = ".expected"

_FOR_ALL = 0o666
"""As the user's umask allows, like any file of a repository."""

_CLAIM = re.compile(r"claim\s+(.+)")
_ERROR = re.compile(r"error\s+(\S+)")
_FINDING = re.compile(r"(?:claim|line\s+([0-9]+)):\s*(\S+)\s+(\S+)(?:\s+at\s+(.+))?")
_NOT_CHECKED = re.compile(r"not\s+checked\s+(\S+)")
_PLAIN = re.compile(r"(?!\")[!-~]+(?: [!-~]+)*")
_WORDS = ("CLAIM", "LINE", "ERROR", "NOT")
_FORMS = "'error CODE', 'claim ID', 'not checked CODE', or '(claim|line 1): SEVERITY CODE at ELEMENT'"


class ExpectationError(Exception):
    """A sidecar that cannot be used. The message names the file, the line and the nearest known word."""


@attrs.frozen
class Statement:
    """One thing that is expected or found in a file or on a claim, in the words of a sidecar.

    `line` is LX01, or 0 if there is none. `at` is the line of the sidecar that states it, or the byte of the claim file
    at which it was found. `message` is that of the edit. `lead` holds the comments and empty lines above the statement.
    """

    text: str
    code: str
    line: int = 0
    at: int = 0
    message: str = ""
    lead: tuple[str, ...] = ()


@attrs.frozen
class Subject:
    """What statements are about: a claim, or the file itself if `claim_id` is `None`.

    `at` and `lead` are as in a statement. The lead of the file is the comments at the top of the sidecar, down to the
    last empty line before the first statement.
    """

    claim_id: str | None
    statements: tuple[Statement, ...] = ()
    at: int = 0
    lead: tuple[str, ...] = ()


@attrs.frozen
class Sidecar:
    """All that a sidecar states: first about the file, then about its claims. `tail` holds the comments at its end."""

    subjects: tuple[Subject, ...] = (Subject(None),)
    tail: tuple[str, ...] = ()


def sidecar_of(path: str | Path) -> Path:
    """Where the sidecar of a claim file is."""
    return Path(f"{path}{SUFFIX}")


def claim_file_of(path: str) -> str:
    """The claim file of a path, which may be the path of the sidecar."""
    return path.removesuffix(SUFFIX)


def error_statement(code: str, at: int = 0, message: str = "") -> Statement:
    """An error of the file."""
    return Statement(f"error {code}", code, 0, at, message)


def not_checked_statement(code: str, at: int = 0, message: str = "") -> Statement:
    """An edit that cannot decide on a claim."""
    return Statement(f"not checked {code}", code, 0, at, message)


def finding_statement(
    code: str, severity: str, line: int | None, element: str, at: int = 0, message: str = ""
) -> Statement:
    """A finding, on a claim or on one of its lines."""
    where = "claim" if line is None else f"line {line}"
    at_element = f" at {_quoted(element)}" if element else ""
    return Statement(f"{where}: {severity} {code}{at_element}", code, line or 0, at, message)


def read(path: Path) -> Sidecar:
    """Read a sidecar. Raises `ExpectationError`, and `OSError` if it cannot be read."""
    try:
        text = content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise ExpectationError(f"{path}:{row}: the text is not UTF-8") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Sidecar:
    """Parse the text of a sidecar. `name` is its name in errors. Raises `ExpectationError`."""
    subjects: list[tuple[Subject, list[Statement]]] = [(Subject(None), [])]
    head: list[str] = []
    lead: list[str] = []
    for number, raw in enumerate(text.removesuffix("\n").split("\n") if text else (), 1):
        row = raw.strip()
        subject, statements = subjects[-1]
        if not row or row.startswith("#"):
            lead.append(raw.rstrip())
            if not row and subject.claim_id is None and not statements:
                head += lead
                lead.clear()
            continue
        if len(row) > LONGEST:
            raise ExpectationError(f"{name}:{number}: the line has more than {LONGEST:,} characters")
        try:
            stated = _stated(row, of_file=subject.claim_id is None)
        except ValueError as error:
            raise ExpectationError(f"{name}:{number}: {visible(str(error))}") from error
        stated = attrs.evolve(stated, at=number, lead=tuple(lead))
        lead.clear()
        if isinstance(stated, Subject):
            subjects.append((stated, []))
        else:
            statements.append(stated)
    (file, errors), *claims = subjects
    return Sidecar(
        (
            attrs.evolve(file, statements=tuple(errors), lead=tuple(head)),
            *(attrs.evolve(claim, statements=tuple(statements)) for claim, statements in claims),
        ),
        tuple(lead),
    )


def refuse_unknown_codes(sidecar: Sidecar, catalogue: Catalogue, name: str) -> None:
    """Raises `ExpectationError` if a sidecar names an unknown code."""
    owners = registry(catalogue)
    of_files = [code for code, owner in owners.items() if owner in ("file error", "guide check")]
    of_claims = [code for code, owner in owners.items() if owner != "file error"]
    for subject in sidecar.subjects:
        known: Collection[str] = of_files if subject.claim_id is None else of_claims
        for statement in subject.statements:
            if statement.code not in known:
                wrong = visible(statement.code)
                raise ExpectationError(f"{name}:{statement.at}: unknown code {wrong}{nearest(wrong, known)}")


def written(sidecar: Sidecar) -> str:
    """The text of a sidecar, in ASCII except for comments. Statements about a claim are sorted by line and code."""
    rows: list[str] = []
    for subject in sidecar.subjects:
        rows += subject.lead
        indent = ""
        if subject.claim_id is not None:
            rows.append(f"claim {_quoted(subject.claim_id)}")
            indent = "  "
        for statement in sorted(subject.statements, key=_order):
            rows += statement.lead
            rows.append(indent + statement.text)
    rows += sidecar.tail
    return "".join(f"{row}\n" for row in rows)


def write(path: Path, sidecar: Sidecar) -> None:
    """Replace a sidecar on disk at once. Others may read it: a test file holds no patient data. Raises `OSError`."""
    with new_file(path, mode=_FOR_ALL) as out:
        out.write(written(sidecar).encode("utf-8"))


def _order(statement: Statement) -> tuple[bool, int, str, str]:
    return statement.text.startswith("not "), statement.line, statement.code, statement.text


def _stated(row: str, *, of_file: bool) -> Statement | Subject:
    """What a line states. Raises `ValueError` if it cannot be read, or may not stand there."""
    if found := _FINDING.fullmatch(row):
        line, severity, code, element = found.groups()
        if severity not in SEVERITIES:
            close = nearest(severity, [severity.upper() for severity in SEVERITIES]).lower()
            raise ValueError(f"unknown severity {severity}{close}")
        if of_file:
            raise ValueError("a finding belongs to a claim: write 'claim ID' above it")
        return finding_statement(code, severity, int(line) if line else None, _unquoted(element or ""))
    if found := _NOT_CHECKED.fullmatch(row):
        if of_file:
            raise ValueError("'not checked' belongs to a claim: write 'claim ID' above it")
        return not_checked_statement(found[1])
    if found := _ERROR.fullmatch(row):
        if not of_file:
            raise ValueError("'error' belongs to the file: write it above the first claim")
        return error_statement(found[1])
    if found := _CLAIM.fullmatch(row):
        return Subject(_unquoted(found[1]))
    word = row.split(maxsplit=1)[0].rstrip(":")
    close = "" if word.upper() in _WORDS else nearest(word, _WORDS).lower()
    raise ValueError(f"{word!r} is not understood{close}" if close else f"not understood; a line is one of {_FORMS}")


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError("a text in quotes is not complete JSON") from error
    return str(value)
