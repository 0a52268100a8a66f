"""Which segments may stand where: all that the guides allow, and no segment that could change a claim's patient."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scrubber.conformance.grammar import LoopSpec, SegmentSpec, grammar
from scrubber.x12 import content
from scrubber.x12.content import FIRST_LINE, NEXT_LINE, claim_misfit, depth_shown, header_misfit, keys, level_misfit
from scrubber.x12.guides import ClaimType
from tests.scrubbing import each_type

LEVEL_ONLY = ("HL", "BHT", "CUR", "PAT", "DMG", "NM1*QC", "NM1*87", "NM1*PE", "NM1*41", "NM1*40")
"""Segments of headers and levels that stand in no place of a claim."""


def allowed(rule: LoopSpec, *but: str) -> Iterator[str]:
    """The keys of all segments that pyx12's map allows in a loop, loops of these names in it left out."""
    for child in rule.children:
        if isinstance(child, SegmentSpec):
            yield from (f"NM1*{code}" for code in child.codes) if child.tag == "NM1" else (child.tag,)
        elif child.name not in but:
            yield from allowed(child, *but)


@each_type
def test_headers_and_levels_may_hold_all_that_the_guide_allows(claim_type: ClaimType) -> None:
    rules = grammar(claim_type)
    assert set(allowed(rules.transaction, "DETAIL")) - {"SE"} <= content.HEADER
    for depth, rule in rules.levels.items():
        assert set(allowed(rule, "2000B", "2000C", "2300")) <= content.LEVEL[depth]


@each_type
def test_claims_may_hold_all_that_the_guide_allows(claim_type: ClaimType) -> None:
    claim = grammar(claim_type).claim
    assert set(allowed(claim, "2320", "2400")) - {"CLM"} <= content.CLAIM
    assert set(allowed(claim.child("2320"))) <= content.OTHER_PAYER
    assert set(allowed(claim.child("2400"))) <= content.LINE[claim_type]


@each_type
def test_no_segment_is_allowed_that_neither_guide_has(claim_type: ClaimType) -> None:
    both = [grammar(name) for name in ("837P", "837I")]
    header = {key for rules in both for key in allowed(rules.transaction, "DETAIL")}
    assert header - {"SE"} == content.HEADER - {"REF"}  # REF*87 stood there in 4010; it is nobody's
    for depth, found in content.LEVEL.items():
        inner = ("2000B", "2000C", "2300")
        assert found <= {key for rules in both for key in allowed(rules.levels[depth], *inner)}
    assert {"CLM", *content.CLAIM} == {key for rules in both for key in allowed(rules.claim, "2320", "2400")}
    assert {*content.OTHER_PAYER} == {key for rules in both for key in allowed(rules.claim.child("2320"))}
    assert content.LINE[claim_type] <= {key for rules in both for key in allowed(rules.claim.child("2400"))}


@each_type
def test_segments_of_levels_stand_in_no_place_of_a_claim(claim_type: ClaimType) -> None:
    places = (content.CLAIM, content.OTHER_PAYER, content.LINE[claim_type])
    assert not any(key in place for place in places for key in LEVEL_ONLY)
    for key in ("SBR", "NM1*IL", "NM1*PR", "NM1*85"):
        assert [key in place for place in places] == [False, True, False]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_segments_of_claims_stand_in_no_level(depth: int) -> None:
    assert not content.LEVEL[depth] & {"CLM", "LX", "SV1", "SV2", "HI", "DTP", "LIN", "CTP", "SVD", "CAS", "OI", "CL1"}


SERVICE: dict[ClaimType, str] = {"837P": "SV1", "837I": "SV2"}
OTHER = ("SBR", "OI", "NM1*IL", "NM1*PR", "NM1*85")


@each_type
def test_claims_in_the_order_of_the_guide_have_no_misfit(claim_type: ClaimType) -> None:
    line, again = (FIRST_LINE, SERVICE[claim_type], "DTP"), (NEXT_LINE, SERVICE[claim_type], "LIN", "CTP", "SVD", "CAS")
    for body in (
        (*line,),
        ("DTP", "REF", "HI", "NM1*82", "PRV", *line, *again),
        ("HI", *OTHER, *line),
        ("HI", *OTHER, *OTHER, *line, *again, *again),
        ("HI", "SBR", "CAS", "AMT", "OI", "MOA", "NM1*IL", "N3", "N4", "REF", "NM1*PR", "DTP", *line),
        (NEXT_LINE, SERVICE[claim_type], *again),  # LX01 that does not begin at 1 is for the guide checks
    ):
        assert claim_misfit(claim_type, ("CLM", *body)) is None, body


MISFITS = {
    "no line": (("HI",), None, 3, "the claim has no service line"),
    "no line behind another payer": (("HI", *OTHER), None, 3, "the claim has no service line"),
    "a subscriber's name in the claim": (("HI", "NM1*IL", FIRST_LINE, "SV"), 2, 2, "NM1*IL stands in a claim"),
    "a payer in the claim": (("NM1*PR", FIRST_LINE, "SV"), 1, 2, "NM1*PR stands in a claim"),
    "a billing provider in the claim": (("NM1*85", FIRST_LINE, "SV"), 1, 1, "NM1*85 stands in a claim"),
    "a patient in the claim": (("NM1*QC", FIRST_LINE, "SV"), 1, 3, "NM1*QC stands in a claim"),
    "PAT in the claim": (("PAT", FIRST_LINE, "SV"), 1, 3, "PAT stands in a claim"),
    "DMG in the claim": (("DMG", FIRST_LINE, "SV"), 1, 3, "DMG stands in a claim"),
    "a patient behind another payer": (("SBR", "NM1*QC", FIRST_LINE, "SV"), 2, 3, "NM1*QC stands in a claim"),
    "PAT behind another payer": (("SBR", "PAT", FIRST_LINE, "SV"), 2, 3, "PAT stands in a claim"),
    "DMG behind another payer": (("SBR", "NM1*IL", "DMG", FIRST_LINE, "SV"), 3, 3, "DMG stands in a claim"),
    "two insured persons of one payer": (("SBR", "NM1*IL", "NM1*IL", FIRST_LINE, "SV"), 3, 3, "NM1*IL stands twice"),
    "two payers of one SBR": (("SBR", "NM1*PR", "NM1*PR", FIRST_LINE, "SV"), 3, 3, "NM1*PR stands twice"),
    "SBR behind a line": ((FIRST_LINE, "SV", "SBR"), 3, 2, "SBR stands in a service line"),
    "NM1*IL behind a line": ((FIRST_LINE, "SV", "NM1*IL"), 3, 2, "NM1*IL stands in a service line"),
    "PAT behind a line": ((FIRST_LINE, "SV", "PAT"), 3, 3, "PAT stands in a service line"),
    "NM1*85 behind a line": ((FIRST_LINE, "SV", "NM1*85"), 3, 1, "NM1*85 stands in a service line"),
    "diagnoses behind a line": ((FIRST_LINE, "SV", "HI"), 3, 3, "HI stands in a service line; a CLM segment"),
    "LX01 that begins again": ((FIRST_LINE, "SV", FIRST_LINE, "SV"), 3, 3, "LX01 starts again at 1"),
    "two services in a line": ((FIRST_LINE, "SV", "DTP", "SV"), 4, 3, "stands twice in one service line"),
    "a line without a service": ((FIRST_LINE, "DTP"), None, 3, "a service line has no SV1 or SV2"),
    "a line without a service before another": (
        (FIRST_LINE, "DTP", NEXT_LINE, "SV"), 3, 3, "a service line has no SV1 or SV2",
    ),
    "a service before LX": (("HI", "SV"), 2, 3, "stands in a claim and in no service line; an LX segment"),
    "a tag that nobody knows": (("H1", FIRST_LINE, "SV"), 1, 3, "a segment with an unknown tag stands in a claim"),
}  # fmt: skip


@each_type
@pytest.mark.parametrize("name", MISFITS)
def test_what_cannot_be_the_claims_own(name: str, claim_type: ClaimType) -> None:
    body, at, depth, reason = MISFITS[name]
    found = claim_misfit(claim_type, ("CLM", *(SERVICE[claim_type] if key == "SV" else key for key in body)))
    assert found is not None
    assert (found.at, found.depth) == (at, depth)
    assert reason in found.reason


def test_a_service_of_the_other_claim_type() -> None:
    others: dict[ClaimType, str] = {"837P": "SV2", "837I": "SV1"}
    for claim_type, other in others.items():
        found = claim_misfit(claim_type, ("CLM", FIRST_LINE, other))
        assert found is not None
        assert found.reason == f"{other} stands in a service line of the other claim type"


def test_what_a_level_must_hold() -> None:
    sound = {1: ("HL", "NM1*85", "N3"), 2: ("HL", "SBR", "NM1*IL", "DMG", "NM1*PR"), 3: ("HL", "PAT", "NM1*QC", "DMG")}
    for depth, found in sound.items():
        assert level_misfit(depth, found) is None
        for name in content.NAMED[depth]:
            lacking = level_misfit(depth, [key for key in found if key != name])
            assert lacking is not None
            assert (lacking.at, lacking.depth, lacking.reason) == (None, depth, f"the level has no {name}")
            twice = level_misfit(depth, [*found, name])
            assert twice is not None
            assert (twice.at, twice.reason) == (len(found), f"{name} stands twice in one level")


def test_a_segment_of_another_level_names_the_one_whose_hl_may_be_missing() -> None:
    provider, subscriber = ("HL", "NM1*85"), ("HL", "SBR", "NM1*IL")
    for depth, found, shown in (
        (1, (*provider, "SBR"), 1),
        (1, (*provider, "CLM"), 1),
        (2, (*subscriber, "NM1*QC"), 2),
        (2, (*subscriber, "NM1*85"), 1),
        (3, ("HL", "PAT", "NM1*QC", "SBR"), 2),
        (3, ("HL", "PAT", "NM1*QC", "H1"), 3),
    ):
        misfit = level_misfit(depth, found)
        assert misfit is not None
        assert (misfit.at, misfit.depth) == (len(found) - 1, shown)


def test_a_header_holds_no_level() -> None:
    assert header_misfit(["ST", "BHT", "REF", "NM1*41", "PER", "NM1*40"]) is None
    for found in (["ST", "BHT", "NM1*85"], ["ST", "NM1*41", "CLM"]):
        misfit = header_misfit(found)
        assert misfit is not None
        assert (misfit.at, misfit.depth) == (2, 1)


def test_a_header_does_not_begin_with_the_rest_of_a_claim() -> None:
    assert header_misfit(["ST", "NM1*41", "PER", "NM1*40"]) is None  # guide checks find that BHT is missing
    for key in ("REF", "PER", "N3"):
        misfit = header_misfit(["ST", key, "BHT"])
        assert misfit is not None
        assert misfit.at == 1


def test_keys_of_segments() -> None:
    segments = [["NM1", "IL", "1"], ["NM1"], ["LX", "1"], ["LX", "01"], ["LX", "2"], ["LX"], ["SBR", "P"], ["XX"]]
    found = keys(segments)
    assert found == ["NM1*IL", "NM1*", FIRST_LINE, FIRST_LINE, NEXT_LINE, NEXT_LINE, "SBR", "XX"]


def test_a_name_that_names_nobody() -> None:
    named = [["NM1", "IL", "1", "ROWAN"], ["NM1", "85", "2", "", "", "", "", "", "XX", "2000000010"], ["NM1", "PR"]]
    assert content.level_keys(named) == ["NM1*IL", "NM1*85", "NM1*PR"]
    nameless = [["NM1", "IL", "1", "", "MAX"], ["NM1", "QC"], ["NM1", "85", "2"]]
    assert content.level_keys(nameless) == [content.NAMELESS] * 3


def test_the_depth_that_a_level_shows() -> None:
    assert depth_shown(["HL", "SBR", "NM1*IL"]) == 2
    assert depth_shown(["HL", "PAT", "NM1*QC"]) == 3
    assert depth_shown(["HL", "NM1*85"]) == depth_shown(["HL"]) == 1


def test_reasons_quote_no_unknown_tag() -> None:
    """It may be a name, where a separator is missing."""
    found = claim_misfit("837P", ("CLM", "LARKSPUR", FIRST_LINE, "SV1"))
    assert found is not None
    assert "LARKSPUR" not in found.reason
    misfit = level_misfit(2, ["HL", "SBR", "NM1*IL", "NM1*LARKSPUR"])
    assert misfit is not None
    assert "LARKSPUR" not in misfit.reason
