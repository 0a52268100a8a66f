"""Promise 4: outputs appear whole. 9: events are hints. 10: bounded. 12: what can be seen of it, and what not."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.dropfolder import health, status
from scrubber.dropfolder.intake import Intake
from scrubber.testing import build, infusion_claim
from tests.dropfolder.box import QUICK, Box, broken_file, claims_file, wait_until


def done(box: Box, files: int) -> bool:
    archive = box / "archive"
    return archive.is_dir() and len(box.names("archive")) == files and box.ledger().unfinished() == []


def test_a_reader_never_sees_a_part_of_a_file(box: Box) -> None:
    box.layout.prepare()
    seen: dict[str, set[int]] = {}
    end = threading.Event()

    def reads() -> None:
        last = False
        while not last:
            last = end.is_set()
            for path in [*(box / "clean").iterdir(), *(box / "reports").iterdir()]:
                seen.setdefault(path.name, set()).add(path.stat().st_size)

    watcher = box.process()
    reader = threading.Thread(target=reads)
    reader.start()
    for number in range(5):
        many = [infusion_claim("837P", f"M{number}-{claim}") for claim in range(400)]
        box.drop(f"{number}.837", build(many).encode())
    wait_until(lambda: done(box, 5))
    end.set()
    reader.join()
    watcher.stop()
    assert len([name for name in seen if name.endswith(".clean.837")]) == 5
    assert all(len(sizes) == 1 for sizes in seen.values())
    assert not [name for name in seen if name.startswith(".")]


def test_outputs_may_lie_on_another_file_system_than_the_drop_folder(box: Box, tmp_path: Path) -> None:
    box.out = tmp_path / "out"
    box.drop("a.837", claims_file(1, claims=2, rejected=1))
    box.drop("again.837", claims_file(1, claims=2, rejected=1))
    box.drop("broken.837", broken_file(2))
    assert box.once() == 0
    assert [path.name for path in (box.out / "clean").iterdir()] == ["a.clean.837"]
    assert box.names("archive") == ["a.837", "again.837"]
    assert not (box / "clean").exists()
    box.assert_tidy()


def test_a_change_is_seen_at_once_where_there_are_events(box: Box) -> None:
    pytest.importorskip("watchfiles")
    box.settings = attrs.evolve(QUICK, scan_every=60)
    watcher = box.process()
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    time.sleep(0.5)
    box.drop("a.837", claims_file(1))
    wait_until(lambda: done(box, 1))
    watcher.stop()
    assert next(event for event in watcher.events() if event["event"] == "started")["events"] is True


def test_without_events_the_folder_is_looked_at_now_and_then(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    box.settings = attrs.evolve(QUICK, metrics_port=1)
    watcher = box.process()
    box.drop("a.837", claims_file(1))
    wait_until(lambda: done(box, 1))
    watcher.stop()
    reasons = {event["event"]: event["reason"] for event in watcher.events() if "reason" in event}
    assert reasons == {
        "no metrics": "prometheus-client is not installed",
        "no events": "watchfiles is not installed",
    }


def test_many_files_at_once_while_watching_are_all_done(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=2)
    watcher = box.process()
    for number in range(60):
        box.drop(f"{number}.837", claims_file(number))
    wait_until(lambda: done(box, 60), seconds=60)
    watcher.stop()
    assert len(box.names("clean")) == 60
    box.assert_tidy()


def test_a_huge_file_leaves_a_worker_to_the_small_ones(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=2, huge_mb=0)
    every_file_is_huge = box.settings.huge
    assert every_file_is_huge == 0
    for number in range(1, 4):
        box.drop(f"{number}.837", claims_file(number))
    overlaps = _overlaps(box)
    assert overlaps == 0
    box.settings = attrs.evolve(QUICK, workers=2)
    for number in range(4, 8):
        box.drop(f"{number}.837", claims_file(number))
    assert _overlaps(box) > 0


def test_no_more_bytes_are_in_work_than_allowed_but_one_large_file_goes_alone(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=3, in_flight_mb=0)
    for number in range(1, 4):
        box.drop(f"{number}.837", claims_file(number))
    assert _overlaps(box) == 0
    assert len(box.names("clean")) == 3


def test_a_large_file_that_is_tried_again_does_not_wait_for_all_smaller_ones(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=3, in_flight_mb=1, back_off=0.2)
    large = build([infusion_claim("837P", f"L{number}") for number in range(2200)]).encode()
    assert len(large) > box.settings.in_flight
    box.drop("large.837", large)
    os.utime(box / "in/large.837", (1, 1))
    for number in range(30):
        box.drop(f"{number}.837", claims_file(number))
    died = box.root.with_name("died")

    def dies_once(_: str) -> None:
        time.sleep(0.01)
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    watcher = box.process(worker=dies_once)
    wait_until(lambda: done(box, 31), seconds=60)
    watcher.stop()
    released = [event["bytes"] for event in watcher.events() if event["event"] == "released"]
    assert len(released) == 31
    assert released[-1] != len(large)


def _overlaps(box: Box) -> int:
    """How often a file was claimed while another one was in work."""
    watcher = box.process(once=True, worker=lambda _: time.sleep(0.01))
    assert watcher.wait() == 0
    in_work, overlaps = 0, 0
    for event in watcher.events():
        in_work += {"claimed": 1, "released": -1}.get(event["event"], 0)
        overlaps += in_work > 1
    return overlaps


def test_the_log_names_no_file_and_quotes_nothing_of_it(box: Box) -> None:
    box.drop("Doe_Jane_1984.837", claims_file(1, claims=2, rejected=1))
    box.drop("Doe_Jane_again.837", claims_file(1, claims=2, rejected=1))
    box.drop("Doe_Jane_broken.837", broken_file(2))
    box.drop("Doe_Jane_link.837", b"").unlink()
    (box / "in/Doe_Jane_link.837").symlink_to("/etc/passwd")
    watcher = box.process(once=True)
    assert watcher.wait() == 0
    log = watcher.log_text()
    assert all(line.startswith("{") for line in log.splitlines())
    for secret in ("Doe", "Jane", '.837"', "D1-0", "ASHVALE", str(box.root)):
        assert secret not in log
    events = [event["event"] for event in watcher.events()]
    assert {"started", "refused", "claimed", "released", "duplicate", "quarantined", "stopped"} == set(events)
    released = next(event for event in watcher.events() if event["event"] == "released")
    assert (released["control"], len(released["sha256"])) == ("000000001", 12)
    assert (released["claims"], released["rejected"]) == (2, 1)


def test_metrics_count_files_claims_findings_and_what_waits(box: Box) -> None:
    pytest.importorskip("prometheus_client")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box.settings = attrs.evolve(QUICK, metrics_port=port, close_limit=60)
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    box.drop("b.837", claims_file(1, claims=3, rejected=1))
    box.drop("c.837", broken_file(2))
    box.drop("d.837", claims_file(3)[:-30])
    watcher = box.process()
    wait_until(lambda: done(box, 2))

    def served() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            return str(answer.read().decode())

    expected = (
        'scrubber_watch_files_total{verdict="released"} 1.0',
        'scrubber_watch_files_total{verdict="duplicate"} 1.0',
        'scrubber_watch_files_total{verdict="quarantined"} 1.0',
        'scrubber_watch_claims_total{disposition="rejected"} 1.0',
        "scrubber_watch_held_claims_total 0.0",
        'scrubber_watch_findings_total{code="JWJZ01"} 1.0',
        "scrubber_watch_failed_tries_total 1.0",
        "scrubber_watch_seconds_count 3.0",
        "scrubber_watch_waiting_files 1.0",
        "scrubber_watch_in_flight_files 0.0",
        "scrubber_watch_stalled 0.0",
    )
    wait_until(lambda: all(line in served() for line in expected))
    assert "scrubber_watch_oldest_waiting_seconds" in served()
    other = box.process()
    assert other.wait() == 2
    assert "metrics cannot be served" in other.log_text()
    watcher.stop()


def test_the_health_file_shows_whether_a_watcher_runs_and_is_well(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, lease=0.4, grace=0)
    path = box / ".ledger/health.json"
    assert "no watcher is running" in str(health.trouble(path, time.time()))
    watcher = box.process()
    wait_until(lambda: path.exists() and health.trouble(path, time.time()) is None)
    assert json.loads(path.read_text())["pid"] == watcher.pid
    box.root.joinpath(".scrubber-watch.json").rename(box.root / "away")
    wait_until(lambda: "is the share mounted" in str(health.trouble(path, time.time())))
    box.root.joinpath("away").rename(box.root / ".scrubber-watch.json")
    wait_until(lambda: health.trouble(path, time.time()) is None)
    watcher.kill()
    watcher.wait()
    wait_until(lambda: health.trouble(path, time.time()) == "the watcher has died or hangs")
    next_one = box.process()
    wait_until(lambda: health.trouble(path, time.time()) is None)
    next_one.stop()
    assert "no watcher is running" in str(health.trouble(path, time.time()))


def test_the_status_shows_what_waits_and_what_became_of_all_files(box: Box) -> None:
    box.drop("Jane.837", claims_file(1, claims=3, rejected=1))
    box.drop("again.837", claims_file(1, claims=3, rejected=1))
    box.drop("line\nbreak.837", broken_file(2))
    assert box.once() == 0
    box.drop("next.837", claims_file(3))
    (box / "in/folder").mkdir()
    found = status.status(box.root, box.ledger())
    lines = list(found.lines(with_names=False))
    assert lines[:5] == [
        "waiting      1; refused: 1 (links, pipes, folders, devices)",
        "in work      0",
        "released     1, 3 claims: 0 flagged, 1 rejected",
        "duplicate    1",
        "quarantined  1",
    ]
    assert "break" not in "\n".join(lines)
    assert "READ28" in lines[-1]
    assert "line\\nbreak.837" in list(found.lines(with_names=True))[-1]
    record = found.as_record(with_names=False)
    assert (record["released"], record["claims_rejected"]) == (1, 1)
    assert "name" not in record["last_quarantined"][0]


def test_looking_into_a_folder_does_not_look_into_its_archive(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_into: list[Path] = []
    look = os.scandir

    def noted(folder: Path) -> Any:
        looked_into.append(Path(folder))
        return look(folder)

    monkeypatch.setattr(os, "scandir", noted)
    Intake(box.layout["in"], QUICK).scan(0, 0)
    assert looked_into == [box / "in"]
