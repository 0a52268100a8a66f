"""Output files: for their owner only, and complete or not there at all."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from scrubber.outputs.files import (
    named_file,
    named_text_file,
    new_file,
    new_text_file,
    only_run,
    private_folder,
    together,
)


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


def test_files_of_a_run_get_their_names_together(tmp_path: Path) -> None:
    with together():
        for name in ("a", "b"):
            with new_text_file(tmp_path / name) as out:
                out.write(name)
        assert not [path for path in tmp_path.iterdir() if path.name in ("a", "b")]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "a", "b": "b"}


def _fail_within(folder: Path) -> None:
    with together():
        for name in ("a", "b"):
            with new_text_file(folder / name):
                pass
        raise OSError


def test_no_file_of_a_run_that_fails_gets_its_name(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        _fail_within(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_cannot_be_given_leaves_none_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError), together():
        for name in ("a", "b", "c"):
            with new_text_file(tmp_path / name):
                pass
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_two_runs_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "report"
    with new_file(path) as first:
        first.write(b"first, ")
        with new_file(path) as second:
            second.write(b"second")
        assert path.read_bytes() == b"second"
        first.write(b"whole")
    assert path.read_bytes() == b"first, whole"
    assert [member.name for member in tmp_path.iterdir()] == ["report"]


def left_over(folder: Path, *, seconds: int) -> Path:
    """What a killed run has left, last written so many seconds ago."""
    path = folder / ".scrubber-0123.partial"
    path.write_text("half")
    os.utime(path, (path.stat().st_mtime - seconds,) * 2)
    return path


def test_what_a_killed_run_has_left_is_removed(tmp_path: Path) -> None:
    left_over(tmp_path, seconds=90)
    with named_text_file(tmp_path / "report") as out:
        out.write("whole\n")
    assert [member.name for member in tmp_path.iterdir()] == ["report"]
    left_over(tmp_path, seconds=90)
    with only_run(tmp_path, pytest.fail):
        assert [member.name for member in tmp_path.iterdir()] == ["report"]


def test_what_another_run_is_writing_is_not_removed(tmp_path: Path) -> None:
    recent = left_over(tmp_path, seconds=1)
    with new_file(tmp_path / "one") as out:
        out.write(b"1")
        (partial,) = set(tmp_path.iterdir()) - {recent}
        os.utime(partial, (partial.stat().st_mtime - 90,) * 2)
        with only_run(tmp_path, pytest.fail):
            assert {partial, recent} <= set(tmp_path.iterdir())
    assert (tmp_path / "one").read_bytes() == b"1"


def test_only_one_run_writes_into_a_folder(tmp_path: Path) -> None:
    happened: list[str] = []
    begun = threading.Event()

    def second() -> None:
        with only_run(tmp_path, begun.set):
            happened.append("second")

    with only_run(tmp_path, pytest.fail):
        thread = threading.Thread(target=second)
        thread.start()
        assert begun.wait(10)
        happened.append("first")
    thread.join(10)
    assert happened == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_a_user_names_stays_and_its_file_is_written(tmp_path: Path) -> None:
    target, link, dangling = tmp_path / "target", tmp_path / "link", tmp_path / "dangling"
    target.write_text("before")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "new")
    for path in (link, dangling):
        with named_text_file(path) as out:
            out.write("mine")
        assert path.is_symlink()
        assert path.resolve().read_text() == "mine"


def test_a_pipe_that_a_user_names_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with named_file(pipe) as out:
        out.write(b"through the pipe")
    assert os.read(reader, 100) == b"through the pipe"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_that_a_user_names_is_written_into(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.symlink_to("/dev/null")
    with named_file(device) as out:
        out.write(b"gone")
    assert device.readlink() == Path("/dev/null")


def test_a_link_to_another_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("safe")
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


def test_a_stop_while_the_file_is_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = os.open

    def stopped(path: Path, flags: int, mode: int) -> int:
        os.close(create(path, flags, mode))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", stopped)
    with pytest.raises(KeyboardInterrupt), new_file(tmp_path / "report"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_private_folder_is_the_owners_and_goes_with_its_run(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), private_folder(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "fragment").write_text("claims")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_private_folder_of_a_killed_run_is_removed_by_the_next(tmp_path: Path) -> None:
    with private_folder(tmp_path) as alive:
        killed = tmp_path / ".scrubber-0123.partial"
        killed.mkdir()
        (killed / "fragment").write_text("claims")
        for folder in (alive, killed):
            os.utime(folder, times=(time.time() - 90,) * 2)
        with private_folder(tmp_path):
            assert (alive.exists(), killed.exists()) == (True, False)
