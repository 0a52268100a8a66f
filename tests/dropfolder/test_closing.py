"""Whether a file is whole, by its two ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scrubber.dropfolder.closing import Ends, PlainFile, ends
from tests.dropfolder.box import claims_file
from tests.scrubbing import each

WHOLE = claims_file(7).strip()


def look(path: Path, content: bytes) -> Ends:
    path.write_bytes(content)
    with PlainFile(path) as file:
        found = ends(file)
        assert file.read() == content
    return found


@each(
    "content",
    {
        "plain": WHOLE,
        "line breaks at its end": WHOLE + b"\r\n\r\n  ",
        "line breaks between": WHOLE.replace(b"~", b"~\r\n"),
        "line breaks that end segments": WHOLE.replace(b"~", b"\n"),
        "other delimiters": WHOLE.replace(b"~", b"\x1c").replace(b"*", b"|"),
        "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
        "white space before it": b"\r\n" + WHOLE,
        "two interchanges": WHOLE + WHOLE,
        "two with different delimiters": WHOLE + WHOLE.replace(b"~", b"'") + WHOLE,
        "the last with another terminator": WHOLE + WHOLE.replace(b"~", b"\n"),
        "the last with another separator": WHOLE.replace(b"~", b"~\r\n")
        + WHOLE.replace(b"*", b"|").replace(b"~", b"~\r\n"),
        "bytes that are no ASCII": WHOLE.replace(b"CLINIC", b"CL\xccNIC"),
        "zeros behind it": WHOLE + b"\0" * 512,
        "an end-of-file mark behind it": WHOLE + b"\r\n\x1a",
        "one longer than is looked at": WHOLE[:-20] + b"NTE*ADD*X~" * 20_000 + WHOLE[-20:],
    },
)
def test_a_file_that_is_closed(tmp_path: Path, content: bytes) -> None:
    found = look(tmp_path / "a.837", content)
    assert found.closed
    assert (found.size, found.control) == (len(content), "000000007")


@each(
    "content",
    {
        "no component separator": WHOLE[:104] + WHOLE[105:],
        "an element too few": WHOLE.replace(b"*00*", b"*", 1),
    },
)
def test_a_file_with_a_broken_isa_is_closed_by_its_iea(tmp_path: Path, content: bytes) -> None:
    """The reader reports the fault of its ISA, without a wait."""
    found = look(tmp_path / "a.837", content)
    assert found.closed
    assert found.control == ""
    assert not look(tmp_path / "a.837", content[:-1]).closed


@each(
    "content",
    {
        "empty": b"",
        "a little": b"IS",
        "ISA alone": b"ISA",
        "cut in ISA": WHOLE[:60],
        "only ISA": WHOLE[:106],
        "cut in the middle": WHOLE[: len(WHOLE) // 2],
        "without the last terminator": WHOLE[:-1],
        "cut in IEA": WHOLE[:-4],
        "another one is cut in IEA": WHOLE + WHOLE.replace(b"~", b"\n")[:-1],
        "a line that is cut in two": WHOLE.replace(b"~", b"~\n")[:-2] + b"\n",
        "something behind IEA": WHOLE + b"x",
        "a second one has begun": WHOLE + WHOLE[:200],
        "something behind zeros": WHOLE + b"\0" * 512 + b"x",
        "zeros before IEA is there": WHOLE[:-4] + b"\0" * 512,
        "no X12": b"name,amount\nA,1\n",
        "without ISA": WHOLE[106:],
        "IEA as a value": WHOLE[:106] + b"NTE*IEA*1*000000007~",
    },
)
def test_a_file_that_is_not_closed(tmp_path: Path, content: bytes) -> None:
    assert not look(tmp_path / "a.837", content).closed


def test_what_stands_in_place_of_the_control_number_is_not_shown(tmp_path: Path) -> None:
    assert look(tmp_path / "a.837", WHOLE.replace(b"*000000007*", b"*ASHVALE  *", 1)).control == ""


def test_an_error_of_the_file_itself_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.837").write_bytes(WHOLE)
    with (tmp_path / "folder").open("wb") as writable, PlainFile(tmp_path / "a.837") as file:
        os.dup2(writable.fileno(), file.fileno())
        with pytest.raises(OSError, match=r"a\.837"):
            file.read(1)


def test_every_beginning_of_a_file_is_open(tmp_path: Path) -> None:
    for size in range(0, len(WHOLE), 7):
        assert not look(tmp_path / "a.837", WHOLE[:size]).closed


def test_nothing_but_plain_files_is_opened(tmp_path: Path) -> None:
    (tmp_path / "whole.837").write_bytes(WHOLE)
    (tmp_path / "link.837").symlink_to(tmp_path / "whole.837")
    (tmp_path / "folder.837").mkdir()
    os.mkfifo(tmp_path / "pipe.837")
    for name in ("link.837", "folder.837", "pipe.837", "missing.837"):
        with pytest.raises(OSError):
            PlainFile(tmp_path / name)
    with pytest.raises(OSError):
        PlainFile(Path("/dev/null"))
