"""The product that an NDC names: the self-injected form of the drug, another drug, a package that is not sold."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import NDC_DIRECTORY
from scrubber.testing import (
    AUTOINJECTOR,
    BENLYSTA_120,
    BENLYSTA_400,
    SAPHNELO,
    SYRINGE,
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    build,
    drug_line,
    infusion_claim,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, each, each_type, found, installed, scrub_one, scrub_text

RITUXAN = "50242005121"
EACH_SUBCUTANEOUS = ("01", "02", "35", "42", "47", "50", "61")
"""Listed packages of 49401-0088: autoinjectors, syringes, and two whose device is not known."""


def belimumab(claim_type: ClaimType, ndc: str | None, **changes: Any) -> ClaimSpec:
    return attrs.evolve(with_line(infusion_claim(claim_type), 1, ndc=ndc), **changes)


@each_type
@pytest.mark.parametrize("package", [*EACH_SUBCUTANEOUS, "21", "41"])
def test_a_subcutaneous_ndc_on_j0490_is_rejected_whatever_its_package(claim_type: ClaimType, package: str) -> None:
    assert_finds(belimumab(claim_type, f"494010088{package}"), "NDC05", ("reject", 1, "ndc"))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_a_subcutaneous_ndc_is_rejected_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    assert_finds(belimumab(claim_type, SYRINGE, filing=SCOPES[scope]), "NDC05", ("reject", 1, "ndc"))


@each_type
@each(
    "line",
    {
        "120 mg vial": drug_line(ndc=BENLYSTA_120),
        "400 mg vial": drug_line(ndc=BENLYSTA_400),
        "none": drug_line(ndc=None, ndc_quantity=None, ndc_unit=None),
        "unknown": drug_line(ndc="00000999999"),
        "another drug's code": drug_line("J0491", 300, ndc=AUTOINJECTOR),
        "an unclassified code": LineSpec("J3590", ndc=AUTOINJECTOR, ndc_quantity=1, ndc_unit="UN"),
        "ten digits": drug_line(ndc="4940108801"),
    },
)
def test_ndc05_is_silent_on_other_ndcs_and_codes(claim_type: ClaimType, line: LineSpec) -> None:
    assert_finds(infusion_claim(claim_type, lines=(line, LineSpec("96365"))), "NDC05")


@each_type
@each(
    ("procedure", "ndc", "code"),
    {
        "golimumab": ("J1602", "57894007002", "NDC05"),
        "risankizumab": ("J2327", "00074107001", "NDC05"),
        "secukinumab": ("J3247", "00078063941", "NDC05"),
        "ustekinumab, whose syringe has a code": ("J3358", "57894006103", "NDC06"),
    },
)
def test_the_pen_or_syringe_of_an_infused_drug(claim_type: ClaimType, procedure: str, ndc: str, code: str) -> None:
    claim = infusion_claim(claim_type, lines=(LineSpec(procedure, ("JZ",), 100, ndc=ndc), LineSpec("96365")))
    found = [item.code for item in scrub_one(claim, "NDC05", "NDC06").findings]
    assert found == [code]


@each_type
def test_an_ndc_written_with_hyphens_is_recognised(claim_type: ClaimType) -> None:
    assert_finds(belimumab(claim_type, "49401-0088-42"), "NDC05", ("reject", 1, "ndc"))
    assert_finds(belimumab(claim_type, "49401-0101-01"), "NDC05")


@each_type
def test_the_ndc_that_tables_give_wrongly_for_the_vial_gets_a_hint(claim_type: ClaimType) -> None:
    (mistaken,) = scrub_one(belimumab(claim_type, AUTOINJECTOR), "NDC05").findings
    assert "published tables list this NDC for the 120 mg vial by mistake" in mistaken.message
    assert "49401-0101-01" in mistaken.fix
    assert (mistaken.carc, mistaken.claim_status) == ("280", "A8:218")
    (other,) = scrub_one(belimumab(claim_type, SYRINGE), "NDC05").findings
    assert "published" not in other.message


@each_type
@each(
    ("line", "fires"),
    {
        "belimumab on J0490": (drug_line(), False),
        "anifrolumab on J0491": (drug_line("J0491", 300), False),
        "anifrolumab on J0490": (drug_line(ndc=SAPHNELO), True),
        "belimumab on J0491": (drug_line("J0491", 300, ndc=BENLYSTA_400), True),
        "rituximab on J0490": (drug_line(ndc=RITUXAN), True),
        "subcutaneous belimumab on J0491": (drug_line("J0491", 300, ndc=AUTOINJECTOR), True),
        "subcutaneous belimumab on J0490 is NDC05": (drug_line(ndc=AUTOINJECTOR), False),
        "an unknown package of the same product": (drug_line(ndc="49401010199"), False),
        "unknown": (drug_line(ndc="99999999999"), False),
        "none": (drug_line(ndc=None), False),
        "on an unclassified code": (LineSpec("J3590", ndc=SAPHNELO), False),
    },
)
def test_the_ndc_is_of_the_drug_that_is_billed(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, lines=(line, LineSpec("96365")))
    assert_finds(claim, "NDC06", *([("reject", 1, "ndc")] if fires else []))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_an_ndc_of_another_drug_is_rejected_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    claim = with_line(anifrolumab_claim(claim_type, filing=SCOPES[scope]), 1, ndc=BENLYSTA_120)
    (finding,) = assert_finds(claim, "NDC06", ("reject", 1, "ndc")).findings
    assert "is billed as J0490, not as J0491" in finding.message


@each_type
def test_each_line_is_looked_at(claim_type: ClaimType) -> None:
    lines = (drug_line(), drug_line(ndc=AUTOINJECTOR), drug_line(ndc=SAPHNELO), LineSpec("96365"))
    claim = infusion_claim(claim_type, lines=lines)
    assert_finds(claim, "NDC05", ("reject", 2, "ndc"))
    assert_finds(claim, "NDC06", ("reject", 3, "ndc"))


@each_type
@pytest.mark.parametrize("code", ["NDC05", "NDC06"])
def test_a_void_is_left_alone(claim_type: ClaimType, code: str) -> None:
    lines = (drug_line(ndc=AUTOINJECTOR), drug_line(ndc=SAPHNELO))
    assert_finds(infusion_claim(claim_type, lines=lines, frequency="8", payer_claim_control_number="I1"), code)


@each_type
@pytest.mark.parametrize(("ndc", "fires"), [(BENLYSTA_120, False), ("49401010199", True), ("49401008821", True)])
def test_a_package_that_is_not_listed_is_reported(claim_type: ClaimType, ndc: str, fires: bool) -> None:
    assert_finds(belimumab(claim_type, ndc), "NDC08", *([("warn", 1, "ndc")] if fires else []))


@each_type
@pytest.mark.parametrize(("until", "fires"), [("2026-10-05", False), ("2026-10-04", True)])
def test_with_the_directory_an_ended_package_is_reported(claim_type: ClaimType, until: str, fires: bool) -> None:
    row = Row(BENLYSTA_400, date(2011, 3, 9), date.fromisoformat(until))
    facts = attrs.evolve(shipped(), tables={NDC_DIRECTORY: external_table(NDC_DIRECTORY, "test", [row])})
    with_table = Engine(installed(), Profile(select=frozenset({"NDC08"})), facts)
    (scrubbed,), _ = scrub_text(build([infusion_claim(claim_type)]), with_table)
    assert [item[0] for item in found(scrubbed)] == (["NDC08"] if fires else [])
    assert with_table.unavailable == []


@each_type
@pytest.mark.parametrize("code", ["J3490", "J3590", "C9399"])
def test_injected_belimumab_under_an_unclassified_code(claim_type: ClaimType, code: str) -> None:
    line = LineSpec(code, description="BELIMUMAB 200 MG", ndc=AUTOINJECTOR, ndc_quantity=1, ndc_unit="ML")
    assert_finds(infusion_claim(claim_type, lines=(line, LineSpec("96365"))), "NDC11", ("warn", 1, "ndc"))
    assert_finds(infusion_claim(claim_type, lines=(attrs.evolve(line, ndc=BENLYSTA_120), LineSpec("96365"))), "NDC11")


@each_type
@each(
    ("line", "fires"),
    {
        "an antibiotic": (LineSpec("J0696"), True),
        "a biosimilar that no table has": (LineSpec("Q5199"), True),
        "with its NDC": (LineSpec("J0696", ndc="00143985725", ndc_quantity="1", ndc_unit="UN"), False),
        "a drug of the tables (NDC01)": (drug_line(ndc=None), False),
        "an unclassified code (NOC03)": (LineSpec("J3490"), False),
        "a fluid": (LineSpec("J7030"), False),
        "a filling of a joint": (LineSpec("J7325"), False),
        "a vaccine": (LineSpec("90662"), False),
        "a wound dressing": (LineSpec("Q4186"), False),
        "a visit": (LineSpec("99213"), False),
    },
)
def test_medicaid_needs_the_ndc_of_other_drugs(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, filing="MC", lines=(line, LineSpec("96372")))
    assert_finds(claim, "NDC12", *([("warn", 1, "ndc")] if fires else []))
    if fires:
        for filing in ("MB", "16", "CI"):
            assert_finds(attrs.evolve(claim, filing=filing), "NDC12")
    if claim_type == "837I":
        assert_finds(attrs.evolve(claim, facility_code="11"), "NDC12")
