"""The command as an operator types it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from scrubber.reference.editions import Edition
from scrubber.reference.external import PLACES_OF_SERVICE
from scrubber.reference.storing import Contents, store
from scrubber.testing import build, infusion_claim
from tests.dropfolder.box import Box, broken_file, claims_file, flagged_file, wait_until
from tests.outputs.halves import ids
from tests.scrubbing import ROOT, SCRUBBER, run

DOCS = ROOT / "docs"
QUICKLY = ("--settle", "0", "--back-off", "0", "--scan-every", "0.1")


def test_watch_a_folder_once_then_ask_and_requeue(box: Box) -> None:
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    box.drop("b.837", claims_file(1, claims=3, rejected=1))
    box.drop("broken.837", broken_file(2))
    done = run("watch", box.root, "--once", *QUICKLY)
    assert (done.status, done.out) == (0, "")
    assert all(json.loads(line) for line in done.err.splitlines())
    asked = run("watch", "status", box.root)
    assert asked.status == 0
    assert "released     1, 3 claims: 0 flagged, 1 rejected" in asked.out
    assert "broken" not in asked.out
    assert "broken.837" in run("watch", "status", box.root, "--names").out
    assert json.loads(run("watch", "status", "--json", box.root).out)["duplicate"] == 1
    queued = run("watch", "requeue", box.root, "a.837")
    assert queued.status == 0
    assert re.fullmatch(r"queued: [0-9a-f]{12}, ISA13 000000001, release 2 of this content\n", queued.out)
    assert run("watch", "requeue", box.root, "a.837").status == 2
    assert run("watch", "--once", *QUICKLY, box.root).status == 0
    assert len(box.names("clean")) == 2


def test_the_service_starts_answers_and_ends(box: Box) -> None:
    command = [str(SCRUBBER), "watch", str(box.root), *QUICKLY, "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as watcher:
        wait_until(lambda: run("watch", "status", box.root, "--alive").status == 0)
        for number in range(4):
            box.drop(f"{number}.837", claims_file(number))
        wait_until(lambda: len(box.names("archive")) == 4 and box.ledger().unfinished() == [])
        watcher.send_signal(signal.SIGTERM)
        assert watcher.wait(20) == 0
        assert watcher.stderr
        events = [json.loads(line)["event"] for line in watcher.stderr]
    assert (events[0], events[-1]) == ("started", "stopped")
    assert len(box.names("clean")) == 4


EDITS = '''
import pathlib, time
from scrubber.edit import edit

@edit("OWN01", "Own", severity="warn", concerns=None, source="a test")
def own(claim, facts):
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: no need.
    """
    pathlib.Path({begun!r}).touch()
    time.sleep(3600)
    return ()
'''


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in an edit that hangs"])
def test_a_command_that_is_killed_leaves_no_worker_behind(box: Box, tmp_path: Path, busy: bool) -> None:
    begun, edits = tmp_path / "begun", tmp_path / "own_edits.py"
    edits.write_text(EDITS.format(begun=str(begun)))
    box.drop("a.837", claims_file(1))
    watcher = subprocess.Popen(
        [str(SCRUBBER), "watch", str(box.root), *QUICKLY, *(("--edits", str(edits)) if busy else ())],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: begun.exists() if busy else (box / "archive").is_dir() and bool(box.names("archive")))
    watcher.kill()
    watcher.wait()

    def gone() -> bool:
        try:
            os.killpg(watcher.pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(gone)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("watch", "missing"), "missing is not a folder"),
        (("watch", "drop", "--once", "--profile", "missing.toml"), "missing.toml"),
        (("watch", "drop", "--once", "--workers", "0"), "workers must be at least 1"),
        (("watch", "drop", "--once", "--out", "scrubber.toml"), "scrubber.toml"),
        (("watch", "status", "drop"), "is not a drop folder yet"),
        (("watch", "status", "drop", "--alive"), "no watcher is running"),
        (("watch", "requeue", "drop", "a.837"), "is not a drop folder yet"),
        (("watch", "drop", "--once", "--profile", "twice.toml"), "two of the folders are the same"),
        (("watch", "drop", "--once", "--profile", "shm.toml"), "must be on one file system"),
    ],
)
def test_what_cannot_run_gives_the_reason_in_one_line_and_ends_with_2(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    if "shm.toml" in arguments and not Path("/dev/shm").is_dir():
        pytest.skip("one file system only")
    (tmp_path / "drop").mkdir()
    (tmp_path / "scrubber.toml").touch()
    (tmp_path / "twice.toml").write_text('[watch.folders]\nclean = "out"\nrejected = "out"\n')
    (tmp_path / "shm.toml").write_text(f'[watch.folders]\narchive = "/dev/shm/archive-{os.getpid()}"\n')
    refused = run(*arguments, cwd=tmp_path)
    Path(f"/dev/shm/archive-{os.getpid()}").rmdir() if "shm.toml" in arguments else None
    assert refused.status == 2
    assert message in refused.err
    assert refused.err.startswith("Error: ")
    assert len(refused.err.splitlines()) == 1


def test_a_profile_may_name_the_folders_and_say_how_to_watch(tmp_path: Path) -> None:
    box = Box(tmp_path / "drop")
    profile = tmp_path / "scrubber.toml"
    profile.write_text('[watch]\nsettle = 0\nback_off = 0\n[watch.folders]\nin = "inbox"\nclean = "to payer"\n')
    (box / "inbox").mkdir()
    (box / "inbox/a.837").write_bytes(claims_file(1))
    assert run("watch", box.root, "--profile", profile, "--once").status == 0
    assert [path.name for path in (box / "to payer").iterdir()] == ["a.clean.837"]


def test_files_are_judged_as_scrub_would_with_the_same_options(tmp_path: Path) -> None:
    box = Box(tmp_path / "drop")
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    (tmp_path / "a.837").write_bytes(claims_file(1, claims=3, rejected=1))
    (tmp_path / "key").write_bytes(bytes(range(32)))
    (tmp_path / "known.toml").write_text(
        '[[suppress]]\nclaim = "D1-0"\ncode = "JWJZ01"\nreason = "waste log"\nauthor = "A. Biller"\n'
        "expires = 2027-01-31\n"
    )
    places = Edition("2026", date(2026, 1, 1), sha256="a" * 64)
    store(tmp_path / "tables.sqlite", [Contents(PLACES_OF_SERVICE, places, (), [("11", None, None, "")])])
    options = (
        *("--no-phi", "key", "--suppressions", "known.toml", "--as-of", "2026-11-01", "--ignore", "ADM02"),
        *("--reference", "tables.sqlite"),
    )
    assert run("scrub", "a.837", "--out", "out", *options, cwd=tmp_path).status == 0
    assert run("watch", "drop", "--once", *QUICKLY, "--no-remember", *options, cwd=tmp_path).status == 0
    for folder in ("clean", "rejected", "reports"):
        for output in (box / folder).iterdir():
            assert output.read_bytes() == (tmp_path / "out" / output.name).read_bytes()
    report = json.loads((box / "reports/a.report.json").read_text())
    assert report["summary"]["rejected"] == 0
    assert [edition["table"] for edition in report["reference"]["editions"]] == [PLACES_OF_SERVICE]


def test_a_folder_that_is_called_like_a_command_can_be_watched(tmp_path: Path) -> None:
    (tmp_path / "status").mkdir()
    assert run("watch", "./status", "--once", "--settle", "0", cwd=tmp_path).status == 0
    assert (tmp_path / "status/in").is_dir()
    assert run("watch", "run", "status", "--once", "--settle", "0", cwd=tmp_path).status == 0


def test_help_names_all_options_that_the_page_names() -> None:
    text = run("watch", "run", "--help").out
    page = (DOCS / "dropfolder.md").read_text()
    named = set(re.findall(r"`(--[a-z-]+)", page))
    assert named - set(re.findall(r"--[a-z-]+", text)) <= {"--names", "--json", "--alive"}


def test_files_on_disk_keep_their_names_and_formats(box: Box) -> None:
    """Renaming a file, a key or a column needs a migration: users have these on their disks."""
    box.drop("a.837", claims_file(1))
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    marker = json.loads((box / ".scrubber-watch.json").read_text())
    assert marker == {"id": box.ledger().id, "ledger": ".ledger/ledger.sqlite3"}
    with closing(sqlite3.connect(box / ".ledger/ledger.sqlite3")) as ledger:
        columns = {
            table: {row[1] for row in ledger.execute(f"PRAGMA table_info({table})")}
            for table in ("meta", "watchers", "moves", "unclosed", "went", "drops")
        }
    assert columns.pop("drops") >= {"token", "name", "sha256", "state", "verdict", "spent", "kept_in", "kept_name"}
    assert columns == {
        "meta": {"key", "value"},
        "watchers": {"id", "expires"},
        "moves": {"token", "place", "from_folder", "from_name", "to_folder", "to_name"},
        "unclosed": {"name", "size", "mtime_ns", "since"},
        "went": {"token", "claims"},
    }


def test_held_claims_wait_in_a_folder_of_their_own(box: Box) -> None:
    flagged = infusion_claim("837P", "FLAGGED", diagnoses=("M3219", "M320"))
    box.drop("a.837", build([flagged, infusion_claim("837P", "CLEAN")]).encode())
    assert run("watch", box.root, "--once", *QUICKLY, "--hold", "warn").status == 0
    assert box.names("clean") == ["a.clean.837"]
    assert box.names("held") == ["a.held.837"]
    assert ids((box / "held" / "a.held.837").read_text()) == ["FLAGGED"]
    assert ids((box / "clean" / "a.clean.837").read_text()) == ["CLEAN"]


def test_a_ledger_from_before_there_were_held_claims_goes_on(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    (box / "held").rmdir()
    with closing(sqlite3.connect(box / ".ledger" / "ledger.sqlite3")) as ledger, ledger:
        (known,) = ledger.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
        older = {folder: path for folder, path in json.loads(known).items() if folder != "held"}
        ledger.execute("UPDATE meta SET value = ? WHERE key = 'layout'", (json.dumps(older),))
    assert run("watch", "status", box.root).status == 0
    assert run("watch", "requeue", box.root, "a.837").status == 0
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    assert len(box.names("clean")) == 2


def test_status_shows_flagged_and_held_claims_and_names_held_files_by_hash(box: Box) -> None:
    box.drop("smith.837", flagged_file("FLAGGED"))
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    assert (
        "released     1, 2 claims: 1 flagged (in the clean files), 0 rejected" in run("watch", "status", box.root).out
    )
    box.drop("jones.837", flagged_file("F1", "F2"))
    assert run("watch", box.root, "--once", *QUICKLY, "--hold", "warn").status == 0
    asked = run("watch", "status", box.root)
    assert "released     2, 5 claims: 3 flagged (2 of them were held), 0 rejected" in asked.out
    assert "held files   1" in asked.out
    sha256 = hashlib.sha256((box / "held/jones.held.837").read_bytes()).hexdigest()
    assert sha256[:12] in asked.out
    assert "jones" not in asked.out
    assert "jones.held.837" in run("watch", "status", box.root, "--names").out
    record = json.loads(run("watch", "status", box.root, "--json").out)
    assert [file["sha256"] for file in record["held_files"]] == [sha256]
    assert (record["claims_flagged"], record["claims_held"]) == (3, 2)


def test_status_counts_every_try_and_leaves_out_what_the_watcher_leaves(box: Box, tmp_path: Path) -> None:
    edits = tmp_path / "dying.py"
    edits.write_text(
        EDITS.format(begun=str(tmp_path / "begun")).replace("time.sleep(3600)", "__import__('os')._exit(1)")
    )
    box.drop("a.837", claims_file(1))
    box.drop("notes.csv", b"a;b")
    options = ("--tries", "2", "--leave", "*.csv", "--edits", str(edits))
    assert run("watch", box.root, "--once", *QUICKLY, *options).status == 0
    record = json.loads(run("watch", "status", box.root, "--json").out)
    assert record["last_quarantined"][0]["tries"] == 2
    assert record["waiting"] == 0


def test_a_ledger_from_before_flagged_claims_were_counted_goes_on(box: Box) -> None:
    box.drop("a.837", claims_file(1))
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    with closing(sqlite3.connect(box / ".ledger/ledger.sqlite3")) as ledger, ledger:
        for column in ("flagged", "held", "findings"):
            ledger.execute(f"ALTER TABLE drops DROP COLUMN {column}")
    box.drop("b.837", flagged_file("FLAGGED", clean=0))
    assert run("watch", box.root, "--once", *QUICKLY).status == 0
    assert "released     2, 3 claims: 1 flagged" in run("watch", "status", box.root).out
