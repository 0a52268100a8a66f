"""The severity of findings, what they carry, and their order."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Results, by_payer, dated, finding
from scrubber.reference import Facts
from scrubber.testing import ClaimType, LineSpec, infusion_claim, with_all_lines
from tests.engine.checks import FIRST, LAST, codes, raising, scrubbed_by
from tests.scrubbing import each, each_type, every_claim, every_line, found, made, not_checked


def test_findings_come_claim_first_then_line_by_line_the_most_severe_first() -> None:
    edits = [
        made(every_line, "BBB01", severity="info"),
        made(every_line, "AAA01", severity="warn"),
        made(every_line, "CCC01", severity="reject"),
        made(every_claim, "ZZZ01", severity="info"),
    ]
    scrubbed = scrubbed_by(infusion_claim(), *edits)
    assert [(finding.location.service_line, finding.code) for finding in scrubbed.findings] == [
        (None, "ZZZ01"),
        *[(line, code) for line in (1, 2) for code in ("CCC01", "AAA01", "BBB01")],
    ]


def test_a_finding_carries_what_its_edit_declares() -> None:
    check = made(every_claim, severity="reject", carc="16", rarc="N822", claim_status="A6:453")
    (one,) = scrubbed_by(infusion_claim(), check).findings
    assert (one.code, one.severity, one.carc, one.rarc, one.claim_status) == (
        "TEST01",
        "reject",
        "16",
        "N822",
        "A6:453",
    )


def test_a_finding_may_carry_a_denial_of_its_own() -> None:
    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), "one", "none", carc="29")
        yield finding(claim.at("claim_id"), "two", "none", claim_status="A6:21")

    found = scrubbed_by(infusion_claim(), made(check, carc="16", rarc="M53", claim_status="A7:187")).findings
    assert [(one.carc, one.rarc, one.claim_status) for one in found] == [
        ("29", None, "A7:187"),
        ("16", "M53", "A6:21"),
    ]


def test_an_edit_may_grade_one_case_lower_or_higher() -> None:
    def milder(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), "grave", "none")
        yield finding(claim.at("claim_id"), "mild", "none", severity="info")

    scrubbed = scrubbed_by(infusion_claim(), made(milder, severity="reject"))
    assert [(finding.message, finding.severity) for finding in scrubbed.findings] == [
        ("grave", "reject"),
        ("mild", "info"),
    ]


def test_a_dated_severity_takes_the_date_of_its_own_line() -> None:
    since = dated((LAST, "reject"))
    check = made(every_line, severity=by_payer(ffs=since, madv=None, mcd=None, other=None))
    claim = infusion_claim(lines=(LineSpec("96365", dates=FIRST), LineSpec("96365", dates=LAST)))
    assert found(scrubbed_by(claim, check)) == [("TEST01", "reject", 2, "SV101-2")]
    assert codes(scrubbed_by(attrs.evolve(claim, filing="16"), check)) == []
    undated = with_all_lines(claim, dates=None)
    assert not_checked(scrubbed_by(undated, check)) == {"TEST01": "the date of service is missing"}


JANUARY = date(2026, 1, 1)
LATER = dated((JANUARY, "warn"), (LAST, "reject"))


@each(
    ("severity", "changes", "grade"),
    {
        "one that rejects": ("reject", {}, "reject"),
        "one that warns": ("warn", {}, "warn"),
        "one for information": ("info", {}, "warn"),
        "one that rejects others' claims": (by_payer(ffs="warn", madv="warn", mcd="reject", other="warn"), {}, "warn"),
        "one that rejects this payer's": (by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"), {}, "reject"),
        "one that rejects by now": (dated((JANUARY, "warn"), (FIRST, "reject")), {}, "reject"),
        "one that rejects later": (LATER, {}, "warn"),
        "one that rejects by the last day": (LATER, {"dates": (FIRST, LAST)}, "reject"),
        "one that may, on a day that is not known": (dated((JANUARY, "reject")), {"dates": "2026"}, "reject"),
    },
)
@each_type
def test_a_failed_edit_has_the_severity_that_it_could_have_had(
    severity: Any, changes: dict[str, Any], grade: str, claim_type: ClaimType
) -> None:
    claim = with_all_lines(infusion_claim(claim_type), **changes)
    scrubbed = scrubbed_by(claim, made(raising(ValueError("SECRET")), severity=severity))
    assert [finding.severity for finding in scrubbed.findings if finding.code == "SCRUB01"] == [grade]
