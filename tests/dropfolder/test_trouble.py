"""Promise 6: disks that are full or read-only, a ledger that is locked, damaged or lost; promise 8: bad edits."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder import release
from scrubber.dropfolder.errors import CorruptLedgerError, WatchError
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.rebuild import rebuild
from scrubber.dropfolder.requeue import requeue
from scrubber.running.options import RunOptions
from tests.dropfolder.box import QUICK, Box, Hook, Process, broken_file, claims_file, wait_until

LEDGER = ".ledger/ledger.sqlite3"
LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(60)
"""


DISK = 8_000_000
"""Bytes of a disk that has room for the outputs of some files, once the ballast is gone."""
ALL_BUT_LITTLE = bytes(DISK - 10_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk that is soon full, where one may be mounted."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(mounted)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def failing(steps: dict[str, int], number: int = errno.EIO) -> Hook:
    """Lets the first so many steps of some names fail."""
    left = dict(steps)

    def hook(name: str) -> None:
        if left.get(name, 0) > 0:
            left[name] -= 1
            raise OSError(number, os.strerror(number))

    return hook


def test_a_full_disk_for_outputs_stops_the_work_until_there_is_room(box: Box, small_disk: Path) -> None:
    box.out = small_disk
    ballast = small_disk / "ballast"
    ballast.write_bytes(ALL_BUT_LITTLE)
    contents = {f"{number}.837": claims_file(number) for number in (1, 2)}
    for name, content in contents.items():
        box.drop(name, content)
    watcher = box.process()
    wait_until(lambda: any(event["event"] == "stalled" for event in watcher.events()))
    assert "ENOSPC" in next(event["reason"] for event in watcher.events() if event["event"] == "stalled")
    assert box.names("clean") == box.names("quarantine") == []
    ballast.unlink()
    wait_until(lambda: len(box.names("archive")) == 2)
    wait_until(lambda: box.ledger().unfinished() == [])
    watcher.stop()
    assert box.snapshot()["archive"] == contents
    assert len(box.names("clean")) == 2
    assert [event["event"] for event in watcher.events() if event["event"] in ("failed", "quarantined")] == []
    box.assert_tidy()


def test_a_cron_run_on_a_full_disk_ends_with_2_and_loses_nothing(box: Box, small_disk: Path) -> None:
    box.out = small_disk
    (small_disk / "ballast").write_bytes(ALL_BUT_LITTLE)
    box.drop("a.837", claims_file(1))
    assert box.once() == 2
    (small_disk / "ballast").unlink()
    assert box.once() == 0
    assert box.names("clean") == ["a.clean.837"]
    box.assert_tidy()


def not_done(watcher: Process) -> list[int]:
    """The numbers of files that a watcher gives at its end as not done."""
    return [event["files"] for event in watcher.events() if event["event"] == "not done"]


def test_a_cron_run_ends_with_2_while_a_file_waits_for_its_next_try(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, back_off=60)
    box.drop("a.837", claims_file(1))

    def broken(step: str) -> None:
        if step == "sync":
            raise ValueError

    first = box.process(worker=broken, once=True)
    assert (first.wait(), not_done(first)) == (2, [1])
    assert "failed" in first.log_text()
    second = box.process(once=True)
    assert (second.wait(), not_done(second)) == (2, [1])
    assert box.names("clean") == []


def test_a_cron_run_ends_with_2_while_a_stalled_file_waits_though_another_one_went_out(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, back_off=60, workers=2)
    for number in (1, 2):
        box.drop(f"{number}.837", claims_file(number))
    once = box.root.with_name("failed once")

    def full(step: str) -> None:
        if step == "sync" and not once.exists():
            once.touch()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    watcher = box.process(worker=full, once=True)
    assert (watcher.wait(), not_done(watcher)) == (2, [1])
    assert len(box.names("clean")) == 1
    assert {event["event"] for event in watcher.events()} >= {"stalled", "recovered", "released"}


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("make_folder", errno.EROFS),
        ("rename", errno.EACCES),
        ("sync", errno.EIO),
        ("remove_empty_folder", errno.ESTALE),
    ],
)
def test_what_fails_is_done_by_the_next_watcher(box: Box, step: str, number: int) -> None:
    assert box.once() == 0
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    box.drop("b.837", claims_file(2))
    assert box.once(main=failing({step: 99}, number)) in (0, 2)
    assert len(box.names("clean")) < 2 or step == "remove_empty_folder"
    for _ in range(2):
        assert box.once() == 0
    assert box.names("clean") == ["a.clean.837", "b.clean.837"]
    assert box.names("archive") == ["a.837", "b.837"]
    box.assert_tidy()


def test_what_fails_is_done_by_the_same_watcher_after_a_while(box: Box) -> None:
    assert box.once() == 0
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    watcher = box.process(main=failing({"sync": 1}, errno.EROFS))
    wait_until(lambda: box.names("archive") == ["a.837"] and box.ledger().unfinished() == [])
    wait_until(lambda: "recovered" in watcher.log_text())
    watcher.stop()
    assert "outputs: Read-only file system (EROFS)" in watcher.log_text()
    box.assert_tidy()


@pytest.mark.parametrize(
    ("step", "number"), [("make_folder", errno.EROFS), ("sync", errno.EIO), ("sync", errno.ESTALE)]
)
def test_outputs_that_cannot_be_written_hold_files_back_but_never_quarantine_them(
    box: Box, step: str, number: int
) -> None:
    box.settings = attrs.evolve(QUICK, tries=1)
    box.drop("a.837", claims_file(1))
    for _ in range(3):
        assert box.once(worker=failing({step: 99}, number)) == 2
    assert box.names("quarantine") == []
    assert box.once() == 0
    assert box.names("clean") == ["a.clean.837"]


def test_a_folder_that_goes_away_is_waited_for(box: Box) -> None:
    """As a network share does that is unmounted."""
    assert box.once() == 0
    box.drop("a.837", claims_file(1))
    away = box.root.with_name("away")
    watcher = box.process(worker=lambda _: time.sleep(0.1), ledger=None)
    wait_until(lambda: any(event["event"] == "claimed" for event in watcher.events()))
    box.root.rename(away)
    box.root.mkdir()
    time.sleep(0.5)
    box.root.rmdir()
    away.rename(box.root)
    wait_until(lambda: box.names("clean") == ["a.clean.837"])
    watcher.stop()
    assert box.names("quarantine") == []


@pytest.mark.parametrize("outputs", [False, True], ids=["the drop folder", "the folder for outputs"])
@pytest.mark.parametrize("renames", range(1, 9))
def test_a_folder_that_goes_away_before_any_move_is_waited_for(box: Box, renames: int, outputs: bool) -> None:
    """A file that is not there was moved before, but only where its folder is there."""
    box.out = box.root.with_name("out")
    content = claims_file(1, claims=3, rejected=1)
    box.drop("a.837", content)
    goes = box.out if outputs else box.root
    away = goes.with_name("away")
    left = renames

    def leaves(step: str) -> None:
        nonlocal left
        left -= step == "rename"
        if step == "rename" and left == 0:
            goes.rename(away)

    ledger = box.root.with_name("ledger.sqlite3")
    watcher = box.process(main=leaves, ledger=ledger)
    wait_until(lambda: any(event["event"] == "stalled" for event in watcher.events()))
    if goes.exists():  # a new step may have made it
        assert not [path for path in goes.rglob("*") if path.is_file()]
        shutil.rmtree(goes)
    away.rename(goes)
    wait_until(lambda: box.names("archive") == ["a.837"] and box.names("staging") == [])
    watcher.stop()
    assert box.names("clean") == ["a.clean.837"]
    assert box.names("rejected") == ["a.rejected.837"]
    assert box.names("processing") == box.names("quarantine") == []


def test_a_claim_is_not_forgotten_while_its_folder_is_away(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, lease=2, scan_every=60, events=False)
    ledger = box.root.with_name("ledger.sqlite3")
    heir = box.process(ledger=ledger)
    wait_until(lambda: any(event["event"] == "started" for event in heir.events()))
    time.sleep(0.2)
    box.drop("a.837", claims_file(1))
    dead = box.process(ledger=ledger, worker=lambda _: time.sleep(60))
    wait_until(lambda: any(event["event"] == "claimed" for event in dead.events()))
    away = box.root.with_name("away")
    box.root.rename(away)
    dead.kill()
    dead.wait()
    wait_until(lambda: any(event["event"] == "stalled" for event in heir.events()))
    away.rename(box.root)
    wait_until(lambda: box.names("clean") == ["a.clean.837"])
    heir.stop()


def test_a_watcher_does_not_start_while_its_folder_for_outputs_is_away(box: Box) -> None:
    """Staged outputs that are not there would be taken for handed out."""
    box.out = box.root.with_name("out")
    box.drop("a.837", claims_file(1))
    assert box.once(main=dying_before_the_clean_file(box)) == -signal.SIGKILL
    away = box.out.rename(box.out.with_name("away"))
    box.out.mkdir()
    watcher = box.process(once=True)
    assert watcher.wait() == 2
    assert "is the share mounted?" in watcher.log_text()
    box.out.rmdir()
    away.rename(box.out)
    assert box.after_a_crash() == 0
    assert box.names("clean") == ["a.clean.837"]
    box.assert_tidy()


def test_two_drop_folders_do_not_share_their_outputs(box: Box, memory: Path) -> None:
    """Each would clear up what the other one has staged."""
    box.out = memory / "out"
    assert box.once() == 0
    other = Box(memory / "other", out=box.out)
    watcher = other.process(once=True)
    assert watcher.wait() == 2
    assert "another drop folder" in watcher.log_text()


def test_rebuild_binds_the_folder_for_outputs_too(box: Box) -> None:
    box.out = box.root.with_name("out")
    box.drop("a.837", claims_file(1))
    assert box.once() == 0
    for path in (box / ".ledger").iterdir():
        path.unlink()
    rebuild(box.layout, None).close()
    assert box.once() == 0
    (box.out / ".scrubber-watch.json").unlink()
    assert box.once() == 2
    rebuild(box.layout, None).close()
    assert box.once() == 0


def test_a_locked_ledger_is_waited_for(box: Box) -> None:
    assert box.once() == 0
    box.drop("a.837", claims_file(1))
    other = subprocess.Popen([sys.executable, "-c", LOCK, box / LEDGER], stdout=subprocess.PIPE)
    assert other.stdout
    assert other.stdout.readline() == b"locked\n"
    watcher = box.process()
    time.sleep(0.5)
    assert box.names("clean") == []
    other.kill()
    other.wait()
    wait_until(lambda: box.names("clean") == ["a.clean.837"])
    watcher.stop()


def test_a_ledger_whose_disk_is_full_stalls_and_loses_nothing(box: Box) -> None:
    assert box.once() == 0
    box.drop("a.837", claims_file(1))

    def full(name: str) -> None:
        if name == "commit":
            raise sqlite3.OperationalError("database or disk is full")

    assert box.once(main=full) == 2
    assert box.once() == 0
    assert box.names("clean") == ["a.clean.837"]
    box.assert_tidy()


@pytest.mark.parametrize("how", ["overwritten", "cut", "no database"])
def test_a_damaged_ledger_stops_with_one_clear_message_and_can_be_rebuilt(box: Box, how: str) -> None:
    for number in range(1, 4):
        box.drop(f"{number}.837", claims_file(number))
    assert box.once() == 0
    ledger = box / LEDGER
    content = ledger.read_bytes()
    damaged = {
        "overwritten": content[:5000] + os.urandom(20_000) + content[25_000:],
        "cut": content[: len(content) // 2],
        "no database": b"something else entirely" * 500,
    }
    ledger.write_bytes(damaged[how])
    box.drop("again.837", claims_file(1))
    before = box.snapshot()
    watcher = box.process(once=True)
    assert watcher.wait() == 2
    (message,) = watcher.log_text().splitlines()
    assert "damaged" in message
    assert f"scrubber watch rebuild {box.root}" in message
    assert box.snapshot() == before
    assert box.names("in") == ["again.837"]

    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert len(box.names("clean")) == 3
    assert box.ledger().counts()["duplicate"] == 1
    assert [path for path in ledger.parent.iterdir() if ".damaged" in path.name]


def test_a_ledger_that_is_damaged_while_it_is_used_stops_the_watcher(box: Box) -> None:
    box.drop("a.837", claims_file(1))

    def damaged(name: str) -> None:
        if name == "commit" and (box / "processing").is_dir() and box.names("processing"):
            raise sqlite3.DatabaseError("database disk image is malformed")

    watcher = box.process(main=damaged, once=True)
    assert watcher.wait() == 2
    assert "damaged" in watcher.log_text()
    assert box.after_a_crash() == 0
    assert box.names("clean") == ["a.clean.837"]


def test_a_lost_ledger_is_never_taken_for_a_new_one(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    assert box.once() == 0
    box.take_clean()
    for path in (box / ".ledger").iterdir():
        path.unlink()
    box.drop("a.837", claims_file(1))
    watcher = box.process(once=True)
    assert watcher.wait() == 2
    assert "is not there" in watcher.log_text()
    rebuild(box.layout, None).close()
    assert box.once() == 0
    box.take_clean()
    assert len(box.taken) == 1


def test_what_was_in_work_when_the_ledger_was_lost_is_held_for_a_person(box: Box) -> None:
    content = claims_file(1)
    box.drop("a.837", content)
    box.once(main=dying_after_the_clean_file(box))
    box.take_clean()
    assert len(box.taken) == 1
    for path in (box / ".ledger").iterdir():
        path.unlink()
    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert box.snapshot()["quarantine"]["a.837"] == content
    assert box.reason("a.837").startswith("in doubt")
    box.drop("b.837", content)
    assert box.once() == 0
    box.take_clean()
    assert len(box.taken) == 1
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    box.take_clean()
    assert len(box.taken) == 2


def dying_before_the_clean_file(box: Box) -> Hook:
    """Dies when the verdict is in the ledger, and before its last output is out."""

    def hook(step: str) -> None:
        if step == "rename" and box.names("staging") and box.names("reports"):
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def dying_after_the_clean_file(box: Box) -> Hook:
    """Dies when the clean file is out, and the original is not in the archive yet."""

    def hook(_: str) -> None:
        if (box / "clean").is_dir() and box.names("clean"):
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def test_a_folder_and_a_ledger_that_do_not_belong_together_are_refused(box: Box, tmp_path: Path) -> None:
    other = Box(tmp_path / "other")
    for one in (box, other):
        one.drop("a.837", claims_file(1))
        assert one.once() == 0
    watcher = other.process(once=True, ledger=box / LEDGER)
    assert watcher.wait() == 2
    assert "is not the ledger of" in watcher.log_text()
    third = Box(tmp_path / "third")
    watcher = third.process(once=True, ledger=box / LEDGER)
    assert watcher.wait() == 2
    assert "is in use" in watcher.log_text()


def test_other_folders_than_before_are_refused_while_a_file_is_in_work(box: Box, tmp_path: Path) -> None:
    """Its outputs are staged below the old ones: they would be taken for handed out."""
    box.drop("a.837", claims_file(1))
    box.once(main=dying_after_the_clean_file(box))
    elsewhere = attrs.evolve(box, out=tmp_path / "elsewhere", opened=[])
    watcher = elsewhere.process(once=True)
    assert watcher.wait() == 2
    assert "the folders differ from those in use" in watcher.log_text()
    assert box.after_a_crash() == 0
    elsewhere.drop("b.837", claims_file(2))
    assert elsewhere.once() == 0
    assert elsewhere.names("clean") == ["b.clean.837"]
    box.assert_tidy()


def test_a_watcher_that_was_away_while_the_folders_were_changed_stops(box: Box) -> None:
    """Another one would look for what it has staged in the wrong place."""
    watcher = box.process()
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    with closing(sqlite3.connect(box / LEDGER)) as ledger, ledger:
        ledger.execute("UPDATE meta SET value = '{}' WHERE key = 'layout'")
    assert watcher.wait() == 2
    assert "changed the folders" in watcher.log_text()


def test_rebuild_refuses_a_sound_ledger_and_binds_a_folder_that_lost_its_marker(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    assert box.once() == 0
    with pytest.raises(WatchError, match="sound"):
        rebuild(box.layout, None)
    (box / ".scrubber-watch.json").unlink()
    assert box.once() == 2
    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert box.ledger().counts()["released"] == 1


def test_rebuild_can_be_begun_again_after_a_crash(box: Box) -> None:
    for number in range(1, 4):
        box.drop(f"{number}.837", claims_file(number))
    box.drop("broken.837", broken_file(4))
    box.once(main=dying_after_the_clean_file(box))
    for path in (box / ".ledger").iterdir():
        path.unlink()
    for step in range(1, 12):
        pid = os.fork()
        if pid == 0:
            try:
                from scrubber.dropfolder import effects
                from tests.dropfolder.box import STEPS

                left = step

                def dies(name: str, effect: object) -> object:
                    def stepped(*arguments: object) -> None:
                        nonlocal left
                        left -= 1
                        if left == 0:
                            os.kill(os.getpid(), signal.SIGKILL)
                        effect(*arguments)  # type: ignore[operator]

                    return stepped

                for name in STEPS:
                    setattr(effects, name, dies(name, getattr(effects, name)))
                rebuild(box.layout, None)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
    try:
        rebuild(box.layout, None).close()
    except WatchError as error:
        assert "sound" in str(error)
    assert box.once() == 0
    box.take_clean()
    found = box.snapshot()
    originals = [*found["archive"].values(), *(v for k, v in found["quarantine"].items() if not k.endswith(".json"))]
    assert sorted(originals) == sorted([*(claims_file(number) for number in range(1, 4)), broken_file(4)])
    assert len(found["clean"]) <= 3
    box.assert_tidy()


def test_a_release_that_the_machine_went_down_in_is_held_for_a_person(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = claims_file(1, claims=3, rejected=1)
    box.drop("a.837", content)
    renames = 0

    def dies(name: str) -> None:
        nonlocal renames
        renames += name == "rename"
        if renames == 3:  # the claim, a report; the clean file is still staged
            os.kill(os.getpid(), signal.SIGKILL)

    assert box.once(main=dies) == -signal.SIGKILL
    monkeypatch.setattr(release, "boot", lambda: "another day")
    assert box.after_a_crash() == 0
    assert box.names("clean") == []
    assert box.reason("a.837").startswith("in doubt")
    assert box.snapshot()["quarantine"]["a.837"] == content
    box.drop("again.837", content)
    assert box.once() == 0
    assert box.names("clean") == []
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    assert len(box.names("clean")) == 1
    box.assert_tidy()


def test_a_release_whose_clean_file_is_out_is_finished_after_the_machine_went_down(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.drop("a.837", claims_file(1))
    assert box.once(main=dying_after_the_clean_file(box)) == -signal.SIGKILL
    monkeypatch.setattr(release, "boot", lambda: "another day")
    assert box.after_a_crash() == 0
    assert box.names("archive") == ["a.837"]
    assert box.names("quarantine") == []


EDITS = '''
import os, time
from scrubber.edit import edit, finding

@edit("OWN01", "Own", severity="warn", concerns=None, source="a test")
def own(claim, facts):
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: no need.
    """
    if claim.claim_id.startswith("D13-"):
        {does}
    yield finding(claim.at("claim_id"), "seen", "none")
'''


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("os._exit(1)", "the worker process died (exit 1)"),
        ("os.kill(os.getpid(), 9)", "the worker process died (exit -9)"),
        pytest.param("time.sleep(60)", "no progress for 4 seconds (exit -9)", marks=pytest.mark.slow),
    ],
)
def test_an_edit_that_kills_or_hangs_its_worker_delays_no_other_file(
    box: Box, tmp_path: Path, does: str, reason: str
) -> None:
    box.settings = attrs.evolve(QUICK, stuck_after=4)
    edits = tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(does=does))
    for number in (12, 13, 14):
        box.drop(f"{number}.837", claims_file(number))
    assert box.once(options=RunOptions(edits=(edits,))) == 0
    assert box.names("clean") == ["12.clean.837", "14.clean.837"]
    assert box.reason("13.837") == reason
    box.assert_tidy()


@pytest.mark.slow
def test_a_file_that_takes_too_long_for_its_size_is_given_up_though_it_goes_on(box: Box, tmp_path: Path) -> None:
    box.settings = attrs.evolve(QUICK, stuck_after=5, longest_per_mb=0.1, tries=1)
    edits = tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(does="time.sleep(0.1)"))
    box.drop("12.837", claims_file(12))
    box.drop("13.837", claims_file(13, claims=100))
    assert box.once(options=RunOptions(edits=(edits,))) == 0
    assert box.names("clean") == ["12.clean.837"]
    assert box.reason("13.837") == "not done within 5.0 seconds, the most for its size (exit -9)"
    box.assert_tidy()


@pytest.mark.slow
def test_slow_edits_are_not_stuck_while_claims_are_judged(box: Box, tmp_path: Path) -> None:
    box.settings = attrs.evolve(QUICK, stuck_after=4, tries=1)
    edits = tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(does="time.sleep(0.1)"))  # claims that are judged together take longer than the limit
    box.drop("13.837", claims_file(13, claims=80))
    assert box.once(options=RunOptions(edits=(edits,))) == 0
    assert box.names("clean") == ["13.clean.837"]


@pytest.mark.slow
def test_the_start_of_a_worker_does_not_count_as_time_of_its_file(box: Box, tmp_path: Path) -> None:
    """A busy machine loads profile and edits slowly."""
    box.settings = attrs.evolve(QUICK, stuck_after=4, longest_per_mb=0.1, tries=1)
    edits = tmp_path / "own_edits.py"
    loads_slowly = "import multiprocessing, time\nif multiprocessing.parent_process(): time.sleep(6)\n"
    edits.write_text(loads_slowly + EDITS.format(does="pass"))
    box.drop("13.837", claims_file(13))
    assert box.once(options=RunOptions(edits=(edits,))) == 0
    assert box.names("clean") == ["13.clean.837"]


def test_a_worker_that_dies_before_it_is_ready_is_no_files_fault(box: Box, tmp_path: Path) -> None:
    box.settings = attrs.evolve(QUICK, tries=1)
    edits = tmp_path / "own_edits.py"
    dies = "import multiprocessing, os\nif multiprocessing.parent_process(): os._exit(3)\n"
    edits.write_text(dies + EDITS.format(does="pass"))
    box.drop("a.837", claims_file(1))
    watcher = box.process(once=True, options=RunOptions(edits=(edits,)))
    assert watcher.wait() == 2
    assert "the worker process died (exit 3)" in watcher.log_text()
    assert box.names("quarantine") == []
    assert box.once() == 0
    assert box.names("clean") == ["a.clean.837"]


def test_an_edit_that_raises_stops_neither_its_claim_nor_its_file(box: Box, tmp_path: Path) -> None:
    edits = tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(does="raise SystemExit(claim.claim_id)"))
    box.drop("13.837", claims_file(13, claims=3, rejected=1))
    watcher = box.process(once=True, options=RunOptions(edits=(edits,)))
    assert watcher.wait() == 0
    assert (box / "clean/13.clean.837").read_bytes().count(b"CLM*") == 2
    assert "SCRUB01" in (box / "reports/13.report.txt").read_text()
    assert "D13-" not in watcher.log_text()


def test_rules_that_change_under_a_running_watcher_stop_it(box: Box, tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('name = "one"\n')
    watcher = box.process(options=RunOptions(profile=str(profile)))
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    profile.write_text('name = "two"\n')
    box.drop("a.837", claims_file(1))
    assert watcher.wait() == 2
    assert "have changed since the start" in watcher.log_text()
    assert box.names("clean") == []
    assert box.after_a_crash() == 0
    assert box.names("clean") == ["a.clean.837"]


def test_a_ledger_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    Ledger(path, create=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
    with pytest.raises(WatchError, match="another version"):
        Ledger(path)
    path.write_bytes(b"x" * 5000)
    with pytest.raises(CorruptLedgerError):
        Ledger(path)
