"""`docs/payer-rules.md` is true: each of its rules loads, finds its fault and is silent on correct claims."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.engine import profile
from scrubber.engine.rules.fields import FIELDS
from scrubber.engine.rules.rows import KEYS
from scrubber.testing import (
    RENDERING_NPI,
    ClaimSpec,
    ClaimType,
    anifrolumab_claim,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_all_lines,
    with_line,
)
from tests.scrubbing import ROOT, engine, installed, not_checked, scrub_one

PAGE = (ROOT / "docs" / "payer-rules.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
RULES = {match[1]: text for text in BLOCKS if (match := re.search(r'^code = "(\w+)"', text, re.MULTILINE))}
REFERRING = f"NM1*DN*1*REED*ANN****XX*{RENDERING_NPI}"


def commercial(claim_type: ClaimType = "837P", **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, filing="CI", **changes)


def blue(**changes: Any) -> ClaimSpec:
    return attrs.evolve(with_line(infusion_claim(filing="BL"), 1, modifiers=()), **changes)


MEDICAID = infusion_claim(filing="MC")
ADVANTAGE = infusion_claim(filing="16")
ANIFROLUMAB = anifrolumab_claim(filing="CI")

FAULTY: dict[str, tuple[ClaimSpec, ...]] = {
    "HOUSE01": tuple(commercial(kind, prior_authorization=None) for kind in ("837P", "837I")),
    "HOUSE02": (blue(), blue(payer_name="Blue Heron, Inc."), blue(type="837I")),
    "HOUSE03": (with_line(MEDICAID, 1, ndc=None, ndc_quantity=None, ndc_unit=None),),
    "HOUSE04": (commercial(facility_code="22"), with_line(commercial(), 2, place_of_service="19")),
    "HOUSE05": tuple(commercial(kind, frequency="7", payer_claim_control_number="CC1") for kind in ("837P", "837I")),
    "HOUSE06": (with_line(commercial(), 1, units=121), with_line(MEDICAID, 1, units="120.5")),
    "HOUSE07": (attrs.evolve(MEDICAID, type="837I"),),
    "HOUSE08": (ADVANTAGE,),
    "HOUSE09": (attrs.evolve(ANIFROLUMAB, diagnoses=("M320",)), attrs.evolve(ANIFROLUMAB, diagnoses=("L930", "M3214"))),
    "HOUSE10": (with_line(commercial("837I"), 1, revenue_code="0250"),),
}
"""Claims on which each rule of the page finds one fault."""

RIGHT: dict[str, tuple[ClaimSpec, ...]] = {
    "HOUSE01": (
        commercial(),
        commercial(payer_id="HL300", prior_authorization=None),
        visit_claim(filing="CI", prior_authorization=None),
        with_line(commercial(prior_authorization=None), 1, extra=("REF*G1*PA1",)),
    ),
    "HOUSE02": (
        infusion_claim(filing="BL"),
        waste_claim(filing="BL"),
        with_all_lines(blue(), dates=date(2025, 4, 30)),
        blue(payer_name="BLUEBELL PLAN"),
    ),
    "HOUSE03": (MEDICAID, with_line(commercial(), 1, ndc=None)),
    "HOUSE04": (commercial(), commercial("837I", facility_code="22"), visit_claim(filing="CI", facility_code="22")),
    "HOUSE05": (
        commercial(),
        commercial(frequency="7", payer_claim_control_number="CC1", note="UNITS CORRECTED"),
        ADVANTAGE,
    ),
    "HOUSE06": (with_line(commercial(), 1, units=120), anifrolumab_claim(filing="CI")),
    "HOUSE07": (MEDICAID, commercial("837I")),
    "HOUSE08": (attrs.evolve(ADVANTAGE, loops=(REFERRING,)), with_line(ADVANTAGE, 2, loops=(REFERRING,)), commercial()),
    "HOUSE09": (
        ANIFROLUMAB,
        attrs.evolve(ANIFROLUMAB, diagnoses=("M328",)),
        attrs.evolve(with_line(ANIFROLUMAB, 1, pointers=(1, 2)), diagnoses=("L930", "m32.14")),
        anifrolumab_claim("837I", filing="CI", diagnoses=("L930", "M3214")),
        anifrolumab_claim(filing="MB", diagnoses=("M320",)),
    ),
    "HOUSE10": (commercial("837I"), with_line(commercial("837I", facility_code="11"), 1, revenue_code="0250")),
}


def scrubbed_by(folder: Path, code: str, claim: ClaimSpec) -> tuple[list[str], dict[str, str]]:
    """What the page's rule finds on a claim, and what it leaves unchecked."""
    path = folder / "scrubber.toml"
    path.write_text(RULES[code], "utf-8")
    judged = scrub_one(claim, code, profile=profile.load(str(path), installed()))
    return [finding.code for finding in judged.findings], not_checked(judged)


def test_there_are_ten_rules_of_at_most_ten_rows() -> None:
    assert [*RULES] == [*FAULTY] == [*RIGHT]
    assert len(RULES) == 10
    assert all(len(text.splitlines()) <= 10 for text in RULES.values())


@pytest.mark.parametrize("code", RULES)
def test_a_rule_of_the_page_finds_what_it_is_for(tmp_path: Path, code: str) -> None:
    for claim in FAULTY[code]:
        assert scrubbed_by(tmp_path, code, claim) == ([code], {})


@pytest.mark.parametrize("code", RULES)
def test_a_rule_of_the_page_leaves_alone_what_is_right(tmp_path: Path, code: str) -> None:
    for claim in RIGHT[code]:
        assert scrubbed_by(tmp_path, code, claim) == ([], {})


def test_all_rules_of_the_page_stand_in_one_profile(tmp_path: Path) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text("\n".join(BLOCKS), "utf-8")  # in the order of the page
    chosen = profile.load(str(path), installed())
    assert [edit.code for edit in chosen.edits] == [*RULES]
    assert {*RULES} < {*engine(profile=chosen).catalogue.edits}


def test_the_page_has_every_key_and_every_field() -> None:
    table = [row for row in PAGE.splitlines() if row.startswith("| ")]
    named = set(re.findall(r"`(\w+)", "\n".join(table)))
    assert not {*KEYS} - named
    assert not {*FIELDS} - named
