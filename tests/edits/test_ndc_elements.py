"""The NDC of a drug line: there, well formed, counted in the right unit, in accord with the units."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_120,
    BENLYSTA_400,
    RENDERING_NPI,
    SAPHNELO,
    ClaimSpec,
    ClaimType,
    LineSpec,
    Number,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, each, each_type, scrub_one


def of(claim_type: ClaimType, *lines: LineSpec, **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, lines=(*lines, LineSpec("96365"))), **changes)


def belimumab(claim_type: ClaimType, **changes: Any) -> ClaimSpec:
    return with_line(infusion_claim(claim_type), 1, **changes)


NO_NDC = {"ndc": None, "ndc_quantity": None, "ndc_unit": None}


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_an_infused_drug_names_its_ndc(claim_type: ClaimType, scope: str) -> None:
    severity = "reject" if scope == "mcd" else "warn" if claim_type == "837P" else "info"
    claim = attrs.evolve(belimumab(claim_type, **NO_NDC), filing=SCOPES[scope])
    assert_finds(claim, "NDC01", *([] if scope.startswith("ffs") else [(severity, 1, "ndc")]))
    assert_finds(infusion_claim(claim_type, filing=SCOPES[scope]), "NDC01")


@each_type
def test_medicaid_as_secondary_to_medicare_needs_the_ndc(claim_type: ClaimType) -> None:
    medicaid = (
        "SBR*S*18*******MC",
        "OI***Y***Y",
        "NM1*IL*1*BIRCHMERE*BRUNO****MI*MEM0000001",
        "NM1*PR*2*M*****PI*SM001",
    )
    claim = attrs.evolve(belimumab(claim_type, **NO_NDC), loops=medicaid)
    assert_finds(claim, "NDC01", ("info", 1, "ndc"))


@pytest.mark.parametrize("facility", ["11", "18", "71"])
def test_where_no_drug_is_paid_by_the_line_no_ndc_is_asked_for(facility: str) -> None:
    assert_finds(attrs.evolve(belimumab("837I", **NO_NDC), filing="MC", facility_code=facility), "NDC01")


@each_type
@pytest.mark.parametrize(
    ("ndc", "fix"),
    [
        ("4940110101", "write eleven digits: 49401010101;"),
        ("0310304000", "write eleven digits: 00310304000;"),
        ("1234567890", "01234567890 or 12345067890 or 12345678900"),
        ("49401-0101-01", "without hyphens"),
        ("4940101010A", "without hyphens"),
        ("494010101011", "without hyphens"),
        ("00000000000", "without hyphens"),
    ],
)
def test_a_malformed_ndc_is_reported_with_what_it_could_be(claim_type: ClaimType, ndc: str, fix: str) -> None:
    scrubbed = assert_finds(belimumab(claim_type, ndc=ndc), "NDC02", ("reject", 1, "ndc"))
    assert fix in scrubbed.findings[0].fix


@each_type
@pytest.mark.parametrize(("day", "fires"), [("2033-03-06", True), ("2033-03-07", False)])
def test_twelve_digits_are_right_from_2033_on(claim_type: ClaimType, day: str, fires: bool) -> None:
    claim = belimumab(claim_type, ndc="494010101011", dates=date.fromisoformat(day))
    assert_finds(claim, "NDC02", *([("reject", 1, "ndc")] if fires else []))


@each_type
@each(
    ("change", "found"),
    {
        "right": ({}, []),
        "three decimals": ({"ndc_quantity": "1.125"}, []),
        "four decimals": ({"ndc_quantity": "1.1255"}, [("warn", 1, "CTP04")]),
        "none": ({"ndc_quantity": ""}, [("reject", 1, "CTP04")]),
        "zero": ({"ndc_quantity": 0}, [("reject", 1, "CTP04")]),
        "negative": ({"ndc_quantity": -1}, [("reject", 1, "CTP04")]),
        "seven digits": ({"ndc_quantity": 9999999}, []),
        "eight digits": ({"ndc_quantity": 10000000}, [("reject", 1, "CTP04")]),
        "no unit": ({"ndc_unit": ""}, [("reject", 1, "CTP05-1")]),
        "unknown unit": ({"ndc_unit": "MG"}, [("reject", 1, "CTP05-1")]),
        "no NDC at all": (NO_NDC, []),
    },
)
def test_an_ndc_has_a_quantity_and_a_unit(
    claim_type: ClaimType, change: dict[str, Number], found: list[tuple[str, int, str]]
) -> None:
    assert_finds(belimumab(claim_type, **change), "NDC03", *found)


@each_type
@each(
    ("ndc", "unit", "severity"),
    {
        "powder in vials": (BENLYSTA_120, "UN", None),
        "powder in millilitres": (BENLYSTA_400, "ML", "warn"),
        "powder in milligrams": (BENLYSTA_120, "ME", "warn"),
        "powder of less than a gram in grams": (BENLYSTA_120, "GR", "reject"),
        "powder in units of clotting factor": (BENLYSTA_120, "F2", "reject"),
        "an unknown unit is for another edit": (BENLYSTA_120, "MG", None),
        "an unknown product": ("00000000001", "ME", None),
    },
)
def test_belimumab_is_counted_in_vials(claim_type: ClaimType, ndc: str, unit: str, severity: str | None) -> None:
    claim = belimumab(claim_type, ndc=ndc, ndc_unit=unit)
    assert_finds(claim, "NDC04", *([(severity, 1, "CTP05-1")] if severity else []))


def test_a_container_of_grams_may_be_counted_in_grams() -> None:
    gammagard = LineSpec("J1569", ("JZ",), 10, ndc="00944270004", ndc_quantity=5, ndc_unit="GR")
    assert_finds(of("837P", gammagard), "NDC04", ("warn", 1, "CTP05-1"))


@each_type
@pytest.mark.parametrize(("unit", "fires"), [("ML", False), ("UN", False), ("ME", True)])
def test_anifrolumab_is_counted_in_millilitres_or_vials(claim_type: ClaimType, unit: str, fires: bool) -> None:
    claim = of(claim_type, drug_line("J0491", 300, ndc=SAPHNELO, ndc_unit=unit))
    assert_finds(claim, "NDC04", *([("warn", 1, "CTP05-1")] if fires else []))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
@each(
    ("quantity", "unit", "grade"),
    {
        "as many vials": (2, "UN", None),
        "as many millilitres": (10, "ML", None),
        "within one unit": ("2.025", "UN", None),
        "less than a tenth apart": ("2.15", "UN", "small"),
        "half as many vials": (1, "UN", "large"),
        "milligrams are not compared": (800, "ME", None),
    },
)
def test_quantity_and_units_agree(
    claim_type: ClaimType, scope: str, quantity: Number, unit: str, grade: str | None
) -> None:
    claim = attrs.evolve(belimumab(claim_type, ndc_quantity=quantity, ndc_unit=unit), filing=SCOPES[scope])
    severity = "reject" if grade == "large" and scope == "mcd" else "warn"
    assert_finds(claim, "NDC07", *([(severity, 1, "CTP04")] if grade else []))


@each_type
@each(
    ("ndc", "quantity", "fires"),
    {
        "the carton of two syringes": ("55513088002", 1, False),
        "both syringes": ("55513088002", 2, False),
        "two cartons": ("55513088002", 4, True),
        "a package that is not listed": ("55513088001", 1, True),
    },
)
def test_a_carton_of_two_syringes_is_one_or_two(claim_type: ClaimType, ndc: str, quantity: int, fires: bool) -> None:
    """Without a crosswalk, a Medicaid claim for one carton was rejected."""
    line = drug_line("J3111", 210, (), ndc=ndc, ndc_quantity=quantity)
    assert_finds(of(claim_type, line, filing="MC"), "NDC07", *([("reject", 1, "CTP04")] if fires else []))


@each_type
def test_quantities_of_given_and_wasted_lines_are_added(claim_type: ClaimType) -> None:
    assert_finds(waste_claim(claim_type), "NDC07")
    assert_finds(with_line(waste_claim(claim_type), 1, ndc_quantity=5), "NDC07", ("warn", 1, "CTP04"))


@each_type
def test_two_ndcs_on_a_line_are_reported(claim_type: ClaimType) -> None:
    claim = belimumab(claim_type, loops=(f"LIN**N4*{BENLYSTA_120}", "CTP****1*UN"))
    assert_finds(claim, "NDC09", ("warn", 1, "ndc"))


@each_type
@each(
    ("line", "fires"),
    {
        "units of that vial": (drug_line(units=80), False),
        "units that need both vials": (drug_line(units=52), True),
        "units that no vials make": (drug_line(units=50), False),
        "waste-free small vials": (drug_line(units=60), False),
    },
)
def test_two_vial_sizes_need_two_lines(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    assert_finds(of(claim_type, line), "NDC09", *([("warn", 1, "ndc")] if fires else []))


@each_type
def test_vials_of_one_other_size_are_named(claim_type: ClaimType) -> None:
    scrubbed = assert_finds(of(claim_type, drug_line(units=80, ndc=BENLYSTA_120)), "NDC09", ("warn", 1, "ndc"))
    assert "80 units do not fill vials of 12 units, the product of the only NDC" in scrubbed.findings[0].message


@each_type
def test_each_vial_size_on_its_line_is_right(claim_type: ClaimType) -> None:
    assert_finds(of(claim_type, drug_line(units=40), drug_line(units=12)), "NDC09")


def lin_qualified(qualifier: str) -> ClaimSpec:
    bare = drug_line(ndc=None, ndc_quantity=None, ndc_unit=None)
    line = attrs.evolve(bare, loops=(f"LIN**{qualifier}*{BENLYSTA_400}", "CTP****2*UN"))
    return of("837P", line)


@pytest.mark.parametrize(("qualifier", "fires"), [("N4", False), ("UP", True), ("EN", True)])
def test_the_product_stands_under_the_ndc_qualifier(qualifier: str, fires: bool) -> None:
    assert_finds(lin_qualified(qualifier), "NDC10", *([("warn", 1, "LIN02")] if fires else []))


@each_type
@pytest.mark.parametrize("code", [f"NDC{number:02}" for number in range(1, 12)])
def test_ndc_edits_are_silent_without_an_infused_drug(claim_type: ClaimType, code: str) -> None:
    line = LineSpec("J1885", ndc="0000-0000-01", ndc_quantity=0, ndc_unit="XX")
    assert_finds(attrs.evolve(visit_claim(claim_type), lines=(LineSpec("99213"), line)), code)


@each_type
@each(
    ("moved", "wrong_place"),
    {
        "behind the line's provider": ("behind", True),
        "nowhere": ("nowhere", False),
    },
)
def test_an_ndc_in_the_wrong_place(claim_type: ClaimType, moved: str, wrong_place: bool) -> None:
    drug = ("LIN**N4*49401010201", "CTP****2*UN")
    claim = infusion_claim(claim_type, filing="MC")
    changes = {"ndc": None, "ndc_quantity": None, "ndc_unit": None, "rendering_npi": RENDERING_NPI}
    claim = with_line(claim, 1, **changes, loops=drug if moved == "behind" else ())
    (one,) = scrub_one(claim, "NDC01").findings
    assert one.severity == "reject"
    assert ("wrong place" in one.message) is wrong_place
    assert one.location.segment_id == ("LIN" if wrong_place else "SV1" if claim_type == "837P" else "SV2")
