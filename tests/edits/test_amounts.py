"""Charges of the lines and of the claim."""

from typing import Any

import attrs
import pytest

from fixtures.case import element_name
from scrubber.testing import (
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    infusion_claim,
    visit_claim,
    with_line,
)
from tests.edits.judging import answers, everywhere, reasons, scoped, severities
from tests.scrubbing import each, each_type

LINES = (LineSpec("99213", charge="100.10", revenue_code="0510"), LineSpec("36415", charge="9.9", revenue_code="0300"))


@each_type
@each(
    ("total", "fires"),
    {
        "the sum": ("110", False),
        "with decimals": ("110.00", False),
        "a cent more": ("110.01", True),
        "a cent less": ("109.99", True),
        "two cents more": ("110.02", True),
        "two cents less": ("109.98", True),
        "of one line": ("100.1", True),
        "nothing": ("0", True),
    },
)
def test_the_total_is_the_sum_of_the_lines(claim_type: ClaimType, total: str, fires: bool) -> None:
    claim = visit_claim(claim_type, lines=LINES, total_charge=total)
    assert answers(claim, "AMT01") == ([("reject", None, "CLM02")] if fires else [])
    if fires:
        assert severities(claim, "AMT01") == everywhere("reject")
        assert answers(attrs.evolve(claim, frequency="8"), "AMT01") == []


def test_the_total_line_of_an_837i() -> None:
    with_total = (*LINES, LineSpec("", revenue_code="0001", charge="110"))
    assert answers(visit_claim("837I", lines=with_total, total_charge="110"), "AMT01") == []
    assert answers(visit_claim("837I", lines=with_total, total_charge="220"), "AMT01") != []


@each_type
@each(
    ("total", "charge", "reason"),
    {
        "total missing": ("", "9.9", "the total or a line charge is missing"),
        "line charge missing": ("110", "", "the total or a line charge is missing"),
        "total malformed": ("11O", "9.9", "CLM02 is not a number"),
        "line charge malformed": ("110", "9,9", " is not a number"),
    },
)
def test_cannot_be_summed(claim_type: ClaimType, total: str, charge: str, reason: str) -> None:
    claim = visit_claim(claim_type, lines=(LINES[0], attrs.evolve(LINES[1], charge=charge)), total_charge=total)
    assert answers(claim, "AMT01") == []
    assert reason in reasons(claim, "AMT01")[0]


@each_type
@each(
    ("charge", "fires"), {"zero": ("0", True), "0.00": ("0.00", True), "missing": ("", True), "a cent": ("0.01", False)}
)
def test_drug_without_charge(claim_type: ClaimType, charge: str, fires: bool) -> None:
    for claim in (infusion_claim(claim_type), anifrolumab_claim(claim_type)):
        free = with_line(claim, 1, charge=charge)
        place = "SV102" if claim_type == "837P" else "SV203"
        assert answers(free, "AMT02") == ([("warn", 1, place)] if fires else [])
        if fires:
            assert severities(free, "AMT02") == everywhere("warn")


@each_type
def test_other_lines_may_be_free(claim_type: ClaimType) -> None:
    assert answers(with_line(infusion_claim(claim_type), 2, charge="0"), "AMT02") == []
    assert answers(with_line(visit_claim(claim_type), 1, charge="0"), "AMT02") == []


@each_type
@each(
    ("total", "charge", "places"),
    {
        "above zero": ("110", "9.9", []),
        "zero": ("100.10", "0", []),
        "line below zero": ("90.2", "-9.9", ["line"]),
        "a cent below zero": ("100.09", "-.01", ["line"]),
        "both below zero": ("-9.9", "-110", ["CLM02", "line"]),
        "minus zero": ("100.10", "-0", []),
        "no number": ("110", "-", []),
    },
)
def test_negative_charges(claim_type: ClaimType, total: str, charge: str, places: list[str]) -> None:
    claim = visit_claim(claim_type, lines=(LINES[0], attrs.evolve(LINES[1], charge=charge)), total_charge=total)
    expected = [
        ("reject", 2 if place == "line" else None, element_name(claim_type, "charge") if place == "line" else place)
        for place in places
    ]
    assert answers(claim, "AMT03") == expected
    if places == ["line"]:
        assert severities(claim, "AMT03") == everywhere("reject")


@each_type
@each(
    ("changes", "place"),
    {
        "paid by the patient": ({"extra": ("AMT*F5*-10",)}, "AMT02"),
        "paid by another payer": ({"loops": ("SBR*S*18*******CI", "AMT*D*-10")}, "AMT02"),
        "adjustment, which may be negative": ({"loops": ("SBR*S*18*******CI", "CAS*CO*45*-10")}, None),
        "value code": ({"extra": ("HI*BE:A2:::-15.31",)}, "HI01-5"),
    },
)
def test_other_negative_amounts(claim_type: ClaimType, changes: dict[str, Any], place: str | None) -> None:
    claim = visit_claim(claim_type, **changes)
    assert answers(claim, "AMT03") == ([("reject", None, place)] if place else [])
    if place:
        assert severities(claim, "AMT03") == scoped("reject", "warn", "warn", "warn")


@each_type
@each(
    ("line", "fires"),
    {
        "zero": (LineSpec("36415", charge=0), True),
        "missing": (LineSpec("36415", charge=""), True),
        "a cent": (LineSpec("36415", charge="0.01"), False),
        "quality code": (LineSpec("G8427", charge=0), False),
        "category II code": (LineSpec("1036F", charge=0), False),
        "vaccine of the state": (LineSpec("90686", ("SL",), charge=0), False),
        "infused drug, which is for AMT02": (LineSpec("J0490", ("JZ",), charge=0), False),
    },
)
def test_lines_without_a_charge(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = visit_claim(claim_type, lines=(LINES[0], line))
    expected = scoped("warn", "info", "info", "info") if fires else scoped(None, None, None, None)
    assert severities(claim, "AMT04") == expected
    if fires:
        assert answers(claim, "AMT04") == [("warn", 2, element_name(claim_type, "charge"))]


@each_type
def test_encounters_charge_nothing_at_all(claim_type: ClaimType) -> None:
    lines = tuple(attrs.evolve(line, charge=0) for line in LINES)
    assert answers(visit_claim(claim_type, lines=lines), "AMT04") == []


def test_payment_classes_and_rooms_of_an_837i() -> None:
    lines = (*LINES, LineSpec("A1234", revenue_code="0024", charge=0), LineSpec("", revenue_code="0250", charge=0))
    assert answers(visit_claim("837I", lines=lines), "AMT04") == []


@each(
    ("charges", "places"),
    {
        "the most": (("99999.99",), []),
        "a cent more": (("100000",), [(None, "CLM02"), (1, "SV102")]),
        "together": (("60000", "40000"), [(None, "CLM02")]),
        "together just within": (("60000", "39999.99"), []),
    },
)
def test_the_most_on_part_b(charges: tuple[str, ...], places: list[tuple[int | None, str]]) -> None:
    claim = visit_claim(lines=tuple(LineSpec("99213", charge=charge) for charge in charges))
    assert answers(claim, "AMT05") == [("reject", *place) for place in places]
    if places:
        assert severities(claim, "AMT05") == scoped("reject", None, None, None)


def test_hospital_claims_have_no_such_limit() -> None:
    claim = visit_claim("837I", lines=(LineSpec("G0463", charge="250000"),))
    assert answers(claim, "AMT05") == []


@each_type
@pytest.mark.parametrize("modifier", ["FB", "Q0", "Q1"])
def test_a_modifier_explains_a_drug_without_a_charge(claim_type: ClaimType, modifier: str) -> None:
    claim = with_line(infusion_claim(claim_type), 1, charge="0", modifiers=("JZ", modifier))
    assert answers(claim, "AMT02") == []
