"""Revenue codes of drugs and their administration on institutional claims."""

import attrs
import pytest

from scrubber.testing import LineSpec, anifrolumab_claim, infusion_claim, visit_claim, waste_claim, with_line
from tests.edits.judging import answers, everywhere, scoped, severities
from tests.scrubbing import each

BARE_DRUG = LineSpec("", revenue_code="0636", charge=100)


@pytest.mark.parametrize("revenue", ["0250", "0258", "0259", "0260", "0510", "0637"])
def test_drug_under_another_revenue_code(revenue: str) -> None:
    claim = with_line(infusion_claim("837I"), 1, revenue_code=revenue)
    assert answers(claim, "REV01") == [("warn", 1, "SV201")]
    assert severities(claim, "REV01") == everywhere("warn")
    assert answers(with_line(anifrolumab_claim("837I"), 1, revenue_code=revenue), "REV01") == [("warn", 1, "SV201")]


def test_drug_under_0636() -> None:
    assert answers(infusion_claim("837I"), "REV01") == []
    assert answers(waste_claim("837I"), "REV01") == []
    assert answers(with_line(visit_claim("837I"), 1, revenue_code="0250"), "REV01") == []
    assert answers(with_line(infusion_claim("837P"), 1, revenue_code="0250"), "REV01") == []


@each(
    ("facility", "outpatient"),
    {"hospital": ("13", True), "critical access": ("85", True), "inpatient": ("11", False), "nursing": ("21", False)},
)
def test_outpatient_bill_types_only(facility: str, outpatient: bool) -> None:
    other = with_line(infusion_claim("837I", facility_code=facility), 1, revenue_code="0250")
    assert bool(answers(other, "REV01")) is outpatient
    bare = visit_claim("837I", facility_code=facility, lines=(BARE_DRUG,))
    assert answers(bare, "REV03") == ([("reject", 1, "SV202-2")] if outpatient else [])


@each(
    ("revenue", "fires"),
    {
        "IV therapy": ("0260", False),
        "chemotherapy": ("0335", False),
        "surgery centre": ("0490", False),
        "clinic": ("0510", False),
        "treatment room": ("0761", False),
        "pharmacy": ("0250", True),
        "drugs": ("0636", True),
        "emergency room": ("0450", True),
    },
)
def test_administration(revenue: str, fires: bool) -> None:
    claim = with_line(infusion_claim("837I"), 2, revenue_code=revenue)
    assert answers(claim, "REV02") == ([("info", 2, "SV201")] if fires else [])
    if fires:
        assert severities(claim, "REV02") == everywhere("info")
    without_drug = attrs.evolve(claim, lines=claim.lines[1:])
    assert answers(without_drug, "REV02") == []


def test_drug_revenue_without_a_code() -> None:
    claim = visit_claim("837I", lines=(BARE_DRUG,))
    assert severities(claim, "REV03") == everywhere("reject")
    assert answers(infusion_claim("837I"), "REV03") == []
    assert answers(visit_claim("837I", lines=(attrs.evolve(BARE_DRUG, revenue_code="0250"),)), "REV03") == []
    assert answers(attrs.evolve(claim, frequency="8"), "REV03") == []


@each(
    ("facility", "revenue", "fires"),
    {
        "semi-private": ("13", "0120", True),
        "first of the codes": ("13", "0100", True),
        "last of the codes": ("85", "0219", True),
        "special charges": ("13", "0220", False),
        "observation": ("13", "0762", False),
        "total": ("13", "0001", False),
        "inpatient": ("11", "0120", False),
        "swing bed": ("18", "0120", False),
    },
)
def test_room_and_board(facility: str, revenue: str, fires: bool) -> None:
    room = LineSpec("", revenue_code=revenue, units=2, unit_basis="DA", charge=2000)
    claim = infusion_claim("837I", facility_code=facility, lines=(*infusion_claim("837I").lines, room))
    assert answers(claim, "REV04") == ([("warn", 3, "SV201")] if fires else [])
    if fires:
        assert severities(claim, "REV04") == scoped("warn", None, None, None)
