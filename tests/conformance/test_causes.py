"""One cause, one finding: a separator missing or too many, a segment out of place, a level above many claims."""

from __future__ import annotations

import pytest

from scrubber.conformance import codes
from scrubber.testing import build, infusion_claim
from tests.conformance.judged import judged
from tests.conformance.test_conformance_cases import changed, findings, recounted
from tests.conformance.test_guide_cases import file
from tests.scrubbing import each

ONE_SEPARATOR = {
    "too many before a procedure": ("SV1*HC:99213", "SV1**HC:99213", "before the value of SV101"),
    "too many before a unit": ("*125*UN*1*", "*125**UN*1*", "before the value of SV103"),
    "too few before a pointer": ("UN*1***1", "UN*1**1", "before the value of SV107"),
    "a charge and its separator": ("*125*UN*1*", "*UN*1*", "SV102 is missing"),
    "too many before a place of service": ("***11:B:1", "****11:B:1", "before the value of CLM05"),
    "too few before a place of service": ("***11:B:1", "**11:B:1", "before the value of CLM05"),
    "too many before a diagnosis": ("HI*ABK:", "HI*ABK::", "before the value of HI01-2"),
    "too many before a date's format": ("DTP*472*", "DTP*472**", "before the value of DTP02"),
    "a date's format and its separator": ("DTP*472*D8*", "DTP*472*", "DTP02 is missing"),
    "too many before a qualifier": ("REF*EI*", "REF**EI*", "before the value of REF01"),
    "too many before a payer's id": ("*****PI*", "******PI*", "before the value of NM108"),
    "too few before a payer's id": ("*****PI*", "****PI*", "before the value of NM108"),
    "too many before a line number": ("LX*01", "LX**1", "before the value of LX01"),
}


@each("case", ONE_SEPARATOR)
def test_one_separator_is_one_finding(case: tuple[str, str, str]) -> None:
    before, after, message = case
    text = file("lx_leading_zero")
    assert before in text
    ours = judged(text.replace(before, after, 1).encode("latin-1"))
    assert ours.codes == (codes.SHIFTED,)
    assert message in ours.claims[0][1][0].message


def test_what_two_elements_need_is_said() -> None:
    text = build([infusion_claim("837P", "CASE-1")], eol="")
    ours = judged(recounted(text.replace("*XX*2000000028~", "*XX~", 1)))
    (found,) = ours.claims[0][1]
    assert found.message == "NM108 and NM109 must both have a value, or neither"


OUT_OF_PLACE = {
    "a qualifier that is none": ("REF*EI*", "REF*XX*", codes.MISPLACED_SEGMENT, 1),
}


@each("case", OUT_OF_PLACE)
def test_what_follows_is_counted(case: tuple[str, str, str, int]) -> None:
    before, after, code, followers = case
    ours = judged(file("lx_leading_zero").replace(before, after, 1).encode("latin-1"))
    assert ours.codes == (code,)
    assert f"({followers} more fault" in ours.claims[0][1][0].message


def test_two_faults_of_a_segment_are_two_findings() -> None:
    text = file("lx_leading_zero").replace("*125*UN*1***1", "*12A*QQ*1***1")
    assert judged(text.encode("latin-1")).codes == (codes.WRONG_CHARACTERS, codes.WRONG_CODE)


def test_a_garbled_segment_is_one_finding_that_names_the_others() -> None:
    text = file("lx_leading_zero").replace("*125*UN*1***1", "*12A*QQ*B***14")
    ours = judged(text.encode("latin-1"))
    assert ours.codes == (codes.WRONG_CHARACTERS,)
    assert "also at fault: SV103, SV104, SV107-1" in ours.claims[0][1][0].message


def test_no_value_is_quoted() -> None:
    text = file("lx_leading_zero").replace("NM1*IL*1*TESTERLY*ADA", "NM1*IL*TESTERLY*ADA")
    (finding,) = judged(text.encode("latin-1")).claims[0][1]
    assert finding.code == codes.SHIFTED
    assert "TESTERLY" not in finding.message
    assert finding.location.element == "NM1"


@pytest.mark.parametrize("claims", [1, 40])
def test_a_fault_of_a_level_is_reported_in_full_once(claims: int) -> None:
    text = build([infusion_claim("837P", f"CASE-{number}") for number in range(claims)], eol="")
    ours = judged(changed(text, "*XX*", "*XY*", behind="HL*1*"))
    assert [findings(ours, number) for number in range(claims)] == [
        [(codes.WRONG_CODE, "2010AA", "NM108", None)]
    ] * claims
    messages = [found[0].message for _, found in ours.claims]
    assert messages[0] == "NM108 is not a code that the guide lists"
    assert set(messages[1:]) <= {"NM108 has the same fault as on the first claim of this level"}
