"""The NDC beside the procedure code: the self-injected form of the drug, and another drug altogether."""

from typing import Any

import attrs
import pytest

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
    drug_line,
    infusion_claim,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, each, each_type, scrub_one

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
