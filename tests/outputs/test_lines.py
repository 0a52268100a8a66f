"""Lines and columns are those of an editor, for every byte, wherever the blocks of the file end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.outputs import lines
from scrubber.outputs.lines import Lines, Position

TEXTS = st.text(st.sampled_from("ab~\n\r\u00e9\u20ac"), max_size=60)


def in_editor(text: str, characters: int) -> Position:
    """The line and column at which an editor shows the character after so many others."""
    before = text[:characters]
    return Position(before.count("\n") + 1, characters - (before.rfind("\n") + 1) + 1)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]), st.integers(1, 9), st.data())
def test_every_character_is_where_an_editor_shows_it(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str, block: int, data: st.DataObject
) -> None:
    if encoding == "latin-1":
        text = text.replace("\u20ac", "e")
    path = tmp_path_factory.mktemp("lines", numbered=True) / "file"
    path.write_bytes(text.encode(encoding))
    mark = 3 if encoding == "utf-8-sig" else 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", max(block, mark))
        asked = Lines(str(path))
        for characters in data.draw(st.lists(st.integers(0, len(text)), max_size=8)):
            offset = mark + len(text[:characters].encode(encoding.removesuffix("-sig")))
            assert asked.at(offset) == in_editor(text, characters)


def test_a_large_file_without_line_breaks_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_bytes(b"x" * 200_000)
    asked = Lines(str(path))
    assert asked.at(199_999) == Position(1, 200_000)
    assert asked.at(7) == Position(1, 8)
    assert asked.at(200_000) == Position(1, 200_001)


def test_what_cannot_be_read_again_has_no_lines(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in ("-", str(pipe), str(tmp_path), str(tmp_path / "none"), "x" * 10_000, "a\0b"):
        assert Lines(path).at(0) is None


def test_a_file_that_goes_away_has_no_lines_any_more(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_bytes(b"x" * 200_000)
    asked = Lines(str(path))
    assert asked.at(0)
    path.unlink()
    assert asked.at(150_000) is None
