"""Segments and elements."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.x12 import remembering
from scrubber.x12.delimiters import Delimiters, shared
from scrubber.x12.segments import element, first_element, first_with, split, start, starts, starts_between
from tests.lanes import examples

STAR = shared("*", ":", "^", "~")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CLM*1~HI*A:B~", [["CLM", "1"], ["HI", "A:B"]]),
        ("CLM*1~\r\nHI*A:B~\r\n", [["CLM", "1"], ["HI", "A:B"]]),
        ("CLM*1~\nHI*A:B~\n", [["CLM", "1"], ["HI", "A:B"]]),
        ("CLM*1~  \t\nHI*A ~~ ~\n\n", [["CLM", "1"], ["HI", "A "]]),
        ("CLM*1", [["CLM", "1"]]),
        ("CLM*1~HI", [["CLM", "1"], ["HI"]]),
        ("CLM*1\n2~", [["CLM", "1\n2"]]),
        ("CLM*1~NTE*TPO*SCRUB R NDC05~HI*A~", [["CLM", "1"], ["HI", "A"]]),
        ("CLM*1~NTE*TPO*SCRUBBED~HI*A~", [["CLM", "1"], ["NTE", "TPO", "SCRUBBED"], ["HI", "A"]]),
        ("", []),
    ],
)
def test_a_text_is_split_into_segments_and_elements(text: str, expected: list[list[str]]) -> None:
    assert split(text, STAR) == expected


def test_segments_that_repeat_are_shared_until_they_are_forgotten() -> None:
    remembering.read(remembering.MOST_CHARACTERS + 1)
    claims = [f"CLM*{number}~DTP*472*D8*20260915~NTE*ADD*{'X' * 100}~" for number in range(20_000)]
    found = [split(text, STAR) for text in claims]
    assert [segment for segments in found for segment in segments] == [
        part.split("*") for text in claims for part in text.split("~")[:-1]
    ]
    (_, first, long), (_, second, other), *_, (_, last, _) = found
    assert first is second
    assert first is not last, "all were forgotten when there were many"
    assert long is not other, "long segments are not remembered"
    remembering.read(remembering.MOST_CHARACTERS + 1)
    assert split(claims[0], STAR)[1] is not last


@given(st.lists(st.text(st.sampled_from("AB*:"), min_size=1, max_size=4), max_size=30), st.sampled_from("*:"))
@settings(max_examples=examples(50))
def test_segments_are_split_alike_the_first_time_and_later(parts: list[str], separator: str) -> None:
    delimiters = shared(separator, "|", "^", "~")
    text = "".join(f"{part}~" for part in parts)
    expected = [part.split(separator) for part in parts]
    assert [split(text, delimiters) for _ in range(10)] == [expected] * 10


pieces = st.lists(
    st.sampled_from(
        ["CLM*1", "HI*A:B", "NTE*TPO*SCRUB R NDC05", "NTE*ADD*SCRUB W DX01 AND 2 MORE", "~", "~\n", "~\r\n ", "~~", "X"]
    ),
    max_size=12,
).map("".join)


@given(pieces)
@settings(max_examples=examples(500))
def test_starts_by_lengths_are_those_found_between_the_parts(text: str) -> None:
    text = "CLM*0~" + text
    assert list(starts(text, STAR)) == list(starts_between(text.split("~"), len(text), STAR))


@given(pieces)
@settings(max_examples=examples(500))
def test_start_is_where_split_found_the_segment(text: str) -> None:
    text = "CLM*0~" + text
    found = split(text, STAR)
    for index, segment in enumerate(found):
        assert text[start(text, STAR, index) :].startswith("*".join(segment))
    with pytest.raises(IndexError):
        start(text, STAR, len(found))


def test_element_of_a_short_segment_is_empty() -> None:
    assert element(["DMG", "D8"], 1) == "D8"
    assert element(["DMG", "D8"], 2) == ""


@pytest.mark.parametrize("delimiters", [STAR, shared("|", ">", "^", "\n"), shared("]", "-", "\\", "^")])
@pytest.mark.parametrize("eol", ["", "\r\n"])
def test_first_element_is_that_of_split(delimiters: Delimiters, eol: str) -> None:
    written = "HL*2*1*22~SBR*P**N1******MB~SBRX*Q~DMG*D8*19500101*F~DMG*D8*20200101~SBR*S********CI~"
    text = written.translate(str.maketrans("*~", delimiters.element + delimiters.terminator))
    text = text.replace(delimiters.terminator, delimiters.terminator + eol)
    segments = split(text, delimiters)
    for tag in ("SBR", "DMG", "PAT"):
        first = next((segment for segment in segments if segment[0] == tag), [])
        for number in range(1, 12):
            assert first_element(text, delimiters, tag, number) == element(first, number)


@pytest.mark.parametrize("delimiters", [STAR, shared("|", ">", "^", "\n"), shared("]", "-", "\\", "^")])
@pytest.mark.parametrize("eol", ["", "\r\n"])
def test_first_element_of_a_qualified_segment(delimiters: Delimiters, eol: str) -> None:
    written = "HL*2*1*22~NM1*ILX*1*A~NM1*87~NM1*IL*1*B*C~NM1*IL*1*D~NM1*PR*2*E*****PI*1~SBR*IL*X~"
    text = written.translate(str.maketrans("*~", delimiters.element + delimiters.terminator))
    text = text.replace(delimiters.terminator, delimiters.terminator + eol)
    segments = split(text, delimiters)
    for qualifier in ("IL", "PR", "87", "85"):
        first = next((segment for segment in segments if segment[:2] == ["NM1", qualifier]), [])
        for number in range(2, 11):
            assert first_element(text, delimiters, "NM1", number, qualifier) == element(first, number)
        assert first_with(text, delimiters, "NM1", qualifier) == delimiters.element.join(first)


def test_first_element_does_not_look_into_the_next_segment() -> None:
    assert first_element("HL*2~SBR*P~SBR*S********CI~", STAR, "SBR", 9) == ""
