"""What paths stand for: files, folders, standard input."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from scrubber.running.inputs import Input, expand
from scrubber.testing import build, infusion_claim
from scrubber.x12.errors import NO_INTERCHANGE
from scrubber.x12.prescan import Prescan, prescan
from tests.scrubbing import each
from tests.x12.small837 import SMALL
from tests.x12.test_archives import tarred, zipped

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


class Endless(io.RawIOBase):
    """A pipe that never ends: a beginning, then the same letters again and again."""

    def __init__(self, beginning: bytes, most: int) -> None:
        self.given, self._most, self._beginning = 0, most, beginning

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        part = self._beginning or b"y\n" * 4096
        size = min(len(part), len(view))
        view[:size] = part[:size]
        self._beginning = self._beginning[size:]
        self.given += size
        assert self.given < self._most
        return size


def test_a_pipe_that_never_shows_a_header_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Endless(b"", 8 << 20)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(pipe)))
    with pytest.raises(OSError, match="no ISA, GS or ST in the first 4,194,304 bytes"), Input("-").open():
        pass


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device here")
def test_a_device_is_read_like_a_pipe() -> None:
    with pytest.raises(OSError, match="no ISA, GS or ST in the first 4,194,304 bytes"), Input("/dev/zero").open():
        pass
    with Input("/dev/null").open() as stream:
        assert stream.read() == b""


@each("free, total", {"a twentieth": (50, 1000), "of a large disk": (1 << 30, 1 << 40)})
def test_a_pipe_that_never_ends_leaves_room_on_the_disk(free: int, total: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Endless(b"ISA*00*", 40 << 20)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(pipe)))
    left = iter(range(free + 5, 0, -1))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=total, free=next(left)))
    with pytest.raises(OSError, match=r"its copy would fill the disk of .*, the folder for temporary files"):
        Input("-").open().__enter__()


@each(
    "header",
    {
        "ISA": b"ISA*00*",
        "GS": b"GS|HC|",
        "ST": b"ST*837*",
        "another transaction": b"ST*276*",
        "tabs": b"ISA\t00\t",
        "control characters": b"ISA\x1c00\x1c",
        "bytes above 127": b"ISA\xa700\xa7",
        "an empty ISA01": b"ISA**",
    },
)
def test_a_large_input_with_a_header_is_read_to_its_end(header: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b" " * (3 << 20) + header + b"y" * (3 << 20)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    with Input("-").open() as stream:
        assert stream.read() == content


@each(
    "text",
    {
        "letters": b"ISAAC GSAHCA STA837A ",
        "blanks": b"ISA 00 GS HC ST 837 ",
        "lines": b"ISA\n00\nGS\nHC\nST\n837\nISA\r00\r",
        "two separators": b"ISA*00|GS*HC|ST*837|",
        "letters and one bar": b"VISA-card GS/HCPCS ST-8",
    },
)
def test_what_is_only_like_a_header_is_not_read_on(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text * (1 << 18))))
    with pytest.raises(OSError, match="no ISA, GS or ST"), Input("-").open():
        pass


def through_a_pipe(content: bytes, tmp_path: Path) -> Prescan:
    """What is found in the envelope of a file that comes through a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    with Input(str(pipe)).open() as stream:
        scan = prescan(stream)
    writer.join(10)
    return scan


def test_a_large_file_with_tabs_comes_whole_through_a_pipe(tmp_path: Path) -> None:
    content = (SMALL.replace("*", "\t") * ((5 << 20) // len(SMALL))).encode()
    scan = through_a_pipe(content, tmp_path)
    assert scan == prescan(io.BytesIO(content))
    assert scan.claims > 2


@each(
    "pack, kind",
    {
        "zip": (zipped, "a zip archive"),
        "tar": (tarred, "a tar archive"),
        "gzip": (partial(gzip.compress, compresslevel=0), "a gzip file"),
    },
)
def test_a_large_archive_through_a_pipe_is_named(pack: Callable[[bytes], bytes], kind: str, tmp_path: Path) -> None:
    content = pack(bytes(5 << 20))
    scan = through_a_pipe(content, tmp_path)
    assert [(error.code, error.message) for error in scan.errors] == [
        (NO_INTERCHANGE, f"no ISA segment: this is {kind}; unpack it first")
    ]
    assert scan.sha256 == hashlib.sha256(content).hexdigest()
