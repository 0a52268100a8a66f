"""Units of zero or less, and parts of units."""

from datetime import date, timedelta

import attrs
import pytest

from fixtures.case import element_name
from scrubber.reference import shipped
from scrubber.reference.therapy import DailyMost
from scrubber.testing import (
    SERVICE_DATE,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_lines,
    with_line,
)
from tests.edits.judging import answers, everywhere, severities
from tests.scrubbing import each, each_type


@each_type
@each(
    ("units", "fires"),
    {
        "one": ("1", False),
        "zero": ("0", True),
        "zero with decimals": ("0.00", True),
        "minus one": ("-1", True),
        "a part": ("0.5", False),
        "none": ("", False),
        "no number": ("one", False),
    },
)
def test_units_above_zero(claim_type: ClaimType, units: str, fires: bool) -> None:
    claim = with_line(visit_claim(claim_type), 1, units=units, charge=150)
    assert answers(claim, "UNIT01") == ([("reject", 1, element_name(claim_type, "units"))] if fires else [])
    if fires:
        assert severities(claim, "UNIT01") == everywhere("reject")


@each_type
def test_quantity_of_a_product_below_zero(claim_type: ClaimType) -> None:
    other = LineSpec("J1885", charge=8, ndc="00409379501", ndc_quantity=-1, ndc_unit="ML")
    assert answers(visit_claim(claim_type, lines=(other,)), "UNIT01") == [("reject", 1, "CTP04")]
    infused = with_line(infusion_claim(claim_type), 1, ndc_quantity=-1)
    assert answers(infused, "UNIT01") == []
    assert answers(infused, "NDC03") == [("reject", 1, "CTP04")]


@each(
    ("line", "fires"),
    {
        "room without a procedure": (LineSpec("", revenue_code="0120", units=0, charge=0), False),
        "room with less than no days": (LineSpec("", revenue_code="0120", units=-1, charge=0), True),
        "payment class": (LineSpec("A1234", revenue_code="0024", units=0, charge=0), False),
    },
)
def test_lines_of_an_837i_that_count_nothing(line: LineSpec, fires: bool) -> None:
    claim = visit_claim("837I", lines=(line, LineSpec("G0463")))
    assert answers(claim, "UNIT01") == ([("reject", 1, "SV205")] if fires else [])


@each_type
def test_discarded_units_are_left_to_the_waste_edits(claim_type: ClaimType) -> None:
    given, discarded = waste_lines()
    claim = with_line(infusion_claim(claim_type, lines=(given, discarded)), 2, units=0)
    assert answers(claim, "UNIT01") == answers(claim, "UNIT02") == []
    assert answers(claim, "JWJZ05") == [("reject", 2, element_name(claim_type, "units"))]


@each_type
@each(
    ("procedure", "units", "fires"),
    {
        "whole": ("J0490", "80", False),
        "whole with decimals": ("J0490", "80.0", False),
        "a half": ("J0490", "68.5", True),
        "below one": ("J0490", "0.4", True),
        "unclassified": ("J3490", "1.5", True),
        "time": ("99213", "1.5", False),
        "missing": ("J0490", "", False),
    },
)
def test_whole_units_of_drugs(claim_type: ClaimType, procedure: str, units: str, fires: bool) -> None:
    line = drug_line(units=40, procedure="J0490")
    claim = infusion_claim(claim_type, lines=(line, LineSpec("96365")))
    claim = with_line(claim, 1, procedure=procedure, units=units, charge=100, revenue_code="0636")
    assert answers(claim, "UNIT02") == ([("warn", 1, element_name(claim_type, "units"))] if fires else [])
    if fires:
        assert severities(claim, "UNIT02") == everywhere("warn")


@each(
    ("claim_type", "line", "fires"),
    {
        "units": ("837P", drug_line(), False),
        "minutes": ("837P", attrs.evolve(drug_line(), unit_basis="MJ"), True),
        "minutes of anesthesia": ("837P", LineSpec("00400", unit_basis="MJ", units=45), False),
        "days of a drug": ("837I", attrs.evolve(drug_line(), unit_basis="DA"), True),
        "days of a home infusion": ("837I", LineSpec("S9338", unit_basis="DA", units=28), False),
        "days of a room": ("837I", LineSpec("", revenue_code="0120", unit_basis="DA", charge=900), False),
        "a visit in minutes": ("837P", LineSpec("99213", unit_basis="MJ", units=20), False),
    },
)
def test_a_drug_is_counted_in_units(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, lines=(line, LineSpec("96365")))
    element = {"837P": "SV103", "837I": "SV204"}[claim_type]
    assert answers(claim, "UNIT03") == ([("warn", 1, element)] if fires else [])
    if fires:
        assert severities(claim, "UNIT03") == everywhere("warn")


WEEK = SERVICE_DATE, SERVICE_DATE + timedelta(days=6)


@each_type
@each(
    ("line", "fires"),
    {
        "a day": (LineSpec("S9338"), False),
        "a week": (LineSpec("S9494", units=7, dates=WEEK), False),
        "a week with a pause": (LineSpec("S9494", units=5, dates=WEEK), False),
        "a week on one date": (LineSpec("S9494", units=7), True),
        "more than a week": (LineSpec("S9500", units=8, dates=WEEK), True),
        "hours of nursing": (LineSpec("S9123", units=7), False),
        "no units": (LineSpec("S9494", units=""), False),
    },
)
def test_a_code_by_the_day_has_no_more_units_than_days(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, lines=(drug_line(), line))
    found = answers(claim, "UNIT04", file_date=date(2026, 11, 2))
    assert found == ([("warn", 2, element_name(claim_type, "units"))] if fires else [])


def beside(claim_type: ClaimType, code: str, units: object) -> list[tuple[str | None, int | None, str]]:
    line = LineSpec(code, units=str(units))
    return answers(infusion_claim(claim_type, lines=(drug_line(), line, LineSpec("96365"))), "DOSE02")


@pytest.mark.parametrize("row", shipped().daily_most.values(), ids=lambda row: row.code)
def test_common_drugs_up_to_the_most_of_a_day(row: DailyMost) -> None:
    most = int(row.most_units)
    assert beside("837P", row.code, most) == []
    assert beside("837P", row.code, most + 1) == [("warn", 2, "SV104")]


@each_type
@each(
    ("code", "units", "fires"),
    {
        "50 mg": ("J1200", 1, False),
        "50 mg billed as 50 units": ("J1200", 50, True),
        "125 mg": ("J2919", 25, False),
        "1 g of methylprednisolone": ("J2919", 200, False),
        "1,000 mg billed as 1,000 units": ("J0131", 1000, True),
        "20 mg": ("J1100", 20, False),
        "a liter billed in milliliters": ("J7030", 1000, True),
    },
)
def test_amounts_that_were_billed_as_units(claim_type: ClaimType, code: str, units: int, fires: bool) -> None:
    assert beside(claim_type, code, units) == ([("warn", 2, element_name(claim_type, "units"))] if fires else [])


def test_several_days_and_stays_may_have_more_of_a_common_drug() -> None:
    claim = infusion_claim("837I", lines=(LineSpec("J1200", units=50),))
    assert len(answers(claim, "DOSE02")) == 1
    assert answers(with_line(claim, 1, dates=WEEK), "DOSE02") == []
    assert answers(attrs.evolve(claim, facility_code="11"), "DOSE02") == []
