"""Promise 3: at least once, and effectively once, by content. Promise 11: names. Promise 5: the archive."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.rebuild import rebuild
from scrubber.dropfolder.requeue import requeue
from scrubber.running.options import RunOptions
from tests.dropfolder.box import QUICK, Box, broken_file, claims_file, wait_until

ONE = claims_file(1, claims=3, rejected=1)


def drop_and_run(box: Box, name: str, content: bytes, options: RunOptions | None = None) -> None:
    box.drop(name, content)
    assert box.once(options=options or RunOptions()) == 0
    box.take_clean()
    box.assert_tidy()


def test_a_file_goes_to_clean_rejected_reports_and_archive(box: Box) -> None:
    drop_and_run(box, "batch.837", ONE)
    found = box.snapshot()
    assert list(found["clean"]) == ["batch.clean.837"]
    assert list(found["rejected"]) == ["batch.rejected.837"]
    assert {"batch.annotated.837", "batch.report.json", "batch.report.txt"} <= found["reports"].keys()
    assert found["archive"] == {"batch.837": ONE}
    assert found["quarantine"] == {}
    report = json.loads(found["reports"]["batch.report.json"])
    assert report["files"][0]["path"] == "batch.837"
    assert report["files"][0]["summary"]["rejected"] == 1


def test_outputs_are_private(box: Box) -> None:
    drop_and_run(box, "batch.837", ONE)
    drop_and_run(box, "again.837", ONE)
    drop_and_run(box, "broken.837", broken_file(2))
    made = [path for folder in ("rejected", "reports") for path in (box / folder).iterdir()]
    made += [box / "quarantine/broken.837.reason.json", box / ".ledger/ledger.sqlite3"]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    folders = {path.name: path.stat().st_mode & 0o777 for path in box.root.iterdir() if path.is_dir()}
    del folders["in"]  # the test has made it
    assert set(folders.values()) == {0o700}


def test_the_same_content_again_is_a_duplicate_under_any_name(box: Box) -> None:
    drop_and_run(box, "batch.837", ONE)
    drop_and_run(box, "other name.txt", ONE)
    drop_and_run(box, "batch.837", ONE)
    found = box.snapshot()
    assert len(found["clean"]) == 1
    assert sorted(found["archive"].values()) == [ONE, ONE, ONE]
    report = json.loads(found["reports"]["other name.duplicate.json"])
    assert report["status"] == "duplicate"
    assert report["interchange_control_number"] == "000000001"
    assert report["first"] == {"path": "batch.837", "outputs": "batch"}
    assert box.ledger().counts()["duplicate"] == 2


def test_the_same_content_dropped_twice_at_once_is_released_once(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=2)
    for name in "abcdef":
        box.drop(f"{name}.837", ONE)
    assert box.once() == 0
    assert len(box.names("clean")) == 1
    assert len(box.names("archive")) == 6
    assert box.ledger().counts()["duplicate"] == 5
    box.assert_tidy()


def test_neither_another_profile_nor_other_edits_release_a_content_again(box: Box, tmp_path: Path) -> None:
    drop_and_run(box, "batch.837", ONE)
    profile = tmp_path / "strict.toml"
    profile.write_text('name = "strict"\n[severity]\nJWJZ01 = "warn"\n')
    drop_and_run(box, "batch.837", ONE, options=RunOptions(profile=str(profile)))
    assert len(box.snapshot()["clean"]) == 1
    assert box.ledger().counts()["duplicate"] == 1


def test_the_same_name_with_new_content_is_new_work_and_overwrites_nothing(box: Box) -> None:
    contents = [claims_file(number) for number in (1, 2, 3)]
    for content in contents:
        drop_and_run(box, "daily.837", content)
    found = box.snapshot()
    assert len(found["clean"]) == 3
    assert sorted(found["archive"].values()) == sorted(contents)
    hashed = [name for name in found["clean"] if name != "daily.clean.837"]
    assert all(len(name) == len("daily.0123456789ab.clean.837") for name in hashed)


def test_names_that_differ_in_case_alone_do_not_meet_on_a_disk_that_sees_no_difference(box: Box) -> None:
    drop_and_run(box, "Batch.837", claims_file(1))
    drop_and_run(box, "BATCH.837", claims_file(2))
    assert len({name.casefold() for name in box.snapshot()["clean"]}) == 2


def test_a_file_that_was_put_where_an_output_goes_is_not_overwritten(box: Box) -> None:
    watcher = box.process()
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    own = {folder: box / folder / name for folder, name in (("clean", "a.clean.837"), ("archive", "a.837"))}
    for path in own.values():
        path.write_text("mine")
    box.drop("a.837", claims_file(1))
    wait_until(lambda: len(box.names("clean")) == len(box.names("archive")) == 2)
    watcher.kill(signal.SIGTERM)
    assert watcher.wait() == 0
    assert all(path.read_text() == "mine" for path in own.values())
    kept = requeue(box.layout, box.ledger(), "a.837")
    assert (box / "archive" / (kept.kept_name or "")).read_bytes() == claims_file(1)


@pytest.mark.parametrize(
    "name",
    [
        "-rf.837",
        "--help",
        "-",
        "with space.837",
        "line\nbreak.837",
        "ünïcödé 病人.837",
        "quote'\"$(x)`.837",
        "no extension",
        "many.dots.in.it.837",
        "trailing.",
        "a" * 251 + ".837",
        "é" * 127,
        os.fsdecode(b"not\xffutf8.837"),
        "a.reason.json",
        "x.clean.837",
        os.fsdecode(b"\xff" * 200) + ".837",
    ],
    ids=ascii,
)
def test_any_name_is_fine(box: Box, name: str) -> None:
    box.drop(name, ONE)
    box.drop("other.837", broken_file(2))
    assert box.once() == 0
    found = box.snapshot()
    assert list(found["archive"].values()) == [ONE]
    assert len(found["clean"]) == len(found["rejected"]) == 1
    (output,) = found["clean"]
    assert output.removesuffix(".clean.837") in name
    report = json.loads(next(found["reports"][report] for report in found["reports"] if report.endswith("report.json")))
    assert report["files"][0]["path"] == name
    box.assert_tidy()


@pytest.mark.parametrize(
    "name",
    ["a.837.reason.json", "b.reason.json", os.fsdecode(b"\xff" * 200) + ".837", "c" * 251 + ".837"],
    ids=ascii,
)
def test_a_rebuilt_ledger_has_files_of_any_name(box: Box, name: str) -> None:
    drop_and_run(box, name, ONE)
    box.drop("in work.837", claims_file(2))
    begun = box.layout["processing"] / "0123456789ab"
    begun.mkdir()
    (box / "in/in work.837").rename(begun / name)
    shutil.rmtree(box / ".ledger")
    rebuild(box.layout, None).close()
    drop_and_run(box, "again.837", ONE)
    assert len(box.taken) == 1
    assert box.ledger().counts()["duplicate"] == 1
    assert claims_file(2) in box.snapshot()["quarantine"].values()


@pytest.mark.parametrize("marker", ["", ".done"])
@pytest.mark.parametrize("ledger", ["lost", "older"])
def test_a_rebuilt_ledger_finds_duplicates_in_the_archive(box: Box, ledger: str, marker: str, tmp_path: Path) -> None:
    box.settings = attrs.evolve(QUICK, done_marker=marker)
    files = {"zero.837": claims_file(3), "one.837": ONE, "two.837": ONE, "three.837": ONE, "four.837": claims_file(2)}
    for name, content in files.items():
        if marker:
            box.drop(f"{name}{marker}", b"")
        drop_and_run(box, name, content)
        while box.opened:
            box.opened.pop().close()
        if name == "zero.837":
            shutil.copytree(box / ".ledger", tmp_path / "older")
    shutil.rmtree(box / ".ledger")
    if ledger == "older":
        shutil.copytree(tmp_path / "older", box / ".ledger")
    rebuild(box.layout, None).close()
    assert box.once() == 0
    assert box.ledger().counts()["duplicate"] == 2
    assert len(box.taken) == 3


def test_an_older_ledger_learns_that_a_file_of_its_quarantine_was_released(box: Box) -> None:
    drop_and_run(box, "one.837", ONE)
    while box.opened:
        box.opened.pop().close()
    with closing(sqlite3.connect(box / ".ledger/ledger.sqlite3")) as older:
        older.execute("UPDATE drops SET state = 'quarantined', verdict = 'quarantined', spent = 0, kept_in = NULL")
        older.execute("DELETE FROM moves")
        older.commit()
    rebuild(box.layout, None).close()
    drop_and_run(box, "again.837", ONE)
    assert box.ledger().counts()["duplicate"] == 1
    assert len(box.taken) == 1


def test_a_file_with_the_name_of_a_reason_is_never_taken_for_one(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, tries=1)
    drop_and_run(box, "a.837.reason.json", broken_file(2))
    drop_and_run(box, "a.837", broken_file(3))
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    assert broken_file(2) in box.snapshot()["quarantine"].values()
    assert broken_file(2) not in box.snapshot()["archive"].values()


def test_what_others_have_put_into_our_folders_is_left_there(box: Box) -> None:
    box.layout.prepare()
    theirs = [box / ".staging/notes-1/a.txt", box / "processing/notes.json", box / "processing/notes/a.json"]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    assert box.once() == 0
    assert all(path.read_text() == "mine" for path in theirs)


def test_the_archive_keeps_every_byte_and_what_the_file_was_like(box: Box) -> None:
    content = b"\xef\xbb\xbf" + ONE.replace(b"~", b"~\r\n") + b"\r\n  "
    path = box.drop("odd.837", content)
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    assert box.once() == 0
    kept = box / "archive/odd.837"
    assert kept.read_bytes() == content
    assert kept.stat().st_mtime_ns == 1_700_000_000_123_456_789


def test_the_archive_is_pruned_only_where_that_is_asked_for_and_forgets_no_hash(box: Box) -> None:
    drop_and_run(box, "a.837", ONE)
    box.settings = attrs.evolve(QUICK, retain_days=1)
    assert box.once() == 0
    assert box.names("archive") == ["a.837"]
    box.settings = attrs.evolve(QUICK, retain_days=0.01 / 86400)
    time.sleep(0.02)
    assert box.once() == 0
    assert box.names("archive") == [".pruned.sha256"]
    box.settings = QUICK
    drop_and_run(box, "again.837", ONE)
    assert len(box.snapshot()["clean"]) == 1
    assert box.ledger().counts()["duplicate"] == 1


def test_requeue_releases_a_content_once_more_by_hash_or_name(box: Box) -> None:
    drop_and_run(box, "a.837", ONE)
    first = box.ledger().latest("released", 1)[0]
    assert first.sha256
    for run, wanted in enumerate(("a.837", first.sha256, first.sha256[:12].upper()), 2):
        assert requeue(box.layout, box.ledger(), wanted).run == run - 1
        assert box.once() == 0
        box.take_clean()
        assert len(box.taken) == run
    assert box.names("archive") == ["a.837"]
    assert len(set(box.taken.values())) == 1
    drop_and_run(box, "b.837", ONE)
    assert len(box.taken) == 4
    box.assert_tidy()


def test_a_requeued_file_is_judged_by_the_profile_of_today(box: Box, tmp_path: Path) -> None:
    drop_and_run(box, "a.837", ONE)
    profile = tmp_path / "lenient.toml"
    profile.write_text('name = "lenient"\n[severity]\nJWJZ01 = "info"\n')
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once(options=RunOptions(profile=str(profile))) == 0
    box.take_clean()
    assert len(box.names("rejected")) == 1
    assert sorted(content.count(b"CLM*") for content in box.taken.values()) == [2, 3]


def test_requeue_refuses_what_it_cannot_do(box: Box) -> None:
    drop_and_run(box, "a.837", claims_file(1))
    drop_and_run(box, "a.837", claims_file(2))
    with pytest.raises(WatchError, match="no finished file"):
        requeue(box.layout, box.ledger(), "b.837")
    with pytest.raises(WatchError, match="no finished file"):
        requeue(box.layout, box.ledger(), "0")
    with pytest.raises(WatchError, match="2 contents"):
        requeue(box.layout, box.ledger(), "a.837")
    sha256 = box.ledger().latest("released", 1)[0].sha256 or ""
    requeue(box.layout, box.ledger(), sha256)
    with pytest.raises(WatchError, match="queued already"):
        requeue(box.layout, box.ledger(), sha256)


def test_requeue_refuses_a_file_whose_original_is_gone(box: Box) -> None:
    drop_and_run(box, "a.837", claims_file(1))
    (original,) = (box / "archive").iterdir()
    original.unlink()
    with pytest.raises(WatchError, match="its original was deleted: drop the file again, then requeue it"):
        requeue(box.layout, box.ledger(), "a.837")
    drop_and_run(box, "a.837", claims_file(1))
    assert requeue(box.layout, box.ledger(), "a.837").run == 1


def test_a_requeued_file_that_is_not_what_it_was_is_not_released(box: Box) -> None:
    drop_and_run(box, "a.837", claims_file(1))
    requeue(box.layout, box.ledger(), "a.837")
    (box / "archive/a.837").write_bytes(claims_file(2))
    assert box.once() == 0
    assert box.names("clean") == []
    assert len(box.names("quarantine")) == 1
    assert box.names("archive") == ["a.837"]


def test_a_file_of_the_quarantine_is_scrubbed_anew_in_place_of_the_old_one(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, stuck_after=0.5, tries=1)  # for the worker that hangs; others get their time
    box.drop("a.837", ONE)
    assert box.once(worker=lambda step: time.sleep(60) if step == "discard" else None) == 0
    assert box.names("quarantine") == ["a.837", "a.837.reason.json"]
    assert "no progress" in box.reason("a.837")
    box.settings = QUICK
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    assert box.names("quarantine") == []
    assert len(box.names("clean")) == 1
    assert ONE in box.snapshot()["archive"].values()
    drop_and_run(box, "b.837", ONE)
    assert len(box.taken) == 1
