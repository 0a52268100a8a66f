"""The same line, and the same claim, twice."""

from datetime import date
from typing import Any

import attrs
import pytest

from fixtures.case import element_name
from scrubber.testing import (
    BENLYSTA_120,
    OTHER_RENDERING_NPI,
    ClaimSpec,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    waste_lines,
    with_line,
)
from tests.edits.judging import answers, everywhere, judge, reasons, severities
from tests.scrubbing import SCOPES, each, each_type

NEXT_DAY = date(2026, 10, 6)
VISIT, DRUG = LineSpec("99213", revenue_code="0510"), drug_line()


@each_type
@each(
    ("lines", "faults"),
    {
        "twice": ((VISIT, VISIT), [2]),
        "thrice": ((VISIT, VISIT, VISIT), [2, 3]),
        "a drug": ((DRUG, LineSpec("96365"), DRUG), [3]),
        "units written otherwise": ((VISIT, attrs.evolve(VISIT, units="1.0")), [2]),
        "modifiers in another order": (
            (attrs.evolve(DRUG, modifiers=("JZ", "TB")), attrs.evolve(DRUG, modifiers=("TB", "JZ"))),
            [2],
        ),
        "another procedure": ((VISIT, attrs.evolve(VISIT, procedure="99214")), []),
        "another modifier": ((VISIT, attrs.evolve(VISIT, modifiers=("25",))), []),
        "another day": ((VISIT, attrs.evolve(VISIT, dates=NEXT_DAY)), []),
        "another NDC": ((DRUG, attrs.evolve(DRUG, ndc=BENLYSTA_120)), []),
        "other units": ((VISIT, attrs.evolve(VISIT, units=2, charge=120)), []),
        "another charge": ((VISIT, attrs.evolve(VISIT, charge=121)), []),
        "another description": (
            (LineSpec("J3490", description="A 1 MG"), LineSpec("J3490", description="B 1 MG")),
            [],
        ),
        "given and discarded": (waste_lines(), []),
        "repeated, 76": ((VISIT, *[attrs.evolve(VISIT, modifiers=("76",))] * 2), []),
        "repeated, 77": ((VISIT, *[attrs.evolve(VISIT, modifiers=("77",))] * 2), []),
        "several NDCs": ((attrs.evolve(DRUG, modifiers=("KP",)), *[attrs.evolve(DRUG, modifiers=("KQ",))] * 2), []),
        "discarded twice": ((DRUG, *[waste_lines()[1]] * 2), [3]),
    },
)
def test_lines_that_bill_the_same_service_twice(
    claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]
) -> None:
    claim = visit_claim(claim_type, lines=lines)
    assert answers(claim, "DUP01") == [("warn", line, element_name(claim_type, "procedure")) for line in faults]


def test_lines_of_two_providers() -> None:
    claim = visit_claim(lines=(VISIT, attrs.evolve(VISIT, rendering_npi=OTHER_RENDERING_NPI)))
    assert answers(claim, "DUP01") == []


def test_lines_without_procedure() -> None:
    room = LineSpec("", revenue_code="0120", charge=900)
    assert answers(visit_claim("837I", lines=(room, room)), "DUP01") == []


def test_lines_on_an_unknown_day() -> None:
    undated = attrs.evolve(VISIT, dates=None)
    several = visit_claim("837I", lines=(undated, undated), statement_dates=(date(2026, 10, 5), NEXT_DAY))
    assert answers(several, "DUP01") == []
    assert "day of a line is not known" in reasons(several, "DUP01")[0]
    one_day = attrs.evolve(several, statement_dates=(NEXT_DAY, NEXT_DAY))
    assert len(answers(one_day, "DUP01")) == 1
    assert reasons(visit_claim(lines=(VISIT, attrs.evolve(VISIT, units="X"))), "DUP01") == ["SV104 is not a number"]


def test_lines_by_scope() -> None:
    assert severities(visit_claim(lines=(VISIT, VISIT)), "DUP01") == everywhere("warn")


MEMBER = "9XX1XX1XX11"


def found(claims: list[ClaimSpec]) -> list[list[tuple[str | None, str]]]:
    return [
        [(finding.severity, finding.location.element) for finding in scrubbed.findings]
        for scrubbed in judge(claims, "DUP02")
    ]


TWICE = [[], [("warn", "CLM01")]]


@each_type
@each(
    ("changes", "same"),
    {
        "all the same": ({}, True),
        "another claim number": ({"claim_id": "OTHER"}, True),
        "another member": ({"member_id": "9XX1XX1XX12"}, False),
        "another payer": ({"payer_id": "OTHER"}, False),
        "another birth date": ({"birth_date": date(1990, 1, 1)}, False),
        "as secondary": ({"payer_sequence": "S"}, False),
        "other lines": ({"lines": (DRUG,)}, False),
        "lines in another order": ({"lines": (LineSpec("96365"), DRUG)}, True),
        "another day": ({"lines": (attrs.evolve(DRUG, dates=NEXT_DAY), LineSpec("96365"))}, False),
        "another charge": ({"lines": (attrs.evolve(DRUG, charge=1), LineSpec("96365"))}, False),
        "a replacement": ({"frequency": "7", "payer_claim_control_number": "ICN1"}, False),
        "a void": ({"frequency": "8", "payer_claim_control_number": "ICN1"}, False),
    },
)
def test_a_claim_that_is_twice_in_a_file(claim_type: ClaimType, changes: dict[str, Any], same: bool) -> None:
    first = infusion_claim(claim_type, member_id=MEMBER)
    assert found([first, attrs.evolve(first, **changes)]) == (TWICE if same else [[], []])
    assert found([attrs.evolve(first, **changes), first]) == (TWICE if same else [[], []])


@pytest.mark.parametrize("scope", SCOPES)
def test_claims_by_scope(scope: str) -> None:
    assert found([infusion_claim(member_id=MEMBER, filing=SCOPES[scope])] * 2) == TWICE


def test_claims_three_times() -> None:
    assert found([infusion_claim(member_id=MEMBER)] * 3) == [*TWICE, TWICE[1]]


def test_claims_of_both_types_and_without_the_drug() -> None:
    professional, institutional = (infusion_claim(kind, member_id=MEMBER, filing="CI") for kind in ("837P", "837I"))
    assert found([professional, institutional]) == [[], []]
    assert found([visit_claim(member_id=MEMBER)] * 2) == [[], []]


def test_claims_of_another_rendering_provider() -> None:
    first = infusion_claim(member_id=MEMBER)
    assert found([first, attrs.evolve(first, rendering_npi=OTHER_RENDERING_NPI)]) == TWICE
    seen = infusion_claim(member_id=MEMBER, lines=(*first.lines, LineSpec("99213", ("25",))))
    assert found([seen, attrs.evolve(seen, rendering_npi=OTHER_RENDERING_NPI)]) == [[], []]


def test_claims_without_member_id() -> None:
    judged = judge([waste_claim(member_id="")] * 2, "DUP02")
    assert [[item.code for item in scrubbed.not_checked] for scrubbed in judged] == [["DUP02"]] * 2


def test_claims_with_malformed_units() -> None:
    """They are compared as they are written."""
    assert found([with_line(infusion_claim(member_id=MEMBER), 1, units="8O")] * 2) == TWICE
