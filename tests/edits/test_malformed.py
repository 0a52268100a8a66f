"""Values that are there but are not what their element should hold: findings, and edits not checked."""

import gc
import weakref
from datetime import date

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.testing import ClaimSpec, ClaimType, claim_of, infusion_claim, waste_claim, with_line
from tests.scrubbing import SCOPES, each, each_type, found, installed, scrub_one

DATES = ["2026105", "20261305", "20260230", "2026-10-05", "20261005 ", "O6OCT2026", "20261005-20261006", "\u00b2026"]
NUMBERS = ["8O", "8,000", "$80", "80 ", "1e3", "--8", "8.0.0", "+8", "NaN", "\u00b2"]


@each_type
@pytest.mark.parametrize("value", DATES)
def test_a_date_of_service_that_is_none_is_rejected(claim_type: ClaimType, value: str) -> None:
    claim = with_line(infusion_claim(claim_type, statement_dates="20261005-20261005"), 2, dates=value)
    assert found(scrub_one(claim, "READ01")) == [("READ01", "reject", 2, "DTP03")]


@each_type
def test_a_birth_date_that_is_none_is_rejected_at_the_patient(claim_type: ClaimType) -> None:
    scrubbed = scrub_one(infusion_claim(claim_type, birth_date="1984"), "READ01")
    assert found(scrubbed) == [("READ01", "reject", None, "DMG02")]
    assert scrubbed.findings[0].location.loop == "2010BA"
    child = infusion_claim(claim_type, birth_date="2014", dependent=True, subscriber_birth_date=date(1984, 1, 1))
    assert scrub_one(child, "READ01").findings[0].location.loop == "2010CA"


@each(
    "period",
    {
        "one date": "20261005",
        "backwards": "20261006-20261005",
        "half": "20261005-",
        "no dates": "unknown",
    },
)
def test_statement_dates_that_are_none_are_rejected(period: str) -> None:
    scrubbed = scrub_one(infusion_claim("837I", statement_dates=period), "READ01")
    assert found(scrubbed) == [("READ01", "reject", None, "DTP03")]
    assert scrubbed.findings[0].location.loop == "2300"


@each_type
@pytest.mark.parametrize("value", NUMBERS)
def test_charges_units_and_quantities_that_are_none_are_rejected(claim_type: ClaimType, value: str) -> None:
    charge, units = ("SV102", "SV104") if claim_type == "837P" else ("SV203", "SV205")
    claim = with_line(infusion_claim(claim_type, total_charge=value), 1, charge=value, units=value, ndc_quantity=value)
    assert found(scrub_one(claim, "READ02")) == [
        ("READ02", "reject", None, "CLM02"),
        ("READ02", "reject", 1, charge),
        ("READ02", "reject", 1, units),
        ("READ02", "reject", 1, "CTP04"),
    ]


@each_type
@pytest.mark.parametrize("value", ["80", "80.", "80.5", ".5", "-80", "0080", "0"])
def test_numbers_as_x12_writes_them_are_accepted(claim_type: ClaimType, value: str) -> None:
    claim = with_line(infusion_claim(claim_type, total_charge=value), 1, charge=value, units=value, ndc_quantity=value)
    assert found(scrub_one(claim, "READ02")) == []


@each_type
def test_what_is_absent_is_not_malformed(claim_type: ClaimType) -> None:
    claim = with_line(infusion_claim(claim_type, total_charge="", birth_date=None), 1, charge="", units="", dates=None)
    assert found(scrub_one(claim, "READ01", "READ02")) == []


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_they_are_rejects_for_every_payer_and_on_voids(claim_type: ClaimType, scope: str) -> None:
    claim = with_line(infusion_claim(claim_type, filing=SCOPES[scope]), 1, units="8O")
    for frequency in ("1", "7", "8"):
        scrubbed = scrub_one(attrs.evolve(claim, frequency=frequency), "READ02")
        assert [finding.severity for finding in scrubbed.findings] == ["reject"]


@each_type
def test_the_message_never_quotes_the_value(claim_type: ClaimType) -> None:
    claim = with_line(infusion_claim(claim_type, birth_date="SECRET1"), 1, dates="SECRET2", units="SECRET3")
    scrubbed = scrub_one(claim)
    assert {"READ01", "READ02"} <= {finding.code for finding in scrubbed.findings}
    texts = [finding.message + finding.fix for finding in scrubbed.findings]
    texts += [item.reason for item in scrubbed.not_checked]
    assert not any("SECRET" in text for text in texts)


@each_type
def test_the_other_edits_are_not_checked_and_lose_nothing(claim_type: ClaimType) -> None:
    """Units that cannot be read keep JWJZ05 from deciding; JWJZ02 does not need them."""

    def faulty(claim: ClaimSpec) -> ClaimSpec:
        return with_line(claim, 2, modifiers=("JW", "JZ"), units="three")

    scrubbed = scrub_one(faulty(waste_claim(claim_type)), "JWJZ02", "JWJZ05", "READ02")
    assert {finding.code for finding in scrubbed.findings} == {"JWJZ02", "READ02"}
    assert [item.code for item in scrubbed.not_checked] == ["JWJZ05"]


@pytest.mark.parametrize("code", ["READ01", "READ02"])
def test_a_claim_with_malformed_values_is_let_go_of_at_once(code: str) -> None:
    claim = claim_of(with_line(infusion_claim("837P"), 1, dates="2026105", units="8O"))
    check, gone = installed().edits[code], weakref.ref(claim)
    gc.collect()
    gc.disable()
    try:
        assert list(check.check(claim, shipped()))
        del claim
        assert gone() is None
    finally:
        gc.enable()
