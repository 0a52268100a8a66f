"""Promise 1: no file is read by halves. Promise 7: what cannot be read whole leaves nothing in clean/."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.worker import Contents, Read, read
from tests.dropfolder.box import QUICK, Box, broken_file, claims_file, wait_until


def test_a_file_that_grows_slowly_is_taken_once_it_is_whole(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, settle=0.2, close_limit=30)
    content = claims_file(1)
    watcher = box.process()
    with (box / "in/slow.837").open("wb", buffering=0) as out:
        for start in range(0, len(content), 200):
            out.write(content[start : start + 200])
            time.sleep(0.05)
        time.sleep(0.4)  # long enough to have settled, were it not open
    wait_until(lambda: box.names("clean") == ["slow.clean.837"])
    watcher.kill(15)
    assert watcher.wait() == 0
    assert box.snapshot()["archive"] == {"slow.837": content}
    assert [event["attempt"] for event in watcher.events() if event["event"] == "released"] == [1]


def test_a_file_is_on_the_disk_before_anything_follows_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(claims_file(1))
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    assert isinstance(read(Read(path, ()), lambda: None), Contents)
    assert synced == [path.stat().st_ino]


def test_once_waits_for_files_to_settle_however_often_the_folder_is_looked_at(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, settle=0.5, scan_every=0.05)
    box.drop("a.837", claims_file(1))
    assert box.once() == 0
    assert box.names("clean") == ["a.clean.837"]


def test_once_does_not_wait_for_a_file_that_never_settles(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, settle=0.3, scan_every=0.05)
    path = box.drop("a.837", claims_file(1))
    watcher = box.process(once=True)
    while not os.waitpid(watcher.pid, os.WNOHANG)[0]:
        with path.open("ab") as out:
            out.write(b"\n")
        time.sleep(0.01)
    assert box.names("in") == ["a.837"]


def test_a_file_that_is_not_closed_is_not_touched_before_the_limit(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=30)
    path = box.drop("open.837", claims_file(1)[:-30])
    assert box.once() == 0
    assert path.exists()
    path.write_bytes(claims_file(1))
    assert box.once() == 0
    assert box.names("clean") == ["open.clean.837"]


def test_a_file_that_never_closes_is_quarantined_after_the_limit_over_restarts(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=0.5)
    content = claims_file(1)[:-30]
    box.drop("endless.837", content)
    for _ in range(2):
        assert box.once() == 0
        assert box.names("in") == ["endless.837"]
    time.sleep(0.5)
    assert box.once() == 0
    assert (box / "quarantine/endless.837").read_bytes() == content
    assert box.reason("endless.837").startswith("no IEA closes its last interchange: READ27 ")
    assert box.names("clean") == box.names("rejected") == []
    assert box.names("reports") == ["endless.999"]


def test_the_limit_begins_again_when_the_file_grows(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=0.4)
    path = box.drop("slow.837", claims_file(1)[:500])
    for size in range(500, 1400, 300):
        path.write_bytes(claims_file(1)[:size])
        assert box.once() == 0
        time.sleep(0.25)
    assert path.exists()


def test_a_writer_that_goes_on_after_the_claim_is_waited_for(box: Box) -> None:
    first, second = claims_file(1).strip(), claims_file(2).strip()
    out = box.drop("two.837", first).open("ab", buffering=0)
    renames = 0

    def goes_on(step: str) -> None:
        nonlocal renames
        if step == "commit" and not renames and not (box / "in/two.837").exists():
            renames += 1
            out.write(second)

    watcher = box.process(main=goes_on, once=True)
    assert watcher.wait() == 0
    assert [event["event"] for event in watcher.events()].count("settling again") == 1
    assert box.snapshot()["archive"] == {"two.837": first + second}
    assert (box / "clean/two.clean.837").read_bytes().count(b"ISA*") == 2


@pytest.mark.parametrize("when", [4, 5, 8], ids=["before", "at the begin", "after it was read"])
def test_a_file_that_changes_while_it_is_scrubbed_releases_nothing_of_its_old_self(box: Box, when: int) -> None:
    out = box.drop("two.837", claims_file(1).strip()).open("ab", buffering=0)
    left = when

    def goes_on(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            out.write(claims_file(2).strip())

    assert box.once(worker=goes_on) == 0
    assert (box / "clean/two.clean.837").read_bytes().count(b"ISA*") == 2


def test_a_file_that_is_replaced_by_a_half_one_before_its_claim_is_not_read_by_halves(box: Box) -> None:
    path = box.drop("late.837", claims_file(1))
    half, whole = claims_file(2)[:700], claims_file(2)

    def replaces(step: str) -> None:
        if step == "rename" and path.exists():
            path.write_bytes(half)

    watcher = box.process(main=replaces)
    wait_until(lambda: any(event["event"] == "settling again" for event in watcher.events()))
    assert box.names("clean") == []
    (claimed,) = (box / "processing").glob("*/late.837")
    claimed.write_bytes(whole)  # its writer goes on in the file that was renamed
    wait_until(lambda: box.names("clean") == ["late.clean.837"])
    watcher.kill(15)
    assert watcher.wait() == 0
    assert box.snapshot()["archive"] == {"late.837": whole}


def test_with_markers_a_file_is_taken_with_its_own(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, done_marker=".done")
    box.drop("a.837", claims_file(1))
    box.drop("b.837", claims_file(2))
    box.drop("b.837.done", b"42")
    assert box.once() == 0
    assert box.names("in") == ["a.837"]
    assert box.names("clean") == ["b.clean.837"]
    assert (box / "archive/b.837.done").read_bytes() == b"42"


def test_a_broken_file_is_quarantined_at_once_with_its_errors(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, tries=3, back_off=60)
    content = broken_file(1)
    box.drop("broken.837", content)
    assert box.once() == 0
    record = json.loads((box / "quarantine/broken.837.reason.json").read_text())
    assert record["tries"] == 1
    assert record["errors"][0]["code"] == "READ28"
    assert record["interchange_control_number"] == "000000001"
    assert box.snapshot()["quarantine"]["broken.837"] == content
    assert box.names("clean") == box.names("rejected") == box.names("archive") == []
    assert box.names("reports") == ["broken.999"]


def test_a_file_of_another_transaction_is_quarantined(box: Box) -> None:
    box.drop("dental.837", claims_file(1).replace(b"005010X222A1", b"005010X224A2"))
    assert box.once() == 0
    assert "READ33" in box.reason("dental.837")
    assert box.names("clean") == []


def test_a_quarantined_file_that_comes_again_is_tried_again(box: Box) -> None:
    content = claims_file(1)
    box.drop("a.837", content[:-30])
    assert box.once() == 0
    time.sleep(QUICK.close_limit)
    assert box.once() == 0
    assert box.names("quarantine") == ["a.837", "a.837.reason.json"]
    (box / "quarantine/a.837").rename(box / "in/a.837")
    with (box / "in/a.837").open("ab") as out:
        out.write(content[-30:])
    assert box.once() == 0
    assert len(box.names("clean")) == 1


def test_a_file_that_vanishes_in_work_is_reported_and_delays_no_other(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    box.drop("b.837", claims_file(2))

    def vanishes(step: str) -> None:
        for path in (box / "processing").glob("*/a.837") if step == "sync" else ():
            path.unlink()

    assert box.once(worker=vanishes) == 0
    assert box.names("clean") == ["b.clean.837"]
    assert box.names("quarantine") == ["a.837.reason.json"]
    assert box.reason("a.837") == "No such file or directory (ENOENT)"
    box.assert_tidy()


def test_a_file_that_vanishes_before_its_claim_leaves_no_trace(box: Box) -> None:
    path = box.drop("a.837", claims_file(1))

    def vanishes(step: str) -> None:
        if step == "rename":
            path.unlink(missing_ok=True)

    assert box.once(main=vanishes) == 0
    assert all(not files for files in box.snapshot().values())
    box.assert_tidy()


def test_a_link_put_in_place_of_a_file_is_not_followed(box: Box, tmp_path: Path) -> None:
    secret = tmp_path / "secret.837"
    secret.write_bytes(claims_file(9))
    path = box.drop("a.837", claims_file(1))

    def swaps(step: str) -> None:
        if step == "rename" and not path.is_symlink() and path.exists():
            path.unlink()
            path.symlink_to(secret)

    assert box.once(main=swaps) == 0
    assert box.names("clean") == []
    assert (box / "quarantine/a.837").is_symlink()
    assert "ELOOP" in box.reason("a.837")
    assert secret.read_bytes() == claims_file(9)
