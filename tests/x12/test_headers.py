"""Headers as they go into another file."""

from __future__ import annotations

import io

import pytest

from scrubber.x12 import errors
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.headers import Header, header, made_up_gs, made_up_isa, made_up_st, without_empty_segments
from scrubber.x12.pieces import Piece, cut
from tests.fuzz.trial import failure
from tests.x12.small837 import BODY, IEA, ISA, SMALL, codes, redelimited

USUAL = Delimiters("*", ":", "^", "~")


def piece(text: str, tag: str) -> Piece:
    return next(piece for piece in cut(io.BytesIO(text.encode("latin-1"))) if piece.tag == tag)


def written(text: str, tag: str) -> str:
    found = header(piece(text, tag))
    return found.text(found.control)


@pytest.mark.parametrize("eol", ["", "\r\n", "\n\n"])
def test_a_sound_header_is_written_as_it_stands(eol: str) -> None:
    text = SMALL.replace("~", "~" + eol)
    for tag in ("ISA", "GS", "ST"):
        assert written(text, tag) == piece(text, tag).text
        assert header(piece(text, tag)).gap == eol
    assert header(piece(text, "ST")).counted == 3  # ST, BHT and the SE to come


def test_another_control_number() -> None:
    assert header(piece(SMALL, "ISA")).text("900000000") == ISA.replace("000000001", "900000000")
    assert header(piece(SMALL, "ST")).text("9").startswith("ST*837*9*005010X222A1~BHT")
    assert header(piece(SMALL.replace("ST*837*0001*005010X222A1", "ST*837"), "ST")).text("9").startswith("ST*837*9~")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SAMPLERECEIVER ", "SAMPLERECEIVER"),
        ("SAMPLERECEIVER ", "SAMPLERECEIVER      "),
        ("*00*          *", "*00**"),
        ("000000001*0", "1*0"),
    ],
)
def test_an_isa_of_the_wrong_length_gets_its_widths(old: str, new: str) -> None:
    wrong = ISA.replace(old, new) + BODY + IEA
    assert errors.ISA_LENGTH in codes(wrong)
    assert written(wrong, "ISA") == ISA


@pytest.mark.parametrize(("component", "repetition"), [("\x1d", "\n"), ("\x1f", "\x1e"), ("\t", "\v")])
def test_an_isa_of_the_wrong_length_keeps_delimiters_that_are_white_space(component: str, repetition: str) -> None:
    """They became blanks, and the rejected file could not be read."""
    right = redelimited(ISA, "*", component, repetition, "~")
    wrong = right.replace("SAMPLERECEIVER ", "SAMPLERECEIVER") + redelimited(
        BODY + IEA, "*", component, repetition, "~"
    )
    assert written(wrong, "ISA") == right
    assert failure(wrong.encode()) is None


def test_a_terminator_within_isa_is_taken_out() -> None:
    wrong = ISA.replace("SAMPLESENDER   ", "SAMPLE~SENDER  ") + BODY + IEA
    assert written(wrong, "ISA") == ISA


def test_an_isa_that_breaks_off_is_made_up() -> None:
    wrong = ISA.replace("*261015", "~CLM*261015") + BODY + IEA
    broken = header(piece(wrong, "ISA"))
    assert broken.control == ""
    assert codes(broken.text("000000001") + BODY + IEA) == []


def test_what_stands_after_headers() -> None:
    acknowledged = SMALL.replace("~GS", "~TA1*1~REF*X~TA1*2~GS").replace("~ST", "~REF*X~ST").replace("~BHT", "~~~BHT")
    assert written(acknowledged, "ISA") == ISA + "TA1*1~TA1*2~"
    assert written(acknowledged, "GS") == BODY[: BODY.index("ST*")]
    assert written(acknowledged, "ST") == BODY[BODY.index("ST*") : BODY.index("HL*")]


def envelope(*headers: Header) -> str:
    """A file of these headers and the body of `SMALL`, under one control number."""
    begin = "".join(header.text("000000001") for header in headers)
    first = SMALL.index("HL*") if headers[-1].tag == "ST" else SMALL.index("ST*")
    segments = SMALL[SMALL.index("HL*") : SMALL.index("SE*")].count("~") + 2
    return f"{begin}{SMALL[first : SMALL.index('SE*')]}SE*{segments}*000000001~GE*1*000000001~IEA*1*000000001~"


def test_headers_that_are_made_up_are_sound() -> None:
    gs, st = header(piece(SMALL, "GS")), made_up_st(header(piece(SMALL, "GS")), USUAL)
    assert st.text("0001") == "ST*837*0001*005010X222A1~"
    isa = made_up_isa(gs)
    assert isa.text("000000001") == ISA
    assert made_up_gs(isa, st).text("1") == gs.text("1")
    for outermost in (isa, made_up_isa(st)):
        assert codes(envelope(outermost, made_up_gs(outermost, st), st)) == []
    assert made_up_st(None, USUAL).text("1") == "ST*837*1*005010X222A1~"


def test_an_st_that_is_made_up_has_the_version_of_its_group_if_it_is_one() -> None:
    """With a character too many, which looked like the terminator, the rejected file could not be read."""
    delimiters = Delimiters("*", ":", "^", "~")
    for version, expected in (("005010X223A2", "005010X223A2"), ("005010X222A,", "005010X222A1"), ("", "005010X222A1")):
        group = Header("GS", ["GS", *[""] * 7, version], "~", delimiters)
        assert made_up_st(group, delimiters).elements[3] == expected


def test_an_odd_date_in_gs_makes_no_odd_isa() -> None:
    gs = header(piece(SMALL.replace("20261015*0830*1*X", "15 OCT*NOON*1*X"), "GS"))
    assert len(made_up_isa(gs).text("000000001")) == len(ISA)
    assert "*000101*0000*" in made_up_isa(gs).text("000000001")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A~B~", "A~B~"), ("A~~B~", "A~B~"), ("~A~", "A~"), ("A~\n~\n~\nB~\n", "A~\nB~\n"), ("\n~\nA~", "\nA~")],
)
def test_empty_segments_are_left_out(text: str, expected: str) -> None:
    assert without_empty_segments(text, USUAL) == expected


def test_blank_lines_stay() -> None:
    assert without_empty_segments("A\n\nB\n", Delimiters("*", ":", "^", "\n")) == "A\n\nB\n"
