"""Prior authorization of lupus drugs, and the study of antibodies against amyloid."""

from datetime import date
from typing import Any

import attrs

from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.edits.judging import answers, judge, scoped, severities
from tests.scrubbing import each_type

ON_LINE = ("REF*G1*PA1",)


@each_type
def test_missing_for_all_but_medicare(claim_type: ClaimType) -> None:
    for claim in (infusion_claim, anifrolumab_claim):
        bare = claim(claim_type, prior_authorization=None, filing="CI")
        assert answers(bare, "PA01") == [("warn", None, "REF02")]
        assert severities(bare, "PA01") == scoped(None, "warn", "warn", "warn")


@each_type
def test_silent_where_it_is_there_or_no_lupus_drug(claim_type: ClaimType) -> None:
    assert answers(infusion_claim(claim_type, filing="CI"), "PA01") == []
    assert answers(visit_claim(claim_type, filing="CI", prior_authorization=None), "PA01") == []
    other = infusion_claim(claim_type, filing="CI", prior_authorization=None, lines=(LineSpec("J9312", units=50),))
    assert answers(other, "PA01") == []


def test_on_a_line_of_an_837p() -> None:
    claim = infusion_claim("837P", filing="CI", prior_authorization=None)
    assert answers(with_line(claim, 1, extra=ON_LINE), "PA01") == []
    assert answers(with_line(claim, 2, extra=ON_LINE), "PA01") != []
    on_given = with_line(waste_claim("837P", filing="CI", prior_authorization=None), 1, extra=ON_LINE)
    assert answers(on_given, "PA01") == []
    both = attrs.evolve(claim, lines=(drug_line(extra=ON_LINE), drug_line("J0491", 300)))
    assert answers(both, "PA01") != []


def test_an_837i_has_none_on_its_lines() -> None:
    claim = with_line(infusion_claim("837I", filing="CI", prior_authorization=None), 1, extra=ON_LINE)
    assert answers(claim, "PA01") != []


LECANEMAB, INFUSION = LineSpec("J0174", ("Q0", "JZ"), 700), LineSpec("96413")
REGISTRY = {"837P": {"extra": ("REF*P4*99999999",)}, "837I": {}}
NUMBER_IN_HOSPITAL = ("BG:30", "BE:D4:::99999999")


def of_study(claim_type: ClaimType, drug: LineSpec = LECANEMAB, second: str = "Z006", **changes: Any) -> ClaimSpec:
    hospital = NUMBER_IN_HOSPITAL if claim_type == "837I" else ()
    claim = infusion_claim(claim_type, lines=(drug, INFUSION), diagnoses=("G309", second, *hospital))
    return attrs.evolve(claim, **{**REGISTRY[claim_type], **changes})


@each_type
def test_an_antibody_against_amyloid_needs_its_study(claim_type: ClaimType) -> None:
    place = [("warn", 1, "SV101-2" if claim_type == "837P" else "SV202-2")]
    assert answers(of_study(claim_type), "CED01") == []
    assert answers(of_study(claim_type, attrs.evolve(LECANEMAB, modifiers=("JZ",))), "CED01") == place
    assert answers(of_study(claim_type, second="Z79899"), "CED01") == place
    bare = of_study(claim_type, extra=(), diagnoses=("G309", "Z006"))
    assert answers(bare, "CED01") == place
    assert severities(bare, "CED01") == scoped("warn", None, None, None)


def test_each_part_of_the_number_is_asked_for() -> None:
    for code, missing in (("BG:30", "value code D4"), ("BE:D4:::99999999", "condition code 30")):
        (scrubbed,) = judge([of_study("837I", diagnoses=("G309", "Z006", code))], "CED01")
        assert [finding.message.endswith(f"lacks {missing}") for finding in scrubbed.findings] == [True]


def test_no_study_before_coverage_and_in_a_stay() -> None:
    early = attrs.evolve(LECANEMAB, modifiers=("JZ",), dates=date(2023, 7, 5))
    assert answers(of_study("837P", early), "CED01") == []
    assert answers(of_study("837I", diagnoses=("G309",), facility_code="11"), "CED01") == []
    assert answers(infusion_claim(), "CED01") == []
