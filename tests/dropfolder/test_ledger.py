"""The ledger by itself: who may change what, and what it never allows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder import ledger_marker
from scrubber.dropfolder.database import new_token
from scrubber.dropfolder.drop import Conclusion, Drop, Move
from scrubber.dropfolder.errors import AlreadyReleasedError, TakenOverError, WatchError
from scrubber.dropfolder.ledger import Ledger
from scrubber.outputs.summary import Counts

SHA256 = "ab" * 32
COUNTS = Counts({"clean": 1, "rejected": 1}, findings={"JWJZ01": 1})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3", create=True)


def begun(ledger: Ledger, name: str = "a.837", owner: str = "one") -> Drop:
    drop = Drop(new_token(), name, 10, 20, seen=1, owner=owner)
    ledger.begin(drop)
    return drop


def release_of(drop: Drop) -> Conclusion:
    return Conclusion("released", [Move(*drop.location, "archive", drop.kept_as)], counts=COUNTS)


CHANGES: dict[str, Callable[[Ledger, Drop], object]] = {
    "identify": lambda ledger, drop: ledger.identify(drop, SHA256, "1"),
    "name": lambda ledger, drop: ledger.named(drop),
    "postpone": lambda ledger, drop: ledger.postpone(drop, 5),
    "conclude": lambda ledger, drop: ledger.conclude(drop, Conclusion("quarantined", []), "boot"),
    "retarget": lambda ledger, drop: ledger.retarget(drop, Move("staging", "a", "clean", "a"), "b"),
    "finish": lambda ledger, drop: ledger.finish(attrs.evolve(drop, verdict="released"), 9),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_watcher_whose_work_was_taken_over_can_change_nothing(
    ledger: Ledger, change: Callable[[Ledger, Drop], object]
) -> None:
    late = begun(ledger)
    heir = ledger.take(late, "two", now=100)
    assert heir
    before = ledger.unfinished()
    with pytest.raises(TakenOverError):
        change(ledger, late)
    assert ledger.unfinished() == before
    change(ledger, heir)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_own_older_attempt_can_change_nothing(ledger: Ledger, change: Callable[[Ledger, Drop], object]) -> None:
    older = begun(ledger)
    assert ledger.take(older, "one", now=100)
    with pytest.raises(TakenOverError):
        change(ledger, older)


def test_a_drop_is_its_owners_until_the_lease_is_over(ledger: Ledger) -> None:
    drop = begun(ledger)
    ledger.heartbeat("one", now=100, lease=30)
    assert ledger.due("two", now=130) == []
    assert ledger.take(drop, "two", now=130) is None
    assert [found.token for found in ledger.due("one", now=130)] == [drop.token]
    assert [found.token for found in ledger.due("two", now=131)] == [drop.token]
    assert ledger.take(drop, "two", now=131)
    ledger.heartbeat("two", now=131, lease=30)
    assert ledger.take(drop, "three", now=131) is None


def test_one_of_many_takes_a_drop(ledger: Ledger) -> None:
    drop = begun(ledger, owner="dead")
    winners: list[Drop] = []

    def takes(name: str) -> None:
        mine = Ledger(ledger.path)
        mine.heartbeat(name, time.time(), 60)
        taken = mine.take(drop, name, time.time())
        winners.extend([taken] if taken else [])
        mine.close()

    threads = [threading.Thread(target=takes, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1


def test_a_clock_that_is_set_back_delays_no_file(ledger: Ledger) -> None:
    """Neither a lease, nor a pause, nor the limit for a file that never closes, may last until the old time is over."""
    held, paused = begun(ledger, owner="dead"), begun(ledger)
    ledger.heartbeat("dead", now=1_000_000, lease=30)
    ledger.heartbeat("one", now=1_000_000, lease=30)
    ledger.postpone(paused, 1_000_300)
    ledger.unclosed_since("b.837", 1, 1, now=1_000_000)
    ledger.heartbeat("one", now=5_000, lease=30)
    assert {drop.token for drop in ledger.due("two", now=5_001)} == {held.token, paused.token}
    assert ledger.unclosed_since("b.837", 1, 1, now=5_001) == 5_001


def test_a_clock_that_is_a_little_slow_ends_no_lease(ledger: Ledger) -> None:
    begun(ledger)
    ledger.heartbeat("one", now=100, lease=30)
    ledger.heartbeat("two", now=99, lease=30)
    assert ledger.due("two", now=101) == []


def test_who_leaves_gives_back_what_is_not_done(ledger: Ledger) -> None:
    drop = begun(ledger)
    ledger.heartbeat("one", now=100, lease=1000)
    ledger.sign_off("one")
    assert ledger.take(drop, "two", now=101)


def test_a_content_is_released_once_by_either_of_two_watchers(ledger: Ledger) -> None:
    first, second = (ledger.identify(begun(ledger, name), SHA256, "7") for name in ("a.837", "b.837"))
    concluded = ledger.conclude(second, release_of(second), "boot")
    with pytest.raises(AlreadyReleasedError):
        ledger.conclude(first, release_of(first), "boot")
    assert ledger.moves(first) == []
    ledger.finish(concluded, 9)
    with pytest.raises(AlreadyReleasedError):
        ledger.conclude(first, release_of(first), "boot")
    released = ledger.released(SHA256)
    assert released
    assert (released.name, released.location) == ("b.837", ("archive", "b.837"))


def test_a_release_in_doubt_keeps_its_content_spent(ledger: Ledger) -> None:
    drop = ledger.identify(begun(ledger), SHA256, "7")
    released = ledger.conclude(drop, release_of(drop), "boot")
    doubtful = ledger.conclude(released, Conclusion("quarantined", [], "in doubt"), "boot")
    ledger.finish(doubtful, 9)
    assert ledger.released(SHA256)
    other = ledger.identify(begun(ledger, "b.837"), SHA256, "7")
    with pytest.raises(AlreadyReleasedError):
        ledger.conclude(other, release_of(other), "boot")


def test_a_quarantined_content_is_not_spent(ledger: Ledger) -> None:
    drop = ledger.identify(begun(ledger), SHA256, "7")
    ledger.finish(ledger.conclude(drop, Conclusion("quarantined", []), "boot"), 9)
    assert ledger.released(SHA256) is None
    assert ledger.requeue(ledger.find("a.837")[0], new_token(), 10).run == 0


def test_no_two_drops_have_the_same_stem(ledger: Ledger) -> None:
    stems = [ledger.identify(begun(ledger, name), SHA256, "1").stem for name in ("a.837", "A.txt", "a", "\u0041.837")]
    digits = SHA256[:12]
    assert stems == ["a", f"A.{digits}", f"a.{digits}-2", f"A.{digits}-3"]


def test_names_that_are_no_unicode_come_back_as_they_were(ledger: Ledger) -> None:
    name = os.fsdecode(b"\xff\n.837")
    drop = ledger.identify(begun(ledger, name), SHA256, "1")
    (found,) = ledger.unfinished()
    assert (found.name, found.stem) == (name, drop.stem)


def test_a_file_that_never_closes_is_remembered_while_it_does_not_change(ledger: Ledger) -> None:
    assert ledger.unclosed_since("a", 1, 1, now=10) == 10
    assert ledger.unclosed_since("a", 1, 1, now=20) == 10
    assert ledger.unclosed_since("a", 2, 2, now=30) == 30
    ledger.forget_unclosed_except(["a"])
    assert ledger.unclosed_since("a", 2, 2, now=40) == 30
    ledger.forget_unclosed_except([])
    assert ledger.unclosed_since("a", 2, 2, now=50) == 50


def test_no_part_of_a_ledger_can_be_read_by_others(ledger: Ledger) -> None:
    begun(ledger)
    parts = list(ledger.path.parent.iterdir())
    assert len(parts) > 1
    assert {path.stat().st_mode & 0o777 for path in parts} == {0o600}


def test_two_may_make_a_ledger_at_once(tmp_path: Path) -> None:
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.append(Ledger(tmp_path / "ledger", create=True).id)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p"])
def test_a_ledger_on_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mounts = tmp_path / "mounts"
    drop = tmp_path / "my drop"
    drop.mkdir()
    escaped = str(drop).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {escaped} {kind} rw 0 0\n")
    monkeypatch.setattr(ledger_marker, "_MOUNTS", mounts)
    with pytest.raises(WatchError, match=f"network share .{kind}.: name a file on a local disk with --ledger"):
        ledger_marker.open_ledger(drop, None, create=True)
    assert ledger_marker.open_ledger(drop, tmp_path / "local", create=True).id
