"""Units of zero or less, and parts of units."""

import attrs

from fixtures.case import element_name
from scrubber.testing import ClaimType, LineSpec, drug_line, infusion_claim, visit_claim, waste_lines, with_line
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
