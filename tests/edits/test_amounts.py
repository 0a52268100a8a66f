"""Charges of the lines and of the claim."""

import attrs

from tests.builder import (
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    infusion_claim,
    visit_claim,
    with_line,
)
from tests.edits.judging import answers, everywhere, reasons, severities
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
def test_total(claim_type: ClaimType, total: str, fires: bool) -> None:
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


def test_no_lines() -> None:
    assert reasons(visit_claim(lines=(), total_charge="10"), "AMT01") == ["the total or a line charge is missing"]


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
