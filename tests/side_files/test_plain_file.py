"""Plain files are opened, through links, too; nothing else is, whatever takes its name meanwhile."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from scrubber.side_files import plain_file
from scrubber.side_files.plain_file import open_plain, plain_descriptor
from tests.scrubbing import each


def test_a_file_and_a_link_to_it_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link"):
        with open_plain(tmp_path / name) as stream:
            assert stream.read() == b"text"
    with pytest.raises(OSError):
        plain_descriptor(tmp_path / "link", links=False)


@each("target", {"file": "file", "folder": ".", "device": "/dev/null", "nothing": "gone"})
def test_a_link_is_no_file_where_links_are_not_taken(target: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / target)
    with pytest.raises(OSError) as caught:
        plain_descriptor(tmp_path / "link", links=False)
    assert caught.value.errno == errno.ELOOP


def test_a_pipe_that_takes_the_name_of_a_file_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the file and its opening."""
    path = tmp_path / "file"
    os.mkfifo(path)
    monkeypatch.setattr(plain_file, "must_be_plain", lambda *_, **__: None)
    with pytest.raises(OSError, match="a pipe"):
        open_plain(path)
