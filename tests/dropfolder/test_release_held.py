"""`watch release-held`: accepted claims of a held file go once, whatever dies when."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder import operations
from scrubber.dropfolder.rebuild import rebuild
from scrubber.dropfolder.rebuild_history import rebuild_history
from scrubber.dropfolder.release_held import release_held
from scrubber.dropfolder.requeue import requeue
from scrubber.running.options import RunOptions
from scrubber.testing import build, infusion_claim
from tests.dropfolder.box import Box, Process, Snapshot, flagged_file, wait_until
from tests.dropfolder.test_kill import copied, dying_at
from tests.outputs.halves import assert_right, ids
from tests.scrubbing import run

HOLDING = RunOptions(hold="warn")
ENTRY = '[[suppress]]\nclaim = "{id}"\ncode = "DX12"\nreason = "seen"\nauthor = "A. Biller"\nexpires = 2030-01-31\n'


def accepting(folder: Path, *claims: str) -> Path:
    """A suppressions file that accepts the findings of these claims."""
    path = folder / "accepted.toml"
    path.write_text("".join(ENTRY.format(id=claim) for claim in claims))
    return path


def holding(box: Box, *claims: str, content: bytes | None = None) -> Path:
    """A drop folder with a held file of these claims."""
    box.drop("batch.837", content or flagged_file(*claims))
    assert box.once(options=HOLDING) == 0
    box.take_clean()
    return box / "held/batch.held.837"


def released(box: Box, accepted: Path | None, wanted: str = "batch.held.837") -> str:
    """Release in this process; returns what the command says in short."""
    with closing(box.ledger()) as ledger:
        box.opened.remove(ledger)
        done = release_held(box.root, ledger, wanted, accepted)
    return f"{done.released} released, {done.counts.held} held, {done.rejected} rejected"


def claims_in(content: bytes) -> list[str]:
    text = content.decode("latin-1")
    assert_right(text)
    return ids(text)


def all_claims(snapshot: Snapshot, folder: str) -> list[str]:
    return sorted(claim for content in snapshot[folder].values() for claim in claims_in(content))


def test_accepted_claims_go_and_the_others_stay_held(box: Box, tmp_path: Path) -> None:
    held = holding(box, "F1", "F2", "F3")
    content = held.read_bytes()
    digits = hashlib.sha256(content).hexdigest()[:12]
    done = run("watch", "release-held", box.root, held, "--suppressions", accepting(tmp_path, "F2"))
    assert (done.status, done.err) == (0, "")
    assert done.out == f"released: {digits}, ISA13 000000001, 1 claim to clean, 2 still held, 0 rejected\n"
    assert box.names("clean") == [f"batch.{digits}.clean.837"]
    assert box.names("held") == [f"batch.{digits}.held.837"]
    assert box.names("archive") == [f"batch.{digits}.held.837", "batch.837"]
    assert (box / f"archive/batch.{digits}.held.837").read_bytes() == content
    box.take_clean()
    found = box.snapshot()
    assert all_claims(found, "clean") == ["CLEAN-0", "F2"]
    assert all_claims(found, "held") == ["F1", "F3"]
    assert all_claims(found, "rejected") == []
    report = json.loads(found["reports"][f"batch.{digits}.report.json"])
    assert (report["summary"]["clean"], report["summary"]["held"], report["summary"]["suppressed"]) == (1, 2, 1)
    box.assert_tidy()


def test_a_held_file_is_released_once_and_the_second_call_gives_the_time(box: Box, tmp_path: Path) -> None:
    held = holding(box, "F1", "F2")
    content, accepted = held.read_bytes(), accepting(tmp_path, "F1")
    wanted = hashlib.sha256(content).hexdigest()[:12]
    assert run("watch", "release-held", box.root, wanted, "--suppressions", accepted).status == 0
    for again in (wanted, "batch.held.837"):
        second = run("watch", "release-held", box.root, again, "--suppressions", accepted)
        assert second.status == 2
        assert "this held file was released already, on 20" in second.err
        assert second.err.endswith("1 claim went to clean/\n")
    held.write_bytes(content)  # somebody puts it back
    assert "released already" in run("watch", "release-held", box.root, held, "--suppressions", accepted).err
    held.unlink()
    assert len(box.names("clean")) == 1


def test_what_is_still_held_can_go_later(box: Box, tmp_path: Path) -> None:
    holding(box, "F1", "F2", "F3")
    assert released(box, accepting(tmp_path, "F1")) == "1 released, 2 held, 0 rejected"
    (rest,) = box.names("held")
    assert released(box, accepting(tmp_path, "F1", "F3"), rest) == "1 released, 1 held, 0 rejected"
    (rest,) = box.names("held")
    assert released(box, accepting(tmp_path, "F1", "F2", "F3"), rest) == "1 released, 0 held, 0 rejected"
    box.take_clean()
    assert all_claims(box.snapshot(), "clean") == ["CLEAN-0", "F1", "F2", "F3"]
    assert box.names("held") == []
    box.assert_tidy()


def test_a_held_file_that_was_edited_is_refused(box: Box, tmp_path: Path) -> None:
    held = holding(box, "F1", "F2")
    held.write_bytes(held.read_bytes().replace(b"CLM*F1*", b"CLM*F9*"))
    done = run("watch", "release-held", box.root, held, "--suppressions", accepting(tmp_path, "F9", "F2"))
    assert done.status == 2
    assert "the held file was changed: it has claims that its original does not have" in done.err
    assert (box.names("clean"), box.names("held")) == ([], ["batch.held.837"])
    box.assert_tidy()


def exchanged(text: str) -> str:
    """The file with its two claims in the levels of each other."""
    one, other = (re.search(rf"CLM\*{name}\*.*?(?=HL\*|SE\*)", text, re.DOTALL) for name in ("F1", "F2"))
    assert one and other
    return f"{text[: one.start()]}{other[0]}{text[one.end() : other.start()]}{one[0]}{text[other.end() :]}"


def doubled(text: str) -> str:
    """The file with its first claim twice, and with the right count."""
    found = re.search(r"CLM\*F1\*.*?(?=HL\*|SE\*)", text, re.DOTALL)
    count = re.search(r"SE\*(\d+)", text)
    assert found and count
    right = f"SE*{int(count[1]) + found[0].count('~')}"
    return f"{text[: found.end()]}{found[0]}{text[found.end() :].replace(count[0], right)}"


CHANGED: dict[str, Callable[[str], str]] = {
    "a claim under another patient": lambda text: text.replace("NM1*IL*1*", "NM1*IL*1*X", 1),
    "another payer": lambda text: text.replace("NM1*PR*2*", "NM1*PR*2*X", 1),
    "another provider": lambda text: text.replace("NM1*85*2*", "NM1*85*2*X", 1),
    "two patients exchanged": exchanged,
    "a claim twice": doubled,
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_held_file_whose_claims_are_not_those_that_were_held_is_refused(
    change: str, box: Box, tmp_path: Path
) -> None:
    members = {"F1": "1EG4TE5MK73", "F2": "1EG4TE5MK74"}
    claims = [infusion_claim("837P", name, diagnoses=("M3219", "M320"), member_id=members[name]) for name in members]
    held = holding(box, content=build(claims).encode())
    before = held.read_text()
    held.write_text(CHANGED[change](before))
    assert held.read_text() != before
    done = run("watch", "release-held", box.root, held, "--suppressions", accepting(tmp_path, "F1", "F2"))
    assert done.status == 2
    assert "the held file was changed" in done.err
    assert box.names("clean") == []


def test_nothing_goes_where_nothing_is_accepted(box: Box) -> None:
    held = holding(box, "F1")
    content = held.read_bytes()
    done = run("watch", "release-held", box.root, held)
    assert (done.status, done.out.startswith("nothing released: ")) == (1, True)
    assert held.read_bytes() == content
    assert box.names("clean") == []
    box.assert_tidy()


def test_the_suppressions_and_options_of_the_watcher_are_used(box: Box, tmp_path: Path) -> None:
    accepted = accepting(tmp_path, "OTHER")
    box.drop("batch.837", flagged_file("F1"))
    options = ("--hold", "warn", "--suppressions", "accepted.toml", "--settle", "0", "--select", "DX12")
    assert run("watch", box.root, "--once", *options, cwd=tmp_path).status == 0
    accepted.write_text(ENTRY.format(id="F1"))
    (tmp_path / "elsewhere").mkdir()
    done = run("watch", "release-held", box.root, "batch.held.837", cwd=tmp_path / "elsewhere")
    assert done.status == 0, done.err
    (report,) = (path for path in (box / "reports").glob("batch.*.report.json") if path.name != "batch.report.json")
    assert (
        json.loads(report.read_text())["profile"]["name"]
        == json.loads((box / "reports/batch.report.json").read_text())["profile"]["name"]
    )


def test_a_claim_that_was_held_as_a_duplicate_is_compared_with_its_whole_file(box: Box, tmp_path: Path) -> None:
    """Alone in the held file it has no duplicate any more."""
    first = infusion_claim("837P", "A", member_id="1EG4TE5MK73")
    held = holding(box, content=build([first, attrs.evolve(first, claim_id="B")]).encode())
    assert claims_in(held.read_bytes()) == ["B"]
    assert released(box, None) == "0 released, 1 held, 0 rejected"
    accepted = accepting(tmp_path, "B")
    accepted.write_text(accepted.read_text().replace("DX12", "DUP02"))
    assert released(box, accepted) == "1 released, 0 held, 0 rejected"


def test_a_file_that_equals_its_held_part_can_be_released(box: Box, tmp_path: Path) -> None:
    """All claims are flagged, and so both files have the same hash."""
    holding(box, content=flagged_file("F1", clean=0))
    assert released(box, accepting(tmp_path, "F1")) == "1 released, 0 held, 0 rejected"


def test_a_released_held_file_that_is_dropped_is_a_duplicate_and_can_be_requeued(box: Box, tmp_path: Path) -> None:
    content = holding(box, "F1").read_bytes()
    released(box, accepting(tmp_path, "F1"))
    box.take_clean()
    box.drop("again.837", content)
    assert box.once(options=HOLDING) == 0
    assert box.ledger().counts()["duplicate"] == 1
    assert requeue(box.layout, box.ledger(), "batch.held.837").run == 1
    assert box.once() == 0
    assert len(box.names("clean")) == 1


def test_a_rebuilt_ledger_has_that_a_held_file_was_released(box: Box, tmp_path: Path) -> None:
    content = holding(box, "F1").read_bytes()
    released(box, accepting(tmp_path, "F1"))
    box.take_clean()
    while box.opened:
        box.opened.pop().close()
    shutil.rmtree(box / ".ledger")
    rebuild(box.layout, None).close()
    box.drop("again.837", content)
    assert box.once() == 0
    assert box.ledger().counts()["duplicate"] == 1


def test_a_held_file_with_all_of_its_file_is_no_riddle_for_a_rebuilt_ledger(box: Box, tmp_path: Path) -> None:
    holding(box, "F1", content=flagged_file("F1", clean=0))
    assert released(box, accepting(tmp_path, "F1")) == "1 released, 0 held, 0 rejected"
    box.take_clean()
    while box.opened:
        box.opened.pop().close()
    assert len(set(box.snapshot()["archive"].values())) < len(box.snapshot()["archive"])
    shutil.rmtree(box / ".ledger")
    rebuild(box.layout, None).close()
    assert box.once(options=HOLDING) == 0
    assert box.names("clean") == []


def test_what_cannot_be_released_gives_the_reason(box: Box, tmp_path: Path) -> None:
    held = holding(box, "F1")
    assert "has that name or hash" in run("watch", "release-held", box.root, "other.held.837").err
    (box / "held/theirs.held.837").write_bytes(held.read_bytes() + b"\n")
    assert "its claims cannot be judged again" in run("watch", "release-held", box.root, "theirs.held.837").err
    os.link(held, box / "link")
    refused = run("watch", "release-held", box.root, held, "--suppressions", accepting(tmp_path, "F1"))
    assert "second name" in refused.err
    (box / "link").unlink()
    (tmp_path / "wrong.toml").write_text("[[suppress]]\n")
    assert "wrong.toml" in run("watch", "release-held", box.root, held, "--suppressions", tmp_path / "wrong.toml").err
    (box / "archive/batch.837").write_bytes(flagged_file("F2"))
    refused = run("watch", "release-held", box.root, held, "--suppressions", accepting(tmp_path, "F1"))
    assert "is not the one that the ledger knows" in refused.err
    assert box.names("clean") == []
    box.assert_tidy()


def test_with_a_running_watcher_and_by_two_at_once(box: Box, tmp_path: Path) -> None:
    holding(box, "F1", "F2")
    accepted = accepting(tmp_path, "F1")
    watcher = box.process(options=HOLDING)
    wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
    both = [releasing(box, accepted) for _ in range(2)]
    assert sorted(process.wait() for process in both) == [0, 2]
    watcher.kill(15)
    assert watcher.wait() == 0
    assert len(box.names("clean")) == len(box.names("held")) == 1
    box.assert_tidy()


def releasing(box: Box, accepted: Path, step: int = 0) -> Process:
    """The command in its own process, killed before its step of that number."""

    def command() -> int:
        operations.release_held(box.root, "batch.held.837", accepted, None)
        return 0

    return box.running(command, main=dying_at(step))


def remembered_claims(box: Box) -> list[tuple[int, int]]:
    """What counts in the history: a row for each claim, and whether its release was confirmed."""
    query = "SELECT claims.content, confirmed FROM claims JOIN files ON files.id = file WHERE entered NOT NULL {}"
    with closing(sqlite3.connect(box / ".ledger/history.sqlite3")) as history:
        return sorted(history.execute(query.format("AND withdrawn IS NULL")).fetchall())


@pytest.mark.parametrize("then", ["the watcher", "the command again"])
def test_killed_at_any_step_it_loses_and_repeats_nothing(then: str, memory: Path) -> None:
    begun = Box(memory / "begun")
    holding(begun, "F1", "F2")
    accepted = accepting(memory, "F1")
    whole = copied(begun, memory / "whole")
    assert releasing(whole, accepted).wait() == 0
    whole.take_clean()
    expected = whole.snapshot()
    for step in count(1):
        box = copied(begun, memory / str(step))
        if releasing(box, accepted, step).wait() == 0:
            break
        box.take_clean()
        if then == "the watcher":
            assert box.after_a_crash(options=HOLDING) == 0
        box.end_leases()
        box.take_clean()
        assert releasing(box, accepted).wait() in (0, 2)  # 2: it says that the file was released
        box.take_clean()
        for _ in range(2):  # the first forgets what was not entered, the upkeep of the second removes its copy
            assert box.after_a_crash(options=HOLDING) == 0
        assert (step, box.snapshot()) == (step, expected)
        assert (step, remembered_claims(box)) == (step, remembered_claims(whole))
        box.assert_tidy()
        shutil.rmtree(box.root)
    assert step > 20


def test_a_drop_folder_that_was_moved_takes_its_history_along(box: Box, tmp_path: Path, memory: Path) -> None:
    holding(box, "F1")
    there = copied(box, memory / "there")
    assert released(box, accepting(tmp_path, "F1")) == "1 released, 0 held, 0 rejected"
    assert released(there, accepting(tmp_path, "F1")) == "1 released, 0 held, 0 rejected"
    known = len(remembered_claims(there))
    with closing(there.ledger()) as ledger:
        there.opened.remove(ledger)
        assert rebuild_history(there.root, ledger).files == 2
    assert len(remembered_claims(there)) == known == 2
    assert list((box / ".ledger").glob("*.old*")) == []
