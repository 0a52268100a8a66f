"""The oracle gives the verdict of `x12n_document`, without the faults of that function."""

from __future__ import annotations

import random

import pytest

from scrubber.testing import ClaimType, build, infusion_claim, with_line
from tests.conformance.generated import file_of, transaction
from tests.conformance.mutations import mutant
from tests.conformance.oracle import accepts, verdict
from tests.scrubbing import each_type

GOOD = build([infusion_claim("837P"), infusion_claim("837I")], eol="").encode()


@pytest.mark.slow
def test_verdict_is_that_of_freshly_loaded_maps() -> None:
    """A map that is used again has nothing left of the first use."""
    files = [
        GOOD,
        GOOD.replace(b"*HC:96365*", b"*ZZ:96365*"),
        file_of(transaction("837P", 3), transaction("837P", 4, "0002"), transaction("837I", 3)),
        *(mutant(claim_type, seed).data for seed in (1, 27) for claim_type in ("837P", "837I")),
    ]
    random.Random(1).shuffle(files)
    verdicts = [accepts(data) for data in files]
    assert verdicts == [verdict(data) for data in files]
    assert len(set(verdicts)) == 2


@each_type
@pytest.mark.parametrize("version", ["005010X222", "005010X222A2", "005010X223", "005010X223A1", "005010X223A3"])
def test_versions_without_a_map_take_the_nearest(claim_type: ClaimType, version: str) -> None:
    known = {"837P": "005010X222A1", "837I": "005010X223A2"}[claim_type]
    data = build([infusion_claim(claim_type)]).replace(known, version).encode()
    assert accepts(data) == (known[:10] == version[:10])


def test_a_version_is_replaced_in_headers_only() -> None:
    assert not accepts(GOOD.replace(b"005010X222A1", b"005010X299"))
    assert accepts(GOOD.replace(b"*BASE-1*", b"*005010X222*"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"NM1*IL", b"~NM1*IL", id="stops at an empty segment"),
        pytest.param(b"SAMPLE LANE", b"L" * 20_000, id="stops at a segment beyond its window"),
        pytest.param(b"**1~", b"**1:1:1:1:1~", id="fails on five pointers"),
        pytest.param(b"*D8*20261005~", b"*RD8*20261005-20261005-20261005~", id="fails on two dashes"),
        pytest.param(b"SAMPLETOWN", b"S\xc3\x84MPLETOWN", id="finds a byte above 127"),
        pytest.param(b"~IEA", b"~XX*1~IEA", id="finds a stray segment"),
    ],
)
def test_failing_and_stopping_is_rejection(before: bytes, after: bytes) -> None:
    assert accepts(GOOD)
    assert before in GOOD
    assert not accepts(GOOD.replace(before, after, 1))


def test_what_stands_after_the_last_segment_counts_as_unread() -> None:
    assert accepts(GOOD + b"\r\n")
    assert not accepts(GOOD + b"ISA*00")
    assert not accepts(GOOD + b"~")


def test_a_blank_line_is_no_segment_where_lines_end_segments() -> None:
    lines = GOOD.replace(b"~", b"\n")
    assert accepts(lines + b"\n\r\n")
    assert not accepts(lines.replace(b"GS*", b"\nGS*"))


def test_a_byte_order_mark_is_no_fault() -> None:
    assert accepts(b"\xef\xbb\xbf" + GOOD)


def test_nothing_is_printed_or_logged(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    faulty = with_line(infusion_claim(), 1, charge="SECRET")
    assert not accepts(build([faulty]).encode())
    assert (*capsys.readouterr(), caplog.text) == ("", "", "")
