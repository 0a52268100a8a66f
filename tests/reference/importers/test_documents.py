"""Files to import that are no usual files, or have unusual names or lines."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from scrubber.reference.importers.documents import FileRefused, opened
from scrubber.reference.importers.kinds import Reading
from tests.public_files import written
from tests.reference.importers import small_files
from tests.reference.importers.small_files import SMALL, load
from tests.reference.importers.test_refused_files import archive, refused


def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    writer = threading.Timer(5, lambda: os.close(os.open(tmp_path / "pipe.csv", os.O_RDWR | os.O_NONBLOCK)))
    writer.start()  # so that a reader of the pipe does not wait for ever
    try:
        for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
            assert "this is a device or a pipe" in refused(tmp_path, path)
    finally:
        writer.cancel()


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"limits\xff.csv")
    try:
        path.write_text(small_files.LIMITS)
    except OSError:
        pytest.skip("the file system has names of text only")
    (item,) = load(tmp_path / "store.sqlite", path)
    assert item.edition.source == "limits?.csv"


def test_the_refusal_of_an_archive_is_one_line(tmp_path: Path) -> None:
    path = archive(tmp_path / "li\n::error::mits.zip", {"a/../../b.csv": b"x"})
    assert "\n" not in refused(tmp_path, path)


def test_a_line_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "limits.csv", [small_files.LIMITS, "," * 2_000_000])
    assert refused(tmp_path, path) == f"{path}: line 8 has more than 1,048,576 characters"
    path = written(tmp_path / "other.csv", ["," * 2_000_000])
    assert refused(tmp_path, path) == f"{path}: line 1 has more than 1,048,576 characters"


def test_an_error_of_the_disk_names_the_file(tmp_path: Path) -> None:
    path = SMALL["payment limits"].at(tmp_path)
    with opened(path) as [document], pytest.raises(OSError) as caught, document.reading():
        raise OSError(5, os.strerror(5))
    assert caught.value.filename == str(path)


def test_what_is_skipped_is_named_with_the_reason(tmp_path: Path) -> None:
    text = small_files.ASP.encode("latin-1")
    reading = Reading(
        [archive(tmp_path / "asp.zip", {"a.csv": text, "b.csv": text, "c.txt": b"c"})], small_files.EXCERPT
    )
    assert len(list(reading.contents())) == 2
    assert dict.fromkeys(reading.skipped) == dict.fromkeys(
        ["no edit uses such a table: asp.zip: c.txt", "the same table as another file: b.csv"]
    )


def test_tables_within_tables_of_a_page_take_little_time(tmp_path: Path) -> None:
    page = f"<div>place of service code{'<table><tr><td>' * 80}{'<p>x' * 100_000}"
    path = written(tmp_path / "pos-2026-10-01.html", [page])
    began = time.process_time()
    with pytest.raises(FileRefused, match="no table has the headings"):
        load(tmp_path / "store.sqlite", path)
    assert time.process_time() - began < 5
