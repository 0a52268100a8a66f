"""NDCs of drugs that only the loaded crosswalk and directory have, and the loaded edition before shipped rows."""

from __future__ import annotations

from datetime import date

import attrs

from scrubber.reference import Facts
from scrubber.testing import BENLYSTA_120, ClaimSpec, ClaimType, LineSpec, drug_line, infusion_claim
from tests.edits.judging import answers, reasons
from tests.edits.loaded_drugs import (
    BOTTLE,
    IMPLANT,
    OTHER,
    PEN,
    SMALL_VIAL,
    TWO_CODES,
    VIAL,
    crosswalk,
    directory,
    having,
    vials,
)
from tests.scrubbing import each, each_type

INFUSION = LineSpec("96365")
CODES = ("NDC02", "NDC03", "NDC05", "NDC06", "NDC07", "NDC08", "NOC05")
BOTH = having(crosswalk(), directory())
ONLY_CROSSWALK = having(crosswalk())


def claim(*lines: LineSpec, claim_type: ClaimType = "837P", filing: str = "CI") -> ClaimSpec:
    return infusion_claim(claim_type, lines=(*lines, INFUSION), filing=filing)


def found(judged: ClaimSpec, facts: Facts) -> dict[str, list[str | None]]:
    """The severities that each code is found with."""
    by_code = {code: [severity for severity, _, _ in answers(judged, code, facts=facts)] for code in CODES}
    return {code: severities for code, severities in by_code.items() if severities}


@each_type
@each("facts", {"both tables": BOTH, "crosswalk": ONLY_CROSSWALK})
@each(
    "lines",
    {
        "whole vials": (vials(2, 600),),
        "a decimal number of units in a vial": (vials(2, 25, ndc=SMALL_VIAL),),
        "given and discarded": (vials("0.9", 270, modifiers=()), vials("0.1", 30, modifiers=("JW",))),
        "milligrams": (vials(600, 600, ndc_unit="ME"),),
        "grams": (vials("0.6", 600, ndc_unit="GR"),),
        "no NDC": (vials(2, 600, ndc=None, ndc_quantity=None, ndc_unit=None),),
        "an NDC of two codes with one of them": (vials(1, 20, ndc=TWO_CODES),),
        "with the other of them": (vials(1, 2, procedure="J9996", ndc=TWO_CODES),),
        "containers of a package": (vials(10, 1000, procedure="J9995", ndc=BOTTLE),),
        "packages": (vials(1, 1000, procedure="J9995", ndc=BOTTLE),),
        "a liquid in milliliters": (vials("2.5", 25, procedure="J9995", ndc=BOTTLE, ndc_unit="ML"),),
        "a powder in milliliters, which nobody can convert": (vials(20, 300, ndc_unit="ML"),),
        "international units differ from lot to lot": (vials(1, 25, ndc=TWO_CODES, ndc_unit="F2"),),
        "a device": (vials(1, 20, procedure="J9994", ndc=IMPLANT),),
        "a skin substitute under its own number": (vials(1, 9, procedure="Q4160", ndc="GG100"),),
        "a code that is in no table": (vials(1, 5, procedure="J9990", ndc=OTHER),),
        "a temporary code of hospitals": (vials(1, 5, procedure="C9990", ndc=OTHER),),
    },
)
def test_silent_on_drugs_of_the_loaded_tables_that_are_billed_right(
    claim_type: ClaimType, facts: Facts, lines: tuple[LineSpec, ...]
) -> None:
    assert found(claim(*lines, claim_type=claim_type), facts) == {}


@each_type
@each(
    ("line", "expected"),
    {
        "ten digits": (vials(ndc=VIAL[:10]), {"NDC02": ["reject"]}),
        "hyphens": (vials(ndc="99991-0001-01"), {"NDC02": ["reject"]}),
        "no quantity": (vials(ndc_quantity="0"), {"NDC03": ["reject"]}),
        "the product for the skin": (vials(ndc=PEN), {"NDC05": ["warn"]}),
        "another substance": (vials(ndc=OTHER), {"NDC06": ["reject"]}),
        "an NDC of another code, of a substance that is not known": (vials(ndc=IMPLANT), {"NDC06": ["warn"]}),
        "too few vials": (vials(1, 600), {"NDC07": ["warn"]}),
        "milligrams of a third": (vials(100, 300, ndc_unit="ME"), {"NDC07": ["warn"]}),
        "a liquid that is counted wrongly": (
            vials(25, 25, procedure="J9995", ndc=BOTTLE, ndc_unit="ML"),
            {"NDC07": ["warn"]},
        ),
        "a made-up NDC": (vials(ndc="99999999999"), {"NDC08": ["warn"]}),
        "a package that is no longer sold": (vials(ndc="99991000801"), {"NDC08": ["warn"]}),
        "unclassified": (vials(1, 1, procedure="J3490"), {"NOC05": ["reject"]}),
        "unclassified biologic": (vials(1, 1, procedure="J3590"), {"NOC05": ["reject"]}),
        "unclassified, of two codes": (vials(1, 1, procedure="J3490", ndc=TWO_CODES), {"NOC05": ["reject"]}),
        "compounded": (vials(1, 1, procedure="J7999"), {}),
        "unclassified, and the NDC has no code": (vials(1, 1, procedure="J3490", ndc=PEN), {}),
    },
)
def test_faults_on_drugs_of_the_loaded_tables(
    claim_type: ClaimType, line: LineSpec, expected: dict[str, list[str | None]]
) -> None:
    assert found(claim(line, claim_type=claim_type), BOTH) == expected


@each(
    ("procedure", "expected"),
    {"unclassified": ("J3590", {"NOC05": ["warn"]}), "compounded": ("J7999", {}), "its own code": ("J9998", {})},
)
@each("ndc", {"listed": VIAL, "shipped": BENLYSTA_120})
def test_a_repackaged_drug_for_the_eye_may_stay_unclassified(
    procedure: str, ndc: str, expected: dict[str, list[str | None]]
) -> None:
    line = vials(1, 1 if procedure != "J9998" else 300, procedure=procedure, ndc=ndc)
    eye = infusion_claim(lines=(line, LineSpec("67028")), filing="CI")
    assert found(eye, BOTH).get("NOC05", []) == expected.get("NOC05", [])


def test_without_the_directory_another_code_is_a_warning() -> None:
    assert found(claim(vials(ndc=OTHER)), ONLY_CROSSWALK) == {"NDC06": ["warn"]}


def test_without_the_directory_routes_and_ended_packages_are_unknown() -> None:
    for ndc in (PEN, "99999999999", "99991000801"):
        assert found(claim(vials(ndc=ndc)), ONLY_CROSSWALK) == {}


def test_medicaid_does_not_reject_by_the_crosswalk_alone() -> None:
    assert found(claim(vials(1, 600), filing="MC"), BOTH) == {"NDC07": ["warn"]}


def test_inpatients_are_left_out() -> None:
    stay = attrs.evolve(claim(vials(1, 600, ndc=PEN), claim_type="837I"), facility_code="11")
    assert found(stay, BOTH) == {}


@each("code", {code: code for code in ("NDC05", "NDC06", "NDC07", "NDC08", "NOC05")})
def test_a_day_without_an_edition_is_not_checked(code: str) -> None:
    """The shipped rows still find the faults of their drugs."""
    line = vials(dates=date(2026, 9, 30), procedure="J3490" if code == "NOC05" else "J9998")
    (reason, *_) = reasons(claim(line), code, facts=BOTH)
    assert "has no edition for the date of service; the nearest is 2026-10" in reason
    shipped_drug = drug_line(ndc="49401008801", dates=date(2026, 9, 30))
    assert ("NDC05" in found(claim(shipped_drug), BOTH)) is True


@each("code", {code: code for code in ("NDC05", "NDC06", "NDC07", "NDC08")})
def test_a_product_of_the_shipped_rows_needs_no_edition(code: str) -> None:
    known = claim(drug_line(dates=date(2026, 9, 30)))
    assert reasons(known, code, facts=BOTH) == []
    unknown = claim(drug_line(ndc="49401999901", dates=date(2026, 9, 30)))
    assert "has no edition" in reasons(unknown, code, facts=BOTH)[0]


@each(
    ("units", "quantity", "faults"),
    {"as the loaded edition": (14, 1, {}), "as the shipped row": (24, 2, {"NDC07": ["warn"]})},
)
def test_for_units_the_loaded_edition_wins_over_the_shipped_row(
    units: int, quantity: int, faults: dict[str, list[str | None]]
) -> None:
    """The shipped row of 49401-0101-01 has 12 units; here the loaded edition says 14."""
    facts = having(crosswalk((BENLYSTA_120, "J0490", "14", "14", "1", "5", "10 MG")))
    line = drug_line(units=units, ndc=BENLYSTA_120, ndc_quantity=quantity, ndc_unit="UN")
    assert found(claim(line), facts) == faults


def test_an_ndc_that_the_loaded_edition_lists_with_the_code_is_right() -> None:
    """The shipped rows have it as the autoinjector, which no code is for."""
    facts = having(crosswalk(("49401008801", "J0490", "20", "20", "1", "1", "10 MG")))
    line = drug_line(units=20, ndc="49401008801", ndc_quantity=1, ndc_unit="UN")
    assert found(claim(line), facts) == {}
    assert "NDC05" in found(claim(line), ONLY_CROSSWALK)


def test_a_shipped_drug_with_an_ndc_that_only_the_crosswalk_has() -> None:
    assert found(claim(drug_line(ndc=OTHER)), having(crosswalk((OTHER, "J9997", "1", "1", "1", "1", "1 MG"))))[
        "NDC08"
    ] == ["warn"]
    both = having(crosswalk((OTHER, "J9997", "1", "1", "1", "1", "1 MG"), (VIAL, "J0490", "1", "1", "1", "1", "1 MG")))
    assert found(claim(drug_line(ndc=OTHER)), both)["NDC06"] == ["warn"]
