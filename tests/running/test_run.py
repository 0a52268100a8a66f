"""One run over one file: the second pass reads what the first one hashed, or nothing is released."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import scrubber
from scrubber.outputs import annotated, formats
from scrubber.outputs.wording import error_severity
from scrubber.running import run
from scrubber.testing import build, infusion_claim
from scrubber.x12.errors import X12Error
from tests.changing import Changing, Failing, Opened
from tests.scrubbing import each, engine

WHOLE = build([infusion_claim(claim_id="FIRST"), infusion_claim(claim_id="SECOND")], per_transaction=1).encode()
GROWN = WHOLE + build([infusion_claim(claim_id="THIRD")], control=2).encode()[:700]
"""The same file, to which its writer has begun to add another interchange."""
OTHER = WHOLE.replace(b"SECOND", b"THIRDD")

CHANGES = {
    "grown": Changing(WHOLE, GROWN),
    "other bytes": Changing(WHOLE, OTHER),
    "shorter": Changing(GROWN, WHOLE),
    "emptied": Changing(WHOLE, b""),
    "a disk that fails": Failing(WHOLE),
}


def again(stream: io.BytesIO) -> io.BytesIO:
    """A new stream of that kind."""
    if isinstance(stream, Changing):
        assert stream._then is not None
        return Changing(stream.getvalue(), stream._then)
    return Failing(stream.getvalue())


@each("stream", CHANGES)
def test_scrub_writes_nothing_of_a_file_that_changes(tmp_path: Path, stream: io.BytesIO) -> None:
    (tmp_path / "x.clean.837").write_bytes(b"of an earlier run")
    with pytest.raises(X12Error):
        run.scrub(Opened("x.837", again(stream)), engine(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@each("stream", CHANGES)
def test_check_reports_a_file_that_changes_as_unreadable(tmp_path: Path, stream: io.BytesIO) -> None:
    path = tmp_path / "report.json"
    with formats.opened("json", path, engine()) as report:
        outcome = run.check(Opened("x.837", again(stream)), engine(), [report])
        run.check(Opened("y.837", io.BytesIO(WHOLE)), engine(), [report])
    assert not outcome.readable
    first, second = json.loads(path.read_bytes())["files"]
    assert (first["status"], second["status"]) == ("error", "ok")
    assert first["errors"][-1]["code"] == "READ43"


def test_the_error_names_the_byte_and_the_reason() -> None:
    outcome = run.check(Opened("x.837", again(CHANGES["grown"])), engine(), [])
    assert str(outcome.errors[-1]) == f"READ43 the file changed while it was read (byte {len(WHOLE)})"
    outcome = run.check(Opened("x.837", again(CHANGES["a disk that fails"])), engine(), [])
    assert str(outcome.errors[-1]) == "READ43 the file cannot be read: Input/output error (byte 0)"


@each("stream", CHANGES)
def test_the_calls_of_python_raise(stream: io.BytesIO) -> None:
    with pytest.raises(X12Error):
        list(scrubber.scrub(again(stream)))
    outputs: dict[str, Any] = {
        name: io.BytesIO() for name in ("clean", "rejected", "annotated", "ack_999", "ack_277ca")
    }
    with pytest.raises(X12Error):
        scrubber.scrub_to(again(stream), **outputs)
    assert {out.getvalue() for out in outputs.values()} == {b""}


@each("stream", CHANGES)
def test_strip_refuses_a_file_that_changes(stream: io.BytesIO) -> None:
    with pytest.raises(X12Error):
        annotated.strip(again(stream), io.BytesIO())


def test_a_file_that_grows_for_ever_is_not_read_for_ever() -> None:
    class Endless(Failing):
        def read(self, size: int | None = -1, /) -> bytes:
            return WHOLE if self._fails else super().read(size)

    claims = scrubber.scrub(Endless(WHOLE))
    with pytest.raises(X12Error, match="changed"):
        for _ in range(100):
            next(claims)


@pytest.mark.parametrize("tag", ["SE", "GE", "IEA"])
def test_an_element_too_many_in_a_trailer_warns_and_the_clean_file_has_a_sound_one(tag: str, tmp_path: Path) -> None:
    """All claims go out, so nothing of the file is reported as rejected."""
    file = build([infusion_claim()])
    wrong = re.sub(rf"\n({tag}\*[^~]*)~", r"\n\1*X~", file)
    assert wrong != file
    outcome = run.scrub(Opened("x.837", io.BytesIO(wrong.encode())), engine(), tmp_path)
    (error,) = outcome.errors
    assert (error.code, error.element, error_severity(error)) == ("IG07", f"{tag}03", "warn")
    assert (outcome.reaches("reject"), outcome.reaches("warn")) == (False, True)
    assert (tmp_path / "x.clean.837").read_text() == file
    assert not (tmp_path / "x.rejected.837").exists()
