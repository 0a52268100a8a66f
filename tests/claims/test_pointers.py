"""Which diagnoses a line is billed for."""

from __future__ import annotations

import io

import pytest

from scrubber import read_claims
from scrubber.claims.pointers import pointed
from scrubber.testing import build, infusion_claim, with_line


@pytest.mark.parametrize(
    ("pointers", "codes"),
    [
        (("1",), ["M3219"]),
        (("2", "1"), ["Z79899", "M3219"]),
        (("0", "3", "X", "-1", "1.0"), []),
        (("00001",), ["M3219"]),
        (("00011", "99999999999999999999"), []),
    ],
)
def test_pointers_of_a_line(pointers: tuple[str, ...], codes: list[str]) -> None:
    claim = with_line(infusion_claim("837P", diagnoses=("M3219", "Z79899")), 1, pointers=pointers)
    (read,) = read_claims(io.BytesIO(build([claim]).encode()))
    assert [one.diagnosis.code for one in pointed(read, read.lines[0])] == codes
