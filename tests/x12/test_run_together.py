"""Segments that run together: a CLM is found wherever its terminator is lost, and no text is taken for one."""

from __future__ import annotations

import re

import pytest

from scrubber.x12 import errors
from scrubber.x12.beginnings import REACH
from scrubber.x12.delimiters import shared
from scrubber.x12.pieces import SHORTEST_CLAIM
from scrubber.x12.run_together import inner_segment
from tests.scrubbing import each
from tests.x12.small837 import SMALL, TAGS, redelimited, walk

USUAL = shared("*", ":", "^", "~")


@pytest.mark.parametrize("block", [1, 1 << 16])
@each(
    "lost",
    {
        "a claim behind a level": "~CLM*A-1",
        "a claim behind a claim": "~CLM*A-2",
        "a level behind a header": "~HL*1",
        "a transaction behind its group": "~ST*",
        "the group behind its transaction": "~GE*",
    },
)
def test_a_segment_is_found_where_the_terminator_before_it_is_lost(
    lost: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrubber.x12.buffer.BLOCK", block)
    text = SMALL.replace(lost, lost[1:], 1)
    found, faults = walk(text)
    assert "".join(piece.text for piece in found) == text
    assert [piece.tag for piece in found] == TAGS
    assert [(error.code, error.message) for error in faults] == [
        (errors.RUN_TOGETHER, f"no segment terminator stands before {lost[1:4].rstrip('*')}")
    ]
    assert text[faults[0].offset :].startswith(lost[1:])


@pytest.mark.parametrize("before", ["0", "=", "*", "AB"])
def test_characters_before_a_tag_are_no_segment(before: str) -> None:
    text = SMALL.replace("~CLM*A-2", f"~{before}CLM*A-2", 1)
    found, faults = walk(text)
    assert errors.RUN_TOGETHER not in [error.code for error in faults]
    assert [piece.tag for piece in found] == [
        tag for at, tag in enumerate(TAGS) if at != TAGS.index("CLM", TAGS.index("CLM") + 1)
    ]


def test_the_error_counts_the_segment_that_is_run_into() -> None:
    text = SMALL.replace("~CLM*A-2", "CLM*A-2", 1)
    (fault,) = walk(text)[1]
    begin = SMALL.index("ST*")
    assert fault.segment == SMALL[begin : SMALL.index("CLM*A-2")].count("~")
    assert fault.segment is not None


def test_several_claims_run_together() -> None:
    alone = "CLM*B-{}*100***11:B:1"
    text = SMALL.replace("~SE*21", "".join(alone.format(n) for n in range(3)) + "~SE*21", 1)
    found, faults = walk(text)
    assert [piece.text.split("*")[1] for piece in found if piece.tag == "CLM"] == ["A-1", "A-2", "B-0", "B-1", "B-2"]
    assert [error.code for error in faults][:3] == [errors.RUN_TOGETHER] * 3


@each(
    "text",
    {
        "a contact": "PER*IC*MEDCLM*TE*8005551212*EX*12",
        "an organisation": "NM1*PR*2*ACME CLM*****PI*00002",
        "a reference": "REF*G1*PACLM",
        "a street": "N3*12 CLM*UNIT 5",
        "an id and an amount": "CAS*CO*45CLM*5*100",
    },
)
@pytest.mark.parametrize("tag", ["HL", "CLM", "SE"])
def test_what_only_looks_like_a_claim_is_a_part_of_its_segment(text: str, tag: str) -> None:
    whole = f"{tag}*1~{text}~"
    assert inner_segment(tag, whole, 0, len(whole), USUAL) == -1


def test_with_other_delimiters() -> None:
    text = redelimited(SMALL.replace("~CLM*A-2", "CLM*A-2", 1), "|", ">", "!", "\n")
    assert [piece.tag for piece in walk(text)[0]] == TAGS


@pytest.mark.parametrize("amount", ["4800", "4800.5", "-1", "", "X"])
def test_a_claim_with_a_damaged_amount_is_found_by_its_facility_code(amount: str) -> None:
    text = re.sub(r"~CLM\*A-1\*4800", f"CLM*A-1*{amount}", SMALL)
    assert [piece.tag for piece in walk(text)[0]] == TAGS


@pytest.mark.parametrize("tag", ["HL*3", "CLM*A-1"])
def test_a_claim_within_the_first_piece_in_memory_is_found(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first block ends just behind the tag of that piece. So the next one finds all of it at its beginning."""
    lost = {"HL*3": "~CLM*A-1", "CLM*A-1": "~CLM*A-2"}[tag]
    text = SMALL.replace("IDA", "I" * 2 * REACH).replace("OTTO", "O" * SHORTEST_CLAIM).replace(lost, lost[1:], 1)
    monkeypatch.setattr("scrubber.x12.buffer.BLOCK", text.index(tag) + len(tag))
    monkeypatch.setattr("scrubber.x12.delimiters.BARE_WINDOW", text.index(tag))  # so much is read in front of the GS
    found, faults = walk(text)
    assert [piece.tag for piece in found] == TAGS
    assert all(len(piece.text) >= SHORTEST_CLAIM for piece in found if piece.text.startswith(tag))
    assert [error.code for error in faults] == [errors.RUN_TOGETHER]
