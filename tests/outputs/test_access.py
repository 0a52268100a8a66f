"""Who may read outputs: mode, group and default ACLs, on files and folders as commands write them."""

from __future__ import annotations

import grp
import os
import struct
from pathlib import Path

import pytest

from scrubber.outputs.access import Access, AccessError
from scrubber.outputs.files import new_file, shared
from scrubber.running.sharing import SharingError, sharing
from scrubber.testing import build, infusion_claim
from tests.scrubbing import each, run

GROUP = grp.getgrgid(os.getegid()).gr_name
EVERYBODY = 0xFFFFFFFF
NAMED_USER = 65534


def mode_of(path: Path) -> str:
    return f"{path.stat().st_mode & 0o7777:04o}"


def give_default_acl(folder: Path) -> None:
    """A default ACL: the owner all, one named user and the group read, others nothing."""
    rows = ((1, 7, EVERYBODY), (2, 5, NAMED_USER), (4, 5, EVERYBODY), (0x10, 5, EVERYBODY), (0x20, 0, EVERYBODY))
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)
    try:
        os.setxattr(folder, "system.posix_acl_default", acl)
    except (OSError, AttributeError):
        pytest.skip("the file system has no ACLs")


def granted(path: Path) -> dict[tuple[int, int], int]:
    """The entries of the ACL of a file: bits by tag and user."""
    entries = os.getxattr(path, "system.posix_acl_access")[4:]
    return {(tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", entries)}


def test_a_file_has_its_mode_and_group_when_it_gets_its_name(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with shared(Access.of("0640", GROUP)), new_file(tmp_path / "a") as out:
            out.write(b"1")
            (partial,) = tmp_path.iterdir()
            assert mode_of(partial) == "0600"
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "a") == "0640"
    assert (tmp_path / "a").stat().st_gid == os.getegid()


def test_without_mode_group_and_acl_only_the_owner_reads(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as out:
        out.write(b"1")
    assert mode_of(tmp_path / "a") == "0600"


def test_a_default_acl_grants_what_it_says_once_the_file_is_complete(tmp_path: Path) -> None:
    give_default_acl(tmp_path)
    with new_file(tmp_path / "a") as out:
        out.write(b"1")
        (partial,) = tmp_path.iterdir()
        assert granted(partial)[0x10, EVERYBODY] == 0, "the mask lets nobody in"
    assert granted(tmp_path / "a") == {
        (1, EVERYBODY): 6,
        (2, NAMED_USER): 4,
        (4, EVERYBODY): 4,
        (0x10, EVERYBODY): 4,
        (0x20, EVERYBODY): 0,
    }


@each(
    ("mode", "folder"),
    {"a group reads": ("0640", "0750"), "a group writes": ("660", "0770"), "all read": ("0644", "0755")},
)
def test_folders_get_x_where_files_have_r(mode: str, folder: str) -> None:
    assert f"{Access.of(mode, None).folder_mode or 0:04o}" == folder


def test_a_group_alone_may_read() -> None:
    assert Access.of(None, GROUP).mode == 0o640


@pytest.mark.parametrize("mode", ["0750", "0400", "rw", "0999", "640.", "00640", "4640", "0o640"])
def test_a_mode_that_makes_no_sense_is_refused(mode: str) -> None:
    with pytest.raises(AccessError, match="must be octal digits"):
        Access.of(mode, None)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(AccessError, match="no group 'nobody-has-this'"):
        Access.of(None, "nobody-has-this")


@each(
    "text, message",
    {
        "a number": ("[outputs]\nmode = 640", "must be strings"),
        "an unknown key": ('[outputs]\nmod = "0640"', "mod"),
        "an unknown folder": ('[outputs.folders.cleen]\nmode = "0640"', "cleen"),
        "no table": ('outputs = "0640"', "outputs must be a table"),
        "an empty mode": ('[outputs]\nmode = ""', "must be octal digits"),
        "an empty group": ('[outputs]\ngroup = ""', "must be the name of a group"),
        "an empty mode of a folder": ('[outputs.folders.clean]\nmode = ""', "must be octal digits"),
        "a wrong mode": ('[outputs]\nmode = "777"', "must be octal digits"),
    },
)
def test_a_wrong_profile_is_refused_with_its_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "house.toml"
    path.write_text(text + "\n")
    with pytest.raises(SharingError, match=message) as refused:
        sharing(path, None, None, ("clean",))
    assert str(path) in str(refused.value)


def test_options_win_over_the_profile_but_for_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text('[outputs]\nmode = "0644"\n[outputs.folders.clean]\nmode = "0660"\n')
    found = sharing(path, "0640", None, ("clean",))
    assert (found.of("reports").mode, found.of("clean").mode) == (0o640, 0o660)


def test_scrub_gives_all_outputs_and_a_new_folder_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_text(build([infusion_claim()]))
    (tmp_path / "house.toml").write_text(f'[outputs]\nmode = "0660"\ngroup = "{GROUP}"\n')
    assert run("scrub", path, "--out", tmp_path / "out", "--mode", "0640").status == 0
    assert run("scrub", path, "--out", tmp_path / "other", "--profile", tmp_path / "house.toml").status == 0
    assert run("scrub", path, "--out", tmp_path / "private").status == 0
    modes = {
        name: ({mode_of(output) for output in (tmp_path / name).iterdir()}, mode_of(tmp_path / name))
        for name in ("out", "other", "private")
    }
    assert modes["out"] == ({"0640"}, "0750")
    assert modes["other"] == ({"0660"}, "0770")
    assert modes["private"][0] == {"0600"}
    refused = run("scrub", path, "--out", tmp_path / "never", "--group", "nobody-has-this")
    assert (refused.status, refused.err) == (2, "Error: there is no group 'nobody-has-this'\n")
    assert not (tmp_path / "never").exists()
