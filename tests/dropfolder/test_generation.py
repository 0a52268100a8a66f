"""A ledger that is older than its folder, or a copy, releases nothing; `rebuild` completes it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scrubber.dropfolder import generation, operations
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.rebuild import rebuild
from tests.dropfolder.box import Box, claims_file

FIRST, SECOND = claims_file(1), claims_file(2)


def ledger_file(box: Box) -> Path:
    return box.root / ".ledger" / "ledger.sqlite3"


def back_up(box: Box, to: Path) -> None:
    """Copy the ledger as docs/dropfolder.md describes."""
    with closing(sqlite3.connect(ledger_file(box))) as ledger, closing(sqlite3.connect(to)) as copy:
        ledger.backup(copy)


def restore(box: Box, backup: Path) -> None:
    for name in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (ledger_file(box).with_name(name)).unlink(missing_ok=True)
    shutil.copyfile(backup, ledger_file(box))


@pytest.fixture
def older(box: Box, tmp_path: Path) -> Box:
    """A drop folder whose ledger was restored from a backup before the second release."""
    box.drop("first.837", FIRST)
    assert box.once() == 0
    back_up(box, tmp_path / "backup")
    box.drop("second.837", SECOND)
    assert box.once() == 0
    box.take_clean()
    restore(box, tmp_path / "backup")
    return box


def refused(box: Box) -> str:
    """The message of a watcher that does not start."""
    watcher = box.process(once=True)
    assert watcher.wait() == 2
    return watcher.log_text()


def again(box: Box) -> None:
    """Drop the second file again: with a sound ledger it is a duplicate."""
    box.drop("again.837", SECOND)
    box.once()


@pytest.mark.parametrize("lost", ["nothing", "the generation", "the archive"])
def test_an_older_ledger_is_refused_and_rebuild_completes_it(older: Box, lost: str) -> None:
    if lost == "the generation":
        (older.root / generation.FILE_NAME).unlink()
    elif lost == "the archive":
        (older.root / "archive" / "second.837").rename(older.root / "archive" / "..second.837")
    again(older)
    assert older.names("clean") == []
    message = refused(older)
    assert "is older than its folder, or a copy" in message
    assert f"scrubber watch rebuild {older.root}" in message
    if lost == "the archive":
        (older.root / "archive" / "..second.837").rename(older.root / "archive" / "second.837")
    rebuild(older.layout, None).close()
    assert older.once() == 0
    assert older.names("clean") == []
    assert "again.duplicate.json" in older.names("reports")


def test_requeue_refuses_an_older_ledger(older: Box) -> None:
    with pytest.raises(WatchError, match="is older than its folder, or a copy: it does not know the last 1 releases"):
        operations.requeue(older.root, "first.837", None)
    rebuild(older.layout, None).close()
    assert operations.requeue(older.root, "first.837", None).run == 1


def test_a_file_that_the_older_ledger_has_in_work_is_not_released_again(box: Box, tmp_path: Path) -> None:
    box.drop("first.837", FIRST)

    def stop(step: str) -> None:
        if step == "discard":
            raise OSError(5, "stopped")

    box.once(main=None, worker=stop)
    assert box.names("clean") == []
    back_up(box, tmp_path / "backup")
    with box.ledger()._transaction() as ledger:
        ledger.execute("UPDATE drops SET not_before = 0")
    assert box.once() == 0
    box.take_clean()
    assert len(box.taken) == 1
    restore(box, tmp_path / "backup")
    assert "is older" in refused(box)
    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert box.names("clean") == []
    box.assert_tidy()


def test_a_second_watcher_on_a_copy_of_the_ledger_is_refused(box: Box, tmp_path: Path) -> None:
    box.drop("first.837", FIRST)
    assert box.once() == 0
    back_up(box, tmp_path / "copy")
    box.drop("second.837", SECOND)
    watcher = box.process(once=True, ledger=tmp_path / "copy")
    assert watcher.wait() == 2
    assert "a copy must not be used beside it" in watcher.log_text()
    assert box.names("clean") == ["first.clean.837"]


def test_a_copy_on_another_machine_is_refused_when_the_other_one_releases(box: Box, tmp_path: Path) -> None:
    """Each machine has a ledger at the same path; the drop folder is shared."""
    box.drop("first.837", FIRST)
    assert box.once() == 0
    back_up(box, tmp_path / "copy")
    box.drop("second.837", SECOND)
    assert box.once() == 0
    back_up(box, tmp_path / "original")
    restore(box, tmp_path / "copy")
    with closing(sqlite3.connect(ledger_file(box))) as copy:  # it, too, has a second release, of another file
        copy.execute("INSERT OR REPLACE INTO meta VALUES ('releases', '2'), ('last_release', 'another')")
        copy.commit()
    assert "it does not know the last release" in refused(box)
    restore(box, tmp_path / "original")
    assert box.once() == 0


def test_a_watcher_that_runs_stops_when_another_ledger_releases(box: Box) -> None:
    assert box.once() == 0
    (box.root / generation.FILE_NAME).write_text('{"releases": 1, "last": "another"}')
    box.drop("first.837", FIRST)
    assert "is older than its folder" in refused(box)
    assert box.names("clean") == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"releases": "x", "last": 1}', "[" * 100_000])
def test_a_damaged_generation_is_refused_and_rebuild_mends_it(box: Box, content: str) -> None:
    box.drop("first.837", FIRST)
    assert box.once() == 0
    (box.root / generation.FILE_NAME).write_text(content)
    assert "is damaged" in refused(box)
    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert generation.read(box.layout).releases == 1


def test_the_generation_is_on_the_disk_before_the_clean_file_is_handed_out(box: Box) -> None:
    box.drop("first.837", FIRST)

    def die(step: str) -> None:
        if step == "rename" and generation.read(box.layout).releases:
            os.kill(os.getpid(), signal.SIGKILL)

    assert box.once(main=die) == -signal.SIGKILL
    assert box.names("clean") == []
    assert box.after_a_crash() == 0
    assert box.names("clean") == ["first.clean.837"]


def test_a_lost_generation_is_written_anew(box: Box) -> None:
    box.drop("first.837", FIRST)
    assert box.once() == 0
    (box.root / generation.FILE_NAME).unlink()
    box.drop("second.837", SECOND)
    assert box.once() == 0
    assert generation.read(box.layout).releases == 2


def test_what_a_person_put_into_the_archive_is_named(box: Box) -> None:
    assert box.once() == 0
    (box.root / "archive" / "x.837").write_bytes(FIRST)
    with pytest.raises(WatchError, match="1 file in"), closing(box.ledger()) as ledger:
        generation.check_archive(box.layout, ledger)
