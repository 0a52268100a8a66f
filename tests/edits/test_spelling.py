"""Codes written with points, lowercase letters or spaces, and values that hold the repetition separator."""

import json
from io import BytesIO
from typing import Any

import attrs
import pytest

from edits.spelling import separator_in_value
from scrubber import Finding, read_claims
from scrubber.reference import shipped
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    LineSpec,
    build,
    drug_line,
    infusion_claim,
    visit_claim,
)
from tests.edits.judging import answers, everywhere, severities
from tests.scrubbing import each, each_type, engine, found, run, scrub_one, scrub_text

PLAIN = ("M3219", "Z79899")


def with_procedure(claim_type: ClaimType, **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, lines=(drug_line(**changes), LineSpec("96365")))


@each_type
@each(
    ("diagnoses", "places"),
    {
        "as listed": (PLAIN, []),
        "with a point": (("M32.19", "Z79899"), ["HI01-2"]),
        "both with a point": (("M32.19", "Z79.899"), ["HI01-2", "HI02-2"]),
        "in small letters": (("m3219", "Z79899"), ["HI01-2"]),
        "with a blank": (("M3219 ", "Z79899"), ["HI01-2"]),
        "the qualifier": (("abk:M3219", "Z79899"), ["HI01-1"]),
    },
)
def test_a_diagnosis_code_that_is_spelled_in_another_way(
    claim_type: ClaimType, diagnoses: tuple[str, ...], places: list[str]
) -> None:
    claim = infusion_claim(claim_type, diagnoses=diagnoses)
    named = [element for _, _, element in answers(claim, "CODE01")]
    if claim_type == "837I":  # the other diagnoses have an HI segment of their own
        places = [place.replace("02", "01") for place in places]
    assert named == places
    assert severities(claim, "CODE01") == everywhere("reject") if places else True


@each_type
@each(
    ("changes", "place"),
    {
        "procedure": ({"procedure": "j0490"}, "{}-2"),
        "procedure with a blank": ({"procedure": "J0490 "}, "{}-2"),
        "procedure with a point": ({"procedure": "J0490."}, "{}-2"),
        "modifier": ({"modifiers": ("jz",)}, "{}-3"),
        "second modifier": ({"modifiers": ("TB", "jz")}, "{}-4"),
        "unit": ({"unit_basis": "un"}, "{0}"),
        "unit of the NDC": ({"ndc_unit": "un"}, "CTP05-1"),
        "description in small letters": ({"description": "belimumab, 80 units"}, None),
    },
)
def test_a_code_of_a_line_that_is_spelled_in_another_way(
    claim_type: ClaimType, changes: dict[str, Any], place: str | None
) -> None:
    claim = with_procedure(claim_type, **changes)
    service, unit = ("SV101", "SV103") if claim_type == "837P" else ("SV202", "SV204")
    expected = [] if place is None else [("reject", 1, place.format(unit if place == "{0}" else service))]
    assert answers(claim, "CODE01") == expected


@each_type
def test_the_qualifier_of_an_ndc(claim_type: ClaimType) -> None:
    text = build([infusion_claim(claim_type)]).replace("LIN**N4*", "LIN**n4*")
    (scrubbed,), _ = scrub_text(text, engine("CODE01", "NDC01", "NDC10"))
    assert found(scrubbed) == [("CODE01", "reject", 1, "LIN02")]


def test_revenue_codes_without_the_zero_in_front() -> None:
    claim = infusion_claim("837I", lines=(drug_line(revenue_code="636"), LineSpec("96365")))
    scrubbed = scrub_one(claim)
    assert found(scrubbed) == [("CODE01", "reject", 1, "SV201")]
    assert (scrubbed.findings[0].fix, scrubbed.findings[0].claim_status) == ("write 0636", "A7:455")


@each_type
def test_codes_of_voids_are_looked_at_too(claim_type: ClaimType) -> None:
    void = infusion_claim(claim_type, diagnoses=("M32.19",), frequency="8", payer_claim_control_number="ICN1")
    assert answers(void, "CODE01") == [("reject", None, "HI01-2")]


@each_type
@each(
    "changes",
    {
        "a pointed diagnosis": {"diagnoses": ("M32.19", "Z79.899")},
        "small letters everywhere": {"diagnoses": ("abk:m3219", "abf:z79899"), "lines": None},
    },
)
def test_all_other_edits_look_through_the_spelling(claim_type: ClaimType, changes: dict[str, Any]) -> None:
    if "lines" in changes:
        changes = changes | {"lines": (drug_line("j0490", modifiers=("jz",), ndc_unit="un"), LineSpec("96365"))}
    claim = infusion_claim(claim_type, **changes)
    if "lines" in changes:  # the builder knows its prices and revenue codes by the right spelling
        lines = (attrs.evolve(claim.lines[0], revenue_code="0636", charge=4800), claim.lines[1])
        claim = attrs.evolve(claim, lines=lines)
    assert {code for code, _, _, _ in found(scrub_one(claim))} == {"CODE01"}


@each_type
def test_a_pointed_code_is_judged_as_the_one_that_is_meant(claim_type: ClaimType) -> None:
    induced = infusion_claim(claim_type, diagnoses=("M32.0", "Z79899"))
    assert [severity for severity, _, _ in answers(induced, "DX01")] == ["reject"]
    heading = infusion_claim(claim_type, diagnoses=("M32.1", "Z79899"))
    assert [severity for severity, _, _ in answers(heading, "DX02")] == ["reject"]


@each_type
def test_modifiers_in_small_letters_fail_no_edit(claim_type: ClaimType) -> None:
    both = with_procedure(claim_type, modifiers=("jw", "jz"))
    assert {code for code, _, _, _ in found(scrub_one(both))} >= {"CODE01", "JWJZ02"}
    assert "SCRUB01" not in {code for code, _, _, _ in found(scrub_one(both))}


def test_claims_are_printed_as_the_file_wrote_them(tmp_path: object) -> None:
    text = build([infusion_claim(diagnoses=("M32.19",), lines=(drug_line("j0490", modifiers=("jz",), ndc_unit="un"),))])
    (record,) = [json.loads(line) for line in run("claims", "-", stdin=text.encode()).out.splitlines()]
    assert record["diagnoses"] == [{"qualifier": "ABK", "code": "M32.19"}]
    (line,) = record["lines"]
    assert (line["procedure"], line["modifiers"], line["ndc_unit"]) == ("j0490", ["jz"], "un")


def spoilt(claim_type: ClaimType, where: str, separator: str = "^") -> str:
    """A file with the separator inside of a value."""
    value = {
        "subscriber's address": ("SAMPLE LANE", f"SAMPLE{separator}LANE"),
        "provider's name": ("LUPUS" if claim_type == "837P" else "BRIDGE", f"A{separator}B"),
        "claim id": ("BASE-1", f"BASE{separator}1"),
        "line": ("REF*6R*L1", f"REF*6R*L{separator}1"),
        "attending or rendering provider": ("FENWARREN" if claim_type == "837I" else "THISTLEDON", f"A{separator}B"),
    }[where]
    claim = infusion_claim(claim_type)
    claim = attrs.evolve(claim, lines=(attrs.evolve(claim.lines[0], control_number="L1"), claim.lines[1]))
    text = build([claim])
    assert value[0] in text
    return text.replace(*value)


@each_type
@each(
    ("where", "place", "loop"),
    {
        "subscriber": ("subscriber's address", "N301", "2010BA"),
        "billing provider": ("provider's name", "NM103", "2010AA"),
        "claim": ("claim id", "CLM01", "2300"),
        "line": ("line", "REF02", "2400"),
    },
)
def test_repetition_separator(claim_type: ClaimType, where: str, place: str, loop: str) -> None:
    (scrubbed,), _ = scrub_text(spoilt(claim_type, where), engine("CHAR01"))
    line = 1 if loop == "2400" else None
    assert found(scrubbed) == [("CHAR01", "reject", line, place)]
    assert scrubbed.findings[0].location.loop == loop
    assert scrubbed.findings[0].location.span.piece.delimiters is not None


def test_a_claim_s_own_provider() -> None:
    loops: dict[ClaimType, str] = {"837P": "2310B", "837I": "2310A"}
    for claim_type, loop in loops.items():
        (scrubbed,), _ = scrub_text(spoilt(claim_type, "attending or rendering provider"), engine("CHAR01"))
        assert found(scrubbed) == [("CHAR01", "reject", None, "NM103")]
        assert scrubbed.findings[0].location.loop == loop


@each_type
def test_a_character_is_a_fault_only_if_it_is_the_repetition_separator(claim_type: ClaimType) -> None:
    assert answers(infusion_claim(claim_type), "CHAR01") == []
    assert answers(visit_claim(claim_type, claim_id="A!B"), "CHAR01") == []
    other = build([visit_claim(claim_type, claim_id="A!B")], delimiters=DelimiterSpec(repetition="!"))
    (scrubbed,), _ = scrub_text(other, engine("CHAR01"))
    assert found(scrubbed) == [("CHAR01", "reject", None, "CLM01")]


@each_type
@pytest.mark.parametrize("level", ["N3*", "HI*", "DTP*472*"], ids=["level", "claim", "line"])
def test_an_unknown_tag_is_not_quoted(claim_type: ClaimType, level: str) -> None:
    """Half a file with other delimiters is one segment, and its tag is all of it."""
    text = build([infusion_claim(claim_type)])
    lost = "SBR|P|18'NM1|IL|1|ROEWORTH|ANN^'"
    (claim,) = read_claims(BytesIO(text.replace(level, f"{lost}*X^Y*1~{level}", 1).encode()))
    findings = [result for result in separator_in_value(claim, shipped()) if isinstance(result, Finding)]
    assert [finding.location.element for finding in findings] == ["", ""]
    for finding in findings:
        assert finding.message.startswith("a segment with an unknown tag contains the repetition separator")
        assert "ROEWORTH" not in repr(finding)


def test_many_values_with_the_separator() -> None:
    """A level reports its first values, and a claim more of them, so that each claim takes the same time."""
    text = build([infusion_claim(claim_id=f"C{number}") for number in range(3)])
    in_level = text.replace("N3*", "K3" + "*^" * 50_000 + "~N3*", 1)
    in_claim = text.replace("LX*1", "K3" + "*^" * 50_000 + "~LX*1", 1)
    numbers = [
        [len(list(separator_in_value(claim, shipped()))) for claim in read_claims(BytesIO(one.encode()))]
        for one in (in_level, in_claim)
    ]
    assert numbers == [[20, 20, 20], [200, 0, 0]]


def test_the_letter_of_older_versions_is_no_separator() -> None:
    text = build([infusion_claim(claim_id="UNUSUAL")]).replace("*^*00501*", "*U*00501*")
    (scrubbed,), _ = scrub_text(text, engine("CHAR01"))
    assert found(scrubbed) == []


def test_severity_is_the_same_for_every_payer() -> None:
    assert severities(visit_claim(claim_id="A^B"), "CHAR01") == everywhere("reject")


@each_type
@pytest.mark.parametrize("text", ["Roe", "roe, sam", "1970.07.04", "1eg4te5mk73", "12 Pebble Road", "Wilson"])
def test_what_is_no_code_is_not_quoted(claim_type: ClaimType, text: str) -> None:
    claim = infusion_claim(claim_type, diagnoses=(f"ABK:{text}", f"ABF:{text}"), lines=(LineSpec(text, units=0),))
    scrubbed = scrub_one(claim)
    assert {code for code, _, _, _ in found(scrubbed)} >= {"CODE01", "DX13", "UNIT01"}
    for one in scrubbed.findings:
        for quoted in (text, text.upper(), text.replace(".", "").upper()):
            assert quoted not in one.message + one.fix
