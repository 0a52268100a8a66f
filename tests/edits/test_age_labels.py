"""Age and weight of the patient by the drug's label, on both sides of each boundary."""

from datetime import date

import attrs
import pytest

from scrubber.testing import (
    AUTOINJECTOR,
    ClaimSpec,
    ClaimType,
    Number,
    anifrolumab_claim,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_all_lines,
    with_line,
)
from tests.scrubbing import assert_finds, assert_not_checked, each, each_type

SERVED = date(2026, 10, 5)


def born(claim: ClaimSpec, day: str, *, dependent: bool = False) -> ClaimSpec:
    return attrs.evolve(claim, birth_date=date.fromisoformat(day), dependent=dependent)


@each_type
@pytest.mark.parametrize("dependent", [False, True])
@pytest.mark.parametrize(
    ("birth", "service", "fires"),
    [
        ("2021-10-05", "2026-10-05", False),
        ("2021-10-06", "2026-10-05", True),
        ("2008-01-01", "2019-04-25", True),
        ("2008-01-01", "2019-04-26", False),
        ("2001-04-25", "2019-04-25", False),
        ("2001-04-26", "2019-04-25", True),
    ],
)
def test_belimumab_below_the_labelled_age(
    claim_type: ClaimType, dependent: bool, birth: str, service: str, fires: bool
) -> None:
    claim = with_all_lines(infusion_claim(claim_type), dates=date.fromisoformat(service))
    expected = [("warn", 1, "procedure")] if fires else []
    assert_finds(born(claim, birth, dependent=dependent), "AGE01", *expected)


@each_type
@pytest.mark.parametrize(("birth", "fires"), [("2008-10-05", False), ("2008-10-06", True)])
def test_anifrolumab_for_a_minor_may_be_a_mix_up(claim_type: ClaimType, birth: str, fires: bool) -> None:
    claim = born(anifrolumab_claim(claim_type), birth)
    scrubbed = assert_finds(claim, "AGE02", *([("warn", 1, "procedure")] if fires else []))
    assert all("J0490 may have been meant" in finding.message for finding in scrubbed.findings)


@each_type
@pytest.mark.parametrize("code", ["AGE01", "AGE02"])
def test_without_a_birth_date_age_is_not_checked(claim_type: ClaimType, code: str) -> None:
    claim = infusion_claim(claim_type) if code == "AGE01" else anifrolumab_claim(claim_type)
    assert_not_checked(attrs.evolve(claim, birth_date=None), code, "age")


@each_type
@pytest.mark.parametrize(("birth", "fires"), [("2016-10-05", False), ("2016-10-06", True)])
def test_a_child_under_ten_does_not_inject(claim_type: ClaimType, birth: str, fires: bool) -> None:
    claim = born(with_line(infusion_claim(claim_type), 1, ndc=AUTOINJECTOR), birth)
    assert_finds(claim, "AGE04", *([("info", 1, "ndc")] if fires else []))


@each_type
@pytest.mark.parametrize("dependent", [False, True])
@each(
    ("birth", "severity"),
    {
        "on the day of service": (SERVED, None),
        "the day after": (date(2026, 10, 6), "reject"),
        "120 years old": (date(1906, 10, 5), None),
        "121 years old": (date(1905, 10, 5), "warn"),
        "what stands for an unknown date": (date(1900, 1, 1), "warn"),
    },
)
def test_birth_dates_that_cannot_be(claim_type: ClaimType, dependent: bool, birth: date, severity: str | None) -> None:
    claim = visit_claim(claim_type, birth_date=birth, dependent=dependent)
    assert_finds(claim, "AGE05", *([(severity, None, "DMG02")] if severity else []))


@each_type
def test_an_infused_drug_needs_a_birth_date(claim_type: ClaimType) -> None:
    assert_finds(infusion_claim(claim_type, birth_date=None), "AGE05", ("reject", None, "DMG02"))
    assert_finds(visit_claim(claim_type, birth_date=None), "AGE05")


@each(
    ("claim_type", "weight", "fires"),
    {
        "80 kg in pounds": ("837P", "176.37", False),
        "66.6 kg in pounds, just above the bound": ("837P", "147", False),
        "66.2 kg in pounds, just below it": ("837P", "146", True),
        "80 kg": ("837I", 80, False),
        "66 kg": ("837I", 66, True),
        "100 kg": ("837I", 100, False),
        "101 kg": ("837I", 101, True),
        "no weight": ("837I", None, False),
    },
)
def test_belimumab_units_fit_the_weight(claim_type: ClaimType, weight: Number | None, fires: bool) -> None:
    claim = infusion_claim(claim_type, weight=weight)
    assert_finds(claim, "MIX03", *([("warn", 1, "units")] if fires else []))


@each_type
def test_discarded_units_do_not_count_as_given(claim_type: ClaimType) -> None:
    kilograms = {"837P": "127.87", "837I": "58"}[claim_type]  # 69 units are 11.9 mg/kg, 72 would be 12.4
    assert_finds(waste_claim(claim_type, weight=kilograms), "MIX03")


@each_type
def test_a_malformed_weight_is_not_checked(claim_type: ClaimType) -> None:
    assert_not_checked(infusion_claim(claim_type, weight="HEAVY"), "MIX03", "not a number")


@each_type
def test_a_weight_of_zero_is_not_checked(claim_type: ClaimType) -> None:
    assert_not_checked(infusion_claim(claim_type, weight=0), "MIX03", "weight")


@each_type
def test_a_code_that_is_not_in_force_has_no_labelled_age(claim_type: ClaimType) -> None:
    claim = attrs.evolve(infusion_claim(claim_type), birth_date=date(1960, 1, 1))
    assert_finds(with_all_lines(claim, procedure="J1300", dates=date(2026, 10, 5)), "AGE01")
