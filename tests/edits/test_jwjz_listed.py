"""JW and JZ on drugs that only loaded tables have: Medicare's list of single-dose drugs, or the text of the package."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.reference.external import ADDENDUM_B
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, infusion_claim
from tests.edits.judging import LONG_AGO, answers, reasons, row, scoped, severities
from tests.edits.loaded_drugs import BOTTLE, VIAL, crosswalk, directory, having, single_dose, vials
from tests.scrubbing import each, each_type

INFUSION = LineSpec("96365")
LISTED = having(single_dose("J9998"))
PACKAGED = having(crosswalk(), directory())
WASTE = vials("0.1", 30, modifiers=("JW",))
GIVEN = vials("0.9", 270, modifiers=())
BARE = vials(modifiers=())
BOTTLE_WASTE = vials("0.3", 30, procedure="J9995", ndc=BOTTLE, modifiers=("JW",))


def claim(*lines: LineSpec, claim_type: ClaimType = "837P", **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, lines=(*lines, INFUSION), **changes)


@each_type
@each("facts", {"list": LISTED, "package": PACKAGED})
@each(
    "lines",
    {
        "JZ": (vials(),),
        "JW": (GIVEN, WASTE),
        "another drug that no table has": (LineSpec("J9990"),),
        "a bottle for many doses": (vials(procedure="J9995", ndc=BOTTLE, modifiers=()),),
        "a day before JZ": (attrs.evolve(BARE, dates=date(2022, 12, 31)),),
    },
)
@pytest.mark.parametrize("code", ["JWJZ01", "JWJZ02", "JWJZ03", "JWJZ04", "JWJZ05", "JWJZ09", "JWJZ10"])
def test_silent_on_drugs_of_the_loaded_list_that_are_billed_right(
    claim_type: ClaimType, facts: object, lines: tuple[LineSpec, ...], code: str
) -> None:
    assert answers(claim(*lines, claim_type=claim_type), code, facts=facts) == []


@each(
    ("facts", "expected"),
    {
        "on Medicare's list": (LISTED, scoped("reject", "warn", "warn", "warn")),
        "by the package": (PACKAGED, scoped("warn", "warn", "warn", "warn")),
        "unknown": (having(), scoped(None, None, None, None)),
        "a package without an answer": (having(crosswalk()), scoped(None, None, None, None)),
    },
)
@each_type
def test_a_line_without_jw_and_jz(claim_type: ClaimType, facts: object, expected: dict[str, str | None]) -> None:
    assert severities(claim(BARE, claim_type=claim_type), "JWJZ01", facts=facts) == expected


@each(
    ("lines", "code", "line"),
    {
        "both on one line": ((vials(modifiers=("JW", "JZ")),), "JWJZ02", 1),
        "JZ beside JW": ((vials(), WASTE), "JWJZ03", 1),
        "JW alone": ((WASTE,), "JWJZ04", 1),
        "part of a unit": ((GIVEN, attrs.evolve(WASTE, units="0.5")), "JWJZ05", 2),
        "JZ on a bottle for many doses": ((vials(procedure="J9995", ndc=BOTTLE),), "JWJZ09", 1),
        "JW on a bottle for many doses": ((BOTTLE_WASTE,), "JWJZ09", 1),
    },
)
def test_faults_on_drugs_of_the_loaded_list(lines: tuple[LineSpec, ...], code: str, line: int) -> None:
    assert [found for _, found, _ in answers(claim(*lines), code, facts=PACKAGED)] == [line]


@pytest.mark.parametrize("code", ["JWJZ04", "JWJZ14"])
def test_jw_alone_on_a_bottle_for_many_doses_is_no_waste_without_its_dose(code: str) -> None:
    assert answers(claim(BOTTLE_WASTE), code, facts=PACKAGED) == []


def test_the_package_of_the_ndc_wins_over_the_list() -> None:
    facts = having(single_dose("J9995"), crosswalk(), directory())
    assert answers(claim(vials(procedure="J9995", ndc=BOTTLE, modifiers=())), "JWJZ01", facts=facts) == []


def test_a_packaged_drug_of_an_outpatient_needs_neither() -> None:
    for status, expected in (("N", 0), ("K", 1)):
        facts = having(single_dose("J9998"), {ADDENDUM_B: [row("J9998", LONG_AGO, status=status)]})
        assert len(answers(claim(BARE, claim_type="837I"), "JWJZ01", facts=facts)) == expected
        assert len(answers(claim(BARE), "JWJZ01", facts=facts)) == 1, "an office is paid for it"


def test_a_cheap_drug_is_packaged_unless_addendum_b_pays_it() -> None:
    iron = LineSpec("J1756", units=100)
    assert answers(claim(iron, claim_type="837I"), "JWJZ01") == []
    assert answers(claim(iron), "JWJZ01") == [("reject", 1, "SV101-3")]
    paid = having({ADDENDUM_B: [row("J1756", LONG_AGO, status="K")]})
    assert answers(claim(iron, claim_type="837I"), "JWJZ01", facts=paid) == [("reject", 1, "SV202-3")]


def test_inpatients_are_left_out() -> None:
    assert answers(claim(BARE, claim_type="837I", facility_code="11"), "JWJZ01", facts=LISTED) == []


def test_a_day_without_an_edition_is_not_checked() -> None:
    early = claim(attrs.evolve(BARE, dates=date(2026, 9, 30), ndc=VIAL))
    assert any("single-dose has no edition" in reason for reason in reasons(early, "JWJZ01", facts=LISTED))
