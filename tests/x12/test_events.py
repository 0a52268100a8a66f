"""Events: the file byte for byte, each with its place, its ordinal and what is known of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from scrubber.testing import build, infusion_claim, visit_claim, waste_claim
from scrubber.x12 import buffer, errors, pieces
from scrubber.x12.events import Event, Events
from scrubber.x12.notes import without_notes
from scrubber.x12.prescan import prescan
from scrubber.x12.segments import split
from tests.claims.broken import broken_built_file
from tests.lanes import examples
from tests.x12.small837 import BODY, IEA, ISA, SMALL, any_file, redelimited

NOTE = "NTE*TPO*SCRUB R NDC05~"


def read(text: str | bytes) -> list[Event]:
    return list(Events(io.BytesIO(text if isinstance(text, bytes) else text.encode("latin-1"))))


def files() -> Iterator[bytes]:
    yield build([infusion_claim("837P", "P-1"), waste_claim("837P", "P-2", dependent=True)]).encode()
    yield build([infusion_claim("837I", "I-1"), visit_claim("837I", "I-2")]).encode()
    yield redelimited(SMALL, "|", ">", "!", "\n").encode()
    yield redelimited(SMALL, "\x1d", "\x1f", "\x1e", "\x1c").encode()
    yield BODY.encode()
    yield b"\xef\xbb\xbf" + SMALL.replace("~", "~\r\n").encode() + b"\x1a\x1a"
    yield SMALL.replace("~GS*", "~TA1*000000001*261015*0830*A*000~GS*").encode()


@pytest.mark.parametrize("data", list(files()))
def test_joined_they_are_the_file(data: bytes) -> None:
    assert b"".join(event.raw for event in read(data)) == data


@given(any_file())
@settings(max_examples=examples(400))
def test_joined_they_are_any_bytes(data: bytes) -> None:
    assert b"".join(event.raw for event in read(data)) == data


@given(broken_built_file())
@settings(max_examples=examples(200))
def test_of_broken_files_too_and_what_they_say_is_so(data: bytes) -> None:
    found = read(data)
    assert b"".join(event.raw for event in found) == data
    numbers = [event.number for event in found if event.kind == "claim"]
    assert numbers == list(range(1, len(numbers) + 1))
    offset = 0
    for event in found:
        assert event.piece.offset == offset
        offset += len(event.raw)
        if event.kind in ("level", "claim"):
            assert event.piece.delimiters is not None
            assert event.segments == split(event.piece.text, event.piece.delimiters)
            assert event.counted == len(event.segments)


def test_kinds_in_file_order() -> None:
    text = f"junk\n{SMALL}\n".replace("~GE*", "~REF*X~GE*")
    found = [(event.kind, event.raw.decode()[:7]) for event in read(text)]
    assert found == [
        ("outside", "junk\n"), ("header", "ISA*00*"), ("header", "GS*HC*S"), ("header", "ST*837*"),
        ("level", "HL*1**2"), ("level", "HL*2*1*"), ("level", "HL*3*2*"),
        ("claim", "CLM*A-1"), ("claim", "CLM*A-2"),
        ("trailer", "SE*21*0"), ("unread", "REF*X~"), ("trailer", "GE*1*1~"), ("trailer", "IEA*1*0"), ("outside", "\n"),
    ]  # fmt: skip


def test_ordinals_are_those_of_the_transaction() -> None:
    found = read(SMALL)
    assert [event.ordinal for event in found] == [None, None, 1, 3, 5, 8, 11, 18, 21, None, None]
    assert [event.depth for event in found if event.kind == "level"] == [1, 2, 3]
    assert [event.number for event in found if event.kind == "claim"] == [1, 2]
    assert {event.transaction.control for event in found if event.transaction} == {"0001"}
    assert [event.transaction is not None for event in found] == [False, False, *[True] * 7, False, False]


def test_claims_are_numbered_through_the_file_and_ordinals_begin_anew() -> None:
    second = SMALL[SMALL.index("ST*") : SMALL.index("GE*")].replace("*0001", "*0002")
    found = [event for event in read(SMALL.replace("GE*1*1~", second + "GE*2*1~")) if event.kind == "claim"]
    assert [event.number for event in found] == [1, 2, 3, 4]
    assert [event.ordinal for event in found] == [11, 18, 11, 18]
    assert [event.transaction.control for event in found if event.transaction] == ["0001", "0001", "0002", "0002"]


def test_the_scrubbers_notes_are_counted_and_left_out() -> None:
    text = SMALL.replace("LIN**N4", NOTE + "LIN**N4").replace("~SE*21", "~" + NOTE + "SE*23")
    plain, noted = read(SMALL), read(text)
    assert [event.notes for event in noted if event.kind == "claim"] == [1, 1]
    assert [event.ordinal for event in noted] == [event.ordinal for event in plain]
    for ours, theirs in zip(noted, plain, strict=True):
        assert ours.kind == "trailer" or (ours.text, ours.segments) == (theirs.text, theirs.segments)
        assert ours.counted == theirs.counted
        if ours.notes and ours.piece.delimiters:
            assert ours.text == without_notes(ours.piece.text, ours.piece.delimiters) != ours.piece.text
    assert b"".join(event.raw for event in noted) == text.encode()


def test_a_note_after_st_is_counted_and_left_out_too() -> None:
    noted = SMALL.replace("BHT*", NOTE + "BHT*").replace("SE*21*", "SE*22*")
    header = next(event for event in read(noted) if event.piece.tag == "ST")
    plain = next(event for event in read(SMALL) if event.piece.tag == "ST")
    assert (header.notes, header.counted, header.text, header.keep) == (1, plain.counted, plain.text, False)
    assert [event.ordinal for event in read(noted)] == [event.ordinal for event in read(SMALL)]
    assert not prescan(io.BytesIO(noted.encode())).errors


def test_stray_segments_take_the_cut_off_end_with_them_and_nothing_else() -> None:
    wide = SMALL.replace("SAMPLESENDER   ", "SAMPLESENDER    ", 1).replace("~GS*", "~REF*XX*1~GS*", 1)
    events = read(wide)
    assert [(event.kind, event.piece.fault) for event in events[:2]] == [
        ("header", errors.ISA_LENGTH),
        ("unread", errors.ISA_LENGTH),
    ]
    trailer, stray = read(SMALL[: SMALL.index("GE*")] + "REF*XX*1")[-2:]
    assert (trailer.kind, trailer.piece.fault) == ("trailer", None)
    assert (stray.kind, stray.piece.fault) == ("unread", errors.TRUNCATED)


def test_a_note_after_isa_is_a_stray_segment() -> None:
    events = read(SMALL.replace("~GS*", f"~{NOTE}GS*", 1))
    assert [event.kind for event in events[:3]] == ["header", "unread", "header"]
    assert events[1].text == NOTE


def test_parts_and_segments_leave_line_breaks_and_empty_segments_out() -> None:
    (claim, _) = (event for event in read(SMALL.replace("~", "~\r\n")) if event.kind == "claim")
    (plain, _) = (event for event in read(SMALL) if event.kind == "claim")
    assert (claim.parts, claim.segments) == (plain.parts, plain.segments)
    (empty, _) = (event for event in read(SMALL.replace("LX*1~SV1*HC:J0490", "LX*1~~SV1*HC:J0490")) if event.number)
    assert empty.segments == plain.segments


KEPT = {
    "nothing": (SMALL, []),
    "a level that names nobody": (SMALL.replace("NM1*QC*1*LARKSPUR*OTTO~", ""), []),
    "a broken number": (SMALL.replace("HL*3*2*23", "HL*4*2*23"), []),
    "lines without a CLM": (SMALL.replace("CLM*A-1*4800***11:B:1*Y*A*Y*Y~", ""), ["HL*3"]),
    "claim segments in a provider's level": (SMALL.replace("HL*2*1", "LX*1~HL*2*1"), ["HL*1"]),
    "an unknown level": (SMALL.replace("HL*3*2*23", "HL*3*2*99"), ["HL*3"]),
    "a level in the header": (SMALL.replace("HL*1**20*1~", ""), ["ST*8"]),
    "an HL within a claim": (SMALL.replace("LX*1~", "HL*9*2*23~N4*TOWN*OH*43299~LX*1~", 1), ["HL*9"]),
    "an HL before the last segment of a claim": (SMALL.replace("SE*", "HL*4*2*23*0~N4*TOWN*OH*43299~SE*"), ["HL*4"]),
    "an HL alone behind a claim": (SMALL.replace("SE*", "HL*4*2*23*0~SE*"), []),
    "an ST before the last segment of a claim": (
        SMALL.replace("SE*", "ST*837*0002*005010X222A1~REF*6R*1~SE*"),
        ["ST*8"],
    ),
    "a header without BHT": (re.sub(r"BHT.*?~", "", SMALL), []),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_holds_segments_of_somebody_else_must_be_kept(name: str) -> None:
    text, kept = KEPT[name]
    assert [event.raw.decode()[:4] for event in read(text) if event.keep] == kept


def test_a_claim_is_in_doubt_for_the_end_of_its_transaction_once_that_is_known() -> None:
    for broken, code in (
        (SMALL.replace("SE*21", "SE*9"), errors.WRONG_COUNT),
        (SMALL.replace("GE*1*1", "GE*1*2"), errors.CONTROL_MISMATCH),
        (ISA + BODY, errors.TRUNCATED),
    ):
        stream = io.BytesIO(broken.encode())
        scan = prescan(stream)
        stream.seek(0)
        doubts = [event.doubt for event in Events(stream, scan) if event.kind == "claim"]
        assert [doubt and doubt.code for doubt in doubts] == [code, code]
        assert not any(event.doubt for event in read(broken))


def test_what_is_wrong_before_a_claim_leaves_it_in_doubt_without_a_first_pass() -> None:
    for broken, code in (
        (SMALL.replace("ST*837*0001*005010X222A1", "ST*837*0001*005010X222"), errors.VERSIONS_DIFFER),
        (BODY[BODY.index("ST*") :], errors.STRAY_SEGMENT),
    ):
        assert {event.doubt and event.doubt.code for event in read(broken) if event.kind == "claim"} == {code}


def test_what_is_not_read_is_reported() -> None:
    other = read(SMALL.replace("005010X222A1", "005010X224A2"))
    assert [event.kind for event in other] == [*["header"] * 3, *["unread"] * 5, *["trailer"] * 3]
    assert not any(event.number or event.doubt for event in other)


def test_what_is_too_long_is_not_read_and_leaves_the_rest_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECE", 180)
    long = SMALL.replace("HI*ABK:M3219~", "HI*ABK:M3219~K3*" + "X" * 100 + "~").replace("SE*21", "SE*22")
    found = read(long)
    assert [event.number for event in found if event.kind == "claim"] == [1]
    assert [event.ordinal for event in found if event.kind == "claim"] == [19]
    assert b"".join(event.raw for event in found) == long.encode()


DATES = {
    "all the same": (SMALL, "20261015"),
    "ISA09 the latest": (SMALL.replace("*261015*0830*^", "*261020*0830*^"), "20261020"),
    "GS04 the latest": (SMALL.replace("RECEIVER*20261015", "RECEIVER*20261101"), "20261101"),
    "BHT04 the latest": (SMALL.replace("BATCH0001*20261015", "BATCH0001*20270101"), "20270101"),
    "GS04 stale": (SMALL.replace("RECEIVER*20261015", "RECEIVER*20160101"), "20261015"),
    "one that is no day": (SMALL.replace("RECEIVER*20261015", "RECEIVER*20261399"), "20261015"),
    "one that is no number": (SMALL.replace("BATCH0001*20261015", "BATCH0001*TODAY"), "20261015"),
    "no ISA": (BODY, "20261015"),
    "none that can be read": (
        SMALL.replace("*261015*0830*^", "*      *0830*^").replace("*20261015*0830*", "**0830*"), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DATES)
def test_the_date_of_a_transaction_is_the_latest_that_can_be_read(name: str) -> None:
    text, expected = DATES[name]
    assert {event.transaction.date for event in read(text) if event.transaction} == {expected}


def test_errors_are_in_file_order() -> None:
    text = SMALL.replace("HL*3*2*23", "HL*3*9*23").replace("LX*1~SV1*HC:J0490", "LX*1~~SV1*HC:J0490")
    events = Events(io.BytesIO(text.replace("SE*21", "SE*9").encode()))
    assert not events.errors
    assert list(events)
    assert [error.code for error in events.errors] == [
        errors.BROKEN_HIERARCHY, errors.EMPTY_SEGMENT, errors.WRONG_COUNT,
    ]  # fmt: skip
    assert [error.code for error in events.misplaced] == [errors.BROKEN_HIERARCHY]


@pytest.mark.parametrize("block", [1, 3, 17, 200])
def test_the_block_size_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SMALL + IEA
    at_once = [event for event in read(text) if event.kind != "outside"]
    monkeypatch.setattr(buffer, "BLOCK", block)
    assert [event for event in read(text) if event.kind != "outside"] == at_once
