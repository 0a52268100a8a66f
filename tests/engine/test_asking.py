"""What an edit finds on a claim is kept, and no edit can break a run."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.edit import Finding, NotChecked, Results, Severity, finding
from scrubber.engine import asking
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import Facts, shipped
from scrubber.reference.editions import external_table
from scrubber.testing import ClaimType, build, infusion_claim
from tests.engine.checks import Check, codes, raising, scrubbed_by
from tests.scrubbing import each, each_type, every_line, made, not_checked, scrub_text


def test_what_an_edit_cannot_decide_is_reported_once() -> None:
    def undecided(claim: Claim, _: Facts) -> Results:
        for _line in claim.lines:
            yield NotChecked("no idea")

    scrubbed = scrubbed_by(infusion_claim(), made(undecided))
    assert [(item.code, item.reason) for item in scrubbed.not_checked] == [("TEST01", "no idea")]
    assert scrubbed.disposition == "clean"


def test_a_malformed_value_that_an_edit_reads_makes_it_not_checked() -> None:
    def charged(claim: Claim, _: Facts) -> Results:
        if claim.total_charge:
            yield finding(claim.at("total_charge"), "a charge", "none")

    check = made(charged)
    assert codes(scrubbed_by(infusion_claim(), check)) == ["TEST01"]
    assert not_checked(scrubbed_by(infusion_claim(total_charge="1,000"), check)) == {"TEST01": "CLM02 is not a number"}


def test_of_very_many_findings_the_first_are_kept_and_more_severe_ones_after_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def many(claim: Claim, _: Facts) -> Results:
        for number in range(90):
            grade: Severity = "reject" if number == 70 else "warn" if number == 40 else "info"
            yield finding(claim.at("claim_id"), f"number {number:02}", "none", grade)

    monkeypatch.setattr(asking, "MOST_ANSWERS", 10)
    scrubbed = scrubbed_by(infusion_claim(), made(many))
    expected = ["number 40", "number 70", *(f"number {number:02}" for number in range(10))]
    assert sorted(found.message for found in scrubbed.findings) == sorted(expected)
    assert scrubbed.disposition == "rejected"


def _returns(result: Any) -> Check:
    return lambda claim, facts: result


def _yields(make: Callable[[Claim], Any]) -> Check:
    def check(claim: Claim, _: Facts) -> Iterator[Any]:
        yield make(claim)

    return check


@each(
    "check",
    {
        "an error": raising(ValueError("SECRET")),
        "out of recursion": raising(RecursionError()),
        "out of memory": raising(MemoryError()),
        "an exit": raising(SystemExit(0)),
        "a cancelled task": raising(CancelledError("SECRET")),
        "the end of a generator": raising(GeneratorExit("SECRET")),
        "nothing at all": _returns(None),
        "a number": _returns(7),
        "a text among the results": _yields(lambda claim: "wrong"),
        "a finding without a place": _yields(lambda claim: Finding(None, "m", "f")),  # type: ignore[arg-type]
        "a finding without a message": _yields(lambda claim: finding(claim.at("claim_id"), None, "f")),  # type: ignore[arg-type]
        "a severity that is none": _yields(lambda claim: finding(claim.at("claim_id"), "m", "f", "fatal")),  # type: ignore[arg-type]
    },
)
@each_type
def test_an_edit_that_goes_wrong_becomes_a_finding_and_loses_nothing(check: Check, claim_type: ClaimType) -> None:
    scrubbed = scrubbed_by(infusion_claim(claim_type), made(check, "TEST01"), made(every_line, "TEST02"))
    crash = next(finding for finding in scrubbed.findings if finding.code == "SCRUB01")
    assert (crash.severity, crash.location.element) == ("warn", "CLM01")
    assert "edit TEST01 failed" in crash.message
    assert "SECRET" not in crash.message
    assert codes(scrubbed).count("TEST02") == 2


def test_the_author_of_an_edit_may_see_why_it_failed() -> None:
    seen: list[tuple[str, str]] = []
    scrubbed_by(
        infusion_claim(),
        made(raising(ValueError("SECRET"))),
        crashed=lambda code, error: seen.append((code, str(error))),
    )
    assert seen == [("TEST01", "SECRET")]


def test_an_interrupt_is_no_finding() -> None:
    with pytest.raises(KeyboardInterrupt):
        scrubbed_by(infusion_claim(), made(raising(KeyboardInterrupt())))


def test_an_edit_whose_table_has_no_edition_of_the_day_is_not_checked() -> None:
    def asks(claim: Claim, facts: Facts) -> Results:
        yield finding(claim.at("claim_id"), "found before", "none")
        facts.table(name).row("11", claim.service_dates[0])
        yield finding(claim.at("claim_id"), "never found", "none")

    edit_ = made(asks, "TEST01", table=("pos", "mue"))
    old = external_table("pos", "old list", [], date(2020, 1, 1), date(2020, 12, 31))
    engine = Engine(Catalogue({"TEST01": edit_}), Profile(), attrs.evolve(shipped(), tables={"pos": old}))
    assert [item.reason for item in engine.unavailable] == ["in part: table mue is not loaded"]
    reasons = {
        "pos": "table pos has no edition for the date of service; the nearest is old list (2020-01-01 to 2020-12-31)",
        "mue": "table mue is not loaded",
    }
    for name, reason in reasons.items():  # noqa: B007 - the edit reads it
        (scrubbed, *_), _ = scrub_text(build([infusion_claim()]), engine)
        assert [found.message for found in scrubbed.findings] == ["found before"]
        assert [item.reason for item in scrubbed.not_checked] == [reason]
