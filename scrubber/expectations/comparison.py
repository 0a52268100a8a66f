"""Compares what is found in a claim file with what its sidecar states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
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
from scrubber.outputs.wording import private_of, visible
from scrubber.running.inputs import Input
from scrubber.running.run import Progress, check, no_progress
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

ITSELF = "the claim itself"
"""The statement that is missing or unexpected if a claim is only in the file or only in the sidecar."""


@attrs.frozen
class Judge:
    """What claim files are judged by: the edits, and with `conformance` the implementation guide too.

    `chosen` is true for a code whose findings are compared. Statements about other codes stay as they are.
    """

    engine: Engine
    conformance: bool = False
    chosen: Callable[[str], bool] = lambda _: True


@attrs.frozen
class ClaimVerdict:
    """How a claim, or the file itself, differs from what is expected.

    `name` is `file`, or `claim 3` for the third claim of the file. If the claim is only in the sidecar, it is
    `claim of line 7`, after the line there. `claim_id` is `None` for the file itself.
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
class SidecarComparison:
    """A claim file compared with its sidecar: a verdict on the file itself, then one on each claim.

    `actual` is a sidecar that states what was found. `unread` is true if the file, or a part of it, could not be read,
    and this was not expected.
    """

    path: str
    verdicts: tuple[ClaimVerdict, ...]
    actual: Sidecar
    unread: bool

    @property
    def differing(self) -> tuple[ClaimVerdict, ...]:
        """The verdicts with a difference."""
        return tuple(verdict for verdict in self.verdicts if verdict.differs)


class Found:
    """A report that keeps what is found in a file, in the form of a sidecar. Memory grows with the file."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = [Subject(None)]
        self.readable = True

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start the file."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Keep the findings of one claim."""
        claim = scrubbed.claim
        self.subjects.append(Subject(claim.claim_id, tuple(_statements(scrubbed)), claim.piece.offset))

    def end_file(self, scan: Prescan, _: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """Keep the errors of the file."""
        errors = (error_statement(error.code, error.offset, visible(str(error))) for error in (*scan.errors, *notices))
        self.subjects[0] = Subject(None, tuple(errors))
        self.readable = scan.readable

    def close(self) -> None:
        """Do nothing."""


def stated(path: str | Path, judge: Judge, *, updating: bool = False) -> Sidecar | None:
    """The sidecar of a claim file, `None` if there is none. Raises `OSError` and `ExpectationError`.

    An unknown code is an error, except when `updating`.
    """
    sidecar_path = sidecar_of(path)
    try:
        sidecar = read(sidecar_path)
    except FileNotFoundError:
        return None
    if not updating:
        refuse_unknown_codes(sidecar, judge.engine.catalogue, str(sidecar_path))
    return sidecar


def compared(
    given: Input, judge: Judge, progress: Progress = no_progress, *, updating: bool = False
) -> SidecarComparison:
    """Scrub a claim file and compare it with its sidecar. Raises the same errors as `stated`."""
    sidecar = stated(given.path, judge, updating=updating)
    found = Found()
    check(given, judge.engine, [found], progress, conformance=judge.conformance)
    if sidecar is None:
        name = sidecar_of(given.path).name
        lacking = Statement(f"{name}: write what is expected there, or use --update", "")
        nothing_else = ClaimVerdict("file", None, (lacking,), ())
        return SidecarComparison(given.path, (nothing_else,), Sidecar(tuple(found.subjects)), not found.readable)
    pairs = _paired(_narrowed(sidecar.subjects, judge), found.subjects)
    verdicts = tuple(_verdict(number, *pair) for number, pair in enumerate(pairs))
    kept = _paired(sidecar.subjects, found.subjects)
    actual = tuple(_updated(expected, actual, judge) for expected, actual in kept if actual)
    unread = not found.readable and bool(verdicts[0].unexpected)
    return SidecarComparison(given.path, verdicts, Sidecar(actual, sidecar.tail), unread)


def _statements(scrubbed: ScrubbedClaim) -> Iterator[Statement]:
    if not scrubbed.findings and not scrubbed.not_checked:
        return
    hiding = private_of(scrubbed)
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
    """Pairs of expected and found claims, by claim id and order within an id. Unmatched expected claims come last."""
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
    """The subjects with the statements about chosen codes only."""
    for subject in subjects:
        statements = (statement for statement in subject.statements if judge.chosen(statement.code))
        yield attrs.evolve(subject, statements=tuple(statements))


def _verdict(number: int, expected: Subject | None, found: Subject | None) -> ClaimVerdict:
    subject = found or expected
    assert subject is not None
    name = f"claim {number}" if found else f"claim of line {subject.at}"
    missing, unexpected = _surplus(_all(expected), _all(found)), _surplus(_all(found), _all(expected))
    return ClaimVerdict(
        name if subject.claim_id is not None else "file", subject.claim_id, missing, unexpected, in_file=bool(found)
    )


def _all(subject: Subject | None) -> tuple[Statement, ...]:
    """All statements about a claim. The first states that the claim is there."""
    if subject is None:
        return ()
    itself = [] if subject.claim_id is None else [Statement(ITSELF, "", at=subject.at)]
    return (*itself, *subject.statements)


def _surplus(these: Iterable[Statement], those: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements that the first have more often than the second."""
    left = Counter(statement.text for statement in those)
    surplus = []
    for statement in these:
        if left[statement.text]:
            left[statement.text] -= 1
        else:
            surplus.append(statement)
    return tuple(surplus)


def _updated(expected: Subject | None, found: Subject, judge: Judge) -> Subject:
    """What is found, with the comments of the old sidecar and its statements about codes that are not chosen."""
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
