"""The text report: the element at fault pointed at, nothing of a person shown, totals that add up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import BinaryIO

import attrs
import pytest

from scrubber import run
from scrubber.claims.location import Location
from scrubber.engine import Engine
from scrubber.inputs import Input
from scrubber.outputs.text_report import Style, TextReport, excerpt, plain
from scrubber.profile import Profile
from tests.builder import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    LineSpec,
    build,
    drug_line,
    infusion_claim,
    waste_claim,
    with_line,
)
from tests.scrubbing import each, each_type, engine, every_claim, made, of_edits, scrub_text
from tests.test_builder import read

LINE = attrs.evolve(
    drug_line(modifiers=("JZ", "TB"), description="GIVEN TO ANNA"), control_number="L1", pointers=(1, 2)
)


@attrs.frozen
class InMemory(Input):
    """An input that is nowhere on disk."""

    text: str

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.text.encode("latin-1"))


def report(text: str, with_engine: Engine | None = None, style: Style = plain) -> str:
    out = io.StringIO()
    used = with_engine or engine()
    writer = TextReport(out, used, style)
    run.check(InMemory("claims.837", text), used, [writer])
    writer.close()
    return out.getvalue()


def location(claim_type: ClaimType, field: str, number: int, delimiters: DelimiterSpec | None = None) -> Location:
    spec = infusion_claim(claim_type, lines=(LINE,))
    (claim,) = read(build([spec], delimiters=delimiters))
    return claim.lines[0].at(field, number)


def pointed_at(rows: list[str]) -> str:
    """What the carets stand under."""
    segment, carets = rows
    start = len(carets) - len(carets.lstrip())
    return segment[start : len(carets)]


@each(
    ("field", "number", "on_837p", "on_837i"),
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
    for claim_type, expected in (("837P", on_837p), ("837I", on_837i)):
        for delimiters in (None, DelimiterSpec("|", ">", "!", "\n"), DelimiterSpec("=", "<", "+", "'")):
            if expected is not None:
                rows = excerpt(location(claim_type, field, number, delimiters))  # type: ignore[arg-type]
                assert pointed_at(rows) == expected
                assert set(rows[1]) <= {" ", "^"}


@each(
    ("line", "field", "number", "row"),
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
    text, carets = excerpt(claim.lines[0].at(field, number))
    assert text == row
    assert carets.strip() == "^"
    at = len(carets) - 1
    assert at <= len(text)
    assert text[at : at + 1] in ("*", "")


def test_of_a_segment_that_is_missing_the_one_is_shown_where_one_would_look() -> None:
    (claim,) = read(build([infusion_claim(lines=(LineSpec("96365"),))]))
    assert excerpt(claim.lines[0].at("ndc")) == ["SV1*HC:96365*180*UN*1***1"]


@each_type
def test_a_diagnosis_is_pointed_at(claim_type: ClaimType) -> None:
    (claim,) = read(build([infusion_claim(claim_type, diagnoses=("M3219", "M320"))]))
    for diagnosis in claim.diagnoses:
        assert pointed_at(excerpt(claim.at_diagnosis(diagnosis))) == diagnosis.code


@each_type
def test_a_description_is_never_shown_and_the_carets_still_fit(claim_type: ClaimType) -> None:
    for field in ("units", "charge"):
        rows = excerpt(location(claim_type, field, 1))
        assert "ANNA" not in rows[0]
        assert "..." in rows[0]
        assert pointed_at(rows) == {"units": "80", "charge": "4800"}[field]


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
    assert [excerpt(place) for place in places] == [[]] * 6


PERSONAL = {
    "birth_date": date(1984, 3, 9),
    "member_id": "MEMBERSECRET",
    "note": "NOTESECRET",
    "prior_authorization": "AUTHSECRET",
}


@each_type
def test_the_report_holds_the_claim_id_and_nothing_else_of_a_person(claim_type: ClaimType) -> None:
    claim = infusion_claim(claim_type, "CLAIM-1", lines=(LINE, drug_line(modifiers=(), units="8O")), **PERSONAL)
    claim = attrs.evolve(claim, diagnoses=("M320", "M3219"))
    text = report(build([with_line(claim, 2, dates="19840399")]))
    assert "CLAIM-1" in text
    for secret in ("19840309", "1984-03-09", "SECRET", "ANNA", "19840399", "SAMPLE LANE", "BIRCHMERE", "BRUNO"):
        assert secret not in text


def test_a_claim_with_findings() -> None:
    claim = infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), LineSpec("96365")))
    text = report(build([infusion_claim(), claim]), engine("JWJZ01"))
    assert text == (
        "claims.837  (interchange 000000001)\n"
        "\n"
        "REJECTED  claim 2  CLAIM-1  837P  $4980.00  payer 00002  service 2026-10-05\n"
        "  line 1: reject JWJZ01 at SV101-3, loop 2400\n"
        "      SV1*HC:J0490*4800*UN*80***1\n"
        "                  ^\n"
        "      J0490 comes in single-dose vials and has neither JW nor JZ\n"
        "      fix: add JZ if nothing was discarded, else add a line with JW for the discarded units\n"
        "\n"
        "2 claims, $9960.00: 1 clean, 0 flagged, 1 rejected ($4980.00)\n"
        "findings: JWJZ01 1\n"
        "\n"
    )


def test_what_was_not_checked_is_told() -> None:
    claim = with_line(waste_claim(), 2, units="three")
    text = report(build([claim]), engine("JWJZ05"))
    assert "CLEAN  claim 1  BASE-2" in text
    assert "  not checked JWJZ05: SV104 is not a number\n" in text
    edits = of_edits(made(every_claim, "ONE01", table="pos"), made(every_claim, "TWO01", table="pos"))
    text = report(build([claim]), Engine(edits, Profile()))
    assert "not checked: ONE01, TWO01 (table pos is not loaded)\n" in text


def test_errors_of_the_file_are_told() -> None:
    text = report(build([infusion_claim()]).replace("IEA*1", "IEA*2"))
    assert "  error READ29 IEA01 is not 1, the number counted (byte " in text


def test_colours_only_where_asked_for() -> None:
    claim = build([infusion_claim(lines=(drug_line(modifiers=()),))])
    assert "\x1b" not in report(claim)
    dressed = report(claim, style=lambda text, kind: f"<{kind}>{text}</{kind}>")
    assert "<rejected>REJECTED</rejected>" in dressed
    assert "<reject>reject</reject>" in dressed


@pytest.mark.parametrize("separator", ["\x1d", "\x07", "\x9b"])
def test_control_characters_of_the_file_do_not_reach_the_terminal(separator: str) -> None:
    claim = infusion_claim("837P", "ID\x1b[31m\x9c1m", lines=(drug_line(modifiers=()),))
    text = report(build([claim], delimiters=DelimiterSpec(separator, "\x1f", "\x1e", "\x1c")))
    assert text.replace("\n", "").isprintable()
    assert "ID?[31m?1m" in text
    rows = text.splitlines()
    at = next(number for number, row in enumerate(rows) if row.strip() == "^")
    assert rows[at - 1][len(rows[at]) - 1] == "?"


def faulty(claim: ClaimSpec) -> int:
    return len(scrub_text(build([claim]), engine())[0][0].findings)


def test_a_location_of_every_finding_can_be_shown() -> None:
    """On claims with all kinds of faults no excerpt fails, and carets stand within or right behind the segment."""
    for claim_type in ("837P", "837I"):
        claim = infusion_claim(
            claim_type,  # type: ignore[arg-type]
            lines=(drug_line(modifiers=("JW", "JZ"), units="x", pointers=("9",)), LineSpec("", pointers=())),
            diagnoses=("M320", "M3219"),
        )
        for claim_text in (build([claim]), build([claim]).replace("LIN**N4*", "LIN*")):
            scrubbed, _ = scrub_text(claim_text, engine())
            for finding in scrubbed[0].findings:
                rows = excerpt(finding.location)
                assert len(rows) in (0, 1, 2)
                if len(rows) == 2:
                    assert len(rows[1]) <= len(rows[0]) + 1
        assert faulty(claim) > 2
