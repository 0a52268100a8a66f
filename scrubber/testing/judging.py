"""Tests of an edit: what it finds on a claim, that it is silent, or that it cannot decide."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import NoReturn, TypeAlias

from scrubber.claims.model import Claim
from scrubber.claims.reader import read_claims
from scrubber.edit import Edit
from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.reference import Facts
from scrubber.testing.builder import build
from scrubber.testing.specs import FILE_DATE, ClaimSpec

Expected: TypeAlias = tuple[str, int | None, str]
"""A finding in a test: severity, service line (LX01, `None` for the claim itself), element such as SV101-3."""


def claim_of(described: ClaimSpec, file_date: date = FILE_DATE) -> Claim:
    """The claim as it is read from a file, to call an edit on: `my_edit(claim_of(infusion_claim()))`."""
    (claim,) = read_claims(_file([described], file_date))
    return claim


def judged(
    edit: Edit | str, *claims: ClaimSpec, facts: Facts | None = None, file_date: date = FILE_DATE
) -> list[ScrubbedClaim]:
    """The claims of one file as one edit judges them; `edit` is your own, or the code of an installed one.

    Severities are those in force for the payer and the date of service. `facts` are the shipped ones if left out. What
    the edit raises is raised here, except `MalformedValue`, which makes the edit not checked.
    """
    engine = _engine(edit, facts)
    scrubbing = Scrubbing(_file(claims, file_date), engine)
    scrubbed = [event for event in scrubbing if isinstance(event, ScrubbedClaim)]
    if scrubbing.errors:
        raise AssertionError(f"the file is not sound: {scrubbing.errors[0]}")
    return scrubbed


def assert_finds(
    edit: Edit | str, claim: ClaimSpec, *expected: Expected, facts: Facts | None = None, file_date: date = FILE_DATE
) -> ScrubbedClaim:
    """The edit finds just these faults on the claim, in this order, and leaves nothing unchecked."""
    (scrubbed,) = judged(edit, claim, facts=facts, file_date=file_date)
    _must_be("finds", _found(scrubbed), list(expected), scrubbed)
    _must_be("not checked", _reasons(scrubbed), [], scrubbed)
    return scrubbed


def assert_silent(
    edit: Edit | str, claim: ClaimSpec, *, facts: Facts | None = None, file_date: date = FILE_DATE
) -> ScrubbedClaim:
    """The edit finds nothing on the claim, and could decide that."""
    return assert_finds(edit, claim, facts=facts, file_date=file_date)


def assert_not_checked(
    edit: Edit | str, claim: ClaimSpec, reason: str, *, facts: Facts | None = None, file_date: date = FILE_DATE
) -> ScrubbedClaim:
    """The edit finds nothing on the claim and could not decide, for a reason that has these words."""
    (scrubbed,) = judged(edit, claim, facts=facts, file_date=file_date)
    _must_be("finds", _found(scrubbed), [], scrubbed)
    reasons = _reasons(scrubbed)
    if len(reasons) != 1 or reason not in reasons[0]:
        raise AssertionError(f"not checked: {reasons}, expected one reason with {reason!r}")
    return scrubbed


def _engine(edit: Edit | str, facts: Facts | None) -> Engine:
    if isinstance(edit, str):
        edit = catalogue.load()[edit]
    return Engine(Catalogue({edit.code: edit}), Profile(), facts, crashed=_raise)


def _raise(_: str, error: BaseException) -> NoReturn:
    raise error


def _file(claims: Iterable[ClaimSpec], file_date: date) -> io.BytesIO:
    return io.BytesIO(build(claims, file_date=file_date).encode("latin-1"))


def _found(scrubbed: ScrubbedClaim) -> list[Expected]:
    return [
        (str(finding.severity), finding.location.service_line, finding.location.element)
        for finding in scrubbed.findings
    ]


def _reasons(scrubbed: ScrubbedClaim) -> list[str]:
    return [item.reason for item in scrubbed.not_checked]


def _must_be(verb: str, actual: list[object] | list[Expected] | list[str], expected: object, of: ScrubbedClaim) -> None:
    if actual != expected:
        messages = "".join(f"\n  {finding.message}" for finding in of.findings)
        raise AssertionError(f"{verb}: {actual}, expected {expected}{messages}")
