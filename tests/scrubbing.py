"""What tests of edits, outputs and the command line share: scrubbing described claims, and running the command."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from fixtures.case import element_name
from scrubber import testing
from scrubber.claims.model import Claim
from scrubber.edit import Edit, Results, edit, finding
from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.reference import Facts
from scrubber.running.flow import Sink
from scrubber.testing import ClaimSpec, ClaimType, build
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Event
from tests.processes import ROOT as ROOT
from tests.processes import SCRUBBER as SCRUBBER
from tests.processes import Run as Run
from tests.processes import forked, fresh

FIXTURES = ROOT / "fixtures" / "837"

TYPES: tuple[ClaimType, ...] = ("837P", "837I")
each_type = pytest.mark.parametrize("claim_type", TYPES)

SCOPES = {"ffs": "MB", "ffs-a": "MA", "madv": "16", "mcd": "MC", "commercial": "CI", "unknown": ""}
"""A filing indicator (SBR09) for each payer scope; none at all counts as any other payer."""

Expected: TypeAlias = tuple[str, str, int | None, str]
"""A finding as tests write it: code, severity, line, place (a name of `fixtures.case.element_name`)."""


def each(names: str | Sequence[str], rows: Mapping[str, Any]) -> pytest.MarkDecorator:
    """A table of cases by name: each value is a tuple of `names`, or the one value."""
    return pytest.mark.parametrize(names, list(rows.values()), ids=list(rows))


@lru_cache(maxsize=1)
def installed() -> Catalogue:
    """All installed edits."""
    return catalogue.load()


def engine(*codes: str, edits: Catalogue | None = None, profile: Profile | None = None) -> Engine:
    """An engine with the named edits only; with all of them where none is named."""
    chosen = profile or Profile()
    if codes:
        chosen = attrs.evolve(chosen, select=frozenset(codes))
    return Engine(edits or installed(), chosen)


def scrub_text(text: str, with_engine: Engine) -> tuple[list[ScrubbedClaim], list[LocatedError]]:
    """The scrubbed claims and the errors of a file."""
    scrubbing = Scrubbing(io.BytesIO(text.encode("latin-1")), with_engine)
    return [event for event in scrubbing if isinstance(event, ScrubbedClaim)], scrubbing.errors


def hand_on(scrubbing: Iterable[Event | ScrubbedClaim], sink: Sink) -> list[ScrubbedClaim]:
    """Hand all that is read of a file to a writer of an 837; returns the claims."""
    claims = []
    for item in scrubbing:
        if isinstance(item, ScrubbedClaim):
            sink.claim(item)
            claims.append(item)
        else:
            sink.event(item)
    return claims


def scrub_one(claim: ClaimSpec, *codes: str, **options: Any) -> ScrubbedClaim:
    """The one claim of a sound file, scrubbed by the named edits."""
    (scrubbed,), errors = scrub_text(build([claim]), engine(*codes, **options))
    assert errors == []
    return scrubbed


def found(scrubbed: ScrubbedClaim) -> list[tuple[str, str | None, int | None, str]]:
    """Its findings by code, severity, line and element."""
    return [
        (finding.code, finding.severity, finding.location.service_line, finding.location.element)
        for finding in scrubbed.findings
    ]


def expected(claim_type: ClaimType, findings: Iterable[Expected]) -> list[tuple[str, str, int | None, str]]:
    """Findings as tests write them, with the element's name in that guide."""
    return [(code, severity, line, element_name(claim_type, place)) for code, severity, line, place in findings]


def not_checked(scrubbed: ScrubbedClaim) -> dict[str, str]:
    """Edits that could not decide, and why."""
    return {item.code: item.reason for item in scrubbed.not_checked}


DOCUMENTED = """What it checks: a thing.

Why it is denied: for a reason.

How to fix: somehow.
"""


def made(check: Callable[[Claim, Facts], Iterable[Any]], code: str = "TEST01", **options: Any) -> Edit:
    """An edit of a function, a warning on every claim unless the options differ."""
    check.__doc__ = DOCUMENTED
    return edit(code, "A test", **{"severity": "warn", "concerns": None, "source": "a test", **options})(check)


def of_edits(*edits: Edit) -> Catalogue:
    """A catalogue of these edits."""
    return Catalogue({edit.code: edit for edit in edits})


def every_claim(claim: Claim, _: Facts) -> Results:
    """Finds something on every claim."""
    yield finding(claim.at("claim_id"), "a claim", "none")


def every_line(claim: Claim, _: Facts) -> Results:
    """Finds something on every line."""
    for line in claim.lines:
        yield finding(line.at("procedure"), "a line", "none")


def everywhere(count: int = 1) -> Catalogue:
    """Edits that find something on every claim and every line, `count` of each."""
    numbers = range(1, count + 1)
    return of_edits(
        *(made(every_claim, f"CLAIM{number:02}", severity="info", on_voids=True) for number in numbers),
        *(made(every_line, f"LINE{number:02}", severity="reject", on_voids=True) for number in numbers),
    )


def run(*arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Run:
    """The real `scrubber` command in a process of its own; with an environment, in a new interpreter."""
    texts = [str(argument) for argument in arguments]
    return forked(texts, stdin, cwd) if env is None else fresh(texts, stdin, cwd, environment=env)


def assert_finds(claim: ClaimSpec, code: str, *findings: tuple[str, int | None, str]) -> ScrubbedClaim:
    """One edit finds just this (severity, line, place) on the claim, and leaves nothing unchecked."""
    named = [(severity, line, element_name(claim.type, place)) for severity, line, place in findings]
    return testing.assert_finds(installed()[code], claim, *named)


def assert_not_checked(claim: ClaimSpec, code: str, reason: str) -> None:
    """The edit could not decide on the claim, and its reason has these words."""
    testing.assert_not_checked(installed()[code], claim, reason)
