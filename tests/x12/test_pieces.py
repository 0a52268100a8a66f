"""Pieces: lossless for any bytes, the same for any block size, and never more than one in memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.x12 import beginnings, buffer, errors, pieces
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.prescan import prescan
from tests.fuzz.cases import case
from tests.lanes import examples
from tests.x12.small837 import BODY, IEA, ISA, SMALL, TAGS, Endless, any_file, codes, redelimited, walk

NOTHING_FOUND: list[str] = []


@given(any_file())
@settings(max_examples=examples(400))
def test_pieces_join_to_the_file(data: bytes) -> None:
    assert b"".join(piece.raw for piece in pieces.cut(io.BytesIO(data))) == data


@given(any_file(), st.sampled_from([1, 2, 3, 7, 64, 500]))
@settings(max_examples=examples(300))
def test_the_block_size_changes_nothing(data: bytes, block: int) -> None:
    at_once, errors_at_once = walk(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffer, "BLOCK", block)
        in_blocks, errors_in_blocks = walk(data)
    assert errors_in_blocks == errors_at_once
    assert [piece for piece in in_blocks if piece.delimiters] == [piece for piece in at_once if piece.delimiters]
    assert b"".join(piece.raw for piece in in_blocks) == data


@given(any_file())
@settings(max_examples=examples(200))
def test_a_piece_has_its_line_of_the_file(data: bytes) -> None:
    for piece in pieces.cut(io.BytesIO(data)):
        assert piece.breaks == data[: piece.offset].count(b"\n")
        for at in {0, len(piece.text) // 2}:
            line = data[: piece.offset + at].count(b"\n") + 1
            assert piece.file_line(at) == (line if "\n" in piece.text else None)


@given(any_file())
@settings(max_examples=examples(300))
def test_a_file_without_a_fault_is_cut_the_same_way_again(data: bytes) -> None:
    _cut_again(data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_without_a_fault_of_its_envelope_is_cut_the_same_way_again(seed: int) -> None:
    assert sum(_cut_again(case(seed, number)) for number in range(500)) > 20


def _cut_again(data: bytes) -> bool:
    """Whether no fault was found in the first walk. The second one must then give the same pieces."""
    sound = not prescan(io.BytesIO(data)).errors
    if sound:
        assert [*pieces.cut(io.BytesIO(data), sound=True)] == [*pieces.cut(io.BytesIO(data))]
    return sound


def test_the_claims_of_the_next_interchange_do_not_show_the_component_separator_of_one_without() -> None:
    first = SMALL[: SMALL.index("HL*1")].replace(":~", ">~", 1)
    found, faults = walk(first + SMALL.replace("000000001", "000000002"))
    assert errors.WRONG_SEPARATOR not in [error.code for error in faults]
    assert [piece.delimiters.component for piece in found if piece.tag == "ISA" and piece.delimiters] == [">", ":"]


OTHER = redelimited(SMALL, "|", ">", "!", "'").replace("000000001", "000000002")
MARK = "\xef\xbb\xbf"


@pytest.mark.parametrize("second", [SMALL.replace("000000001", "000000002"), OTHER], ids=["alike", "other delimiters"])
@pytest.mark.parametrize("between", ["", MARK], ids=["joined", "with a mark"])
@pytest.mark.parametrize("block", [1, 100, 1 << 16])
@pytest.mark.parametrize("lost", ["*23*0~", "0:JZ", "*21*0001", "*1~IEA", "~"])
def test_a_whole_isa_inside_of_a_segment_begins_the_next_interchange(
    second: str, between: str, block: int, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a file was cut off, and another one was added to it."""
    monkeypatch.setattr(buffer, "BLOCK", block)
    first = SMALL[: SMALL.rindex(lost)]
    found, faults = walk(first + between + second)
    assert "".join(piece.text for piece in found) == first + between + second
    behind = [piece for piece in found if piece.offset >= len(first + between)]
    assert [piece.tag for piece in behind] == TAGS
    cut_off = [error.offset for error in faults if error.code == errors.TRUNCATED]
    assert cut_off == [len(first)]


def test_three_letters_like_an_isa_are_a_part_of_their_segment() -> None:
    for name in ("LISA", "ISA*M", "VISA*00"):
        assert [piece.tag for piece in walk(SMALL.replace("IDA", name))[0]] == TAGS


def test_what_follows_an_interchange_within_another_is_read() -> None:
    at = SMALL.index("LARKSPUR*OTTO")
    found, faults = walk(SMALL[:at] + OTHER + SMALL[at:])
    assert [piece.tag for piece in found if piece.tag] == [*TAGS[:6], *TAGS, "DMG", *TAGS[6:]]
    assert [error.code for error in faults][:2] == [errors.TRUNCATED, errors.NO_INTERCHANGE]


@pytest.mark.parametrize("limit", ["MAX_SEGMENT", "MAX_PIECE"])
@given(data=any_file(), block=st.sampled_from([1, 5, 50]), size=st.integers(20, 120))
@settings(max_examples=examples(150))
def test_the_block_size_changes_no_limit(limit: str, data: bytes, block: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, limit, size)
        at_once, errors_at_once = walk(data)
        patch.setattr(buffer, "BLOCK", block)
        in_blocks, errors_in_blocks = walk(data)
    assert errors_in_blocks == errors_at_once
    read = [piece for piece in at_once if piece.tag and not piece.passed_over]
    assert [piece for piece in in_blocks if piece.tag and not piece.passed_over] == read
    assert b"".join(piece.raw for piece in in_blocks) == data


@given(st.integers(1, 40))
def test_a_stream_that_gives_little_at_a_time_is_read_all_the_same(most: int) -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(most)

    data = b"\xef\xbb\xbf" + SMALL.encode()
    assert list(pieces.cut(Trickle(data))) == list(pieces.cut(io.BytesIO(data)))


def test_tags_offsets_and_counts() -> None:
    found, faults = walk(SMALL)
    assert [piece.tag for piece in found] == TAGS
    assert not faults
    for piece in found:
        assert SMALL[piece.offset :].startswith(piece.text)
        assert piece.segments == piece.text.count("~")
        assert piece.fault is None


@pytest.mark.parametrize("eol", ["", "\n", "\r\n", "\r", "  \n\t"])
@pytest.mark.parametrize("terminator", ["~", "|", "\x1c", "!", "\xa7"])
def test_terminators_with_and_without_line_breaks(terminator: str, eol: str) -> None:
    found, faults = walk(redelimited(SMALL, terminator=terminator).replace(terminator, terminator + eol))
    assert not faults
    assert [piece.tag for piece in found if piece.delimiters] == TAGS


@pytest.mark.parametrize("terminator", ["\n", "\r", "\r\n"])
def test_line_breaks_as_terminators(terminator: str) -> None:
    text = SMALL.replace("~", terminator)
    found, faults = walk(text)
    assert not faults
    assert [piece.tag for piece in found if piece.delimiters] == TAGS
    assert sum(piece.segments for piece in found) == SMALL.count("~")
    assert codes(text.replace(f"LX*1{terminator}", f"LX*1{terminator}{terminator}")) == NOTHING_FOUND


@pytest.mark.parametrize(
    ("element", "component", "repetition"),
    [("|", ">", "!"), ("\x1d", "\x1f", "\x1e"), ("+", "^", "*"), ("^", "*", ":"), ("]", "\\", "-"), ("\xa6", ".", "U")],
)
def test_other_delimiters(element: str, component: str, repetition: str) -> None:
    found, faults = walk(redelimited(SMALL, element, component, repetition))
    assert [piece.tag for piece in found] == TAGS
    assert not faults


def test_a_byte_order_mark_is_passed_over() -> None:
    found, faults = walk(b"\xef\xbb\xbf" + SMALL.encode())
    assert [piece.tag for piece in found] == ["", *TAGS]
    assert found[1].offset == 3
    assert not faults


def test_bytes_above_127_are_kept() -> None:
    data = SMALL.replace("LARKSPUR", "L\xc4RKSP\xdcR").encode("latin-1")
    found, faults = walk(data)
    assert b"".join(piece.raw for piece in found) == data
    assert not faults


def test_interchanges_with_delimiters_of_their_own() -> None:
    second = redelimited(SMALL.replace("000000001", "000000002"), "|", ">", "!", "\n")
    found, faults = walk(SMALL + second)
    assert [piece.tag for piece in found] == TAGS * 2
    assert not faults
    assert [piece.delimiters.element for piece in found if piece.delimiters] == ["*"] * 11 + ["|"] * 11


def test_a_file_without_isa_is_read_with_inferred_delimiters() -> None:
    found, faults = walk(BODY)
    assert [piece.tag for piece in found] == TAGS[1:-1]
    assert [error.code for error in faults] == [errors.NO_INTERCHANGE]


def test_blank_lines_before_a_file_without_isa_belong_to_nothing() -> None:
    found, faults = walk("\n\n" + redelimited(BODY, terminator="\n"))
    assert [piece.tag for piece in found] == ["", *TAGS[1:-1]]
    assert [error.code for error in faults] == [errors.NO_INTERCHANGE]


@pytest.mark.parametrize("width", [-3, -1, 1, 7])
def test_the_delimiters_of_an_isa_of_the_wrong_length_are_found(width: int) -> None:
    receiver = "SAMPLERECEIVER "
    wrong = ISA.replace(receiver, receiver[:width] if width < 0 else receiver + " " * width)
    found, faults = walk(wrong + BODY + IEA)
    assert [piece.tag for piece in found] == TAGS
    assert [(error.code, error.offset) for error in faults] == [(errors.ISA_LENGTH, 0)]


@pytest.mark.parametrize(
    "delimiters",
    [{"component": "*"}, {"component": "~"}, {"terminator": ":"}, {"repetition": ":"}, {"component": "7"}],
    ids=str,
)
def test_clashing_delimiters(delimiters: dict[str, str]) -> None:
    found, faults = walk(redelimited(SMALL, **delimiters))
    assert faults[0].code == errors.DELIMITER_CLASH
    assert faults[0].offset == 0
    assert not [piece for piece in found if piece.tag == "CLM"]


def test_after_an_isa_that_cannot_be_read_the_claims_are_read_and_nothing_of_them_is_trusted() -> None:
    found, faults = walk("ISA*00*too short~" + BODY + IEA)
    assert [error.code for error in faults] == [errors.ISA_LENGTH]
    assert len([piece for piece in found if piece.tag == "CLM"]) == 2


def test_empty_segments_are_reported_where_they_stand() -> None:
    text = SMALL.replace("HI*ABK:M3219~", "HI*ABK:M3219~~")
    found, faults = walk(text)
    assert [(error.code, error.segment) for error in faults] == [(errors.EMPTY_SEGMENT, 11)]
    assert [piece.tag for piece in found] == TAGS
    assert text[faults[0].offset :].startswith("CLM*A-1")


def test_a_segment_beyond_the_limit_is_passed_over_and_the_next_claim_read() -> None:
    long = SMALL.replace("HI*ABK:M3219~", "NTE*ADD*" + "X" * pieces.MAX_SEGMENT + "~")
    found, faults = walk(long)
    assert [error.code for error in faults] == [errors.SEGMENT_SIZE]
    assert long[faults[0].offset :].startswith("CLM*A-1")
    assert [piece.text[:7] for piece in found if piece.tag == "CLM" and not piece.passed_over] == ["CLM*A-2"]
    assert codes(SMALL.replace("HI*ABK:M3219~", "NTE*ADD*" + "X" * (pieces.MAX_SEGMENT - 20) + "~")) == NOTHING_FOUND


def test_a_claim_beyond_the_limit_is_passed_over_and_the_next_claim_read() -> None:
    note = "K3*" + "X" * 996 + "~"
    count = pieces.MAX_PIECE // len(note) + 1
    long = SMALL.replace("HI*ABK:M3219~", note * count).replace("SE*21", f"SE*{20 + count}")
    found, faults = walk(long)
    assert [error.code for error in faults] == [errors.PIECE_SIZE]
    assert long[faults[0].offset :].startswith("CLM*A-1")
    assert [piece.text[:7] for piece in found if piece.tag == "CLM" and not piece.passed_over] == ["CLM*A-2"]
    assert "".join(piece.text for piece in found) == long


CHILD = """
import re, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.x12.small837 import Endless
from scrubber.x12.events import Events
events = Events(Endless(sys.argv[2].encode("latin-1"), sys.argv[3].encode(), 200_000_000))
size = sum(len(event.raw) for event in events)
print(size, events.errors[0].code, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""  # not ru_maxrss: on Linux a child starts with that of its parent
IN_A_CLAIM = SMALL[: SMALL.index("HI*")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("head", "filling", "code", "megabytes"),
    [
        (IN_A_CLAIM, "A", errors.SEGMENT_SIZE, 64),
        (IN_A_CLAIM, " ", errors.SEGMENT_SIZE, 64),
        (IN_A_CLAIM, "~", errors.PIECE_SIZE, 128),  # a claim of 16 MB is in memory, with copies of it
        ("A", "A", errors.NO_INTERCHANGE, 64),
    ],
    ids=["inside a segment", "white space", "terminators only", "no interchange"],
)
def test_200_megabytes_without_an_end_stay_out_of_memory(head: str, filling: str, code: str, megabytes: int) -> None:
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parents[2]), head, filling]
    printed = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120).stdout.split()
    size, found, kilobytes = printed
    assert int(size) >= 200_000_000
    assert found == code
    assert int(kilobytes) < megabytes * 1024


def test_readable_is_all_that_is_asked_of_a_stream() -> None:
    found = list(pieces.cut(Endless(SMALL.encode(), b"", len(SMALL))))
    assert [piece.tag for piece in found] == TAGS


def test_a_claim_of_too_many_segments_is_passed_over() -> None:
    """They would take gigabytes once they are split, though their bytes are few."""
    many = SMALL.replace("HI*ABK", "K3*A~" * (pieces.MAX_SEGMENTS + 1) + "HI*ABK", 1)
    (fault,) = {piece.fault for piece in pieces.cut(io.BytesIO(many.encode())) if piece.tag == "CLM"} - {None}
    assert fault == errors.PIECE_SIZE


def test_segments_without_isa_are_read_by_the_component_separator_that_they_use() -> None:
    """So that the ISA that is written for them in the rejected file has it."""
    body = SMALL[SMALL.index("GS*") :].replace(":", ">")
    cut = list(pieces.cut(io.BytesIO((SMALL + body).encode())))
    found = {piece.delimiters.component for piece in cut if piece.delimiters and piece.offset > len(SMALL)}
    assert found == {">"}


def test_a_file_has_a_most_sets_of_delimiters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_DELIMITERS", 2)
    files = [redelimited(SMALL, element, ":", "^", "~") for element in "*|&*"]
    text = "".join(files)
    found, problems = walk(text)
    assert "".join(piece.text for piece in found) == text
    assert [problem.offset for problem in problems if problem.code == errors.TOO_MUCH] == [2 * len(SMALL)]
    claims = [piece.offset for piece in found if piece.tag == "CLM"]
    assert [sum(offset // len(SMALL) == number for offset in claims) for number in range(4)] == [2, 2, 0, 2]


@pytest.mark.parametrize("unit", [ISA, ISA.replace("SAMPLESENDER ", "SAMPLESENDER"), ISA + BODY[: BODY.index("BHT")]])
def test_many_interchanges_do_not_fill_the_memory(unit: str) -> None:
    """Nor the time: each of them would look through all that is in memory."""
    stream = io.BytesIO(unit.encode() * (20 * buffer.BLOCK // len(unit)))
    ahead = max(stream.tell() - piece.offset for piece in pieces.cut(stream))
    assert ahead <= 3 * buffer.BLOCK


def test_what_is_in_memory_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once for each of many interchanges without ISA."""
    looked = 0

    def next_interchange(text: str, begin: int, end: int, own: Delimiters) -> int:
        nonlocal looked
        looked += end - begin
        return beginnings.next_interchange(text, begin, end, own)

    monkeypatch.setattr(buffer, "next_interchange", next_interchange)
    text = SMALL + "ST*837*1~IEA*1*1~" * 20_000
    assert "".join(piece.text for piece in pieces.cut(io.BytesIO(text.encode()))) == text
    assert looked < 4 * len(text)
