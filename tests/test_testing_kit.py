"""The public kit for tests of your own edits: it passes correct edits, and reports what is wrong with others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.claims.model import Claim
from scrubber.edit import Edit, Finding, NotChecked, Results, file_edit, finding
from scrubber.reference import Facts
from scrubber.testing import (
    ClaimSpec,
    assert_finds,
    assert_not_checked,
    assert_silent,
    claim_of,
    infusion_claim,
    judged,
    visit_claim,
    with_line,
)
from tests.scrubbing import DOCUMENTED, each, installed, made


def check(claim: Claim, _: Facts) -> Results:
    """Finds claims of more than $1,000, and cannot decide on those without a charge."""
    if claim.total_charge is None:
        yield NotChecked("there is no charge")
    elif claim.total_charge > 1000:
        yield finding(claim.at("total_charge"), "too much", "ask for less")


DEAR = made(check, "DEAR01")


def test_an_edit_of_a_user_finds_is_silent_or_cannot_decide() -> None:
    assert_finds(DEAR, infusion_claim(), ("warn", None, "CLM02"))
    assert_silent(DEAR, visit_claim())
    assert_not_checked(DEAR, infusion_claim(total_charge=""), "no charge")


def test_an_installed_edit_goes_by_its_code() -> None:
    assert_finds("JWJZ01", with_line(infusion_claim(), 1, modifiers=()), ("reject", 1, "SV101-3"))
    assert_silent("JWJZ01", infusion_claim())


def test_an_edit_can_be_called_as_the_function_that_it_was() -> None:
    (found,) = DEAR(claim_of(infusion_claim()))
    assert isinstance(found, Finding)
    assert (found.message, found.location.element) == ("too much", "CLM02")
    assert DEAR(claim_of(visit_claim())) == []
    assert DEAR(claim_of(infusion_claim(total_charge=""))) == [NotChecked("there is no charge")]
    assert installed()["JWJZ01"](claim_of(infusion_claim())) == []


@each(
    ("assertion", "message"),
    {
        "it finds nothing": (
            lambda: assert_finds(DEAR, visit_claim(), ("warn", None, "CLM02")),
            r"finds: \[\], expected",
        ),
        "it finds something": (lambda: assert_silent(DEAR, infusion_claim()), "too much"),
        "it cannot tell": (lambda: assert_silent(DEAR, infusion_claim(total_charge="")), "not checked: .'there is no"),
        "it can tell": (lambda: assert_not_checked(DEAR, visit_claim(), "no charge"), r"not checked: \[\]"),
        "for another reason": (
            lambda: assert_not_checked(DEAR, infusion_claim(total_charge=""), "no date"),
            "expected one reason with 'no date'",
        ),
    },
)
def test_it_names_what_is_not_as_expected(assertion: Callable[[], object], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        assertion()


def test_an_edit_that_fails_fails_its_test() -> None:
    def failing(claim: Claim, _: Facts) -> Results:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        assert_silent(made(failing), infusion_claim())


def counting() -> Edit:
    """Finds the second claim of a file."""

    def begin() -> Callable[[Claim, Facts], Results]:
        seen: list[str] = []

        def check(claim: Claim, _: Facts) -> Results:
            seen.append(claim.claim_id)
            if len(seen) == 2:
                yield finding(claim.at("claim_id"), "a second claim", "none")

        return check

    begin.__doc__ = DOCUMENTED
    return file_edit("TWO01", "Two claims", severity="info", concerns=None, source="a test")(begin)


def test_claims_of_one_file_are_judged_together() -> None:
    two: tuple[ClaimSpec, ...] = (visit_claim(claim_id="A"), visit_claim(claim_id="B"))
    first, second = judged(counting(), *two)
    assert (len(first.findings), len(second.findings)) == (0, 1)
    assert counting()(claim_of(two[1])) == []
