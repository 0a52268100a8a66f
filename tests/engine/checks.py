"""Claims scrubbed by edits that a test makes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from scrubber.claims.model import Claim
from scrubber.edit import Edit, finding
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.reference import Facts
from scrubber.testing import ClaimSpec, build
from tests.scrubbing import of_edits, scrub_text

Check = Callable[[Claim, Facts], Iterable[Any]]

FIRST, LAST = date(2026, 10, 5), date(2026, 10, 7)


def scrubbed_by(claim: ClaimSpec, *edits: Edit, **options: Any) -> ScrubbedClaim:
    """The claim, scrubbed by these edits alone."""
    (scrubbed,), errors = scrub_text(build([claim]), Engine(of_edits(*edits), Profile(), **options))
    assert errors == []
    return scrubbed


def codes(scrubbed: ScrubbedClaim) -> list[str]:
    """The codes of its findings, in their order."""
    return [finding.code for finding in scrubbed.findings]


def raising(error: BaseException) -> Check:
    """A check that finds something, and then raises an error."""

    def check(claim: Claim, _: Facts) -> Iterator[Any]:
        yield finding(claim.at("claim_id"), "before", "none")
        raise error

    return check
