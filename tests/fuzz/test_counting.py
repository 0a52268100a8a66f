"""Inputs and failures of the long fuzzing are counted exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.counting import Tried, counted
from tests.fuzz.targets import Target


def test_each_input_is_counted_at_once(tmp_path: Path) -> None:
    """The fuzzer ends the process without a word, so what is in the files at any time is all that there is."""
    assert counted(tmp_path, "own") == (0, [])
    tried = Tried("own", Target(len, lambda: [b""]), tmp_path)
    for number in range(1, 13):
        tried(b"x")
        assert counted(tmp_path, "own") == (number, [])


def test_failures_are_counted_by_kind_and_one_of_each_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = Tried("own", Target(int, lambda: [b""]), tmp_path)
    for data in (b"1", b"first", b"2", b"second"):
        tried(data)
    count, (failure,) = counted(tmp_path, "own")
    assert (count, failure.split("-")[0]) == (4, "2 ValueError")
    assert [path.read_bytes() for path in tmp_path.glob("own-ValueError-*")] == [b"first"]
    assert capsys.readouterr().err.count("own failed") == 1
