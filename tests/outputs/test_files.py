"""Output files: for their owner only, and complete or not there at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scrubber.outputs.files import new_file, new_text_file


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    for path, new in ((tmp_path / "a", new_file), (tmp_path / "b", new_text_file)):
        with new(path):
            pass
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("even_empty", [True, False])
def test_an_empty_file_may_be_dropped(tmp_path: Path, even_empty: bool) -> None:
    with new_file(tmp_path / "empty", even_empty=even_empty):
        pass
    with new_file(tmp_path / "full", even_empty=even_empty) as out:
        out.write(b"1")
        out.seek(0)
    assert {path.name for path in tmp_path.iterdir()} == {"full", *["empty"] * even_empty}


def test_a_file_takes_its_name_only_once_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("before")
    with new_text_file(path) as out:
        out.write("half")
        assert path.read_text() == "before"
    assert path.read_text() == "half"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "report"
    path.write_text("before")
    with pytest.raises(error), new_file(path) as out:
        out.write(b"half")
        raise error
    assert path.read_text() == "before"
    assert [member.name for member in tmp_path.iterdir()] == ["report"]


def test_what_a_killed_run_has_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".report.partial").write_text("half")
    with new_text_file(tmp_path / "report") as out:
        out.write("whole\n")
    assert (tmp_path / "report").read_bytes() == b"whole\n"
    assert [member.name for member in tmp_path.iterdir()] == ["report"]


def test_a_link_to_another_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("safe")
    (tmp_path / ".report.partial").symlink_to(victim)
    (tmp_path / "report").symlink_to(victim)
    with new_text_file(tmp_path / "report") as out:
        out.write("mine")
    assert victim.read_text() == "safe"
    assert not (tmp_path / "report").is_symlink()


def test_text_that_utf8_cannot_hold_is_escaped(tmp_path: Path) -> None:
    """A file name that is no UTF-8 comes with lone surrogates."""
    with new_text_file(tmp_path / "report") as out:
        out.write("\udcff\u00e9\n")
    assert (tmp_path / "report").read_bytes() == b"\\udcff\xc3\xa9\n"


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "report", tmp_path / "missing" / "report"):
        with pytest.raises(OSError, match=r"directory"), new_file(path):
            pass
