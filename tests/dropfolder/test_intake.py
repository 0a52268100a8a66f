"""Which files are taken, and in which order."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.intake import Intake
from scrubber.dropfolder.settings import Settings

SETTLED = Settings(settle=0, huge_mb=1)
HUGE = 1_000_000


def put(folder: Path, name: str, size: int = 1, age: int = 0) -> Path:
    path = folder / name
    with path.open("wb") as out:
        out.truncate(size)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def intake(folder: Path, settings: Settings = SETTLED, clock: float = 0) -> Intake:
    made = Intake(folder, settings)
    made.scan(clock, clock)
    return made


def taken(from_: Intake, *, huge: bool = True, room: int | None = None) -> list[str]:
    names = []
    while file := from_.next(huge=huge, room=room):
        names.append(file.name)
    return names


def test_a_file_is_ready_when_size_and_time_have_stood_still(tmp_path: Path) -> None:
    waiting = intake(tmp_path, Settings(settle=5))
    put(tmp_path, "a.837")
    waiting.scan(10, 10)
    assert taken(waiting) == []
    assert waiting.settles_at == 15
    put(tmp_path, "a.837", size=2)
    waiting.scan(15, 15)
    assert taken(waiting) == []
    put(tmp_path, "a.837", size=2, age=7)
    waiting.scan(20, 20)
    assert (taken(waiting), waiting.settles_at) == ([], 25)
    waiting.scan(25, 25)
    assert waiting.ready
    assert taken(waiting) == ["a.837"]


def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    for name in (".hidden", "a.tmp", "b.PART", "c.Tmp", "d.837.filepart", "e.837"):
        put(tmp_path, name)
    assert taken(intake(tmp_path, attrs.evolve(SETTLED, leave=("*.filepart",)))) == ["e.837"]


def test_a_pattern_matches_whole_names_with_line_breaks_in_them(tmp_path: Path) -> None:
    put(tmp_path, "a.tmp\n.837")
    put(tmp_path, "a\nb.tmp")
    assert taken(intake(tmp_path)) == ["a.tmp\n.837"]


def test_with_markers_a_file_waits_for_its_own(tmp_path: Path) -> None:
    for name in ("a.837", "b.837", "b.837.done", "c.837.done"):
        put(tmp_path, name)
    assert taken(intake(tmp_path, attrs.evolve(SETTLED, done_marker=".done"))) == ["b.837"]


def test_links_pipes_folders_sockets_and_devices_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.837").symlink_to(put(tmp_path, "elsewhere.837"))
    (folder / "hard.837").hardlink_to(put(tmp_path, "other.837"))
    (folder / "folder.837").mkdir()
    os.mkfifo(folder / "pipe.837")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.837"))
        waiting = intake(folder)
    assert taken(waiting) == []
    assert waiting.refused == {"link.837", "hard.837", "folder.837", "pipe.837", "socket.837"}


def test_a_device_is_refused() -> None:
    assert {"null", "zero"} <= intake(Path("/dev")).refused


def test_the_oldest_goes_first_under_any_name(tmp_path: Path) -> None:
    put(tmp_path, "a.837", age=1)
    put(tmp_path, "b.837", age=3, size=HUGE)
    put(tmp_path, "c.837", age=2)
    assert taken(intake(tmp_path)) == ["b.837", "c.837", "a.837"]


def test_huge_files_wait_while_their_workers_are_busy_and_hold_up_no_small_one(tmp_path: Path) -> None:
    put(tmp_path, "huge.837", age=9, size=HUGE)
    put(tmp_path, "small.837", age=1)
    waiting = intake(tmp_path)
    assert taken(waiting, huge=False) == ["small.837"]
    assert taken(waiting) == ["huge.837"]


def test_a_file_for_which_there_is_no_room_keeps_its_turn(tmp_path: Path) -> None:
    put(tmp_path, "large.837", age=9, size=900)
    put(tmp_path, "small.837", age=1)
    waiting = intake(tmp_path)
    assert taken(waiting, room=500) == []
    assert taken(waiting, room=None) == ["large.837", "small.837"]


def test_what_is_set_aside_comes_back_in_time_or_when_it_changes(tmp_path: Path) -> None:
    put(tmp_path, "a.837")
    put(tmp_path, "b.837")
    waiting = intake(tmp_path)
    while file := waiting.next(huge=True, room=None):
        waiting.set_aside(file, 100)
    assert waiting.depth == 2
    put(tmp_path, "b.837", size=2)
    waiting.scan(50, 50)
    assert taken(waiting) == ["b.837"]
    waiting.scan(100, 100)
    assert taken(waiting) == ["a.837", "b.837"]


def test_how_long_the_oldest_has_waited(tmp_path: Path) -> None:
    put(tmp_path, "a.837")
    waiting = intake(tmp_path, clock=50)
    put(tmp_path, "b.837")
    waiting.scan(70, 70)
    assert waiting.oldest(80) == 30


def test_ten_thousand_files_at_once_are_no_trouble(memory: Path) -> None:
    for number in range(10_000):
        (memory / f"{number:05}.837").touch()
    waiting = intake(memory)
    assert waiting.depth == 10_000
    assert len(taken(waiting)) == 10_000


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_no_unicode_are_taken(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"na\xefve.837"))
    assert [os.fsencode(name) for name in taken(intake(tmp_path))] == [b"na\xefve.837"]
