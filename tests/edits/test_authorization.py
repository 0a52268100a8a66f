"""Prior authorization of lupus drugs."""

import attrs

from scrubber.testing import (
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.edits.judging import answers, scoped, severities
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
