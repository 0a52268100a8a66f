"""Who may read the folders of a watcher, and whose files it takes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.start import Start, start
from scrubber.outputs.access import Access
from scrubber.running.sharing import NOT_SHARED, Sharing
from tests.dropfolder.box import QUICK, Box, Process, broken_file, claims_file
from tests.outputs.test_access import EVERYBODY, NAMED_USER, give_default_acl, granted, mode_of

WATCHER, SENDER, BILLING = 41_001, 41_002, 41_003
"""Accounts and a group that the machine does not know by name."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to run as other accounts")


def test_files_and_folders_get_the_mode_and_a_folder_may_have_its_own(box: Box) -> None:
    sharing = Sharing(Access(0o640), {"clean": Access(0o660), "quarantine": Access(0o600)})
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    box.drop("broken.837", broken_file(2))
    assert box.once(sharing=sharing) == 0
    folders = {name: mode_of(box / name) for name in ("clean", "rejected", "reports", "archive", "quarantine")}
    assert folders == {
        "clean": "0770",
        "rejected": "0750",
        "reports": "0750",
        "archive": "0750",
        "quarantine": "0700",
    }
    files = {name: {mode_of(path) for path in (box / name).iterdir()} for name in folders}
    assert files["clean"] == {"0660"}
    assert files["rejected"] == files["reports"] == files["archive"] == {"0640"}
    assert files["quarantine"] == {"0600"}
    private = {mode_of(box / name) for name in ("processing", ".staging", ".ledger")}
    assert private == {"0700"}


def test_default_acls_of_the_folders_grant_what_they_say(box: Box) -> None:
    assert box.once() == 0
    give_default_acl(box / "clean")
    box.drop("a.837", claims_file(1, claims=3, rejected=1))
    assert box.once() == 0
    assert granted(box / "clean/a.clean.837")[2, NAMED_USER] == 4
    assert granted(box / "clean/a.clean.837")[0x10, EVERYBODY] == 4
    assert mode_of(box / "rejected/a.rejected.837") == "0600"


def test_new_folders_take_the_default_acl_of_the_drop_folder(box: Box) -> None:
    give_default_acl(box.root)
    box.drop("a.837", claims_file(1))
    assert box.once() == 0
    assert granted(box / "reports")[0x10, EVERYBODY] == 5
    assert granted(box / "clean/a.clean.837")[2, NAMED_USER] == 4
    assert mode_of(box / ".staging") == mode_of(box / "processing") == "0700"


@pytest.fixture
def open_box() -> Iterator[Box]:
    """A drop folder that belongs to the watcher's account; its group is the senders'."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    folder.chmod(0o755)
    box = Box(folder / "drop", attrs.evolve(QUICK, tries=1))
    for path in (box.root, box / "in"):
        os.chown(path, WATCHER, BILLING)
    (box / "in").chmod(0o770)
    yield box
    shutil.rmtree(folder)


def as_account(account: int, do: Callable[[], int]) -> Callable[[], int]:
    """Something that is done as an account of the group."""

    def done() -> int:
        os.setgroups([BILLING])
        os.setresgid(BILLING, BILLING, BILLING)
        os.setresuid(account, account, account)
        return do()

    return done


def dropped(box: Box, name: str, content: bytes, mode: int = 0o640, owner: int = SENDER) -> Path:
    path = box / "in" / name
    path.write_bytes(content)
    os.chown(path, owner, BILLING)
    path.chmod(mode)
    return path


def watching(box: Box, sharing: Sharing = NOT_SHARED) -> Process:
    """A watcher of its own account that ends when all files are done."""
    begin = Start(box.root, box.settings, once=True, sharing=sharing)
    return box.running(as_account(WATCHER, lambda: start(begin, multiprocessing.get_context("fork"))))


@needs_root
def test_files_of_another_account_are_taken_where_the_rights_of_the_folder_allow_it(open_box: Box) -> None:
    dropped(open_box, "a.837", claims_file(1))
    assert watching(open_box).wait() == 0
    kept = open_box / "archive/a.837"
    assert (kept.read_bytes(), kept.stat().st_uid) == (claims_file(1), SENDER)
    assert (open_box / "clean/a.clean.837").stat().st_uid == WATCHER
    open_box.assert_tidy()


@needs_root
def test_files_of_another_account_stay_in_a_sticky_folder_and_links_are_refused(open_box: Box) -> None:
    (open_box / "in").chmod(0o1770)
    os.chown(open_box / "in", SENDER, BILLING)
    dropped(open_box, "a.837", claims_file(1))
    secret = dropped(open_box, "b.837", claims_file(2))
    os.link(secret, open_box / "in/link.837")
    (open_box / "in/symbolic.837").symlink_to(secret)
    process = watching(open_box)
    assert process.wait() == 0
    events = {event["event"]: event for event in process.events()}
    assert events["not claimed"]["reason"].startswith("Operation not permitted")
    assert events["refused"]["count"] == 3
    assert sorted(path.name for path in (open_box / "in").iterdir()) == ["a.837", "b.837", "link.837", "symbolic.837"]


@needs_root
def test_a_file_that_the_watcher_may_not_read_is_quarantined_with_the_reason(open_box: Box) -> None:
    dropped(open_box, "a.837", claims_file(1), mode=0o600)
    assert watching(open_box, Sharing(Access(0o640))).wait() == 0
    assert "Permission denied" in open_box.reason("a.837")
    assert (open_box / "quarantine/a.837").read_bytes() == claims_file(1)
