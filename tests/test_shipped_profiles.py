"""The profiles that come with the scrubber: their rules for named payers, and that each row names its source."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.engine import profile
from scrubber.engine.profile import Profile
from scrubber.testing import (
    AUTOINJECTOR,
    ClaimSpec,
    anifrolumab_claim,
    infusion_claim,
    waste_claim,
    with_all_lines,
    with_line,
)
from tests.scrubbing import ROOT, each, found, installed, not_checked, scrub_one

FOLDER = ROOT / "scrubber" / "profiles"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def severity_of(name: str, code: str, claim: ClaimSpec) -> str | None:
    """The severity of the findings of one code, `None` for no finding."""
    scrubbed = scrub_one(claim, code, profile=profile.load(name, installed()))
    assert not_checked(scrubbed) == {}
    severities = {severity for _, severity, _, _ in found(scrubbed)}
    assert len(severities) <= 1
    return next(iter(severities), None)


def without_jz(**changes: Any) -> ClaimSpec:
    return with_line(infusion_claim(filing="BL", **changes), 1, modifiers=())


def at(day: str, claim: ClaimSpec) -> ClaimSpec:
    return with_all_lines(claim, dates=date.fromisoformat(day))


def to(payer_name: str, claim: ClaimSpec) -> ClaimSpec:
    return attrs.evolve(claim, payer_name=payer_name)


IN_MILLIGRAMS = with_line(infusion_claim(filing="BL"), 1, ndc_unit="ME", ndc_quantity=800)
WITHOUT_NDC = with_line(infusion_claim(filing="CI"), 1, ndc=None, ndc_quantity=None, ndc_unit=None)
UNCLASSIFIED = with_line(
    infusion_claim(filing="CI"),
    1,
    procedure="J3490",
    description="DRUG 10 MG",
    ndc=None,
    ndc_quantity=None,
    ndc_unit=None,
)
SELF_INJECTED = with_line(infusion_claim(filing="CI"), 1, procedure="J3590", description="DRUG", ndc=AUTOINJECTOR)
UNAUTHORIZED = infusion_claim(filing="BL", prior_authorization=None)
REPLACEMENT = infusion_claim(frequency="7", payer_claim_control_number="CC1")
MICHIGAN, CAROLINA = "BLUE CROSS BLUE SHIELD OF MICHIGAN", "Blue Cross & Blue Shield of North Carolina"
NORTH_CAROLINA, MARYLAND = "BCBSNC", "UNITEDHEALTHCARE COMMUNITY PLAN OF MARYLAND"


@each(
    ("name", "code", "claim", "expected"),
    {
        "BCBSNC denies without JW or JZ": (
            "commercial",
            "JWJZ01",
            at("2024-11-01", to(NORTH_CAROLINA, without_jz())),
            "reject",
        ),
        "however its name is written": ("commercial", "JWJZ01", to(CAROLINA, without_jz()), "reject"),
        "not before there was JZ": ("commercial", "JWJZ01", at("2022-12-31", to(CAROLINA, without_jz())), None),
        "BCBSND asks for no JZ": ("commercial", "JWJZ01", to("BCBSND", without_jz()), "info"),
        "BCBSM takes no milligrams": ("commercial", "NDC04", to(MICHIGAN, IN_MILLIGRAMS), "reject"),
        "Priority Health wants an NDC": ("commercial", "NDC01", to("PRIORITY HEALTH", WITHOUT_NDC), "reject"),
        "another payer does too, less strictly": ("commercial", "NDC01", WITHOUT_NDC, "warn"),
        "Independence wants one for unclassified codes": (
            "commercial",
            "NOC03",
            to("INDEPENDENCE BLUE CROSS", UNCLASSIFIED),
            "reject",
        ),
        "Arkansas pays self-injected drugs by the pharmacy": (
            "commercial",
            "NDC11",
            to("ARKANSAS BLUE CROSS AND BLUE SHIELD", SELF_INJECTED),
            "reject",
        ),
        "not before its policy": (
            "commercial",
            "NDC11",
            at("2026-05-05", to("ARKANSAS BLUE CROSS AND BLUE SHIELD", SELF_INJECTED)),
            "warn",
        ),
        "BCBSNC wants adults to inject belimumab": ("commercial", "COMM01", to(NORTH_CAROLINA, UNAUTHORIZED), "warn"),
        "unless it has agreed": ("commercial", "COMM01", to(NORTH_CAROLINA, infusion_claim()), None),
        "not children": (
            "commercial",
            "COMM01",
            to(NORTH_CAROLINA, attrs.evolve(UNAUTHORIZED, birth_date=date(2012, 1, 1))),
            None,
        ),
        "nor does another plan": ("commercial", "COMM01", UNAUTHORIZED, None),
        "NC Medicaid lists M32.0": (
            "medicaid",
            "DX01",
            to("NC MEDICAID", infusion_claim(filing="MC", diagnoses=("M320",))),
            "warn",
        ),
        "and lupus nephritis": (
            "medicaid",
            "DX07",
            to("NC MEDICAID", anifrolumab_claim(filing="MC", diagnoses=("M3214",))),
            "info",
        ),
        "a Maryland plan asks for JZ": ("medicaid", "JWJZ01", at("2025-05-01", to(MARYLAND, without_jz())), "warn"),
        "a New Jersey plan denies JW": (
            "medicaid",
            "MCD01",
            to("UNITEDHEALTHCARE COMMUNITY PLAN OF NEW JERSEY", waste_claim(filing="MC")),
            "warn",
        ),
        "no other plan does": ("medicaid", "MCD01", waste_claim(filing="MC"), None),
        "Part B takes no replacement": ("medicare-ffs", "FFS01", REPLACEMENT, "reject"),
        "nor a void": ("medicare-ffs", "FFS01", attrs.evolve(REPLACEMENT, frequency="8"), "reject"),
        "Part A does": ("medicare-ffs", "FFS01", attrs.evolve(REPLACEMENT, type="837I"), None),
        "an original is right": ("medicare-ffs", "FFS01", infusion_claim(), None),
    },
)
def test_what_holds_for_a_payer(name: str, code: str, claim: ClaimSpec, expected: str | None) -> None:
    assert severity_of(name, code, claim) == expected


@pytest.mark.parametrize("name", NAMES)
def test_each_row_names_its_source(name: str) -> None:
    rows = (FOLDER / f"{name}.toml").read_text("utf-8").splitlines()
    table = tomllib.loads("\n".join(rows))
    overridden = {code for payer in table.get("payer", ()) for code in payer["severity"]} | {*table.get("severity", ())}
    for number, row in enumerate(rows):
        if row.partition(" = ")[0] in overridden:
            assert rows[number - 1].startswith("# ")
    assert all(rule["source"] for rule in table.get("rule", ()))


@pytest.mark.parametrize("name", NAMES)
def test_payers_are_named_by_name_and_no_two_are_the_same(name: str) -> None:
    chosen: Profile = profile.load(name, installed())
    payers = [payer.payers for payer in chosen.payers]
    assert not [payer for payer in payers if payer.ids or payer.filing_indicators]
    names = [plain for payer in payers for plain in payer.names]
    assert len(names) == len({*names})


def test_ordinary_claims_draw_nothing_from_the_shipped_rules() -> None:
    for name in NAMES:
        for claim in (infusion_claim(), infusion_claim("837I"), anifrolumab_claim(filing="BL")):
            codes = [code[:-2] for code, *_ in found(scrub_one(claim, profile=profile.load(name, installed())))]
            assert not {"COMM", "MCD", "FFS"} & {*codes}
