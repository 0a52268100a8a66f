"""Waste by vial sizes: those of the shipped rows, and those that a loaded crosswalk adds."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from scrubber import read_claims
from scrubber.claims.doses import doses
from scrubber.reference import Facts, shipped
from scrubber.reference.waste import avoidable_waste, sizes
from scrubber.testing import build, drug_line, infusion_claim
from tests.edits.judging import answers
from tests.edits.loaded_drugs import crosswalk, having

DAY = date(2026, 10, 5)
LARGER = having(crosswalk(("49401010301", "J0490", "50", "50", "1", "20", "10 MG")))
"""A crosswalk with a new vial of 50 units."""


def avoidable(given: int, wasted: int, facts: Facts) -> object:
    lines = (drug_line(units=given, modifiers=()), drug_line(units=wasted, modifiers=("JW",)))
    (claim,) = read_claims(BytesIO(build([infusion_claim(lines=lines)]).encode()))
    (dose,) = doses(claim, facts.drug_codes)
    return avoidable_waste(dose, facts)


def test_a_loaded_crosswalk_adds_vial_sizes() -> None:
    assert sizes("J0490", DAY, shipped()) == {12, 40}
    assert sizes("J0490", DAY, LARGER) == {12, 40, 50}
    assert sizes("J0490", date(2026, 9, 30), LARGER) == {12, 40}, "no edition"
    assert sizes("J9998", DAY, having(crosswalk())) == set(), "a drug without shipped rows"


def test_a_dose_of_a_new_vial_fills_whole_vials() -> None:
    claim = infusion_claim(lines=(drug_line(units=50, modifiers=("JZ",)),))
    assert len(answers(claim, "JWJZ06")) == 1
    assert answers(claim, "JWJZ06", facts=LARGER) == []


def test_waste_is_measured_by_the_shipped_sizes() -> None:
    """46 units need four small vials, or a small and a large one (52)."""
    assert avoidable(46, 2, shipped()) == 0
    assert avoidable(46, 6, shipped()) == 4
    assert avoidable(46, 4, shipped()) is None, "50 units fill no vials"
    assert avoidable(46, 4, LARGER) == 2
