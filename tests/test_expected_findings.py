"""The engine finds on each committed fixture exactly what was written down for it by hand, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scrubbing import FIXTURES, engine, scrub_text

FILES = sorted(FIXTURES.glob("*.837"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_findings_are_those_expected(path: Path) -> None:
    claims, errors = scrub_text(path.read_text("ascii"), engine())
    found = {
        scrubbed.claim.claim_id: sorted(
            (finding.code, finding.location.service_line or 0, finding.location.element, finding.severity)
            for finding in scrubbed.findings
        )
        for scrubbed in claims
    }
    expected = {
        claim_id: sorted((row["code"], row["line"] or 0, row["element"], row["severity"]) for row in rows)
        for claim_id, rows in json.loads(path.with_suffix(".expected.json").read_text("ascii")).items()
    }
    assert errors == []
    assert found == expected


def test_every_edit_that_is_expected_anywhere_is_in_the_catalogue() -> None:
    named = {
        row["code"]
        for path in FILES
        for rows in json.loads(path.with_suffix(".expected.json").read_text("ascii")).values()
        for row in rows
    }
    assert named <= set(engine().catalogue.edits)
