"""Holds what is found in a claim file against what its sidecar states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.expectations.sidecar import (
    Sidecar,
    Statement,
    Subject,
    error_statement,
    finding_statement,
    not_checked_statement,
    read,
    refuse_unknown_codes,
    sidecar_of,
)
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import private, visible
from scrubber.running.inputs import Input
from scrubber.running.run import Progress, check, no_progress
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

ITSELF = "the claim itself"
"""What is missing or unexpected of a claim that is in the file alone, or in the sidecar alone."""


@attrs.frozen
class Judge:
    """What claim files are judged by: the edits, the implementation guide too with `conformance`.

    `chosen` says of a code whether its findings are looked at; what is stated of other codes is left alone.
    """

    engine: Engine
    conformance: bool = False
    chosen: Callable[[str], bool] = lambda _: True


@attrs.frozen
class Verdict:
    """How a claim, or the file itself, differs from what is expected of it.

    `name` is `file`, `claim 3` by its place in the file or, of one that is not there, `claim of line 7` by its place in
    the sidecar; `claim_id` is `None` for the file itself.
    """

    name: str
    claim_id: str | None
    missing: tuple[Statement, ...]
    unexpected: tuple[Statement, ...]
    in_file: bool = True

    @property
    def differs(self) -> bool:
        """Whether anything is missing or unexpected."""
        return bool(self.missing or self.unexpected)


@attrs.frozen
class Comparison:
    """A claim file held against its sidecar: a verdict on the file itself, then one on each claim.

    `actual` is what the sidecar would have to state. `unread` says that the file could not be read, or only in part,
    and that this was not expected.
    """

    path: str
    verdicts: tuple[Verdict, ...]
    actual: Sidecar
    unread: bool

    @property
    def differing(self) -> tuple[Verdict, ...]:
        """The verdicts that are not as expected."""
        return tuple(verdict for verdict in self.verdicts if verdict.differs)


class Found:
    """A report that only remembers: what is found in a file, in the form of a sidecar. It holds the whole file."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = [Subject(None)]
        self.readable = True

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start the file."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Remember what is found of one claim."""
        claim = scrubbed.claim
        self.subjects.append(Subject(claim.claim_id, tuple(_said(scrubbed)), claim.piece.offset))

    def end_file(self, scan: Prescan, _: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """Remember what is wrong with the file itself."""
        errors = (error_statement(error.code, error.offset, visible(str(error))) for error in (*scan.errors, *notices))
        self.subjects[0] = Subject(None, tuple(errors))
        self.readable = scan.readable

    def close(self) -> None:
        """Nothing is left to do."""


def stated(path: str | Path, judge: Judge, *, updating: bool = False) -> Sidecar | None:
    """What the sidecar of a claim file states, `None` without one. Raises `OSError` and `ExpectationError`.

    A code that nothing has does not matter when `updating`.
    """
    sidecar_path = sidecar_of(path)
    try:
        sidecar = read(sidecar_path)
    except FileNotFoundError:
        return None
    if not updating:
        refuse_unknown_codes(sidecar, judge.engine.catalogue, str(sidecar_path))
    return sidecar


def compared(source: Input, judge: Judge, progress: Progress = no_progress, *, updating: bool = False) -> Comparison:
    """Scrub a claim file and hold it against its sidecar. Raises as `stated` does."""
    sidecar = stated(source.path, judge, updating=updating)
    found = Found()
    check(source, judge.engine, [found], progress, conformance=judge.conformance)
    if sidecar is None:
        name = sidecar_of(source.path).name
        lacking = Statement(f"{name}: write there what is expected, or let --update do so", "")
        nothing_else = Verdict("file", None, (lacking,), ())
        return Comparison(source.path, (nothing_else,), Sidecar(tuple(found.subjects)), not found.readable)
    pairs = _paired(_narrowed(sidecar.subjects, judge), found.subjects)
    verdicts = tuple(_verdict(number, *pair) for number, pair in enumerate(pairs))
    kept = _paired(sidecar.subjects, found.subjects)
    actual = tuple(_updated(expected, actual, judge) for expected, actual in kept if actual)
    unread = not found.readable and bool(verdicts[0].unexpected)
    return Comparison(source.path, verdicts, Sidecar(actual, sidecar.tail), unread)


def _said(scrubbed: ScrubbedClaim) -> Iterator[Statement]:
    if not scrubbed.findings and not scrubbed.not_checked:
        return
    hiding = private(scrubbed.claim)
    for finding in scrubbed.findings:
        location = finding.location
        yield finding_statement(
            finding.code,
            finding.severity or "info",
            location.service_line,
            location.element,
            location.offset,
            hiding.hidden(finding.message),
        )
    offset = scrubbed.claim.piece.offset
    reasons = {item.code: item.reason for item in scrubbed.not_checked}
    for code, reason in reasons.items():
        yield not_checked_statement(code, offset, hiding.hidden(reason))


def _paired(expected: Iterable[Subject], found: Iterable[Subject]) -> list[tuple[Subject | None, Subject | None]]:
    """Each claim found with the one expected, by claim id and, among claims of one id, by order; then what is left."""
    waiting = _numbered(expected)
    pairs = [(waiting.pop(key, None), subject) for key, subject in _numbered(found).items()]
    return [*pairs, *((subject, None) for subject in waiting.values())]


def _numbered(subjects: Iterable[Subject]) -> dict[tuple[str | None, int], Subject]:
    seen: Counter[str | None] = Counter()
    numbered = {}
    for subject in subjects:
        seen[subject.claim_id] += 1
        numbered[subject.claim_id, seen[subject.claim_id]] = subject
    return numbered


def _narrowed(subjects: Iterable[Subject], judge: Judge) -> Iterator[Subject]:
    """Subjects with what is stated of the codes that are looked at."""
    for subject in subjects:
        statements = (statement for statement in subject.statements if judge.chosen(statement.code))
        yield attrs.evolve(subject, statements=tuple(statements))


def _verdict(number: int, expected: Subject | None, found: Subject | None) -> Verdict:
    subject = found or expected
    assert subject is not None
    name = f"claim {number}" if found else f"claim of line {subject.at}"
    missing, unexpected = _surplus(_all(expected), _all(found)), _surplus(_all(found), _all(expected))
    return Verdict(
        name if subject.claim_id is not None else "file", subject.claim_id, missing, unexpected, in_file=bool(found)
    )


def _all(subject: Subject | None) -> tuple[Statement, ...]:
    """All that is said of a claim, first of all that it is there."""
    if subject is None:
        return ()
    itself = [] if subject.claim_id is None else [Statement(ITSELF, "", at=subject.at)]
    return (*itself, *subject.statements)


def _surplus(these: Iterable[Statement], those: Iterable[Statement]) -> tuple[Statement, ...]:
    """Those of the first that the second do not have, or not as often."""
    left = Counter(statement.text for statement in those)
    surplus = []
    for statement in these:
        if left[statement.text]:
            left[statement.text] -= 1
        else:
            surplus.append(statement)
    return tuple(surplus)


def _updated(expected: Subject | None, found: Subject, judge: Judge) -> Subject:
    """What is found, with the comments of what was stated, and with what was stated of codes that are not looked at."""
    if expected is None:
        return found
    leads: dict[str, list[tuple[str, ...]]] = {}
    for statement in expected.statements:
        leads.setdefault(statement.text, []).append(statement.lead)
    statements = []
    for statement in found.statements:
        kept = leads.get(statement.text)
        statements.append(attrs.evolve(statement, lead=kept.pop(0)) if kept else statement)
    others = [statement for statement in expected.statements if not judge.chosen(statement.code)]
    return attrs.evolve(found, statements=(*statements, *others), lead=expected.lead)
