"""Belimumab and anifrolumab confused with each other."""

from datetime import date

import attrs
import pytest

from scrubber.testing import (
    BENLYSTA_120,
    BENLYSTA_400,
    SAPHNELO,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    with_all_lines,
    with_line,
)
from tests.scrubbing import SCOPES, assert_finds, assert_not_checked, each, each_type, scrub_one

NEXT_DAY = date(2026, 10, 6)
BELIMUMAB = drug_line()
ANIFROLUMAB = drug_line("J0491", 300)


@each_type
@each(
    ("lines", "faults"),
    {
        "belimumab alone": ((BELIMUMAB,), []),
        "anifrolumab alone": ((ANIFROLUMAB,), []),
        "both": ((BELIMUMAB, ANIFROLUMAB), [2]),
        "both, the other way round": ((ANIFROLUMAB, BELIMUMAB), [1]),
        "several lines of each": ((BELIMUMAB, ANIFROLUMAB, BELIMUMAB, ANIFROLUMAB), [2]),
        "on two days": ((BELIMUMAB, attrs.evolve(ANIFROLUMAB, dates=NEXT_DAY)), []),
        "on each of two days": (
            (
                *(BELIMUMAB, ANIFROLUMAB),
                *(attrs.evolve(line, dates=NEXT_DAY) for line in (BELIMUMAB, ANIFROLUMAB)),
            ),
            [2, 4],
        ),
    },
)
def test_both_drugs_on_one_day(claim_type: ClaimType, lines: tuple[LineSpec, ...], faults: list[int]) -> None:
    claim = infusion_claim(claim_type, lines=(*lines, LineSpec("96365")))
    assert_finds(claim, "MIX01", *[("warn", line, "procedure") for line in faults])


def test_both_drugs_under_the_statement_dates_of_an_837i() -> None:
    claim = with_all_lines(infusion_claim("837I", lines=(BELIMUMAB, ANIFROLUMAB)), dates=None)
    one_day = attrs.evolve(claim, statement_dates=(NEXT_DAY, NEXT_DAY))
    assert_finds(one_day, "MIX01", ("warn", 2, "procedure"))
    two_days = attrs.evolve(claim, statement_dates=(date(2026, 10, 5), NEXT_DAY))
    assert_finds(two_days, "MIX01", ("warn", 2, "procedure"))
    dated = with_line(two_days, 1, dates=NEXT_DAY)
    assert_not_checked(dated, "MIX01", "the answer depends on which of them counts")


@each_type
@each(
    ("line", "fires"),
    {
        "80 units of J0490": (BELIMUMAB, False),
        "300 units of J0490": (drug_line(units=300), True),
        "300 units of J0490 with the other drug's NDC": (drug_line(units=300, ndc=SAPHNELO), True),
        "300.0 units of J0490": (drug_line(units="300.0"), True),
        "299 units of J0490": (drug_line(units=299), False),
        "300.5 units of J0490": (drug_line(units="300.5"), False),
        "no units": (drug_line(units=0), False),
        "units absent": (drug_line(units="0", ndc=BENLYSTA_400), False),
        "300 units of J0491": (ANIFROLUMAB, False),
        "80 units of J0491": (drug_line("J0491", 80), False),
        "80 units of J0491 with belimumab's NDC": (drug_line("J0491", 80, ndc=BENLYSTA_400), True),
        "60 units of J0491 with belimumab's NDC": (drug_line("J0491", 60, ndc=BENLYSTA_120), True),
        "44 units, which no vials of belimumab make": (drug_line("J0491", 44, ndc=BENLYSTA_120), False),
        "units of another drug": (LineSpec("J1885", units=300), False),
    },
)
def test_units_counted_for_the_other_drug(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = infusion_claim(claim_type, lines=(line, LineSpec("96365")))
    assert_finds(claim, "MIX02", *([("warn", 1, "units")] if fires else []))


@each_type
def test_the_message_shows_what_the_units_come_to(claim_type: ClaimType) -> None:
    (finding,) = scrub_one(infusion_claim(claim_type, lines=(drug_line(units=300),)), "MIX02").findings
    assert "300 units of J0490 are 3,000 mg" in finding.message


@each_type
def test_units_that_cannot_be_read_are_not_checked(claim_type: ClaimType) -> None:
    element = "SV104" if claim_type == "837P" else "SV205"
    claim = infusion_claim(claim_type, lines=(drug_line(units="3OO"),))
    assert_not_checked(claim, "MIX02", f"{element} is not a number")


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_mix_ups_are_warnings_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    claim = infusion_claim(claim_type, lines=(drug_line(units=300), ANIFROLUMAB), filing=SCOPES[scope])
    assert_finds(claim, "MIX01", ("warn", 2, "procedure"))
    assert_finds(claim, "MIX02", ("warn", 1, "units"))


@each_type
@pytest.mark.parametrize("code", ["MIX01", "MIX02"])
def test_a_void_is_left_alone(claim_type: ClaimType, code: str) -> None:
    lines = (drug_line(units=300), ANIFROLUMAB)
    assert_finds(infusion_claim(claim_type, lines=lines, frequency="8", payer_claim_control_number="I1"), code)
