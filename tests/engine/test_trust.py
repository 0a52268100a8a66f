"""Which files other users may change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scrubber.engine.trust import changeable_by_others


@pytest.mark.parametrize(("mode", "changeable"), [(0o600, False), (0o644, False), (0o664, False), (0o646, True)])
def test_by_the_mode_of_the_file(tmp_path: Path, mode: int, changeable: bool) -> None:
    path = tmp_path / "house.py"
    path.touch()
    os.chown(path, -1, os.getgid())
    path.chmod(mode)
    assert changeable_by_others(path) is changeable


def test_by_the_folder_of_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "house.py").touch()
    shared = tmp_path / "shared"
    shared.mkdir()
    link = shared / "house.py"
    link.symlink_to("../house.py")
    assert not changeable_by_others(link)
    shared.chmod(0o777)
    assert changeable_by_others(link)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        changeable_by_others(tmp_path / "missing")
