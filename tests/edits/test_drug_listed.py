"""Drugs without a shipped row are named, with an infusion on the claim or by their routes in loaded tables."""

from __future__ import annotations

from scrubber.testing import LineSpec, infusion_claim
from tests.edits.judging import reasons
from tests.edits.loaded_drugs import BOTTLE, TWO_CODES, crosswalk, directory, having, vials
from tests.scrubbing import each

BOTH, ONLY_CROSSWALK = having(crosswalk(), directory()), having(crosswalk())
INFUSION = LineSpec("96365")


@each(
    ("lines", "facts", "named"),
    {
        "infused, without an administration": ((vials(),), BOTH, "J9998"),
        "by its code, without an NDC": ((vials(ndc=None, ndc_quantity=None, ndc_unit=None),), BOTH, "J9998"),
        "injected": ((vials(procedure="J9995", ndc=BOTTLE),), BOTH, ""),
        "of a route that is not known": ((vials(procedure="J9996", ndc=TWO_CODES),), BOTH, ""),
        "without the directory": ((vials(),), ONLY_CROSSWALK, ""),
        "with an infusion": ((vials(), INFUSION), BOTH, "J9998"),
        "with an infusion and the crosswalk": ((vials(), INFUSION), ONLY_CROSSWALK, "J9998"),
        "a drug of no table": ((LineSpec("J9990"),), BOTH, ""),
        "a drug of no table with an infusion": ((LineSpec("J9990"), INFUSION), BOTH, "J9990"),
    },
)
def test_a_drug_without_rows_is_named_as_not_checked(lines: tuple[LineSpec, ...], facts: object, named: str) -> None:
    found = reasons(infusion_claim(lines=lines), "DRUG01", facts=facts)
    assert [reason.partition(":")[0] for reason in found] == ([named] if named else [])


def test_what_was_judged_of_a_listed_drug_is_said() -> None:
    (listed,) = reasons(infusion_claim(lines=(vials(), INFUSION)), "DRUG01", facts=BOTH)
    assert listed == "J9998: not in the drug tables, so this drug was not judged beyond NDC, units and waste"
    (unlisted,) = reasons(infusion_claim(lines=(LineSpec("J9990"), INFUSION)), "DRUG01", facts=BOTH)
    assert unlisted == "J9990: not in the drug tables, so this drug was not judged"
