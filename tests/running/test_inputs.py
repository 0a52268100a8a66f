"""What paths stand for: files, folders, standard input."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from scrubber.running.inputs import Input, expand
from scrubber.testing import build, infusion_claim
from tests.scrubbing import each

CLAIM = build([infusion_claim()]).encode()


@each(
    ("content", "taken"),
    {
        "an 837": (CLAIM, True),
        "with a byte order mark": (b"\xef\xbb\xbf" + CLAIM, True),
        "with blank lines in front": (b"\r\n\n  " + CLAIM, True),
        "ISA and nothing else": (b"ISA", True),
        "empty": (b"", False),
        "a text": (b"Dear Sir or Madam", False),
        "a report": (b'{"files": []}', False),
        "binary": (bytes(range(256)), False),
        "ISA further on": (b"x" + CLAIM, False),
    },
)
def test_a_folder_stands_for_its_files_that_begin_with_isa(tmp_path: Path, content: bytes, taken: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    inputs = expand([str(tmp_path)])
    assert [source.path for source in inputs.files] == ([str(path)] if taken else [])
    assert inputs.passed_over == (() if taken else (str(path),))


@each(
    ("name", "taken"),
    {
        "named like an 837": ("batch.837", True),
        "in capitals": ("BATCH.X12", True),
        "as EDI": ("batch.edi", True),
        "compressed": ("batch.837.gz", False),
        "a hidden file": ("._batch.837", False),
        "another name": ("batch.txt", False),
    },
)
@each("content", {"empty": b"", "a text": b"Dear Sir or Madam", "a picture": b"\x89PNG"})
def test_a_file_of_a_folder_that_is_named_like_an_837_is_read(
    tmp_path: Path, name: str, taken: bool, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    inputs = expand([str(tmp_path)])
    assert [source.path for source in inputs.files] == ([str(path)] if taken else [])
    assert inputs.passed_over == (() if taken else (str(path),))


def test_files_of_a_folder_come_in_order_and_folders_in_it_are_not_entered(tmp_path: Path) -> None:
    for name in ("b.837", "a.837", "C.837", ".hidden.837"):
        (tmp_path / name).write_bytes(CLAIM)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "d.837").write_bytes(CLAIM)
    names = [Path(source.path).name for source in expand([str(tmp_path)]).files]
    assert names == [".hidden.837", "C.837", "a.837", "b.837"]


def test_a_named_file_is_taken_with_any_content(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam")
    inputs = expand([str(path), str(tmp_path / "missing"), "-"])
    assert [source.path for source in inputs.files] == [str(path), str(tmp_path / "missing"), "-"]


def test_a_pipe_in_a_folder_is_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.837").write_bytes(CLAIM)
    assert [Path(source.path).name for source in expand([str(tmp_path)]).files] == ["a.837"]


@each(
    ("path", "name"),
    {
        "plain": ("claims", "claims"),
        "with an extension": ("day/claims.837", "claims"),
        "with two": ("claims.2026.837", "claims.2026"),
        "hidden": (".claims", ".claims"),
        "standard input": ("-", "stdin"),
    },
)
def test_outputs_are_named_by_the_input(path: str, name: str) -> None:
    assert Input(path).name == name


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(CLAIM)))
    with Input("-").open() as stream:
        assert stream.read() == CLAIM
        stream.seek(0)
        assert stream.read() == CLAIM


def test_a_pipe_that_is_named_can_be_read_twice(tmp_path: Path) -> None:
    """As in `scrubber check <(gunzip -c claims.837.gz)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(CLAIM,))
    writer.start()
    with Input(str(pipe)).open() as stream:
        assert stream.read() == CLAIM
        stream.seek(0)
        assert stream.read() == CLAIM
    writer.join(10)
