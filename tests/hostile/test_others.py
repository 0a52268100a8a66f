"""Other inputs and other work than scrubbing come to their end. `bench/hostile.py` measures them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.others import OTHERS


@pytest.mark.parametrize("name", OTHERS)
def test_other_inputs_are_worked_on_to_their_end(tmp_path: Path, name: str) -> None:
    OTHERS[name](tmp_path, 10_000)()


def test_rules_on_lines_of_one_day_take_no_time_by_the_square_of_the_lines(tmp_path: Path) -> None:
    """Each line was compared with each other one: 200 KB took ten seconds, and a megabyte would take minutes."""
    OTHERS["rules of lines by diagnoses"](tmp_path, 300_000)()
