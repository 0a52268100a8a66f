"""Jumps in the numbers of levels: where a level may be lost, moved or doubled."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.x12 import level_numbers
from scrubber.x12.bounded import AFTER_ANY_FILE
from scrubber.x12.buffer import Piece
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.envelope import Envelope
from scrubber.x12.level_numbers import LevelNumbers
from scrubber.x12.pieces import cut
from scrubber.x12.prescan import prescan
from tests.scrubbing import each
from tests.x12.small837 import SMALL

USUAL = Delimiters("*", "^", ":", "~")


def jumps(*transactions: str) -> list[tuple[int, int]]:
    """The jumps where the levels of some transactions have these numbers; the levels are ten bytes apart."""
    numbers, offset = LevelNumbers(), 0
    for transaction in transactions:
        numbers.feed(Piece("ST", "ST*837*0001~", offset, USUAL), None)
        for number in transaction.split():
            numbers.feed(Piece("HL", f"HL*{number.strip('-')}**20*1~", offset, USUAL), 1)
            offset += 10
        numbers.feed(Piece("SE", "SE*1*0001~", offset, USUAL), None)
    return [(start, end) for start, end, _ in numbers.jumps]


@each(
    ("numbers", "expected"),
    {
        "all there": ("1 2 3 4", []),
        "with zeros": ("01 02 3", []),
        "one left out": ("1 2 4 5", [(10, 20)]),
        "three left out": ("1 2 6 7", [(10, 20)]),
        "two jumps": ("1 3 4 6", [(0, 10), (20, 30)]),
        "two jumps side by side": ("1 3 5", [(0, 10), (10, 20)]),
        "the first left out": ("2 3", []),
        "one too high, and the rest as if it were not": ("1 2 33 4 5", [(10, 20), (20, 30)]),
        "one twice, and the one before left out": ("1 3 3 4", [(0, 10), (10, 20)]),
        "one too low": ("1 2 1 4", [(10, 20), (20, 30)]),
        "two exchanged": ("1 2 4 3 5", [(10, 20), (20, 30), (30, 40)]),
        "two doubled": ("1 2 3 2 3 4", [(20, 30)]),
        "the last moved before others": ("1 4 2 3", [(0, 10), (10, 20), (30, 40)]),
        "no number": ("1 - 3", []),
        "no number, and one left out": ("1 - 4", [(10, 20)]),
        "no count": ("1 X 3 12345678901 5", []),
    },
)
def test_a_jump_is_from_the_level_before_it_to_the_level_after_it(
    numbers: str, expected: list[tuple[int, int]]
) -> None:
    assert jumps(numbers) == expected


def test_numbers_begin_again_with_each_transaction() -> None:
    assert jumps("1 2", "1 2", "3 4", "1 3") == [(60, 70)]


def test_jumps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_numbers, "MOST_KEPT", 3)
    assert jumps("1 3 5 7 9 11 12") == [(0, 10), (10, 20), (20, AFTER_ANY_FILE)]
    assert jumps("1 3 5 7 6") == [(0, 10), (10, 20), (20, AFTER_ANY_FILE)], "the last one stays"


def test_a_jump_says_where_and_which_number_was_due() -> None:
    numbers = LevelNumbers()
    numbers.feed(Piece("HL", "HL*1**20*1~", 0, USUAL), 5)
    numbers.feed(Piece("HL", "HL*3*1*22*0~", 40, USUAL), 12)
    ((_, _, error),) = numbers.jumps
    assert str(error) == "READ34 HL01 is not 2, the next number (segment 12 from ST, byte 40)"


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 400)), max_size=4))
def test_runs_show_the_same_jumps_as_single_levels(changes: list[tuple[int, int]]) -> None:
    levels = [
        f"HL*{number}*1*22*0~SBR*P~" + "CLM*A-1*4800***11:B:1*Y*A*Y*Y~" + "REF*G1*1~" * 6 for number in range(2, 300)
    ]
    for place, number in changes:
        levels[place % 298] = f"HL*{number}*1*22*0~SBR*P~"
    data = SMALL.replace("HL*2", "".join(levels) + "HL*300", 1).encode()
    envelope, numbers = Envelope(), LevelNumbers()
    for piece in cut(io.BytesIO(data)):
        envelope.feed(piece)
        numbers.feed(piece, envelope.ordinal)
    assert prescan(io.BytesIO(data)).jumps == tuple(numbers.jumps)
