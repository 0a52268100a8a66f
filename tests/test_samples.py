"""Real files from other projects, if they lie beside the repository: counts, bytes and faults are as listed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from scrubber.claims.model import Claim
from scrubber.claims.reader import Item, items
from scrubber.x12 import errors
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Events
from scrubber.x12.prescan import prescan

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"

CAUSES = {errors.MISSING_TRAILER: [errors.TRUNCATED], errors.BROKEN_HIERARCHY: [errors.STRAY_CLAIM]}
"""Faults from which another one follows, so that the other one is not reported."""
NOTED_FAULTS = {
    r"SE01=\d+ but": errors.WRONG_COUNT,
    r"(SE|GE|IEA)02=": errors.CONTROL_MISMATCH,
    r"HL \d+ parent \d+ not found": errors.BROKEN_HIERARCHY,
    r"has no IEA": errors.MISSING_TRAILER,
    r"ISA #\d is \d+ bytes": errors.ISA_LENGTH,
    r"text before ISA": errors.OUTSIDE,
    r"last segment has no terminator": errors.TRUNCATED,
    r"no ISA": errors.NO_INTERCHANGE,
}
"""Envelope faults as the list names them, and the code each must be reported under."""


def rows() -> list[dict[str, str]]:
    if not SAMPLES.exists():
        return []
    with (SAMPLES / "MANIFEST.tsv").open(newline="") as listed:
        return list(csv.DictReader(listed, delimiter="\t"))


ROWS = rows()
pytestmark = pytest.mark.skipif(not ROWS, reason="the samples do not lie beside the repository")
every_row = pytest.mark.parametrize("row", ROWS, ids=[row["file"][:60] for row in ROWS])


def content(row: dict[str, str]) -> bytes:
    return next(path for path in SAMPLES.rglob("*") if path.name == row["file"]).read_bytes()


def read(data: bytes) -> tuple[list[Item], list[LocatedError]]:
    events = Events(io.BytesIO(data))
    return list(items(events)), events.errors


@every_row
def test_events_join_to_the_file(row: dict[str, str]) -> None:
    data = content(row)
    assert b"".join(item.piece.raw for item in read(data)[0]) == data


@every_row
def test_claims_and_lines_are_as_listed(row: dict[str, str]) -> None:
    claims = [item for item in read(content(row))[0] if isinstance(item, Claim)]
    if row["version"].startswith("005010X22"):
        assert (len(claims), sum(len(claim.lines) for claim in claims)) == (int(row["claims"]), int(row["lines"]))
    elif row["version"].startswith("004010"):
        assert not claims


@every_row
def test_listed_faults_are_located(row: dict[str, str]) -> None:
    data = content(row)
    found = read(data)[1]
    assert all(0 <= error.offset <= len(data) for error in found)
    codes = {error.code for error in found}
    for note, code in NOTED_FAULTS.items():
        if re.search(note, row["notes"]):
            assert not codes.isdisjoint({code, *CAUSES.get(code, ())}), note
    if row["pyx12"] == "OK" and row["version"].startswith("005010"):
        assert not found


@every_row
def test_prescan_sees_what_the_reader_sees_of_the_envelope(row: dict[str, str]) -> None:
    data = content(row)
    events = Events(io.BytesIO(data))
    claims = sum(isinstance(item, Claim) for item in items(events))
    scan = prescan(io.BytesIO(data))
    assert sorted([*scan.errors, *events.misplaced], key=lambda error: error.offset) == events.errors
    assert scan.claims == claims
    assert scan.size == len(data)


@every_row
def test_every_field_of_every_claim_can_be_asked_for(row: dict[str, str]) -> None:
    """Text fields never raise; what is located lies in the claim's own bytes."""
    data = content(row)
    for claim in (item for item in read(data)[0] if isinstance(item, Claim)):
        assert data[claim.at("claim_id").offset :].startswith(b"CLM")
        assert (claim.facility_code, claim.frequency, claim.filing_indicator, claim.payer_id) is not None
        for line in claim.lines:
            assert data[line.at("number").offset :].startswith(b"LX")
            assert line.at("charge").segment_id in ("SV1", "SV2")
            assert list(line.providers) is not None
