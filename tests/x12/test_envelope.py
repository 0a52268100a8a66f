"""The envelope: each fault is reported once, with its place, and reading goes on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from scrubber.x12 import errors
from tests.lanes import examples
from tests.x12.small837 import BODY, IEA, ISA, SMALL, any_file, codes, redelimited, walk

SECOND = SMALL.replace("000000001", "000000002")


NOTHING = IEA.replace("IEA*1", "IEA*0")
EMPTY_GROUP = "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*2*X*005010X222A1~GE*0*2~"


def changed(old: str, new: str, text: str = SMALL) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_a_good_file_has_no_faults() -> None:
    assert codes(SMALL) == []
    assert codes(SMALL + SECOND) == []
    assert codes(SMALL + "\r\n\r\n") == []


FAULTS = {
    "SE01 too low": (changed("SE*21", "SE*20"), [(errors.WRONG_COUNT, "SE*")]),
    "SE01 not a number": (changed("SE*21", "SE*many"), [(errors.WRONG_COUNT, "SE*")]),
    "SE01 empty": (changed("SE*21", "SE*"), [(errors.WRONG_COUNT, "SE*")]),
    "SE without elements": (
        changed("SE*21*0001~", "SE*~"),
        [(errors.WRONG_COUNT, "SE*"), (errors.CONTROL_MISMATCH, "SE*")],
    ),
    "SE alone": (
        changed("SE*21*0001~", "SE~"),
        [(errors.WRONG_COUNT, "SE~"), (errors.CONTROL_MISMATCH, "SE~")],
    ),
    "SE02 differs": (changed("SE*21*0001", "SE*21*0002"), [(errors.CONTROL_MISMATCH, "SE*")]),
    "GE01 wrong": (changed("GE*1*1", "GE*2*1"), [(errors.WRONG_COUNT, "GE*")]),
    "GE02 differs": (changed("GE*1*1", "GE*1*2"), [(errors.CONTROL_MISMATCH, "GE*")]),
    "IEA01 wrong": (changed("IEA*1*", "IEA*3*"), [(errors.WRONG_COUNT, "IEA*")]),
    "IEA02 differs": (changed("IEA*1*000000001", "IEA*1*000000002"), [(errors.CONTROL_MISMATCH, "IEA*")]),
    "ST02 twice": (
        changed("GE*1*1", BODY[BODY.index("ST*") : BODY.index("GE*")] + "GE*2*1"),
        [(errors.DUPLICATE_CONTROL, "ST*837*0001*005010X222A1~BHT")],
    ),
    "GS06 twice": (ISA + BODY + BODY + changed("IEA*1", "IEA*2", IEA), [(errors.DUPLICATE_CONTROL, "GS*")]),
    "ISA13 twice": (SMALL + SMALL, [(errors.DUPLICATE_CONTROL, "ISA*")]),
    "no SE": (changed("SE*21*0001~", ""), [(errors.MISSING_TRAILER, "GE*")]),
    "no GE": (changed("GE*1*1~", ""), [(errors.MISSING_TRAILER, "IEA*")]),
    "no SE nor GE": (changed("SE*21*0001~GE*1*1~", ""), [(errors.MISSING_TRAILER, "IEA*")]),
    "no IEA before the next ISA": (ISA + BODY + SECOND, [(errors.MISSING_TRAILER, "ISA*")]),
    "no trailers before the next ISA": (
        ISA + BODY[: BODY.index("SE*")] + SECOND,
        [(errors.MISSING_TRAILER, "ISA*")],
    ),
    "no IEA at the end": (ISA + BODY, [(errors.TRUNCATED, "")]),
    "a stray SE": (changed("GE*1*1", "SE*1*0009~GE*1*1"), [(errors.STRAY_SEGMENT, "SE*1*0009")]),
    "a stray GE": (changed("IEA*1*0", "GE*1*1~IEA*1*0"), [(errors.STRAY_SEGMENT, "GE*")]),
    "ST without GS": (
        changed("GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*005010X222A1~", ""),
        [(errors.STRAY_SEGMENT, "ST*")],
    ),
    "GS with a broken tag": (changed("~GS*HC", "~GX*HC"), [(errors.STRAY_SEGMENT, "ISA*")]),
    "no ST": (changed("ST*837*0001*005010X222A1~", ""), [(errors.STRAY_SEGMENT, "GS*")]),
    "ST with a broken tag": (changed("ST*837", "SX*837"), [(errors.STRAY_SEGMENT, "GS*")]),
    "a header twice, ST": (
        changed("ST*837*0001*005010X222A1~", "ST*837*0001*005010X222A1~" * 2),
        [(errors.MISSING_TRAILER, "ST*837*0001*005010X222A1~BHT")],
    ),
    "a header twice, ISA": (ISA + SMALL, [(errors.MISSING_TRAILER, "ISA*")]),
    "GE with a broken tag": (changed("GE*1*1", "GX*1*1"), [(errors.STRAY_SEGMENT, "SE*")]),
    "ISA with a broken tag": ("isa" + SMALL[3:], [(errors.NO_INTERCHANGE, "GS*")]),
    "ISA with a broken tag, not the first": (SMALL + "isa" + SECOND[3:], [(errors.NO_INTERCHANGE, "GS*")]),
    "ISA13 of the wrong length": (changed("*00501*000000001*", "*00501*00000001*"), [(errors.ISA_LENGTH, "ISA*")]),
    "two strays with a sound transaction between": (
        changed("ST*", "REF*X~ST*", changed("GE*1*1", "REF*X~GE*1*1")),
        [(errors.STRAY_SEGMENT, "GS*"), (errors.STRAY_SEGMENT, "SE*")],
    ),
    "CLM outside of a transaction": (
        changed("GE*1*1", "CLM*A-9*1~GE*1*1"),
        [(errors.STRAY_SEGMENT, "CLM*A-9")],
    ),
    "HL outside of a transaction": (changed("GE*1*1", "HL*9**20~GE*1*1"), [(errors.STRAY_SEGMENT, "HL*9")]),
    "an extra IEA": (SMALL + IEA, [(errors.OUTSIDE, "IEA*")]),
    "segments behind SE": (changed("GE*1*1", "REF*X~GE*1*1"), [(errors.STRAY_SEGMENT, "SE*")]),
    "segments behind GS": (changed("~ST*", "~REF*X~ST*"), [(errors.STRAY_SEGMENT, "GS*")]),
    "segments behind GE": (changed("IEA*1", "REF*X~IEA*1"), [(errors.STRAY_SEGMENT, "GE*")]),
    "segments behind ISA": (changed("~GS*", "~REF*X~GS*"), [(errors.STRAY_SEGMENT, "ISA*")]),
    "an acknowledgement behind ISA": (changed("~GS*", "~TA1*000000001*261015*0830*A*000~GS*"), []),
    "no control number": (
        changed("SE*21*0001", "SE*21*", SMALL.replace("ST*837*0001", "ST*837*")),
        [(errors.CONTROL_MISMATCH, "SE*")],
    ),
    "versions that differ": (changed("0001*005010X222A1", "0001*005010X222"), [(errors.VERSIONS_DIFFER, "ST*")]),
    "a version in ST alone": (changed("X*005010X222A1", "X"), [(errors.VERSIONS_DIFFER, "ST*")]),
    "a version in GS alone": (changed("0001*005010X222A1", "0001"), []),
    "bytes before ISA": ("Dear payer,\n" + SMALL, [(errors.OUTSIDE, "Dear")]),
    "bytes between interchanges": (SMALL + "\nand then\n" + SECOND, [(errors.OUTSIDE, "and then")]),
    "bytes after IEA": (SMALL + "  EOF", [(errors.OUTSIDE, "EOF")]),
    "no version": (changed("0001*005010X222A1", "0001", changed("X*005010X222A1", "X")), [(errors.UNSUPPORTED, "ST*")]),
    "an unknown version": (
        SMALL.replace("005010X222A1", "006020X323"),
        [(errors.UNSUPPORTED, "ST*")],
    ),
    "4010": (SMALL.replace("005010X222A1", "004010X098A1"), [(errors.UNSUPPORTED, "ST*")]),
    "dental": (SMALL.replace("005010X222A1", "005010X224A2"), [(errors.UNSUPPORTED, "ST*")]),
    "another transaction": (changed("ST*837", "ST*835"), [(errors.UNSUPPORTED, "ST*")]),
    "ISA13 twice, from two senders": (SMALL + SMALL.replace("*ZZ*SAMPLESENDER ", "*ZZ*ANOTHERSENDER"), []),
    "ISA13 twice, to two receivers": (SMALL + SMALL.replace("*ZZ*SAMPLERECEIVER", "*ZZ*OTHERRECEIVER "), []),
    "an acknowledgement and nothing else": (ISA + "TA1*000000001*261015*0830*A*000~" + NOTHING, []),
    "an interchange with nothing in it": (SMALL + SECOND[: len(ISA)] + NOTHING.replace("001", "002"), []),
    "a group with nothing in it": (SMALL.replace("~IEA*1", "~" + EMPTY_GROUP + "IEA*2"), []),
    "blanks behind the last IEA": (SMALL + "   \n", []),
    "an end-of-file mark behind the last IEA": (SMALL + "\r\n\x1a", [(errors.PADDING, "\x1a")]),
    "NUL behind the last IEA": (SMALL + "\x00" * 50, [(errors.PADDING, "\x00")]),
    "an end-of-file mark between interchanges": (SMALL + "\x1a" + SECOND, []),
    "text behind an end-of-file mark": (SMALL + "\x1aand then", [(errors.OUTSIDE, "and then")]),
    "no repetition separator, 4010 style": (redelimited(SMALL, repetition="U"), []),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_reported_once_with_its_location(name: str) -> None:
    text, expected = FAULTS[name]
    found = walk(text)[1]
    assert [error.code for error in found] == [code for code, _ in expected]
    for error, (_, begins) in zip(found, expected, strict=True):
        assert text[error.offset :].startswith(begins)
        assert begins or error.offset == len(text)


def test_errors_name_the_ordinal_within_the_transaction() -> None:
    found = walk(changed("LX*1~SV1*HC:J0490", "LX*1~~SV1*HC:J0490"))[1]
    assert [error.segment for error in found] == [11]
    assert [error.segment for error in walk(changed("GE*1*1", "GE*9*1"))[1]] == [None]
    at = SMALL.index("CLM*A-1")
    assert str(found[0]) == f"READ35 a segment terminator follows another one (segment 11 from ST, byte {at})"


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\xef\xbb\xbf", "\xef\xbb\xbf \n"])
def test_a_file_without_text_is_empty(text: str) -> None:
    assert codes(text) == [errors.EMPTY]


@pytest.mark.parametrize("text", ["hello, world\n", "{}", "ISABELLA was here", "\x00" * 999, "ST", "I", "IS", "ISA"])
def test_what_is_no_x12_file(text: str) -> None:
    assert codes(text) == [errors.NO_INTERCHANGE]


def test_an_isa_without_a_group_is_cut_off() -> None:
    assert codes(ISA) == [errors.TRUNCATED]
    assert codes(ISA[:-1])
    assert codes(ISA[:50]) == [errors.ISA_LENGTH]


@pytest.mark.parametrize(
    "text", [SMALL, SMALL.replace("~", "~\r\n"), BODY], ids=["plain", "with line breaks", "no ISA"]
)
def test_every_prefix_has_a_located_error(text: str) -> None:
    for length in range(len(text.rstrip())):
        found = walk(text[:length])[1]
        assert found, f"nothing found in the first {length} bytes"
        assert all(0 <= error.offset <= length for error in found)


def test_a_cut_inside_the_last_segment_is_another_fault_than_a_cut_between_segments() -> None:
    inside, between = walk(SMALL[:-20])[1], walk(ISA + BODY)[1]
    assert "inside a segment" in inside[-1].message
    assert "inside a segment" not in between[-1].message
    assert "IEA missing" in between[-1].message


def test_the_message_of_a_file_cut_off_does_not_hang_on_the_block_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.x12.pieces.MAX_SEGMENT", 20)
    text = SMALL[: SMALL.index("LX*1") + 4]
    at_once = walk(text)[1]
    monkeypatch.setattr("scrubber.x12.buffer.BLOCK", 1)
    assert walk(text)[1] == at_once
    assert "its last claim was passed over" in at_once[-1].message


@given(any_file())
@settings(max_examples=examples(300))
def test_no_bytes_make_it_fail_and_errors_lie_in_the_file(data: bytes) -> None:
    found = walk(data)[1]
    assert all(0 <= error.offset <= len(data) for error in found)
    assert {error.code for error in found} <= set(errors.FILE_ERRORS)


@given(any_file())
@settings(max_examples=examples(200))
def test_messages_quote_nothing(data: bytes) -> None:
    for error in walk(data)[1]:
        assert not re.search(r"LARKSPUR|IDA|SYN0001|20140203|A-1", error.message)


def test_what_was_passed_over_is_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.x12.pieces.MAX_SEGMENT", 110)
    long = changed("HI*ABK:M3219", "NTE*ADD*" + "X" * 200)
    assert codes(long) == [errors.SEGMENT_SIZE]


def test_claims_after_a_level_that_was_passed_over_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would be given the subscriber before it."""
    monkeypatch.setattr("scrubber.x12.pieces.MAX_SEGMENT", 110)
    long = changed("DMG*D8*20140203*F", "DMG*D8*20140203*F*" + "X" * 200)
    found, faults = walk(long)
    assert [error.code for error in faults] == [errors.SEGMENT_SIZE]
    assert len(found) == 11
