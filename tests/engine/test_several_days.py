"""Claims with lines of several days."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Results, Severities, dated, finding
from scrubber.reference import Facts
from scrubber.testing import ClaimSpec, infusion_claim, with_all_lines
from tests.engine.checks import FIRST, LAST, Check, codes, scrubbed_by
from tests.scrubbing import every_claim, every_line, made, not_checked


def on_a_day(day: date) -> Check:
    def check(claim: Claim, _: Facts) -> Results:
        for line in claim.lines:
            if line.service_date == day:
                yield finding(line.at("service_date"), "that day", "none")

    return check


def undated(first: date, last: date) -> ClaimSpec:
    return attrs.evolve(with_all_lines(infusion_claim("837I"), dates=None), statement_dates=(first, last))


def with_a_day(claim: Claim, _: Facts) -> Results:
    for line in claim.lines:
        if line.service_date:
            yield finding(line.at("procedure"), "a line", "none")


def test_service_dates_of_several_days_are_judged_at_both_ends() -> None:
    always = scrubbed_by(undated(FIRST, LAST), made(with_a_day))
    assert codes(always) == ["TEST01", "TEST01"]
    assert all("judged on the first and on the last" in finding.message for finding in always.findings)
    for day in (FIRST, LAST):
        at_one_end = scrubbed_by(undated(FIRST, LAST), made(on_a_day(day)))
        assert codes(at_one_end) == []
        assert "the answer depends on which of them counts" in not_checked(at_one_end)["TEST01"]
    one_day = scrubbed_by(undated(FIRST, FIRST), made(on_a_day(FIRST)))
    assert [finding.message for finding in one_day.findings] == ["that day", "that day"]


def test_a_finding_mentions_several_days_only_if_the_day_mattered() -> None:
    def messages(check: Check, **options: Any) -> list[str]:
        return [finding.message for finding in scrubbed_by(undated(FIRST, LAST), made(check, **options)).findings]

    assert messages(every_line) == ["a line", "a line"]
    by_date = Severities(*(dated((date(2020, 1, 1), "warn")),) * 4)
    assert all("several days" in message for message in messages(every_line, severity=by_date))


def test_a_finding_on_the_claim_mentions_no_days() -> None:
    (one,) = scrubbed_by(undated(FIRST, LAST), made(every_claim)).findings
    assert one.message == "a claim"


def test_a_line_with_a_date_of_its_own_covers_one_day() -> None:
    claim = undated(FIRST, LAST)
    claim = attrs.evolve(claim, lines=(attrs.evolve(claim.lines[0], dates=FIRST), claim.lines[1]))
    messages = [finding.message for finding in scrubbed_by(claim, made(with_a_day)).findings]
    assert [("several days" in message) for message in messages] == [False, True]


def test_an_edit_that_fails_on_the_last_day_alone_has_failed() -> None:
    def failing(claim: Claim, _: Facts) -> Results:
        if claim.day == "last":
            raise ValueError
        return ()

    claim = with_all_lines(infusion_claim(), dates=(FIRST, LAST))
    scrubbed = scrubbed_by(claim, made(failing, severity="reject"))
    assert [(finding.code, finding.severity) for finding in scrubbed.findings] == [("SCRUB01", "reject")]
