"""The files with random faults: what they begin with is sound, and they are of many kinds."""

from __future__ import annotations

import io
import random

from scrubber.x12.prescan import prescan
from tests.fuzz import cases


def test_what_the_cases_begin_with_is_sound() -> None:
    scans = [prescan(io.BytesIO(data)) for data, _ in cases.sound()]
    assert [scan.errors for scan in scans] == [()] * len(scans)
    assert {scan.claims for scan in scans} == {2}


def test_bases_are_also_joined_files_of_other_delimiters() -> None:
    joined = cases.bases()[len(cases.sound()) :]
    assert len(joined) > 5
    for data, delimiters in joined:
        first, second = data.index(b"ISA"), data.rindex(b"ISA")
        assert first < second
        assert data[first + 3 : first + 4] == delimiters.element.encode("latin-1")
    assert any(data[3] != data[data.rindex(b"ISA") + 3] for data, _ in joined)


def test_some_of_the_cases_are_joined_files() -> None:
    several = [number for number in range(100) if cases.case(7, number).count(b"ISA") > 1]
    assert 20 < len(several) < 80


def test_each_change_changes_most_files() -> None:
    for change in cases.CHANGES:
        draw = random.Random(837)
        drawn = [draw.choice(cases.sound()) for _ in range(40)]
        changed = [change(data, delimiters, draw) != data for data, delimiters in drawn]
        assert changed.count(True) > 25, change.__name__


def test_likely_delimiters_are_those_of_the_file() -> None:
    draw = random.Random(837)
    for data, delimiters in cases.sound():
        likely = cases.likely_delimiters(data, draw)
        assert (likely.element, likely.terminator) == (delimiters.element, delimiters.terminator)
    assert len({cases.likely_delimiters(b"", draw) for _ in range(20)}) > 5
