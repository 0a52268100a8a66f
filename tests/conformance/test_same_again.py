"""A file has the same faults whatever was checked before: what is not proven at first may be proven later."""

from __future__ import annotations

import io

import scrubber
from scrubber.testing import DelimiterSpec, build, infusion_claim


def test_blank_lines_are_judged_alike_the_first_time_and_later() -> None:
    lines = DelimiterSpec("+", "&", "%", "\n")  # delimiters of no other test: its patterns are not made yet
    data = build([infusion_claim()], delimiters=lines, eol="").replace("\nHI+", "\n\nHI+").encode()
    found = [[finding.code for one in scrubber.scrub(io.BytesIO(data)) for finding in one.findings] for _ in range(3)]
    assert found[0] == found[1] == found[2]
