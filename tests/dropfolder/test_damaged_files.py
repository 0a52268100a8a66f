"""Damage inside a file: sound claims are released, claims in doubt rejected, a broken envelope is quarantined."""

from __future__ import annotations

import json
import re
import signal
import time

import attrs
import pytest

from tests.dropfolder.box import QUICK, Box, claims_file, wait_until
from tests.scrubbing import each
from tests.x12.test_archives import tarred, zipped

WHOLE = claims_file(1, claims=4).decode("latin-1").replace("\n", "")
"""Four subscribers with one claim each: D1-0 to D1-3."""
SECOND = claims_file(2, claims=1).decode("latin-1")
"""Another interchange, with the claim D2-0."""


def changed(old: str, new: str) -> str:
    """The file with the first match of a pattern changed, and with a right SE01."""
    text, count = re.subn(old, new, WHOLE, count=1)
    assert count == 1
    segments = text[text.index("~ST*") : text.index("~SE*")].count("~") + 1
    return re.sub(r"~SE\*\d+", f"~SE*{segments}", text)


def claims(content: bytes) -> list[str]:
    return re.findall(r"CLM\*(D\d-\d)", content.decode("latin-1"))


@each(
    "text, code, in_doubt",
    {
        "a level that names a wrong parent": (changed(r"HL\*3\*1\*22", "HL*3*9*22"), "READ34", [1]),
        "a claim under no subscriber": (changed(r"HL\*2\*1\*22.*?(?=CLM\*D1-0)", ""), "READ36", [0, 1, 2, 3]),
        "a level that lost its HL segment": (changed(r"HL\*4\*1\*22\*0~", ""), "READ38", [1, 2]),
        "a level that lost its name": (
            changed(r"(?<=SBR\*P\*18\*{7}MB~)NM1\*IL[^~]*~", ""),
            "READ39",
            [0],
        ),
    },
)
def test_a_damaged_hierarchy_rejects_the_claims_in_doubt_and_releases_the_others(
    box: Box, text: str, code: str, in_doubt: list[int]
) -> None:
    content = f"{text}{SECOND}".encode("latin-1")
    box.drop("a.837", content)
    watcher = box.process(once=True)
    assert watcher.wait() == 0
    found = box.snapshot()
    sound = [f"D1-{number}" for number in range(4) if number not in in_doubt]
    assert claims(found["clean"]["a.clean.837"]) == [*sound, "D2-0"]
    assert claims(found["rejected"]["a.rejected.837"]) == [f"D1-{number}" for number in in_doubt]
    assert found["archive"] == {"a.837": content}
    assert found["quarantine"] == {}
    errors = json.loads(found["reports"]["a.report.json"])["files"][0]["errors"]
    assert code in [error["code"] for error in errors]
    (released,) = [event for event in watcher.events() if event["event"] == "released"]
    assert (released["claims"], released["rejected"]) == (5, len(in_doubt))
    box.assert_tidy()


@each(
    "padding",
    {
        "zeros up to a block": b"\0" * 512,
        "an end-of-file mark": b"\x1a",
        "blanks and line breaks": b"  \r\n\r\n   ",
        "all of them": b"\r\n\x1a" + b"\0" * 64 + b"  ",
    },
)
def test_padding_after_the_last_iea_harms_nothing(box: Box, padding: bytes) -> None:
    content = WHOLE.encode("latin-1") + padding
    box.drop("a.837", content)
    assert box.once() == 0
    found = box.snapshot()
    assert len(claims(found["clean"]["a.clean.837"])) == 4
    assert found["rejected"] == found["quarantine"] == {}
    assert found["archive"] == {"a.837": content}


@each(
    "text, code",
    {
        "no SE": (WHOLE.replace("~SE*", "~XX*"), "READ28"),
        "no GE": (re.sub(r"~GE\*[^~]*", "", WHOLE), "READ28"),
        "a wrong count in SE01": (re.sub(r"~SE\*\d+", "~SE*7", WHOLE), "READ29"),
        "another control number in IEA than in ISA": (
            WHOLE.replace("IEA*1*000000001", "IEA*1*000000002"),
            "READ30",
        ),
        "text between segments of the envelope": (WHOLE.replace("~IEA*", "~NOTE HERE~IEA*"), "READ32"),
    },
)
def test_a_broken_envelope_is_quarantined_and_nothing_of_it_released(box: Box, text: str, code: str) -> None:
    box.settings = attrs.evolve(QUICK, tries=1)
    content = text.encode("latin-1")
    box.drop("a.837", content)
    assert box.once() == 0
    found = box.snapshot()
    assert found["clean"] == found["rejected"] == found["archive"] == {}
    assert list(found["reports"]) == ["a.999"]
    assert found["quarantine"]["a.837"] == content
    assert code in box.reason("a.837")
    box.assert_tidy()


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_file_that_was_cut_is_never_released(box: Box, cut: int) -> None:
    """Its padding does not close it."""
    box.settings = attrs.evolve(QUICK, close_limit=0, tries=1)
    box.drop("a.837", WHOLE.strip().encode("latin-1")[:-cut] + b"\0" * 64)
    assert box.once() == 0
    assert box.names("clean") == []
    assert "a.837" in box.names("quarantine")


@each(
    "content, code",
    {
        "empty": (b"", "READ20"),
        "blanks and line breaks": (b"  \r\n\r\n ", "READ20"),
        "compressed": (b"\x1f\x8b\x08\x00" + bytes(range(200)), "READ21"),
        "a zip that holds it as it is": (zipped(WHOLE.encode()), "READ21"),
        "a tar archive": (tarred(WHOLE.encode()), "READ21"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "READ21"),
        "a letter": (b"Dear Sir or Madam", "READ21"),
        "UTF-16": (WHOLE.encode("utf-16"), "READ21"),
    },
)
def test_what_can_never_become_an_837_is_quarantined_at_once_with_its_reason(
    box: Box, content: bytes, code: str
) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=900, tries=3, back_off=60)
    box.drop("a.837", content)
    assert box.once() == 0
    assert box.snapshot()["quarantine"]["a.837"] == content
    assert box.reason("a.837").startswith(f"the file cannot be read: {code}")
    record = json.loads((box / "quarantine/a.837.reason.json").read_text())
    assert [error["code"] for error in record["errors"]] == [code]
    assert box.names("reports") == []
    box.assert_tidy()


@each(
    "begun",
    {"nothing yet": b"", "a letter of ISA": b"I", "a part of the byte order mark": b"\xef", "space": b"\0" * 4096},
)
def test_a_file_that_has_just_begun_is_left_to_its_writer(box: Box, begun: bytes) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=60)
    with (box / "in/a.837").open("wb", buffering=0) as out:
        out.write(begun)
        watcher = box.process()
        wait_until(lambda: any(event["event"] == "started" for event in watcher.events()))
        time.sleep(0.5)
        assert [path.name for path in (box / "in").iterdir()] == ["a.837"]
        out.seek(0)
        out.write(WHOLE.encode("latin-1").ljust(len(begun), b"\0"))
    wait_until(lambda: box.names("clean") == ["a.clean.837"])
    watcher.kill(signal.SIGTERM)
    assert watcher.wait() == 0


def test_an_empty_file_with_its_done_marker_is_quarantined_while_another_process_has_it_open(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=60, done_marker=".done")
    with (box / "in/a.837").open("wb"):
        (box / "in/a.837.done").touch()
        assert box.once() == 0
    assert "READ20" in box.reason("a.837")


def test_a_file_without_its_iea_is_answered_and_quarantined_with_what_it_lacks(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, close_limit=0)
    box.drop("a.837", WHOLE.strip().encode("latin-1")[:-60])
    assert box.once() == 0
    assert "READ27" in box.reason("a.837")
    answer = (box / "reports/a.999").read_text()
    assert "TA1*000000001*261015*0830*R*023~" in answer
