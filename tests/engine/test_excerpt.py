"""Excerpts: the element at fault pointed at, nothing of a person shown, and no segment too much for it."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.location import Location
from scrubber.engine.excerpt import SHOWN_ELEMENTS, SHOWN_SEGMENTS, _excerpt, excerpt, fitted
from scrubber.testing import ClaimType, DelimiterSpec, LineSpec, build, drug_line, infusion_claim
from tests.scrubbing import TYPES, each, each_type, engine, scrub_text
from tests.test_testing_builder import read

LINE = attrs.evolve(
    drug_line(modifiers=("JZ", "TB"), description="GIVEN TO ANNA"), control_number="L1", pointers=(1, 2)
)


def location(claim_type: ClaimType, field: str, number: int, delimiters: DelimiterSpec | None = None) -> Location:
    spec = infusion_claim(claim_type, lines=(LINE,))
    (claim,) = read(build([spec], delimiters=delimiters))
    return claim.lines[0].at(field, number)


def shown(at: Location) -> list[str]:
    """The rows of an excerpt, none where there is none."""
    found = excerpt(at)
    return found.rows if found else []


def pointed_at(rows: list[str]) -> str:
    """What the carets stand under."""
    segment, carets = rows
    start = len(carets) - len(carets.lstrip())
    return segment[start : len(carets)]


@each(
    "field, number, on_837p, on_837i",
    {
        "qualifier": ("procedure_qualifier", 1, "HC", "HC"),
        "procedure": ("procedure", 1, "J0490", "J0490"),
        "first modifier": ("modifiers", 1, "JZ", "JZ"),
        "second modifier": ("modifiers", 2, "TB", "TB"),
        "charge": ("charge", 1, "4800", "4800"),
        "unit": ("unit_basis", 1, "UN", "UN"),
        "units": ("units", 1, "80", "80"),
        "pointer": ("diagnosis_pointers", 2, "2", None),
        "revenue code": ("revenue_code", 1, None, "0636"),
        "NDC": ("ndc", 1, "49401010201", "49401010201"),
        "NDC quantity": ("ndc_quantity", 1, "2", "2"),
        "NDC unit": ("ndc_unit", 1, "UN", "UN"),
        "line number": ("number", 1, "1", "1"),
    },
)
def test_carets_stand_under_the_element(field: str, number: int, on_837p: str | None, on_837i: str | None) -> None:
    for claim_type, expected in zip(TYPES, (on_837p, on_837i), strict=True):
        for delimiters in (None, DelimiterSpec("|", ">", "!", "\n"), DelimiterSpec("=", "<", "+", "'")):
            if expected is not None:
                rows = shown(location(claim_type, field, number, delimiters))
                assert pointed_at(rows) == expected
                assert set(rows[1]) <= {" ", "^"}


@each(
    "line, field, number, row",
    {
        "an empty modifier": (drug_line(modifiers=()), "modifiers", 1, "SV1*HC:J0490*4800*UN*80***1"),
        "an empty element": (drug_line(units=""), "units", 1, "SV1*HC:J0490:JZ*0*UN****1"),
        "a pointer beyond the end": (LineSpec("96365", pointers=()), "diagnosis_pointers", 1, "SV1*HC:96365*180*UN*1"),
    },
)
def test_where_an_element_is_missing_one_caret_stands_in_its_place(
    line: LineSpec, field: str, number: int, row: str
) -> None:
    (claim,) = read(build([infusion_claim(lines=(line,))]))
    text, carets = shown(claim.lines[0].at(field, number))
    assert text == row
    assert carets.strip() == "^"
    at = len(carets) - 1
    assert at <= len(text)
    assert text[at : at + 1] in ("*", "")


def test_of_a_segment_that_is_missing_the_one_is_shown_where_one_would_look() -> None:
    (claim,) = read(build([infusion_claim(lines=(LineSpec("96365"),))]))
    assert shown(claim.lines[0].at("ndc")) == ["SV1*HC:96365*180*UN*1***1"]


@each("tag", {"of a shown segment": "SV1", "of none": ""})
def test_a_segment_at_fault_as_a_whole_is_pointed_at_by_its_tag(tag: str) -> None:
    rows = shown(attrs.evolve(location("837P", "units", 1), element=tag))
    assert rows[0].startswith("SV1*HC:J0490")
    assert rows[1:] == (["^^^"] if tag else [])


@each_type
def test_a_diagnosis_is_pointed_at(claim_type: ClaimType) -> None:
    (claim,) = read(build([infusion_claim(claim_type, diagnoses=("M3219", "M320"))]))
    for diagnosis in claim.diagnoses:
        assert pointed_at(shown(claim.at_diagnosis(diagnosis))) == diagnosis.code


@each(
    "field, row, marked",
    {
        "place of service": ("facility_code", "CLM*...*11:B:1*...", "11"),
        "frequency": ("frequency", "CLM*...*11:B:1*...", "1"),
        "charge": ("total_charge", "CLM*...*4800*...", "4800"),
    },
)
def test_of_a_segment_with_ids_the_element_alone_is_shown(field: str, row: str, marked: str) -> None:
    (claim,) = read(build([infusion_claim(lines=(LINE,))]))
    rows = shown(claim.at(field))
    assert rows[0] == row
    assert pointed_at(rows) == marked


def test_where_such_an_element_is_missing_none_other_is_shown() -> None:
    (claim,) = read(build([infusion_claim(filing="")]).replace("SBR*P*18*******", "SBR*P*18"))
    assert claim.context.subscriber is not None
    text, carets = shown(claim.context.subscriber.at("filing_indicator"))
    assert (text, len(carets)) == ("SBR*...", len(text) + 1)


@each_type
def test_a_description_is_never_shown_and_the_carets_still_fit(claim_type: ClaimType) -> None:
    for field in ("units", "charge"):
        rows = shown(location(claim_type, field, 1))
        assert f":{'#' * len('GIVEN TO ANNA')}*" in rows[0]
        assert pointed_at(rows) == {"units": "80", "charge": "4800"}[field]


def test_a_date_among_diagnoses_is_not_shown() -> None:
    """An occurrence code may be that of a birth date."""
    text = build([infusion_claim("837I")]).replace("HI*ABF:Z79899", "HI*BH:A1:D8:19840309")
    (claim,) = read(text)
    index = next(at for at, segment in enumerate(claim.span.segments) if segment[1].startswith("BH"))
    rows = shown(Location(claim.span, index, "2300", "HI01-4"))
    assert rows == ["HI*BH:A1:D8:########", " " * 12 + "^" * 8]


@each_type
def test_segments_of_a_person_are_never_shown(claim_type: ClaimType) -> None:
    (claim,) = read(build([infusion_claim(claim_type, lines=(LINE,), clearinghouse_id="CH")]))
    assert claim.context.subscriber is not None
    places = [
        claim.at("claim_id"),
        claim.at("clearinghouse_id"),
        claim.context.subscriber.at("birth_date"),
        claim.context.subscriber.at("member_id"),
        claim.lines[0].at("service_date"),
        claim.lines[0].at("line_control_number"),
    ]
    assert [shown(place) for place in places] == [[]] * 6
    assert not SHOWN_SEGMENTS & {"CLM", "NM1", "N3", "N4", "DMG", "REF", "DTP", "NTE", "K3", "PER"}
    assert not {1} & SHOWN_ELEMENTS["CLM"]
    assert not {3, 4, 5, 6, 7, 9} & SHOWN_ELEMENTS["NM1"]
    assert SHOWN_ELEMENTS["REF"] == {1}
    assert "DMG" not in SHOWN_ELEMENTS


@pytest.mark.parametrize("separator", ["\x1d", "\x07"])
def test_separators_that_cannot_be_printed_are_shown_as_the_usual_ones(separator: str) -> None:
    delimiters = DelimiterSpec(separator, "\x1f", "\x1e", "\x1c")
    rows = shown(location("837P", "units", 1, delimiters))
    assert rows[0] == f"SV1*HC:J0490:JZ:TB:::{'#' * 13}*4800*UN*80***1:2"
    assert pointed_at(rows) == "80"


def test_far_too_large_segments_are_cut_before_they_cost_anything() -> None:
    many = "*".join(f"ABF:M{number:03}" for number in range(5_000))
    text = build([infusion_claim()]).replace("HI*ABK:M3219", f"HI*{many}")
    (claim,) = read(text)
    for number in (1, 12, 40, 99):
        rows = shown(attrs.evolve(claim.at("principal_diagnosis"), element=f"HI{number:02}-2"))
        assert pointed_at(rows) == (f"M{number - 1:03}" if number <= 12 else "####")
        assert len(rows[0]) < 1_000
    long = build([infusion_claim()]).replace("HI*ABK:M3219", f"HI*ABK:{'M' * 100_000}")
    (claim,) = read(long)
    rows = shown(claim.at("principal_diagnosis"))
    assert len(rows[0]) < 400
    assert f":{'#' * 20}...*" in rows[0]


@each(
    ("segment", "excerpt_of", "row"),
    {
        "a component too many": ("SV1*HC:J0490:JZ:::::MARY DOE*1*UN", "SV101-8", "SV1*HC:J0490:JZ:::::########*1*UN"),
        "a component too few": ("SV1*HC:J0490:JZ:MARY DOE*1*UN", "SV102", "SV1*HC:J0490:JZ:########*1*UN"),
        "an element too few": ("SV1*HC:J0490:JZ:::MARY DOE:*UN*80", "SV103", "SV1*HC:J0490:JZ:::########:*##*80"),
        "a modifier": ("SV1*HC:MARY:DOE*1*UN", "SV102", "SV1*HC:####:###*1*UN"),
        "a date": ("SV1*HC:J0490*19840309*UN", "SV102", "SV1*HC:J0490*########*UN"),
        "a date with dashes": ("SV1*HC:J0490*1984-03-09*UN", "SV102", "SV1*HC:J0490*##########*UN"),
        "an element too many": ("SV1*HC:J0490*1*UN*80***1*MARY*DOE", "SV102", "SV1*HC:J0490*1*UN*80***1*####*###"),
        "drug name behind the NDC": ("LIN**N4*49401010201*CB*DOE", "LIN02", "LIN**N4*49401010201*##*###"),
        "an id as NDC": ("LIN**N4*W12345678", "LIN03", "LIN**N4*#########"),
        "a social security number": ("LIN**N4*123456789", "LIN03", "LIN**N4*#########"),
        "a name as unit": ("CTP****1*UN:DOE*MARY", "CTP04", "CTP****1*UN:###*####"),
        "a name among diagnoses": ("HI*ABK:M3219*ABF:DOE*MARY", "HI01", "HI*ABK:M3219*ABF:###*####"),
        "an id among diagnoses": ("HI*ABK:W123456789*19840309", "HI01", "HI*ABK:##########*########"),
        "a name as entity": ("NM1*DOE*MARY", "NM101", "NM1*###*..."),
        "a name as person": ("NM1*IL*DOE*MARY", "NM102", "NM1*...*###*..."),
        "a qualifier": ("NM1*IL*1", "NM101", "NM1*IL*..."),
        "a date as format": ("DTP*472*20261014", "DTP02", "DTP*...*########"),
        "an id as qualifier": ("REF*W123456789", "REF01", "REF*##########"),
        "a name as filing indicator": ("SBR*P*18*******DOE", "SBR09", "SBR*...*###"),
        "a number of a line": ("LX*1*DOE", "LX01", "LX*1*###"),
        "a name as charge": ("CLM*ID*MARY", "CLM02", "CLM*...*####"),
        "a name as place": ("CLM*ID*1***DOE:B:1", "CLM05-1", "CLM*...*###:B:1"),
        "correct codes": ("SV2*0636*HC:J0490:JW*-12.50*UN*.5", "SV201", "SV2*0636*HC:J0490:JW*-12.50*UN*.5"),
        "correct diagnoses": ("HI*ABK:M32.19:::::::Y*BE:A2:::12.5", "HI01", "HI*ABK:M32.19:::::::Y*BE:A2:::12.5"),
        "an NDC with hyphens": ("LIN**N4*49401-0102-01", "LIN03", "LIN**N4*49401-0102-01"),
    },
)
def test_a_value_is_shown_only_where_its_content_is_of_the_kind(segment: str, excerpt_of: str, row: str) -> None:
    (claim,) = read(build([infusion_claim()]))
    span = claim.span._replace(segments=[segment.split("*")])
    assert shown(Location(span, 0, "2400", excerpt_of))[0] == row


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=200),
    st.integers(0, 199),
    st.integers(1, 50),
    st.integers(20, 200),
)
def test_an_excerpt_fits_and_keeps_in_sight_what_is_pointed_at(text: str, start: int, marked: int, width: int) -> None:
    start = min(start, len(text))
    marked = min(marked, max(len(text) - start, 1))
    segment, carets = fitted([text, " " * start + "^" * marked], width)
    assert len(segment) <= width
    assert len(carets) <= width + 1
    under = pointed_at([segment, carets])
    assert under == text[start : start + marked][: len(under)]
    if len(text) > start and marked <= width - 6:
        assert under == text[start : start + marked]


def test_what_fits_is_left_alone() -> None:
    assert fitted([], 20) == []
    assert fitted(["SV1*HC"], 20) == ["SV1*HC"]
    assert fitted(["x" * 30], 20) == ["x" * 14 + "..."]


def test_a_location_of_every_finding_can_be_shown() -> None:
    """On claims with all kinds of faults no excerpt fails, and carets stand within or right after the segment."""
    for claim_type in TYPES:
        claim = infusion_claim(
            claim_type,
            lines=(drug_line(modifiers=("JW", "JZ"), units="x", pointers=("9",)), LineSpec("", pointers=())),
            diagnoses=("M320", "M3219"),
        )
        for claim_text in (build([claim]), build([claim]).replace("LIN**N4*", "LIN*")):
            (scrubbed,), _ = scrub_text(claim_text, engine())
            assert len(scrubbed.findings) > 2
            for finding in scrubbed.findings:
                rows = shown(finding.location)
                assert len(rows) in (0, 1, 2)
                if len(rows) == 2:
                    assert len(rows[1]) <= len(rows[0]) + 1


@given(
    st.sampled_from(sorted({*SHOWN_SEGMENTS, *SHOWN_ELEMENTS})),
    st.lists(st.sampled_from(["", "11:B:1", "250", "ANNA", "ABK:M0800", "85", "2"]), max_size=70),
    st.integers(0, 70),
)
def test_an_excerpt_that_is_remembered_is_that_of_the_whole_segment(tag: str, values: list[str], number: int) -> None:
    """Only what may be shown is looked at: elements that are left out, or far away, change nothing."""
    at = location("837P", "procedure", 1)
    segment = [tag, *values]
    moved = attrs.evolve(
        at, span=at.span._replace(segments=[segment]), index=0, element=f"{tag}{number:02d}" if number else tag
    )
    found = excerpt(moved)
    if tag in SHOWN_SEGMENTS or number in SHOWN_ELEMENTS[tag]:
        assert found == _excerpt.__wrapped__(segment, number, 0, "*", ":")  # type: ignore[attr-defined]
    else:
        assert found is None
