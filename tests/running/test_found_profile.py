"""The search for scrubber.toml: where it begins and ends, and which files it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber.running import found_profile
from scrubber.running.found_profile import UntrustedError, find


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    """A folder with two above it that belong to the same test."""
    folder = tmp_path / "house" / "clinic" / "claims"
    folder.mkdir(parents=True)
    (tmp_path / "scrubber.toml").touch()
    return folder


def test_the_nearest_file_is_taken(inner: Path) -> None:
    assert find(inner) == Path("../../../scrubber.toml")
    (inner.parent / "scrubber.toml").touch()
    assert find(inner) == Path("../scrubber.toml")
    (inner / "scrubber.toml").touch()
    assert find(inner) == Path("scrubber.toml")


def test_the_search_starts_from_the_folder_after_a_link(inner: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link").symlink_to(inner)
    (inner.parent / "scrubber.toml").touch()
    assert find(tmp_path / "elsewhere" / "link") == Path("../scrubber.toml")


def test_a_working_copy_ends_the_search(inner: Path) -> None:
    (inner.parent / ".git").mkdir()
    assert find(inner) is None
    (inner.parent / "scrubber.toml").touch()
    assert find(inner) == Path("../scrubber.toml")


def test_a_linked_working_copy_ends_it_too(inner: Path) -> None:
    (inner.parent / ".git").write_text("gitdir: elsewhere\n")
    assert find(inner) is None


def test_the_home_folder_ends_it(inner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(inner.parent))
    assert find(inner) is None
    (inner.parent / "scrubber.toml").touch()
    assert find(inner) == Path("../scrubber.toml")


def test_a_file_beyond_a_border_is_not_looked_at(inner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_profile, "_device", lambda folder: len(folder.parts) > len(inner.parent.parts) - 1)
    assert find(inner) is None
    (inner.parent / "scrubber.toml").touch()
    assert find(inner) == Path("../scrubber.toml")


def test_a_folder_of_that_name_is_no_profile(inner: Path) -> None:
    (inner / "scrubber.toml").mkdir()
    assert find(inner) == Path("../../../scrubber.toml")


@pytest.mark.parametrize("mode", [0o646, 0o666])
def test_a_file_that_others_may_change_is_refused(inner: Path, mode: int) -> None:
    (inner / "scrubber.toml").touch()
    (inner / "scrubber.toml").chmod(mode)
    with pytest.raises(UntrustedError, match="can be changed by other users") as refused:
        find(inner)
    assert "--no-config" in str(refused.value)


def test_a_file_in_a_folder_where_everybody_may_write_is_refused(inner: Path) -> None:
    (inner / "scrubber.toml").touch()
    inner.chmod(0o777)
    with pytest.raises(UntrustedError, match="can be changed by other users"):
        find(inner)
    inner.chmod(0o1777)  # sticky: nobody may replace files of others
    assert find(inner) == Path("scrubber.toml")


def test_a_file_of_another_account_is_refused(inner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inner / "scrubber.toml").touch()
    monkeypatch.setattr(found_profile, "_ours", lambda: {4711})
    with pytest.raises(UntrustedError, match="belongs to another account"):
        find(inner)
