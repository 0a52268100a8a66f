"""A file has the same faults whatever was checked before: what is not proven at first may be proven later."""

from __future__ import annotations

import io

import pytest

import scrubber
from scrubber.testing import DelimiterSpec, build, infusion_claim


def test_blank_lines_are_judged_alike_the_first_time_and_later() -> None:
    lines = DelimiterSpec("+", "&", "%", "\n")  # delimiters of no other test: its patterns are not made yet
    data = build([infusion_claim()], delimiters=lines, eol="").replace("\nHI+", "\n\nHI+").encode()
    found = [[finding.code for one in scrubber.scrub(io.BytesIO(data)) for finding in one.findings] for _ in range(3)]
    assert found[0] == found[1] == found[2] == ["IG08"]


BEFORE = {"BHT": "IG90", "NM1+40": "IG90", "SBR": "IG08", "CLM": "IG08", "HI": "IG08", "SV1": "IG08"}


@pytest.mark.parametrize("begin", BEFORE)
def test_a_blank_line_is_an_empty_segment_where_line_breaks_end_segments(begin: str) -> None:
    """pyx12 reads nothing after one."""
    lines, usual = DelimiterSpec("+", "&", "%", "\n"), DelimiterSpec("+", "&", "%", "~")
    for delimiters, eol, expected in ((lines, "", [BEFORE[begin]]), (usual, "\n", [])):
        text = build([infusion_claim()], delimiters=delimiters, eol=eol)
        data = text.replace(f"\n{begin}+", f"\n\n{begin}+", 1)
        assert data != text
        assert [f.code for one in scrubber.scrub(io.BytesIO(data.encode())) for f in one.findings] == expected
