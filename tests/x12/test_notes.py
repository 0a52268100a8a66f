"""The scrubber's own notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.x12.delimiters import shared
from scrubber.x12.notes import MAX_TEXT, count_notes, is_note, note_segment, note_text, without_notes

STAR = shared("*", ":", "^", "~")
CODES = st.lists(st.tuples(st.sampled_from("RWI"), st.from_regex(r"\A[A-Z]{2,4}[0-9]{2}\Z")), min_size=1, max_size=30)


def test_a_note_has_each_severity_letter_once_before_its_codes() -> None:
    assert note_text([("R", "NDC05"), ("W", "JWJZ08"), ("W", "DX01")]) == "SCRUB R NDC05 W JWJZ08 DX01"


def test_a_long_note_is_cut_at_a_whole_code_and_counts_the_rest() -> None:
    text = note_text([("R", f"JWJZ{number:02}") for number in range(1, 20)])
    assert len(text) <= MAX_TEXT
    assert text == "SCRUB R " + " ".join(f"JWJZ{number:02}" for number in range(1, 9)) + " AND 11 MORE"


@given(CODES)
def test_what_is_written_is_recognised(codes: list[tuple[str, str]]) -> None:
    codes = sorted(codes, key=lambda code: "RWI".index(code[0]))
    segment = note_segment("TPO", note_text(codes), STAR)
    assert is_note(segment[:-1], STAR)
    assert count_notes(f"LX*1~{segment}{segment}SV1*X~", STAR) == 2
    assert without_notes(f"LX*1~\n{segment}\n{segment}\nSV1*X~", STAR) == "LX*1~\nSV1*X~"


@pytest.mark.parametrize(
    "segment",
    [
        "NTE*ADD*SCRUB THE FLOOR",
        "NTE*TPO*SCRUB",
        "NTE*TPO*SCRUB R",
        "NTE*TPO*SCRUB R NDC05 PLEASE",
        "NTE*DCP*SCRUB R NDC05",
        "NTE*TPO* SCRUB R NDC05",
        "NTE*TPO*SCRUB R NDC05*X",
        "XNTE*TPO*SCRUB R NDC05",
    ],
)
def test_other_peoples_notes_are_left_alone(segment: str) -> None:
    text = f"CLM*1~{segment}~LX*1~"
    assert not is_note(segment, STAR)
    assert count_notes(text, STAR) == 0
    assert without_notes(text, STAR) == text


def test_notes_in_a_file_with_other_delimiters() -> None:
    pipes = shared("|", ">", "!", "\n")
    assert without_notes("LX|1\nNTE|TPO|SCRUB R NDC05\nSV1|X\n", pipes) == "LX|1\nSV1|X\n"
    assert count_notes("LX|1\nNTE*TPO*SCRUB R NDC05\nSV1|X\n", pipes) == 0
