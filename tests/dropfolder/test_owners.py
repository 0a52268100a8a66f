"""Promise 2: one owner at a time; what a dead watcher leaves is taken over. Promise 13: SIGTERM."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import attrs

from tests.dropfolder.box import QUICK, Box, Hook, claims_file, wait_until

FIRST_STEP, LAST_STEP = 13, 34
"""The steps of one file, from its claim to the last of its moves, of a watcher that makes its folder first."""


def test_watchers_on_one_folder_never_do_the_same_file(box: Box) -> None:
    files = {f"{number}.837": claims_file(number) for number in range(1, 31)}
    for name, content in files.items():
        box.drop(name, content)
    watchers = [box.process() for _ in range(3)]  # they make the folder and its ledger at the same time, too
    wait_until(lambda: (box / "archive").is_dir() and len(box.names("archive")) == len(files))
    wait_until(lambda: box.ledger().unfinished() == [])
    for watcher in watchers:
        watcher.kill(signal.SIGTERM)
    assert [watcher.wait() for watcher in watchers] == [0, 0, 0]
    released = [event["sha256"] for watcher in watchers for event in watcher.events() if event["event"] == "released"]
    assert len(released) == len(set(released)) == len(files)
    assert box.snapshot()["archive"] == files
    assert len(box.names("clean")) == len(files)
    box.assert_tidy()


def test_a_dead_watchers_file_is_left_to_it_until_its_lease_is_over(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, lease=60)
    box.drop("a.837", claims_file(1))
    dead = box.process(worker=lambda _: time.sleep(60))
    wait_until(lambda: any(event["event"] == "claimed" for event in dead.events()))
    dead.kill()
    dead.wait()
    heir = box.process()
    wait_until(lambda: any(event["event"] == "started" for event in heir.events()))
    time.sleep(0.3)
    assert box.names("clean") == []
    box.end_leases()
    wait_until(lambda: box.names("clean") == ["a.clean.837"])
    heir.kill(signal.SIGTERM)
    heir.wait()
    assert [event["state"] for event in heir.events() if event["event"] == "taken over"] == ["claiming"]


def test_a_watcher_that_sleeps_through_its_lease_wakes_up_too_late(memory: Path) -> None:
    """It is stopped before each of its steps in turn, while another one takes over and finishes.

    Not within a transaction: while it holds the ledger's lock, no other watcher can do anything.
    """
    content = claims_file(1, claims=3, rejected=1)
    settings = attrs.evolve(QUICK, lease=60)  # heartbeats are steps, too: a slow machine must not add any
    boxes = [Box(memory / str(step), settings) for step in range(FIRST_STEP, LAST_STEP)]
    sleepers = []
    for step, box in enumerate(boxes, FIRST_STEP):
        box.drop("a.837", content)
        sleepers.append(box.process(main=sleeping_at(step)))
    for sleeper in sleepers:
        pid, status = os.waitpid(sleeper.pid, os.WUNTRACED)
        assert (pid, os.WIFSTOPPED(status)) == (sleeper.pid, True)
    locked = [at for at, box in enumerate(boxes) if holds_the_lock(box)]
    assert 1 <= len(locked) <= 3, "the steps that write the generation"
    for at in reversed(locked):
        sleepers.pop(at).kill(signal.SIGKILL)
        boxes.pop(at)
    for box in boxes:
        assert box.after_a_crash() == 0
        box.take_clean()
    for sleeper in sleepers:
        sleeper.kill(signal.SIGCONT)
    time.sleep(0.5)
    for sleeper in sleepers:
        sleeper.kill(signal.SIGTERM)
        assert sleeper.wait() == 0
    expected = None
    for step, box in enumerate(boxes, FIRST_STEP):
        assert box.once() == 0
        box.take_clean()
        expected = expected or box.snapshot()
        assert (step, box.snapshot()) == (step, expected)
        assert box.snapshot()["archive"] == {"a.837": content}
        box.assert_tidy()


def holds_the_lock(box: Box) -> bool:
    """Whether a process holds the ledger's lock."""
    with closing(sqlite3.connect(box.root / ".ledger" / "ledger.sqlite3", timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def sleeping_at(step: int) -> Hook:
    """Stops the process before its step of that number."""
    left = step

    def hook(name: str) -> None:
        nonlocal left
        left -= name != "commit"
        if name != "commit" and left == 0:
            os.kill(os.getpid(), signal.SIGSTOP)

    return hook


def test_sigterm_lets_a_file_in_work_finish_and_takes_no_other(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    watcher = box.process(worker=lambda _: time.sleep(0.1))
    wait_until(lambda: any(event["event"] == "claimed" for event in watcher.events()))
    box.drop("b.837", claims_file(2))
    watcher.kill(signal.SIGTERM)
    assert watcher.wait() == 0
    assert box.names("clean") == ["a.clean.837"]
    assert box.names("in") == ["b.837"]


def test_sigterm_gives_a_file_back_that_takes_longer_than_the_grace_time(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, grace=0.2, lease=60)
    box.drop("a.837", claims_file(1))
    watcher = box.process(worker=lambda _: time.sleep(60))
    wait_until(lambda: any(event["event"] == "claimed" for event in watcher.events()))
    watcher.kill(signal.SIGTERM)
    assert watcher.wait(30) == 0
    assert box.once() == 0  # at once: nobody waits for the lease
    assert box.names("clean") == ["a.clean.837"]


def test_sigterm_does_not_wait_for_all_that_might_be_taken(box: Box) -> None:
    """Files that are not closed are looked at one after the other; signs of life are given between them."""
    box.settings = attrs.evolve(QUICK, lease=0.4, close_limit=60)
    for number in range(200):
        box.drop(f"{number}.837", claims_file(number)[:-30])
    watcher = box.process(main=lambda step: time.sleep(0.05) if step == "commit" else None)
    wait_until(lambda: unclosed(box) > 3)
    watcher.kill(signal.SIGTERM)
    assert watcher.wait() == 0
    assert unclosed(box) < 200


def unclosed(box: Box) -> int:
    """How many files have been found not to be closed."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(box / ".ledger/ledger.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM unclosed").fetchone()[0])
    return 0


def test_control_c_is_like_sigterm(box: Box) -> None:
    watcher = box.process()
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    watcher.kill(signal.SIGINT)
    assert watcher.wait() == 0
