"""What Medicare allows for a claim: units times limit, coinsurance, sequestration, waste, and no guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import attrs

from scrubber import read_claims
from scrubber.reference import Facts, shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import ADDENDUM_B, NOC_CROSSWALK, NOC_PRICING, PAYMENT_LIMITS
from scrubber.reference.pricing import ClaimPrice, Pricing, sequestrations
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, build, drug_line, infusion_claim, waste_claim
from tests.scrubbing import each, each_type

OCTOBER = date(2026, 10, 1), date(2026, 12, 31)
INFUSION = LineSpec("96365")
PACKAGED = [Row("J0490", *OCTOBER, {"status": "N"})]


def limit(code: str, amount: str, coinsurance: str = "20.000") -> Row:
    values = {"limit": amount, "coinsurance": coinsurance}
    return Row(code, *OCTOBER, {name: value for name, value in values.items() if value})


def facts(*rows: Row) -> Facts:
    table = external_table(PAYMENT_LIMITS, "2026-10", rows or [limit("J0490", "56.068")], *OCTOBER)
    return attrs.evolve(shipped(), tables={PAYMENT_LIMITS: table})


def priced(claim: ClaimSpec, *rows: Row, sequestered: bool = False) -> ClaimPrice:
    (read,) = read_claims(BytesIO(build([claim]).encode()))
    return Pricing(facts(*rows), sequestered=sequestered).price(read)


def amounts(price: ClaimPrice) -> list[str | None]:
    return [None if one is None else str(one) for one in (price.allowed, price.coinsurance, price.payment)]


def dose(claim_type: ClaimType = "837P", **changes: object) -> ClaimSpec:
    return infusion_claim(claim_type, lines=(drug_line(units=80, **changes), INFUSION))  # type: ignore[arg-type]


@each_type
def test_units_times_the_limit(claim_type: ClaimType) -> None:
    """80 x 56.068 = 4,485.44; a fifth of it is the patient's."""
    price = priced(dose(claim_type))
    assert amounts(price) == ["4485.44", "897.09", "3588.35"]
    assert [line.service_line for line in price.lines] == [1]
    assert price.unpriced == 1, "the infusion has no limit in this file"


@each(
    ("amount", "units", "allowed"),
    {
        "half a cent goes up": ("0.125", "1", "0.13"),
        "below half a cent goes down": ("0.124", "1", "0.12"),
        "the limit itself is not rounded": ("0.004", "100", "0.40"),
        "a part of a unit": ("10.000", "2.5", "25.00"),
        "no units": ("10.000", "0", "0.00"),
    },
)
def test_an_allowed_amount_is_rounded_to_cents(amount: str, units: str, allowed: str) -> None:
    claim = infusion_claim(lines=(drug_line(units=units),))
    assert str(priced(claim, limit("J0490", amount)).allowed) == allowed


@each(
    ("percent", "coinsurance"),
    {
        "usual": ("20.000", "897.09"),
        "adjusted": ("17.885", "802.22"),
        "none": ("0.000", "0.00"),
        "unknown": ("", "897.09"),
    },
)
def test_the_coinsurance_of_the_row(percent: str, coinsurance: str) -> None:
    price = priced(dose(), limit("J0490", "56.068", percent))
    assert str(price.coinsurance) == coinsurance
    assert price.payment == Decimal("4485.44") - Decimal(coinsurance)


def test_sequestration_lowers_medicares_part_alone() -> None:
    """2% of 3,588.35 are 71.77."""
    assert amounts(priced(dose(), sequestered=True)) == ["4485.44", "897.09", "3516.58"]


@each(
    ("day", "percent"),
    {
        "before": (date(2013, 3, 31), 0),
        "first": (date(2013, 4, 1), 2),
        "suspended": (date(2021, 6, 1), 0),
        "half": (date(2022, 5, 1), 1),
        "whole": (date(2022, 7, 1), 2),
    },
)
def test_the_percentage_of_a_day(day: date, percent: int) -> None:
    rows = [row.percent for row in sequestrations() if row.since <= day and (row.until is None or day <= row.until)]
    assert rows == ([percent] if percent else [])


def test_discarded_units_are_paid_like_given_ones() -> None:
    """69 given and 3 discarded units."""
    price = priced(waste_claim(), limit("J0490", "10"))
    assert str(price.allowed) == "720.00"
    assert (str(price.waste), str(price.avoidable_waste)) == ("30.00", "0")


def test_waste_that_smaller_vials_would_have_saved() -> None:
    """70 given and 10 discarded units are two vials of 40; six vials of 12 would have left 2."""
    lines = (drug_line(units=70, modifiers=()), drug_line(units=10, modifiers=("JW",)), INFUSION)
    price = priced(infusion_claim(lines=lines), limit("J0490", "10"))
    assert (str(price.waste), str(price.avoidable_waste)) == ("100.00", "80.00")


def test_jz_changes_nothing() -> None:
    assert priced(dose(modifiers=("JZ",))) == priced(dose(modifiers=()))


@each(
    "claim",
    {
        "another code": infusion_claim(lines=(drug_line("J0491", 300),)),
        "a day without an edition": dose(dates=date(2026, 9, 30)),
        "no date that can be read": dose(dates="20261399"),
        "no units that can be read": infusion_claim(lines=(drug_line(units="many"),)),
        "minutes": dose(unit_basis="MJ"),
        "an inpatient": attrs.evolve(dose("837I"), facility_code="11"),
    },
)
def test_nothing_is_guessed(claim: ClaimSpec) -> None:
    price = priced(claim, limit("J0490", "99999.999"))
    assert amounts(price) == [None, None, None]
    assert price.unpriced == len(claim.lines)


def test_units_of_eighteen_digits_do_not_fail() -> None:
    claim = infusion_claim(lines=(drug_line(units="9" * 18 + "." + "9" * 9),))
    assert priced(claim, limit("J0490", "99999.999")).unpriced in (0, 1)


NOC = {
    NOC_CROSSWALK: [Row("81298855203", *OCTOBER, {"name": "VASOPRESSIN", "units": "20"})],
    NOC_PRICING: [Row("VASOPRESSIN", *OCTOBER, {"limit": "2.462"})],
}


@each(
    ("changes", "allowed"),
    {
        "two containers": ({"ndc_quantity": 2}, "98.48"),
        "in milliliters": ({"ndc_quantity": 2, "ndc_unit": "ML"}, None),
        "another drug": ({"ndc": "99999999999"}, None),
        "without a quantity": ({"ndc_quantity": None}, None),
        "another code": ({"procedure": "J9990"}, None),
        "a day without an edition": ({"dates": date(2026, 9, 30)}, None),
    },
)
def test_an_unclassified_drug_with_a_price_of_its_own(changes: dict[str, Any], allowed: str | None) -> None:
    """2 x 20 units at 2.462."""
    tables = {name: external_table(name, "2026-10", rows, *OCTOBER) for name, rows in NOC.items()}
    line = LineSpec("J3490", units=1, charge=100, ndc="81298855203", ndc_quantity=2, ndc_unit="UN")
    claim = infusion_claim(lines=(attrs.evolve(line, **changes),))
    (read,) = read_claims(BytesIO(build([claim]).encode()))
    priced_by = Pricing(attrs.evolve(facts(), tables={**facts().tables, **tables}))
    assert amounts(priced_by.price(read))[0] == allowed


def test_a_packaged_drug_of_an_outpatient_has_no_price() -> None:
    loaded = attrs.evolve(facts(), tables={**facts().tables, ADDENDUM_B: external_table(ADDENDUM_B, "test", PACKAGED)})
    for claim_type, allowed in (("837I", None), ("837P", "4485.44")):
        (read,) = read_claims(BytesIO(build([dose(claim_type)]).encode()))  # type: ignore[arg-type]
        assert amounts(Pricing(loaded).price(read))[0] == allowed


def test_no_limit_where_the_file_gives_none() -> None:
    assert priced(dose(), Row("J0490", *OCTOBER, {"coinsurance": "20.000"})).allowed is None


@each(
    ("dates", "allowed"),
    {
        "one limit": ((date(2026, 10, 5), date(2026, 10, 6)), "4485.44"),
        "over the end of the edition": ((date(2026, 12, 31), date(2027, 1, 1)), None),
    },
)
def test_a_line_of_several_days(dates: tuple[date, date], allowed: str | None) -> None:
    assert amounts(priced(dose(dates=dates)))[0] == allowed
