"""Places: element, ordinal and byte offset of every field, present or not."""

from __future__ import annotations

import pytest

from scrubber.claims.location import Field, Span
from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.x12.delimiters import shared
from scrubber.x12.notes import without_notes
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import parts_and_segments, starts
from tests.claims.hierarchy import ADULT, CLAIM, CLAIM_837I, LINE, LINE_837I, PROVIDER, enveloped, one, read

STAR = shared("*", ":", "^", "~")
DRUG_LINE = "LX*2~SV1*HC:J0490:JZ:JW*4800*UN*80***1:2~DTP*472*D8*20261005~REF*6R*L2~LIN**N4*49401010201~CTP****2*UN~"


def drug_claim() -> Claim:
    return one(CLAIM.format("A") + LINE + DRUG_LINE)


@pytest.mark.parametrize(
    ("name", "number", "loop", "element", "segment_id"),
    [
        ("procedure", 1, "2400", "SV101-2", "SV1"),
        ("modifiers", 1, "2400", "SV101-3", "SV1"),
        ("modifiers", 2, "2400", "SV101-4", "SV1"),
        ("charge", 1, "2400", "SV102", "SV1"),
        ("diagnosis_pointers", 2, "2400", "SV107-2", "SV1"),
        ("service_date", 1, "2400", "DTP03", "DTP"),
        ("line_control_number", 1, "2400", "REF02", "REF"),
        ("ndc", 1, "2410", "LIN03", "LIN"),
        ("ndc_quantity", 1, "2410", "CTP04", "CTP"),
        ("ndc_unit", 1, "2410", "CTP05-1", "CTP"),
        ("prior_authorization", 1, "2400", "REF02", "SV1"),  # absent: where a reader would look
    ],
)
def test_places_of_a_line(name: str, number: int, loop: str, element: str, segment_id: str) -> None:
    location = drug_claim().lines[1].at(name, number)
    assert (location.loop, location.element, location.segment_id) == (loop, element, segment_id)
    assert (location.service_line, location.line_control_number) == (2, "L2")


def test_places_of_an_837i_line() -> None:
    line = one(CLAIM_837I.format("A") + LINE_837I, "837I").lines[0]
    assert [line.at(name).element for name in ("revenue_code", "procedure", "charge", "units")] == [
        "SV201",
        "SV202-2",
        "SV203",
        "SV205",
    ]


@pytest.mark.parametrize("eol", ["~", "~\n", "~\r\n", "~ \n \n"])
def test_ordinals_and_offsets(eol: str) -> None:
    text = enveloped(PROVIDER + ADULT + CLAIM.format("A") + LINE + DRUG_LINE).replace("~", eol)
    (claim,) = read(text)[0]
    within = [part.strip() for part in text[text.index("ST*") :].split("~")]
    level = claim.context.subscriber
    assert level is not None
    fields: list[tuple[Claim | ServiceLine | Level, str]]
    fields = [(claim, name) for name in ("claim_id", "total_charge", "frequency", "statement_dates")]
    fields += [(line, name) for line in claim.lines for name in ("number", "charge", "ndc", "ndc_unit", "service_date")]
    fields += [(level, name) for name in ("birth_date", "filing_indicator", "payer_id")]
    for holder, name in fields:
        location = holder.at(name)
        assert within[location.segment - 1] == "*".join(location.elements)
        assert text[location.offset :].startswith(within[location.segment - 1])
        line = text[: location.offset].count("\n") + 1
        assert location.file_line == (line if "\n" in eol else None)


def test_names_of_elements() -> None:
    assert Field("2400", "DTP*472", 3).name() == "DTP03"
    assert Field("2400", "SV1", 1, 3).name(4) == "SV101-6"
    assert Field("2300", "HI", 12, 2).name() == "HI12-2"


@pytest.mark.parametrize(
    "text",
    [
        "CLM*A*1~HI*ABK:M329~LX*1~",
        "CLM*A*1~\nHI*ABK:M329~\nLX*1~\n",
        "CLM*A*1~ HI*ABK:M329~LX*1~",
        "CLM*A*1~~HI*ABK:M329~LX*1~",
        "CLM*A*1~NTE*TPO*SCRUB W NDC05~HI*ABK:M329~LX*1~",
        "CLM*A*1~HI*ABK:M329~LX*1",
        "CLM*A*1~HI*ABK:M329~LX*1~ ",
    ],
)
def test_where_segments_begin_is_what_a_walk_over_them_finds(text: str) -> None:
    parts, split = parts_and_segments(without_notes(text, STAR), STAR)
    piece = Piece("CLM", text, 100, STAR, len(split))
    assert Span("837P", piece, STAR, 1, parts, split, []).starts == list(starts(text, STAR))
