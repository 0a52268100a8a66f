"""A file has the same faults whatever was checked before: what is not proven at first may be proven later."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest

import scrubber
from scrubber.conformance.explain import segment_faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import Node
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


def test_the_same_broken_trailer_goes_to_pyx12_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def looked_at(node: Node, elements: Sequence[str], *given: Any, **how: Any) -> list[Fault]:
        seen.append(elements[2])
        return segment_faults(node, elements, *given, **how)

    monkeypatch.setattr("scrubber.conformance.checks.segment_faults", looked_at)
    once = build([infusion_claim()])
    trailer = once[once.rindex("IEA*") :].rstrip()
    data = "".join(once.replace(trailer, f"IEA*1*{number}*X~") for number in (1, 2, 1, 1, 2, 1))
    result = scrubber.scrub(io.BytesIO(data.encode()))
    assert len(list(result)) == 6
    assert seen == ["1", "2"]
    assert [error.offset for error in result.errors if error.code.startswith("IG")] == [
        at for at in range(len(data)) if data.startswith("IEA*", at)
    ]
