"""The files through which processes hand ranges and fragments to each other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.outputs.summary import Summary
from scrubber.running.job import Fragment, Job
from scrubber.x12.bounded import Errors
from scrubber.x12.prescan import prescan


def job(folder: Path, ahead: int | None) -> Job:
    scan = prescan(io.BytesIO(b""))
    return Job(str(folder), RunOptions(), "", "x.837", scan, False, (), None, written=False, entered=False, ahead=ahead)


def fragment(text: str) -> Fragment:
    return Fragment((), Errors(), Summary(), {}, (), (text,), None)


@pytest.mark.parametrize("ahead", [None, 2])
def test_each_fragment_is_taken_as_it_was_written(tmp_path: Path, ahead: int | None) -> None:
    """A later one may be shorter than the one whose file it takes over; texts may hold any character."""
    given = job(tmp_path, ahead)
    texts = ["long " * 100_000, "\ud800\u20ac", "", "x" * 70_000, "\r\n"]
    for number, text in enumerate(texts, 1):
        given.write_fragment(number, fragment(text))
        if number > 1:
            assert list(given.take_fragment(number - 1).texts) == [texts[number - 2]]
    assert list(given.take_fragment(len(texts)).texts) == [texts[-1]]


def test_files_are_removed_or_used_again(tmp_path: Path) -> None:
    for ahead, left in ((None, 0), (3, 3)):
        folder = tmp_path / str(ahead)
        folder.mkdir()
        given = job(folder, ahead)
        for number in range(1, 10):
            given.write_fragment(number, fragment("text"))
            given.take_fragment(number)
        assert len(list(folder.iterdir())) == left
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
