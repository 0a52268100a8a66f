"""Control numbers and counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.x12.control import ControlNumbers, is_control_number, is_count, recounted, shifted


@given(st.lists(st.one_of(st.integers(0, 30).map(str), st.integers(0, 30).map("{:04}".format), st.text(max_size=2))))
def test_a_number_is_new_once(controls: list[str]) -> None:
    numbers = ControlNumbers()
    seen: set[str] = set()
    for control in controls:
        assert numbers.add(control) is (control not in seen)
        seen.add(control)


def test_numbers_that_follow_each_other_take_no_room() -> None:
    numbers = ControlNumbers()
    assert all(numbers.add(f"{number:09}") for number in range(10_000))
    assert numbers._ranges == {9: ([0], [9_999])}


def test_long_control_numbers_differ_and_take_little_room() -> None:
    numbers = ControlNumbers()
    long = [f"{'x' * 50_000}{number}" for number in range(50)]
    assert [numbers.add(control) for control in (*long, *long)] == [True] * 50 + [False] * 50
    assert sum(map(len, numbers._others)) < 5_000


@pytest.mark.parametrize(
    ("count", "by", "expected"),
    [
        ("28", 3, "31"),
        ("98", 3, "101"),
        ("0028", 3, "0031"),
        ("0998", 3, None),  # a zero in front must stay, or the way back is lost
        ("10", -3, "7"),
        ("2", -3, None),
        ("0", 0, "0"),
        ("00", 1, "01"),
        ("9999999999", 1, None),
        ("x", 1, None),
        ("", 1, None),
        ("-1", 1, None),
        ("\xb2", 1, None),
    ],
)
def test_a_count_is_shifted_and_keeps_its_width(count: str, by: int, expected: str | None) -> None:
    assert shifted(count, by) == expected


@given(st.from_regex(r"\A[0-9]{1,10}\Z"), st.integers(-50, 50))
def test_the_way_back_is_never_in_doubt(count: str, by: int) -> None:
    there = shifted(count, by)
    if there is not None:
        assert shifted(there, -by) == count


def test_a_count_has_one_to_ten_plain_digits() -> None:
    assert is_count("0123456789")
    assert not is_count("12345678901")
    assert not is_count("")
    assert not is_count("\u0661")


@pytest.mark.parametrize("text", ["1", "000000001", "123456789"])
def test_a_control_number(text: str) -> None:
    assert is_control_number(text)


@pytest.mark.parametrize("text", ["", "1234567890", "9XX9XX901", " 1", "-1", "\u0661"])
def test_no_control_number(text: str) -> None:
    assert not is_control_number(text)


def test_a_spare_number_is_one_that_was_not_there() -> None:
    numbers = ControlNumbers()
    assert numbers.add("900000001")
    assert [numbers.spare() for _ in range(3)] == ["900000000", "900000002", "900000003"]
    assert not numbers.add("900000003")


@pytest.mark.parametrize(
    ("count", "expected"), [("21", "7"), ("0021", "0007"), ("0", "7"), ("", "7"), ("0x", "7"), ("0" * 11, "7")]
)
def test_a_count_that_is_written_again_keeps_its_leading_zeros(count: str, expected: str) -> None:
    assert recounted(count, 7) == expected
