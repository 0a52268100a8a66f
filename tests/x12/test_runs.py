"""Runs hold the pieces that are cut one by one."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from scrubber.testing import build, visit_claim
from scrubber.x12 import buffer
from scrubber.x12.envelope import Envelope
from scrubber.x12.pieces import Piece, cut
from scrubber.x12.prescan import prescan
from scrubber.x12.runs import Run, cut_in_runs
from tests.damage.files import file_of
from tests.damage.kinds import applied, drawn
from tests.lanes import examples
from tests.scrubbing import each
from tests.x12.small837 import any_file

NOTE = "NTE*TPO*SCRUB R NDC05~"


def one_by_one(data: bytes) -> Iterator[Piece]:
    for piece in cut_in_runs(io.BytesIO(data)):
        if isinstance(piece, Run):
            pieces = list(piece.pieces())
            assert sum(each.segments for each in pieces) == piece.segments
            assert sum(each.tag == "CLM" for each in pieces) == piece.claims
            yield from pieces
        else:
            yield piece


def assert_same(data: bytes) -> None:
    assert list(one_by_one(data)) == list(cut(io.BytesIO(data)))


@given(any_file())
@settings(max_examples=examples(200))
def test_runs_of_any_file_have_the_pieces_that_are_cut_one_by_one(data: bytes) -> None:
    assert_same(data)


@pytest.mark.parametrize("block", [100, 1000, 1 << 16])
def test_runs_of_damaged_files_have_the_pieces_that_are_cut_one_by_one(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments without a terminator, blank lines, other interchanges within segments, and all else that goes wrong."""
    monkeypatch.setattr(buffer, "BLOCK", block)
    for seed in range(examples(300)):
        file = file_of(seed)
        damaged = applied(file, drawn(file, random.Random(seed)))
        if damaged:
            assert_same(damaged.text.encode("latin-1"))


def many() -> str:
    return build([visit_claim("837P", f"V{number}") for number in range(300)]).replace("~\n", "~")


@each("text", {"plain": many(), "in lines": many().replace("~", "~\r\n"), "twice": many() * 2})
def test_all_claims_of_a_usual_file_are_in_runs(text: str) -> None:
    data = text.encode()
    assert_same(data)
    found = sum(piece.claims for piece in cut_in_runs(io.BytesIO(data)) if isinstance(piece, Run))
    assert found >= text.count("CLM*") - 10  # the last one of a block is a piece of its own


@each(
    ("old", "new"),
    {
        "a claim without a terminator before it": ("~CLM*V7*", "CLM*V7*"),
        "a bare tag": ("~CLM*V7*", "~CLM~CLM*V7*"),
        "an empty segment": ("~CLM*V7*", "~~CLM*V7*"),
        "a short claim": ("~CLM*V7*", "~CLM*S*1~CLM*V7*"),
        "another interchange within a segment": ("~CLM*V7*", "ISA*00*~CLM*V7*"),
        "a group within a segment": ("~CLM*V7*", "GS*HC*A*B*20260101*1200*1*X*005010X222A1~ST*837*1~CLM*V7*"),
        "notes": ("~CLM*V7*", f"~{NOTE}{NOTE}CLM*V7*"),
        "a transaction that ends": ("~CLM*V7*", "~SE*1*0001~ST*837*0002*005010X222A1~CLM*V7*"),
        "another kind of transaction": ("ST*837*0001*005010X222A1", "ST*837*0001*005010X224A2"),
        "no transaction": ("ST*837*0001*005010X222A1~", ""),
    },
)
def test_the_first_pass_finds_what_the_second_one_does(old: str, new: str) -> None:
    text = many()
    assert text.count(old) == 1
    data = text.replace(old, new).encode()
    assert_same(data)
    found, envelope = prescan(io.BytesIO(data)), Envelope()
    for piece in cut(io.BytesIO(data)):
        envelope.feed(piece)
    envelope.finish()
    assert list(found.errors) == envelope.errors.counted()
    assert found.claims == envelope.claims
    assert found.untrusted == tuple(envelope.untrusted)
