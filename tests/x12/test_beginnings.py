"""Where an interchange begins: an ISA that is damaged, or is within a segment, and a group that lost its ISA."""

from __future__ import annotations

import pytest

from scrubber.x12 import errors
from scrubber.x12.beginnings import goes_on, looks_like_isa, next_interchange
from scrubber.x12.delimiters import shared
from tests.scrubbing import each
from tests.x12.small837 import BODY, IEA, ISA, SMALL, TAGS, redelimited, walk

USUAL = shared("*", ":", "^", "~")
GROUP = BODY[: BODY.index("~ST*")]
DAMAGED = {
    "a short element": ISA.replace("*00501*", "*501*"),
    "a date of seven digits": ISA.replace("*261015*", "*2261015*"),
    "letters between its elements": ISA.replace("*", "X"),
    "digits between its elements": ISA.replace("*", "1"),
    "blanks between its elements": ISA.replace("*", " "),
    "tabs between its elements": ISA.replace("*", "\t"),
    "its end": ISA[:50],
    "a letter at its end": ISA[:-1] + "T",
    "no blanks": ISA.replace(" ", ""),
}


@each("isa", DAMAGED)
def test_a_damaged_isa_is_known(isa: str) -> None:
    assert looks_like_isa(isa)


@each(
    "text",
    {
        "a first name": "NM1*IL*1*DOE*LISA*M***MI*1~",
        "a plan with an insurance type": "SBR*S*18**MEDISA*12*****MB~",
        "a claim without charge": "CLM*LISA*0***11:B:1~",
        "a note": "NTE*ADD*PAID BY VISA 05 ON MAY 10 AND 11 AT NOON~",
        "a number": "REF*G1*VISA10012310013100~",
        "a card": "NTE*ADD*VISA-12-34-56~",
        "a card with a date": "NTE*ADD*PAID BY VISA-04-11-26-9.50~",
        "a card with a day": "REF*D9*VISA/04/PT/11/2026~",
        "a city": "N4*COLORADO SPRINGS*CO*809030000~N4*KINGS*NY~",
    },
)
def test_names_and_numbers_are_no_isa(text: str) -> None:
    assert next_interchange(text, 0, len(text), USUAL) == -1


@each("isa", DAMAGED)
@pytest.mark.parametrize("spot", ["*4800***", "~HI*", "LARKSPUR*IDA", "~SBR*", "*CH~HL", "E*21*"])
@pytest.mark.parametrize("block", [1, 1 << 16])
def test_after_a_damaged_isa_within_a_file_all_claims_are_read(
    isa: str, spot: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file is cut off, and the ISA of the next one is damaged."""
    monkeypatch.setattr("scrubber.x12.buffer.BLOCK", block)
    first = SMALL[: SMALL.index(spot) + 1]
    text = first + isa + BODY + IEA
    found, faults = walk(text)
    assert "".join(piece.text for piece in found) == text
    behind = [piece.tag for piece in found if piece.tag and piece.offset >= len(first)]
    assert behind in (TAGS, TAGS[1:])
    assert {errors.ISA_LENGTH, errors.DELIMITER_CLASH} & {error.code for error in faults}
    assert errors.CONTROL_MISMATCH not in {error.code for error in faults}
    assert not any("ISA" in piece.text for piece in found if piece.tag not in ("", "ISA"))


@pytest.mark.parametrize("spot", ["*4800***", "LARKSPUR*IDA", "*CH~HL"])
def test_a_group_of_other_delimiters_amid_a_segment_is_found(spot: str) -> None:
    """The ISA is lost, too."""
    first = SMALL[: SMALL.index(spot) + 1]
    found, faults = walk(first + redelimited(BODY + IEA, "|", ">", "!", "\n"))
    assert [piece.tag for piece in found if piece.tag and piece.offset >= len(first)] == TAGS[1:]
    assert errors.NO_INTERCHANGE in {error.code for error in faults}


@each("isa", {"whole": ISA, **{name: DAMAGED[name] for name in ("a short element", "tabs between its elements")}})
@pytest.mark.parametrize("before", ["HI*", "LX*", "SBR*", "HL*3", "BHT*"])
def test_a_transaction_continues_after_an_isa_within_it(isa: str, before: str) -> None:
    found, faults = walk(SMALL.replace(before, isa + before, 1))
    assert [error.message for error in faults] == ["an ISA stands inside a transaction that goes on after it"]
    assert [piece.text[:7] for piece in found if piece.tag == "CLM"] == ["CLM*A-1", "CLM*A-2"]


def test_it_goes_on_after_the_rest_of_a_segment_too() -> None:
    assert goes_on(f"{ISA}SPUR*IDA~HL*3*2*23*0~", USUAL, USUAL)
    assert not goes_on(ISA + BODY, USUAL, USUAL)
    assert not goes_on(ISA + "TA1*1~" + BODY, USUAL, USUAL)
    assert not goes_on(ISA + IEA, USUAL, USUAL)
    assert not goes_on(ISA, USUAL, USUAL)


@pytest.mark.parametrize("separator", ["\t", "\x0b", "\x0c", "\x01", "\x00"])
def test_other_control_characters_separate_elements(separator: str) -> None:
    found, faults = walk(redelimited(SMALL, separator))
    assert [piece.tag for piece in found] == TAGS
    assert faults == []


@each("separator, what", {"LF": ("\n", "a line break"), "CR": ("\r", "a line break"), "A": ("A", "a letter")})
def test_an_isa_with_a_wrong_separator_gets_an_error_with_the_reason(separator: str, what: str) -> None:
    (fault, *_) = walk(ISA.replace("*", separator) + BODY.replace("*", separator))[1]
    assert fault.code == errors.DELIMITER_CLASH
    assert fault.message.startswith(f"the element separator (byte 4 of ISA) is {what}")
