"""Infusion codes on one claim: add-ons without their primary, two initial codes, units."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    OTHER_RENDERING_NPI,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
)
from tests.edits.infusions import COMPLEX, DRUG, ELSEWHERE, INFUSION, NEXT_DAY, NEXT_INFUSION, of
from tests.edits.judging import answers, everywhere, severities
from tests.scrubbing import SCOPES, assert_finds, each, each_type


@each_type
@each(
    ("lines", "faults"),
    {
        "96366 with 96365": ((DRUG, INFUSION, LineSpec("96366")), []),
        "96366 before 96365": ((LineSpec("96366"), DRUG, INFUSION), []),
        "96415 with 96413": ((DRUG, COMPLEX, LineSpec("96415")), []),
        "96366 with a sequential one beside an initial": (
            (DRUG, COMPLEX, LineSpec("96367"), LineSpec("96366")),
            [],
        ),
        "96366 alone": ((DRUG, LineSpec("96366")), [2]),
        "96415 alone": ((DRUG, LineSpec("96415")), [2]),
        "96367 alone": ((DRUG, LineSpec("96367")), [2]),
        "96368 alone": ((DRUG, LineSpec("96368")), [2]),
        "96366 with only a sequential one: that lacks its initial": ((DRUG, LineSpec("96367"), LineSpec("96366")), [2]),
        "96366 with an initial of another kind": ((DRUG, LineSpec("96374"), LineSpec("96366")), [3]),
        "96366 with 96413": ((DRUG, COMPLEX, LineSpec("96366")), [3]),
        "96415 with 96365": ((DRUG, INFUSION, LineSpec("96415")), [3]),
        "96375 with any initial": ((DRUG, LineSpec("96360"), LineSpec("96375")), []),
        "96366 with 96365 of another provider of the group": ((DRUG, LineSpec("96366"), ELSEWHERE), []),
        "both of the other provider": (
            (DRUG, attrs.evolve(LineSpec("96366"), rendering_npi=OTHER_RENDERING_NPI), ELSEWHERE),
            [],
        ),
    },
)
def test_an_add_on_has_its_primary(claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]) -> None:
    assert_finds(of(claim_type, *lines), "ADM04", *[("warn", line, "procedure") for line in faults])


def test_the_primary_of_another_day_counts_in_a_hospital_alone() -> None:
    """An encounter may last over midnight; a visit to an office does not."""
    lines = (DRUG, INFUSION, LineSpec("96376", dates=NEXT_DAY))
    assert_finds(of("837I", *lines), "ADM04")
    assert_finds(of("837P", *lines), "ADM04", ("warn", 3, "procedure"))


@each_type
@each(
    ("lines", "faults"),
    {
        "one": ((DRUG, INFUSION), []),
        "96365 and 96413": ((DRUG, INFUSION, COMPLEX), [3]),
        "96413 and 96365": ((DRUG, COMPLEX, INFUSION), [3]),
        "96365 twice": ((DRUG, INFUSION, INFUSION), [3]),
        "three": ((DRUG, INFUSION, COMPLEX, LineSpec("96374")), [3, 4]),
        "add-ons are no second initial": ((DRUG, INFUSION, LineSpec("96366"), LineSpec("96367")), []),
        "on two days": ((DRUG, INFUSION, NEXT_INFUSION), []),
        "by two providers of the group": ((DRUG, INFUSION, ELSEWHERE), [3]),
        **{
            f"separate by {modifier}": ((DRUG, INFUSION, attrs.evolve(COMPLEX, modifiers=(modifier,))), [])
            for modifier in ("59", "XE", "XP", "XS", "XU")
        },
        "separate on the first": ((DRUG, attrs.evolve(INFUSION, modifiers=("59",)), COMPLEX), []),
        "separate as second modifier": ((DRUG, INFUSION, attrs.evolve(INFUSION, modifiers=("TB", "XE"))), []),
        "76 does not say separate": ((DRUG, INFUSION, attrs.evolve(INFUSION, modifiers=("76",))), [3]),
    },
)
def test_a_visit_has_one_initial_code(claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]) -> None:
    assert_finds(of(claim_type, *lines), "ADM05", *[("warn", line, "procedure") for line in faults])


@each_type
@pytest.mark.parametrize("code", ["ADM04", "ADM05"])
@pytest.mark.parametrize("scope", SCOPES)
def test_add_ons_and_second_initials_are_rejects_under_medicare(claim_type: ClaimType, code: str, scope: str) -> None:
    second = LineSpec("96366") if code == "ADM04" else COMPLEX
    lines = (DRUG, second) if code == "ADM04" else (DRUG, INFUSION, second)
    severity = "reject" if scope.startswith("ffs") else "warn"
    assert_finds(of(claim_type, *lines, filing=SCOPES[scope]), code, (severity, len(lines), "procedure"))


def test_another_rendering_provider_alone_never_rejects() -> None:
    assert_finds(of("837P", DRUG, INFUSION, ELSEWHERE, filing="MB"), "ADM05", ("warn", 3, "procedure"))
    add_on = attrs.evolve(LineSpec("96366"), rendering_npi=OTHER_RENDERING_NPI)
    assert_finds(of("837P", DRUG, INFUSION, add_on, filing="MB"), "ADM04")


def test_a_second_initial_code_over_midnight_of_an_observation_is_doubted() -> None:
    observed = LineSpec("G0378", units=30, revenue_code="0762")
    lines = (DRUG, INFUSION, NEXT_INFUSION)
    assert_finds(of("837I", *lines, filing="MA"), "ADM05")
    assert_finds(of("837I", *lines, observed, filing="MA"), "ADM05", ("warn", 3, "procedure"))
    separate = attrs.evolve(NEXT_INFUSION, modifiers=("59",))
    assert_finds(of("837I", DRUG, INFUSION, separate, observed, filing="MA"), "ADM05")


@each_type
def test_the_line_s_own_provider_wins_over_the_claim_s(claim_type: ClaimType) -> None:
    """The claim's rendering provider is 2310B (837I: 2310D), the line's 2420A (837I: 2420C)."""
    changes: dict[str, Any] = {"rendering_npi": OTHER_RENDERING_NPI}
    if claim_type == "837I":
        changes = {"loops": (f"NM1*82*1*OAKENSHIRE*PAUL****XX*{OTHER_RENDERING_NPI}",)}
    same = of(claim_type, DRUG, INFUSION, attrs.evolve(COMPLEX, rendering_npi=OTHER_RENDERING_NPI), **changes)
    assert_finds(attrs.evolve(same, filing="MB"), "ADM05", ("reject", 3, "procedure"))


@each_type
def test_the_hierarchy_of_infusions_holds_for_every_drug(claim_type: ClaimType) -> None:
    unknown = LineSpec("J0221", ("JZ",), 140)
    assert_finds(of(claim_type, unknown, COMPLEX, LineSpec("96366")), "ADM04", ("warn", 3, "procedure"))
    assert_finds(of(claim_type, unknown, COMPLEX, INFUSION), "ADM05", ("warn", 3, "procedure"))


@each_type
@pytest.mark.parametrize(
    ("code", "units", "fires"),
    [
        ("96365", 1, False),
        ("96365", 2, True),
        ("96415", 8, False),
        ("96415", 9, True),
        ("96413", 2, True),
        ("96360", 2, True),
        ("96374", 2, True),
        ("96409", 2, True),
    ],
)
def test_units_of_infusions(claim_type: ClaimType, code: str, units: int, fires: bool) -> None:
    claim = of(claim_type, drug_line(), LineSpec(code, units=units))
    assert_finds(claim, "ADM06", *([("warn", 2, "units")] if fires else []))


@each(
    ("claim_type", "units", "fires"),
    {
        "office, a working day": ("837P", 8, False),
        "office, more": ("837P", 9, True),
        "hospital, a day and a night": ("837I", 24, False),
        "hospital, more": ("837I", 25, True),
    },
)
def test_an_infusion_in_a_hospital_may_last_longer(claim_type: ClaimType, units: int, fires: bool) -> None:
    claim = of(claim_type, drug_line(), LineSpec("96365"), LineSpec("96366", units=units))
    assert_finds(claim, "ADM06", *([("warn", 3, "units")] if fires else []))


FLUSH = LineSpec("96523")


@each(
    ("lines", "fires"),
    {
        "alone": ((FLUSH,), False),
        "beside an infusion": ((DRUG, INFUSION, FLUSH), True),
        "beside a visit": ((LineSpec("99213"), FLUSH), True),
        "beside a blood test": ((LineSpec("85025"), FLUSH), False),
        "on another day": ((DRUG, INFUSION, attrs.evolve(FLUSH, dates=date(2026, 10, 6))), False),
    },
)
def test_the_flush_of_a_port_is_part_of_other_services(lines: tuple[LineSpec, ...], fires: bool) -> None:
    claim = infusion_claim(lines=lines)
    assert answers(claim, "ADM11") == ([("warn", len(lines), "SV101-2")] if fires else [])
    if fires:
        assert severities(claim, "ADM11") == everywhere("warn")
    assert answers(infusion_claim("837I", lines=lines), "ADM11") == []
