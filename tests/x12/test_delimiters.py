"""Delimiters, from ISA or inferred."""

from __future__ import annotations

import io
import pickle

import pytest

from scrubber.x12.delimiters import Delimiters, FoundDelimiters, component_in_use, from_isa, inferred, shared
from scrubber.x12.prescan import prescan
from tests.fuzz.trial import failure
from tests.x12.small837 import BODY, ISA, SMALL, redelimited


def test_from_an_exact_isa() -> None:
    assert from_isa(ISA) == FoundDelimiters(Delimiters("*", ":", "^", "~"))
    assert from_isa(redelimited(ISA, "|", ">", "!", "\n") + "GS|") == FoundDelimiters(Delimiters("|", ">", "!", "\n"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ISA*", "ISA has 1 element instead of 16"),
        ("ISA*00*", "ISA has 2 elements instead of 16"),
        (ISA[:-1], "no segment terminator stands after ISA16"),
        (ISA.replace("*^*", "*^^*"), "ISA11 is not one character, the repetition separator"),
        ("ISA" + "*" * 16, "ISA16 is empty, the component separator"),
    ],
)
def test_an_isa_that_does_not_tell(text: str, fault: str) -> None:
    assert from_isa(text) == FoundDelimiters(None, fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ISA.replace("SAMPLESENDER   ", "SAMPLESENDER"), "ISA06 has 12 characters instead of 15"),
        (ISA.replace("SAMPLESENDER   ", "SAMPLESENDER     "), "ISA06 has 17 characters instead of 15"),
        (ISA.replace("*261015*", "*20261015*"), "ISA09 has 8 characters instead of 6"),
        (ISA.replace(":~", ": ~"), "a blank stands between ISA16 and the segment terminator"),
    ],
)
def test_the_delimiters_of_an_isa_of_the_wrong_width_are_found(text: str, fault: str) -> None:
    assert from_isa(text + "GS*HC") == FoundDelimiters(Delimiters("*", ":", "^", "~"), fault)


@pytest.mark.parametrize(
    ("delimiters", "clash"),
    [
        (("*", ":", "^", "~"), ""),
        (("*", ":", "U", "~"), ""),
        (("*", "*", "^", "~"), "ISA16) is the same character as the element separator"),
        (("*", ":", "^", ":"), "the segment terminator (after ISA16) is the same character as the component"),
        (("A", ":", "^", "~"), "the element separator (byte 4 of ISA) is a letter, a digit or a blank"),
        (("*", ":", "C", "~"), "the repetition separator (ISA11) is a letter, a digit or a blank"),
        (("*", "0", "^", "~"), "the component separator (ISA16) is a letter, a digit or a blank"),
        (("*", " ", "^", "~"), "the component separator (ISA16) is a letter, a digit or a blank"),
        (("\x1d", "\x1f", "\x1e", "\x1c"), ""),
        (("\x1f", "\x1d", "\x1c", "\x1e"), ""),
        (("\x1e", "\x1c", "\x1d", "\x1f"), ""),
    ],
)
def test_delimiters_that_clash_have_a_reason(delimiters: tuple[str, str, str, str], clash: str) -> None:
    found = Delimiters(*delimiters).clash
    assert clash in found
    assert bool(found) is bool(clash)


GROUP = BODY[: BODY.index("BHT*")]


@pytest.mark.parametrize("eol", ["", "\n", "\r\n"])
@pytest.mark.parametrize(
    ("isa", "fault"),
    [
        (ISA[:-2] + "~", "ISA16 is empty, the component separator"),
        (ISA[:-1], "no segment terminator stands after ISA16"),
        (ISA[:-1] + "!", "the segment terminator (after ISA16) is not the one that GS uses"),
        (ISA.replace("*", "|"), "the element separator (byte 4 of ISA) is not the one that GS uses"),
    ],
)
def test_an_isa_that_its_group_is_unlike_does_not_tell(isa: str, fault: str, eol: str) -> None:
    assert from_isa(isa + eol + GROUP.replace("~", "~" + eol)) == FoundDelimiters(None, fault)


@pytest.mark.parametrize("eol", ["", "\n"])
def test_the_delimiters_are_found_with_a_component_separator_of_two_characters(eol: str) -> None:
    found = from_isa(ISA[:-1] + ":~" + eol + GROUP.replace("~", "~" + eol))
    assert found == FoundDelimiters(Delimiters("*", ":", "^", "~"), "ISA16 has 2 characters instead of 1")


def test_the_group_of_the_next_interchange_does_not_show_the_terminator_of_an_empty_one() -> None:
    empty = redelimited(ISA, "*", ":", "^", "\r") + "IEA*0*000000001\r"
    assert from_isa(empty + ISA + BODY) == FoundDelimiters(Delimiters("*", ":", "^", "\r"))


def test_a_group_of_other_delimiters_within_the_claims_does_not_show_the_terminator() -> None:
    text = redelimited(ISA + GROUP, "|", ":", "^", "\n") + ISA + GROUP
    assert from_isa(text) == FoundDelimiters(Delimiters("|", ":", "^", "\n"))


@pytest.mark.parametrize("mark", [",", "~", "."])
def test_a_character_after_gs08_is_no_terminator_if_the_next_segment_ends_otherwise(mark: str) -> None:
    """The rejected file of such an interchange could not be read again."""
    text = redelimited(ISA + GROUP, "|", ">", "!", "\n").replace("005010X222A1\nST", f"005010X222A{mark}\nST")
    assert mark in text
    assert from_isa(text) == FoundDelimiters(Delimiters("|", ">", "!", "\n"))
    assert failure((text + redelimited(BODY[len(GROUP) :], "|", ">", "!", "\n")).encode()) is None


def test_an_empty_element_at_the_end_of_gs_is_no_terminator() -> None:
    text = redelimited(ISA + GROUP, "|", ">", "!", "\n").replace("005010X222A1\nST", "005010X222A1|\nST")
    assert "A1|\nST" in text
    assert from_isa(text) == FoundDelimiters(Delimiters("|", ">", "!", "\n"))


@pytest.mark.parametrize("terminator", ["_", "\r", "'", "}"])
def test_the_group_after_an_interchange_that_has_none_is_not_its_own(terminator: str) -> None:
    """After a `_` the IEA was not seen: the 999 of such a file could not be read."""
    empty = redelimited(ISA + "TA1*000000001*261015*0830*R*022~IEA*0*000000001~", "*", ":", "^", terminator)
    assert from_isa(empty + redelimited(ISA + BODY, "|", ">", "!", "~")).delimiters == shared("*", ":", "^", terminator)


@pytest.mark.parametrize(
    "delimiters", [("_", ":", "^", "~"), ("*", "_", "^", "~"), ("*", ":", "_", "~"), ("*", ":", "^", "_")]
)
def test_an_underscore_is_a_delimiter_like_any_other(delimiters: tuple[str, str, str, str]) -> None:
    texts = [SMALL.replace("*000000001", f"*00000000{number}") for number in (1, 2, 3)]
    texts[:2] = [redelimited(text, *delimiters) for text in texts[:2]]
    scan = prescan(io.BytesIO("".join(texts).encode()))
    assert scan.errors == ()
    assert scan.claims == 3 * prescan(io.BytesIO(SMALL.encode())).claims


USED = [
    ("CLM*A*1***11>B>1*Y~", ">"),
    ("CLM*A*1***11:B:1*Y~", None),  # ISA16 is right
    ("CLM*A*1***11*Y~", None),
    ("CLM*A*1***11^B^1*Y~", None),  # the repetition separator
    ("CLM*A*1***1>B*Y~", None),
    ("CLM*A*1~", None),
    ("IEA*1*000000001~ISA*00*~CLM*A*1***11>B>1*Y~", None),  # of the next interchange
]


@pytest.mark.parametrize(("claim", "used"), USED)
def test_the_component_separator_that_claims_use(claim: str, used: str | None) -> None:
    assert component_in_use(ISA + "HI*ABK>M3219~" + claim, Delimiters("*", ":", "^", "~")) == used


def test_one_object_for_each_set() -> None:
    assert shared("*", ":", "^", "~") is shared("*", ":", "^", "~")


@pytest.mark.parametrize("eol", ["", "\n"])
@pytest.mark.parametrize("text", [BODY, BODY[BODY.index("ST*") :]])
def test_delimiters_are_inferred_from_a_file_without_isa(text: str, eol: str) -> None:
    assert inferred(text.replace("~", "~" + eol)) == Delimiters("*", ":", "^", "~")
    other = redelimited(text, "|", ">", "!", "\n")
    assert inferred(other) == Delimiters("|", ">", "^", "\n")
    assert inferred(redelimited(text, "*", ":", "^", "_").replace("_", "_" + eol)) == Delimiters("*", ":", "^", "_")
    assert inferred(redelimited(text, "_", ":", "^", "~").replace("~", "~" + eol)) == Delimiters("_", ":", "^", "~")


def test_inferred_by_the_first_claim_rather_than_by_a_damaged_composite() -> None:
    assert inferred(BODY.replace("HI*ABK:", "HI*ABK\x94")) == Delimiters("*", ":", "^", "~")
    first = BODY[: BODY.index("LX*")]
    assert inferred(first.replace("11:B:1", "11>B>1")) == Delimiters("*", ">", "^", "~")


@pytest.mark.parametrize("text", ["", "STAR", "ST", "ST*837", "once upon a time ST*837*1~", "GS*HC~GE*1~"])
def test_delimiters_are_not_inferred_without_a_sound_st(text: str) -> None:
    assert inferred(text) is None


def test_shared_ones_are_shared_again_when_they_were_pickled() -> None:
    delimiters = shared("*", ":", "^", "~")
    assert delimiters.boundary
    assert pickle.loads(pickle.dumps(delimiters)) is delimiters
