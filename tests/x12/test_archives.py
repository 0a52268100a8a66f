"""Archives are not read, whatever stands in them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from scrubber.x12 import errors
from scrubber.x12.buffer import BLOCK
from scrubber.x12.pieces import cut
from scrubber.x12.prescan import prescan
from tests.scrubbing import each
from tests.x12.small837 import SMALL

LONG = (SMALL * (2 * BLOCK // len(SMALL))).encode("latin-1")


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.837", content)
    return out.getvalue()


def tarred(content: bytes) -> bytes:
    out = io.BytesIO()
    member = tarfile.TarInfo("a.837")
    member.size = len(content)
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@each(
    "data, kind",
    {
        "zip": (zipped(LONG), "a zip archive"),
        "tar": (tarred(LONG), "a tar archive"),
        "gzip": (gzip.compress(LONG), "a gzip file"),
        "gzip without compression": (gzip.compress(LONG, 0), "a gzip file"),
        "bzip2": (bz2.compress(LONG), "a bzip2 file"),
        "xz": (lzma.compress(LONG), "an xz file"),
        "cut": (zipped(LONG)[:4], "a zip archive"),
    },
)
def test_an_archive_is_named_and_not_read(data: bytes, kind: str) -> None:
    pieces = [*cut(io.BytesIO(data))]
    assert b"".join(piece.raw for piece in pieces) == data
    assert {piece.tag for piece in pieces} == {""}
    scan = prescan(io.BytesIO(data))
    assert [(error.code, error.offset) for error in scan.errors] == [(errors.NO_INTERCHANGE, 0)]
    assert scan.errors[0].message == f"no ISA segment: this is {kind}; unpack it first"
    assert (scan.claims, scan.readable) == (0, False)


def test_a_file_that_has_only_the_mark_of_an_archive_is_read() -> None:
    assert (
        prescan(io.BytesIO(b" " * 257 + b"ustar" + SMALL.encode("latin-1"))).claims
        == prescan(io.BytesIO(SMALL.encode("latin-1"))).claims
    )
