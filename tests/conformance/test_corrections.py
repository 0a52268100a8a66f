"""The corrections of pyx12's maps: each has its reason and source, does something, and is on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scrubber.conformance import corrections as corrected
from scrubber.conformance.corrections import corrections
from scrubber.conformance.maps import guide
from scrubber.outputs import guide_reference
from scrubber.testing import ClaimType
from tests.conformance.oracle import claim_map
from tests.scrubbing import each_type

PAGE = Path(__file__).parents[2] / "docs" / "guide-checks.md"
ROWS = [(kind, row) for kind, rows in corrections().items() for row in rows]


def test_the_page_is_up_to_date() -> None:
    up_to_date = PAGE.read_text("utf-8") == guide_reference.markdown()
    assert up_to_date, "run: python -m scrubber.outputs.guide_reference > docs/guide-checks.md"


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[row["what"][:40] for _, row in ROWS])
def test_each_documents_what_why_and_its_source(kind: str, row: corrected.Correction) -> None:
    assert set(row["guides"]) <= {"837P", "837I"}
    for name in ("what", "why", "source"):
        assert row[name]
        assert "|" not in row[name]
    assert kind in guide_reference._TITLES


@each_type
def test_every_code_of_a_list_has_its_shape(claim_type: ClaimType) -> None:
    known = guide(claim_type).ext_codes.codes
    for row in corrected.corrections_of("lists", claim_type):
        shape = re.compile(row["shape"], re.ASCII)
        assert [code for code in known[row["name"]]["codes"] if not shape.fullmatch(code)] == []


@each_type
def test_every_list_of_the_map_ages_and_has_a_shape(claim_type: ClaimType) -> None:
    segments = [node for node in claim_map(claim_type).loop_segment_iterator() if node.is_segment()]
    used = {part.external_codes for node in segments for part in corrected._simple(node)} - {None}
    assert used <= {row["name"] for row in corrections()["lists"]}
