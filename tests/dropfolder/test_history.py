"""The history of a drop folder: no claim is released twice, whatever the file around it is called."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.claims.earlier import HistoryError
from scrubber.dropfolder import claim_history, operations
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.requeue import requeue
from scrubber.history.database import Database
from scrubber.running.options import RunOptions
from scrubber.testing import ClaimSpec, build, infusion_claim
from tests.dropfolder.box import QUICK, Box, flagged_file
from tests.outputs.halves import ids
from tests.scrubbing import run


def claim(number: int, **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_id=f"C{number}", member_id=f"9XX9XX9XX{number:02}"), **changes)


def file_of(*claims: ClaimSpec) -> bytes:
    return build(claims).encode()


def released(box: Box) -> list[str]:
    """The ids of the claims that went out since the last look, in order of the names of files."""
    found = [claim_id for path in sorted((box.root / "clean").glob("*.837")) for claim_id in ids(path.read_text())]
    box.take_clean()
    return found


def findings(box: Box, stem: str) -> list[list[str]]:
    (file,) = json.loads((box.root / "reports" / f"{stem}.report.json").read_text())["files"]
    return [[f"{finding['code']} {finding['severity']}" for finding in item["findings"]] for item in file["claims"]]


def store(box: Box) -> Path:
    return box.root / ".ledger" / "history.sqlite3"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "drop")


def drop(box: Box, name: str, *claims: ClaimSpec) -> list[str]:
    """Drop a file and wait for it; returns the ids of the claims that it released."""
    box.drop(name, file_of(*claims))
    assert box.once() == 0
    return released(box)


def test_a_corrected_batch_releases_what_is_new_in_it(box: Box) -> None:
    assert drop(box, "batch.837", claim(1), claim(2)) == ["C1", "C2"]
    assert drop(box, "batch.837", claim(1), claim(2), claim(3)) == ["C3"]
    assert drop(box, "renamed.837", claim(3), claim(4)) == ["C4"]
    assert findings(box, "renamed") == [["DUP03 reject"], []]
    assert "this claim was released before, in file " in (box.root / "reports" / "renamed.report.txt").read_text()


def test_replacements_and_voids_go_and_end_what_they_name(box: Box) -> None:
    first = claim(1, filing="CI")
    later = attrs.evolve(first, payer_claim_control_number="PCCN1")
    assert drop(box, "a.837", first) == ["C1"]
    assert drop(box, "b.837", attrs.evolve(later, frequency="7")) == ["C1"]
    assert drop(box, "b2.837", attrs.evolve(later, frequency="7"), first, claim(4)) == ["C4"]
    assert drop(box, "c.837", attrs.evolve(later, frequency="8")) == ["C1"]
    assert drop(box, "d.837", first, claim(2)) == ["C1", "C2"]
    assert drop(box, "e.837", first, claim(3)) == ["C3"]


def test_a_void_and_what_is_billed_again_go_out_once(box: Box) -> None:
    first = claim(1, filing="CI")
    void = attrs.evolve(first, frequency="8", payer_claim_control_number="PCCN1")
    rebilled = attrs.evolve(first, prior_authorization="PA9")
    assert drop(box, "a.837", first) == ["C1"]
    assert drop(box, "b.837", void, rebilled) == ["C1", "C1"]
    assert drop(box, "renamed.837", void, rebilled, claim(2)) == ["C2"]
    assert drop(box, "part.837", void, claim(3)) == ["C3"]
    assert drop(box, "c.837", attrs.evolve(void, payer_claim_control_number="PCCN2")) == ["C1"]


def test_what_is_billed_again_waits_for_a_void_that_was_rejected(box: Box) -> None:
    first = claim(1, filing="CI")
    unnamed = attrs.evolve(first, frequency="8")
    assert drop(box, "a.837", first) == ["C1"]
    assert drop(box, "b.837", unnamed, first) == []
    assert findings(box, "b") == [["FREQ01 reject"], ["DUP03 reject"]]
    assert drop(box, "c.837", attrs.evolve(unnamed, payer_claim_control_number="PCCN1"), first) == ["C1", "C1"]


def test_the_second_of_two_same_claims_in_a_file_does_not_go_out(box: Box) -> None:
    assert drop(box, "a.837", claim(1), claim(2), claim(1)) == ["C1", "C2"]
    assert findings(box, "a") == [[], [], ["DUP03 reject"]]


def test_a_requeued_file_does_not_fight_with_its_own_past(box: Box) -> None:
    assert drop(box, "a.837", claim(1), claim(2)) == ["C1", "C2"]
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    assert released(box) == ["C1", "C2"]
    assert drop(box, "b.837", claim(2), claim(3)) == ["C3"]


def test_two_files_in_work_at_once_release_a_claim_once(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, workers=2)
    for number in range(6):
        box.drop(f"{number}.837", file_of(claim(1), claim(10 + number)))
    assert box.once() == 0
    assert sorted(released(box)) == ["C1", *(f"C{10 + number}" for number in range(6))]


def test_a_watcher_can_do_without(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, remember=False)
    assert drop(box, "a.837", claim(1)) == ["C1"]
    assert drop(box, "b.837", claim(1), claim(2)) == ["C1", "C2"]
    assert not store(box).exists()


def test_a_profile_can_grade_it(box: Box, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('[severity]\nDUP03 = "warn"\n')
    for name, claims in {"a.837": (claim(1),), "b.837": (claim(1), claim(2))}.items():
        box.drop(name, file_of(*claims))
        assert run("watch", box.root, "--once", "--settle", "0", "--profile", profile).status == 0
    assert released(box) == ["C1", "C1", "C2"]


@pytest.mark.parametrize("part", ["", ".key"])
def test_a_lost_history_stops_the_watcher_and_is_rebuilt(box: Box, part: str) -> None:
    assert drop(box, "a.837", claim(1), claim(2)) == ["C1", "C2"]
    store(box).with_name(store(box).name + part).unlink()
    box.drop("b.837", file_of(claim(2), claim(3)))
    stopped = run("watch", box.root, "--once")
    assert stopped.status == 2
    assert "scrubber watch rebuild-history" in stopped.err.splitlines()[-1]
    assert released(box) == []
    assert run("watch", "rebuild-history", box.root).out == "the history knows the claims of 1 file\n"
    assert box.once() == 0
    assert released(box) == ["C3"]


def test_a_damaged_history_stops_the_watcher(box: Box) -> None:
    assert drop(box, "a.837", claim(1)) == ["C1"]
    store(box).write_bytes(b"\0" * 5000)
    stopped = run("watch", box.root, "--once")
    assert (stopped.status, len(stopped.err.splitlines())) == (2, 1)
    assert "rebuild-history" in stopped.err


def test_another_history_in_its_place_stops_the_watcher(box: Box) -> None:
    assert drop(box, "a.837", claim(1)) == ["C1"]
    for path in store(box).parent.glob("history*"):
        path.unlink()
    Database(store(box), create=True).close()
    assert "is not the history of" in run("watch", box.root, "--once").err


def test_an_older_copy_of_the_history_stops_the_watcher(box: Box) -> None:
    assert drop(box, "a.837", claim(1)) == ["C1"]
    copy = store(box).read_bytes()
    assert drop(box, "b.837", claim(2)) == ["C2"]
    store(box).write_bytes(copy)
    box.drop("c.837", file_of(claim(2), claim(3)))
    stopped = run("watch", box.root, "--once")
    assert stopped.status == 2
    assert "is older than its folder, or a copy" in stopped.err
    assert operations.rebuild_history(box.root, None).files == 2
    assert box.once() == 0
    assert released(box) == ["C3"]


def test_held_claims_are_not_released_by_an_older_copy_or_another_history(box: Box, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text(
        '[[suppress]]\nclaim = "F1"\ncode = "DX12"\nreason = "seen"\nauthor = "A. Biller"\nexpires = 2030-01-31\n'
    )
    for number in (1, 2):
        box.drop(f"{number}.837", flagged_file(*["F1", "F2"][:number], clean=0))
    assert run("watch", box.root, "--once", "--settle", "0", "--hold", "warn").status == 0
    copy = store(box).read_bytes()
    letting_go = ("watch", "release-held", box.root, "2.held.837", "--suppressions", accepted)
    assert run(*letting_go[:3], "1.held.837", *letting_go[4:]).status == 0
    assert released(box) == ["F1"]
    store(box).write_bytes(copy)
    stopped = run(*letting_go)
    assert (stopped.status, released(box)) == (2, [])
    assert "is older than its folder, or a copy" in stopped.err
    for part in ("", ".key"):
        store(box).with_name(store(box).name + part).unlink()
    Database(store(box), create=True).close()
    stopped = run(*letting_go)
    assert (stopped.status, released(box)) == (2, [])
    assert "is not the history of" in stopped.err


def without_reports(box: Box, *, older: bool) -> None:
    """Delete the reports, and from the ledger what older versions do not write."""
    shutil.rmtree(box.root / "reports")
    (box.root / "reports").mkdir()
    if older:
        with closing(sqlite3.connect(box.root / ".ledger" / "ledger.sqlite3")) as ledger, ledger:
            ledger.execute("DROP TABLE went")


def test_the_ledger_has_which_claims_of_a_held_file_went(box: Box, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text(
        '[[suppress]]\nclaim = "F2"\ncode = "DX12"\nreason = "seen"\nauthor = "A. Biller"\nexpires = 2030-01-31\n'
    )
    box.drop("a.837", flagged_file("F1", "F2", "F3"))
    assert run("watch", box.root, "--once", "--settle", "0", "--hold", "warn").status == 0
    assert run("watch", "release-held", box.root, "a.held.837", "--suppressions", accepted).status == 0
    assert released(box) == ["F2", "CLEAN-0"]
    without_reports(box, older=False)
    rebuilt = operations.rebuild_history(box.root, None)
    assert (rebuilt.files, rebuilt.judged_again, rebuilt.gone) == (2, 0, 0)
    box.drop("b.837", flagged_file("F1", "F2", "F3") + b"\n")
    assert run("watch", box.root, "--once", "--settle", "0").status == 0
    assert released(box) == ["F1", "F3"]


def test_without_reports_the_originals_are_judged_again(box: Box) -> None:
    assert drop(box, "a.837", claim(1), claim(2)) == ["C1", "C2"]
    without_reports(box, older=True)
    rebuilt = operations.rebuild_history(box.root, None)
    assert (rebuilt.files, rebuilt.judged_again, rebuilt.gone) == (1, 1, 0)
    assert drop(box, "b.837", claim(2), claim(3)) == ["C3"]


@pytest.mark.parametrize("holds_later", [True, False])
def test_without_reports_the_ledger_has_whether_flagged_claims_were_held(box: Box, *, holds_later: bool) -> None:
    holding = RunOptions(hold="warn")
    box.drop("a.837", flagged_file("F1"))
    assert box.once(options=RunOptions() if holds_later else holding) == 0
    assert released(box) == (["F1", "CLEAN-0"] if holds_later else ["CLEAN-0"])
    box.drop("other.837", file_of(claim(9)))
    assert box.once(options=holding if holds_later else RunOptions()) == 0
    released(box)
    without_reports(box, older=True)
    operations.rebuild_history(box.root, None)
    box.drop("b.837", flagged_file("F1", clean=0) + b"\n")
    assert box.once() == 0
    assert released(box) == ([] if holds_later else ["F1"])


def test_a_history_is_not_rebuilt_under_a_watcher(box: Box) -> None:
    assert drop(box, "a.837", claim(1)) == ["C1"]
    ledger = box.ledger()
    ledger.heartbeat("another", time.time(), 60)
    with pytest.raises(WatchError, match=r"stop all watchers.*, and its lease is over in (59|60) seconds"):
        operations.rebuild_history(box.root, None)


def test_the_history_follows_a_rebuilt_ledger(box: Box) -> None:
    assert drop(box, "a.837", claim(1), claim(2)) == ["C1", "C2"]
    (box.root / ".ledger" / "ledger.sqlite3").unlink()
    operations.rebuild(box.root, None, None, None)
    assert drop(box, "b.837", claim(2), claim(3)) == ["C3"]
    requeue(box.layout, box.ledger(), "a.837")
    assert box.once() == 0
    assert released(box) == ["C1", "C2"]


def test_what_is_wrong_is_one_line_for_the_folder() -> None:
    error = HistoryError("the history a;b is damaged", "bring it back from a backup")
    assert str(error) == "the history a;b is damaged; bring it back from a backup"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    said = claim_history.explained(error.reason, Path("/drop"))
    assert said.startswith("the history a;b is damaged: bring it back, or stop all watchers")
