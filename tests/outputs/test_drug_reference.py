"""The page of the shipped drugs."""

from __future__ import annotations

from scrubber.outputs import drug_reference
from scrubber.reference import shipped
from tests.scrubbing import ROOT

PAGE = ROOT / "docs" / "drugs.md"


def test_the_page_is_up_to_date() -> None:
    up_to_date = PAGE.read_text("utf-8") == drug_reference.page(shipped())
    assert up_to_date, "run: python -m scrubber.outputs.drug_reference > docs/drugs.md"


def test_a_row_has_what_is_known_of_a_drug() -> None:
    rows = dict(row.strip("| ").split(" | ", 1) for row in PAGE.read_text("utf-8").splitlines() if row.startswith("| "))
    known = "label, dose, spacing, giving"
    assert rows["J0490"] == f"belimumab | Benlysta | 10 mg | 2012-01-01 | 12, 40 | yes | {known}"
    assert rows["J0885"].startswith("epoetin alfa | Epogen or Procrit | 1,000 units |")
    assert rows["J0885"].rstrip(" |").endswith("| by product | dose")
